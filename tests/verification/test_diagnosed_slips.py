"""The campaign of slips: true formulas with one slip of the pen; what is refuted gets a correction that is proved.

``DIAGNOSIS_CAMPAIGN=4000`` runs the long form (there are about 3,800 such mutants of the collected formulas).
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest
import yaml

from symbackprop.verification.check import judge_share
from symbackprop.verification.note import find_formulas
from symbackprop.verification.settings import Settings

COUNT = int(os.environ.get("DIAGNOSIS_CAMPAIGN", "150"))
DATA = Path(__file__).parent / "data"
MENDED = 0.9
#: What the tool cannot judge in seconds, slip or no slip, takes no part.
SLOW = ("bp2-transpose-on-bare-superscript", "weight-gradient-outer")


def _load(name: str) -> ModuleType:
    spec = spec_from_file_location(f"verification_tests_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


SLIPS = _load("slips")


def true_formulas() -> list[dict[str, str]]:
    written = [e for name in ("corpus", "wild", "public") for e in yaml.safe_load((DATA / f"{name}.yaml").read_text())]
    return [e for e in written if str(e["verdict"]).lower() == "true" and e["id"] not in SLOW]


def mutants(chance: Random) -> Iterator[tuple[dict[str, str], str, str]]:
    """Formulas with one slip in random order: each formula, and each kind of slip in it, as likely as another."""
    pool: dict[str, tuple[dict[str, str], dict[str, list[str]]]] = {}
    for entry in true_formulas():
        kinds: dict[str, list[str]] = {}
        for kind, wrong in SLIPS.slips(entry["latex"].strip()):
            kinds.setdefault(kind, []).append(wrong)
        if kinds:
            pool[entry["id"]] = entry, kinds
    while pool:
        entry, kinds = pool[chance.choice(sorted(pool))]
        kind = chance.choice(sorted(kinds))
        yield entry, kind, kinds[kind].pop(chance.randrange(len(kinds[kind])))
        if not kinds[kind]:
            del kinds[kind]
        if not kinds:
            del pool[entry["id"]]


def judged(entry: dict[str, str], tex: str) -> dict[str, Any]:
    """The finding on a formula under the comment block of ``entry``."""
    block = (entry["block"] or "").strip("\n")
    text = (f"<!-- symbackprop\n{block}\n-->\n\n" if block else "") + f"$$\n{tex}\n$$\n"
    note = find_formulas(text, path="note.md")
    (found,) = judge_share(note, Settings(), 0, len(note.formulas), frozenset())
    return dict(found)


def test_slips_are_mended(capsys: pytest.CaptureFixture[str]) -> None:
    """At least nine in ten of the mutants that are refuted get a suggestion, and each suggestion is proved."""
    refuted, mended, wrong = Counter[str](), Counter[str](), []
    for (entry, kind, tex), _ in zip(mutants(Random(1)), range(COUNT), strict=False):
        found = judged(entry, tex)
        if found["verdict"] != "refuted":
            continue
        refuted[kind] += 1
        if found["suggestion"]:
            right = judged(entry, found["suggestion"])["verdict"] == "proved"
            mended[kind] += right
            wrong += [] if right else [(entry["id"], tex, found["suggestion"])]
    share = mended.total() / refuted.total()
    kinds = ", ".join(f"{kind} {mended[kind]}/{count}" for kind, count in sorted(refuted.items()))
    with capsys.disabled():
        sys.stdout.write(f"\nslips mended: {mended.total()} of {refuted.total()} ({share:.1%}); {kinds}\n")
    assert not wrong
    assert refuted.total() > COUNT / 2
    assert share >= MENDED


def test_the_slips_are_of_every_kind() -> None:
    kinds = Counter(kind for entry in true_formulas() for kind, _ in SLIPS.slips(entry["latex"].strip()))
    assert len(kinds) >= 18
    assert all(count >= 5 for count in kinds.values()), kinds


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("prime dropped", r"\delta = (W^T \epsilon) \odot \sigma(z)"),
        ("transpose dropped", r"\delta = (W \epsilon) \odot \sigma'(z)"),
        ("factor dropped", r"\delta = (W^T \epsilon)"),
        ("product", r"\delta = (W^T \epsilon) \sigma'(z)"),
        ("sign", r"\delta = -(W^T \epsilon) \odot \sigma'(z)"),
    ],
)
def test_a_slip_is_what_it_says(kind: str, wrong: str) -> None:
    assert (kind, wrong) in set(SLIPS.slips(r"\delta = (W^T \epsilon) \odot \sigma'(z)"))
