"""Four real notes, as they are and with comment blocks such as their readers would add."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from symbackprop.verification.check import check_text
from symbackprop.verification.settings import Settings
from symbackprop.verification.verdict import Verdict

NOTES = Path(os.environ.get("SYMBACKPROP_NOTES", "/nonexistent"))
CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "data" / "note_blocks.yaml").read_text(encoding="utf-8")
)
DECIDED = (Verdict.PROVED, Verdict.REFUTED, Verdict.DEFINITION, Verdict.CONDITION)


def with_blocks(text: str, blocks: list[dict[str, Any]]) -> str:
    lines = text.split("\n")
    for block in sorted(blocks, key=lambda block: -block["before"]):
        place = block["before"] - 1
        lines[place:place] = ["<!-- symbackprop", *block["block"].rstrip().split("\n"), "-->", ""]
    return "\n".join(lines)


@pytest.mark.skipif(not NOTES.is_dir(), reason="SYMBACKPROP_NOTES names no folder of notes")
@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_note_is_judged_without_a_false_verdict(number: int) -> None:
    case = CASES[number]
    path = next(path for path in sorted(NOTES.iterdir()) if path.name.startswith(case["note"]))
    settings = Settings(notation=case.get("notation"), model=case.get("model"), timeout=20)
    report = check_text(with_blocks(path.read_text(encoding="utf-8"), case["blocks"]), settings)
    assert not [problem for file in report.files for problem in file.problems]
    refuted = {finding.tex for finding in report if finding.verdict is Verdict.REFUTED}
    assert refuted == set(case.get("refuted", ()))
    decided = [finding for finding in report if finding.verdict in DECIDED]
    assert len(decided) >= case["decided"], [f"{f.line}: {f.message}" for f in report if f not in decided]


NOTE = r"""
$\delta^L = \nabla_a C \odot \sigma'(z^L)$

$\delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)$

$\delta^l = (w^{l+1} \delta^{l+1}) \odot \sigma'(z^l)$

$\frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_k \delta^l_j$

$\frac{\partial C}{\partial w^l_{jk}} = a^{l}_k \delta^l_j$
"""


@pytest.mark.parametrize("model", ["784-30-10 sigmoid half_squared_error", "4-3-2 sigmoid quadratic_cost"])
def test_a_model_on_the_command_line_decides_a_note(model: str) -> None:
    report = check_text(NOTE, Settings(notation="nielsen", model=model))
    found = [finding.verdict.value for finding in report]
    assert found == ["proved", "proved", "refuted", "proved", "refuted"]
