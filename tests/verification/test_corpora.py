"""Formulas as people write them, each with its comment block, judged as in a note: no false verdict, few open ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from symbackprop.verification.check import judge_share
from symbackprop.verification.note import find_formulas
from symbackprop.verification.reports import formats
from symbackprop.verification.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).parent / "data"
FILES = ("corpus", "wild", "public", "letters", "constructs", "supposed", "recurrent", "windows", "matrices", "numbers")
FILES += ("spellings", "tables", "costs", "customs", "habits", "implied")
WRITTEN = [entry for name in FILES for entry in yaml.safe_load((DATA / f"{name}.yaml").read_text("utf-8"))]
RIGHT = {"true": "proved", "false": "refuted", "rule": "skipped"}
RIGHT |= {word: word for word in ("definition", "condition")}
#: What is known not to be decided yet, and why. Everything else must be; take out what has come to be.
OPEN = {
    "condition-beside": "a number that stands in a condition only, and nowhere is said to be one",
    "conv-shape-none": "the note does not say how y depends on w",
    "public-focal": "two italic letters in a row, FL, are a product",
    "public-adam-bias": "a sum from 1 to t over what is drawn anew at each step is not read",
}


def note_of(entry: dict[str, str]) -> str:
    block = (entry["block"] or "").strip("\n")
    return (f"<!-- symbackprop\n{block}\n-->\n\n" if block else "") + f"$$\n{entry['latex'].strip()}\n$$\n"


def judged(text: str) -> list[dict[str, Any]]:
    """The findings on a note, without a process of its own."""
    note = find_formulas(text, path="note.md")
    return [dict(found) for found in judge_share(note, Settings(), 0, len(note.formulas), frozenset())]


@pytest.mark.parametrize("entry", WRITTEN, ids=[entry["id"] for entry in WRITTEN])
def test_the_verdict_is_right(entry: dict[str, str]) -> None:
    """What is refuted has a counterexample; where one edit mends a formula, less of it is refuted with that edit."""
    (found,) = judged(note_of(entry))
    right = RIGHT[str(entry["verdict"]).lower()]
    assert (right, found["verdict"]) not in (("proved", "refuted"), ("refuted", "proved"), ("skipped", "refuted")), (
        found
    )
    assert found["verdict"] == right or entry["id"] in OPEN, (found["verdict"], found["message"])
    assert found["verdict"] != "refuted" or found["counterexample"]
    if found["suggestion"]:
        (mended,) = judged(note_of({**entry, "latex": found["suggestion"]}))
        assert len(refuted_links(mended)) < len(refuted_links(found))


def refuted_links(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [link for link in found["links"] if link["verdict"] == "refuted"]


def test_most_of_what_is_refuted_is_mended() -> None:
    wrong = [entry for entry in WRITTEN if str(entry["verdict"]).lower() == "false"]
    found = [judged(note_of(entry))[0] for entry in wrong[::20]]
    assert sum(bool(one["suggestion"]) for one in found) >= sum(one["verdict"] == "refuted" for one in found) / 2 > 2


def test_the_open_ones_are_few_and_named() -> None:
    assert set(OPEN) <= {entry["id"] for entry in WRITTEN}
    assert len(OPEN) <= len(WRITTEN) // 20


FORMS = """
import sys
from symbackprop.verification.check import check_files
from symbackprop.verification.reports import Style, formats
from symbackprop.verification.settings import Settings

report = check_files(["note.md"], Settings(timeout=60.0, jobs=int(sys.argv[1])))
sys.stdout.buffer.write("\\0".join(formats[name](report, Style(verbose=True)) for name in formats).encode())
"""


def test_the_same_bytes_in_every_run(tmp_path: Path) -> None:
    """One or two workers, any hash seed: one report, in every format."""
    (tmp_path / "note.md").write_text("\n".join(map(note_of, WRITTEN[::20])), encoding="utf-8")
    one, other = (reports(tmp_path, seed, jobs) for seed, jobs in (("0", "1"), ("1", "2")))
    assert one == other
    assert len(json.loads(one[list(formats).index("json")])["findings"]) == len(WRITTEN[::20])


def reports(folder: Path, seed: str, jobs: str) -> list[bytes]:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", FORMS, jobs]
    return subprocess.run(command, capture_output=True, env=environment, cwd=folder, check=True).stdout.split(b"\0")
