"""A watched note is checked when it is new or changed, and not otherwise."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from symbackprop.commands import watching
from symbackprop.commands.watching import watch
from symbackprop.errors import InvalidSpec


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "PAUSE", 0.0)


def test_only_what_changed_is_done_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "one.md", tmp_path / "two.md"
    one.write_text("1", encoding="utf-8")
    told: list[list[str]] = []
    next_changes = [lambda: two.write_text("2", encoding="utf-8"), lambda: os.utime(one, (5, 5))]

    def act(paths: Sequence[str]) -> int:
        told.append([Path(path).name for path in paths])
        if next_changes:
            next_changes.pop(0)()
        return len(told)

    assert watch([str(tmp_path)], act, rounds=6) == 3
    assert told == [["one.md"], ["two.md"], ["one.md"]]
    assert capsys.readouterr().err.count("watching") == 3


def test_a_file_that_is_gone_for_a_moment_is_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note = tmp_path / "note.md"
    note.write_text("1", encoding="utf-8")

    def act(paths: Sequence[str]) -> int:
        note.unlink()
        return 0

    assert watch([str(note)], act, rounds=2) == 0
    assert "no such file" in capsys.readouterr().err


def test_what_cannot_be_watched_is_an_error(tmp_path: Path) -> None:
    for path in ("-", str(tmp_path / "none.md")):
        with pytest.raises(InvalidSpec):
            watch([path], lambda _: 0, rounds=1)
