"""What is elaborated means what the note means: true formulas are never refuted, false ones never proved."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from symbackprop.verification.links import judge_link
from symbackprop.verification.reading import Scope, read_block, read_formula, with_block
from symbackprop.verification.verdict import Verdict

DATA = Path(__file__).parent.parent / "data"
ENTRIES = yaml.safe_load((DATA / "elaborated.yaml").read_text(encoding="utf-8"))
COLLECTED = Path(__file__).parents[4] / "shared" / "formulas.yaml"


def verdicts(block: str, latex: str) -> frozenset[Verdict]:
    scope = with_block(Scope.empty(), read_block(block or ""))
    return frozenset(judge_link(link).verdict for link in read_formula(latex, scope).links)


def test_a_verdict_is_never_the_wrong_one_and_most_formulas_are_understood() -> None:
    understood = []
    for entry in ENTRIES:
        found = verdicts(entry["block"], entry["latex"])
        expected = str(entry["verdict"]).lower()
        if expected == "true":
            assert Verdict.REFUTED not in found, entry["id"]
        elif expected == "false":
            assert Verdict.REFUTED in found or Verdict.NOT_UNDERSTOOD in found, entry["id"]
        if expected in ("true", "false"):
            understood.append(Verdict.NOT_UNDERSTOOD not in found)
    assert sum(understood) >= 0.95 * len(understood) > 90


def test_collected_formulas_get_no_false_verdict_and_most_get_the_right_one() -> None:
    if not COLLECTED.exists():
        pytest.skip("the collection of formulas from public notes is not beside this checkout")
    blocks = yaml.safe_load((DATA / "collected_blocks.yaml").read_text(encoding="utf-8"))
    right = 0
    for entry in yaml.safe_load(COLLECTED.read_text(encoding="utf-8")):
        found = verdicts(blocks[entry["id"]], entry["latex"])
        if entry["verdict"] == "true":
            assert Verdict.REFUTED not in found, entry["id"]
            right += bool(found & {Verdict.PROVED, Verdict.UNDECIDED}) and Verdict.NOT_UNDERSTOOD not in found
        elif entry["verdict"] == "false":
            assert Verdict.REFUTED in found or Verdict.NOT_UNDERSTOOD in found, entry["id"]
            right += Verdict.REFUTED in found
        else:
            assert not found & {Verdict.PROVED, Verdict.REFUTED}, entry["id"]
            right += 1
    assert right >= 36
