"""Formulas as people write them, each with its comment block, judged as in a note: no false verdict, few open ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from symbackprop.verification.check import judge_share
from symbackprop.verification.note import find_formulas
from symbackprop.verification.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).parent / "data"
FILES = ("corpus", "wild", "public", "letters", "constructs", "supposed", "recurrent", "windows", "matrices", "numbers")
FILES += ("spellings", "tables")
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


@cache
def finding(number: int) -> dict[str, Any]:
    (found,) = judged(note_of(WRITTEN[number]))
    return found


@pytest.mark.parametrize("number", range(len(WRITTEN)), ids=[entry["id"] for entry in WRITTEN])
def test_the_verdict_is_right(number: int) -> None:
    entry, found = WRITTEN[number], finding(number)
    right = RIGHT[str(entry["verdict"]).lower()]
    assert (right, found["verdict"]) not in (("proved", "refuted"), ("refuted", "proved"), ("skipped", "refuted")), (
        found
    )
    assert found["verdict"] == right or entry["id"] in OPEN, (found["verdict"], found["message"])


def test_what_is_refuted_has_a_counterexample_and_a_correction_that_is_proved() -> None:
    """Where one edit mends a formula, the whole note with that edit is proved."""
    mended = 0
    for number, entry in enumerate(WRITTEN):
        found = finding(number)
        if found["verdict"] == "refuted":
            assert found["counterexample"], entry["id"]
        if found["suggestion"]:
            (again,) = judged(note_of({**entry, "latex": found["suggestion"]}))
            wrong = [link for link in again["links"] if link["verdict"] == "refuted"]
            assert len(wrong) < len([link for link in found["links"] if link["verdict"] == "refuted"]), entry["id"]
            mended += 1
    assert mended >= sum(finding(n)["verdict"] == "refuted" for n in range(len(WRITTEN))) / 2


def test_the_open_ones_are_few_and_named() -> None:
    assert set(OPEN) <= {entry["id"] for entry in WRITTEN}
    assert len(OPEN) <= len(WRITTEN) // 20


def test_the_same_bytes_in_every_run(tmp_path: Path) -> None:
    """Two runs, one or two workers, any hash seed: one report, in every format that shows everything."""
    note = tmp_path / "note.md"
    note.write_text("\n".join(map(note_of, WRITTEN[::20])), encoding="utf-8")
    runs = [("0", "1"), ("0", "1"), ("1", "2"), ("2", "2")]
    reports = {name: set() for name in ("json", "html")}
    for (seed, jobs), form in zip(runs, ["json", "html", "json", "html"], strict=True):
        reports[form].add(report(note, form, seed, jobs))
    reports["json"].add(report(note, "json", "2", "1"))
    assert {name: len(found) for name, found in reports.items()} == {"json": 1, "html": 1}
    assert len(json.loads(reports["json"].pop())["findings"]) == len(WRITTEN[::20])


def report(note: Path, form: str, seed: str, jobs: str) -> bytes:
    command = [
        sys.executable,
        "-m",
        "symbackprop",
        "check",
        note.name,
        "--format",
        form,
        "--jobs",
        jobs,
        "--timeout",
        "60",
    ]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, env=environment, cwd=note.parent)
    assert done.returncode == 1, done.stderr
    return done.stdout
