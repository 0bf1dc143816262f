"""The demo tells a true story: its exit code depends on what it shows."""

from __future__ import annotations

import time
from importlib.resources import files
from pathlib import Path

import pytest

from symbackprop.cli import main
from symbackprop.commands import demo


def test_the_demo_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    started = time.monotonic()
    assert main(["demo"]) == 0
    assert time.monotonic() - started < 30
    printed = capsys.readouterr().out
    for part in ("## Output error", "def gradients", "1 refuted", "After --fix: 0 refuted", "accuracy 100%"):
        assert part in printed


MISTAKE = r"(y_j - a^L_j) \sigma'"


@pytest.mark.parametrize("text", [r"(a^L_j - y_j) \sigma'", r"17 y_j \sigma'"], ids=["no mistake", "no correction"])
def test_the_demo_fails_where_the_story_is_another(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    note = files("symbackprop.commands").joinpath(demo.NOTE).read_text(encoding="utf-8")
    assert note.count(MISTAKE) == 1
    (tmp_path / demo.NOTE).write_text(note.replace(MISTAKE, text), encoding="utf-8")
    monkeypatch.setattr(demo, "files", lambda package: tmp_path)
    assert main(["demo"]) == 1
    capsys.readouterr()
