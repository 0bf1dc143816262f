"""The page on training names every data set and schedule, with the scores that the tests hold them to."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from symbackprop.cli import parser
from symbackprop.training.data import datasets
from symbackprop.training.oracles import oracles
from symbackprop.training.schedules import read_schedule, schedules

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")


def reached(name):
    entry = datasets[name]
    if name == "sine":
        return f"R² at least {entry.score}"
    words = f"accuracy {'at least ' if entry.score < 1 else ''}{100 * entry.score:.0f} %"
    return words + (" on a fifth held out" if entry.held_out == 0.2 else "")


def test_the_table_of_data_sets_is_the_registry():
    rows = re.findall(r"^\| `(\w+)` \| ([\d-]+) \| (\d+) \| (.*) \|$", TEXT, re.MULTILINE)
    assert rows == [(name, entry.spec, str(entry.epochs), reached(name)) for name, entry in datasets.items()]


def test_the_table_of_schedules_is_the_registry():
    texts = re.findall(r"^\| `\w+\(.*?\)` \|.*\| `(.*)` \|$", TEXT, re.MULTILINE)
    assert [type(read_schedule(text)) for text in texts] == list(schedules.values())


def test_every_oracle_is_named():
    section = TEXT[TEXT.index("## Gradients found in another way") :]
    assert all(f"`{name}`" in section for name in oracles)


def test_every_command_is_one_of_the_command_line():
    commands = re.findall(r"^symbackprop ([^#\n]*)", TEXT, re.MULTILINE)
    assert len(commands) >= 3
    for command in commands:
        parser().parse_args(shlex.split(command))


def test_the_example_of_scikit_learn_runs():
    pytest.importorskip("sklearn", reason="scikit-learn, of the extra 'sklearn', is not installed")
    (example,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    names = {}
    exec(example, names)  # noqa: S102 - what our own page shows
    assert names["scores"].mean() > 0.94
