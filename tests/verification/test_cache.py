"""Kept verdicts are those of a fresh check, are dropped when anything that decides them changes, and never do harm."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from symbackprop.verification import cache as caching
from symbackprop.verification import check as checking
from symbackprop.verification.cache import Cache, standard_folder
from symbackprop.verification.check import check_notes
from symbackprop.verification.note import Note, find_formulas
from symbackprop.verification.report import Report
from symbackprop.verification.sandbox import Failure
from symbackprop.verification.settings import Settings

SETTINGS = Settings()
BLOCK = "<!-- symbackprop\nsymbols: {x: vector(n), v: vectr(n)}\n-->\n"
TEXT = r"""Text. $t = \tanh(z)$ and $\frac{dt}{dz} = 1 - t^2$.
<!-- symbackprop-expect: refuted -->
$\frac{dt}{dz} = 1 + t^2$, $|x|^2 = \sum_i x_i^2$, $t = \unknownmacro$
"""


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many formulas each check has judged anew."""
    counts: list[int] = []
    run = checking.run_tasks

    def counted(tasks: list[checking.Task], **options: object) -> object:
        counts.append(sum(task.stop - task.first for task in tasks))
        return run(tasks, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(checking, "run_tasks", counted)
    return counts


def note(text: str = BLOCK + TEXT, path: str = "n.md") -> Note:
    return find_formulas(text, path=path)


def checked(one: Note, cache: Cache, settings: Settings = SETTINGS) -> Report:
    return check_notes([one], settings, cache=cache)


def file_of(cache: Cache) -> Path:
    assert cache.folder is not None
    (file,) = (cache.folder / "verdicts").iterdir()
    return file


def test_a_second_check_judges_nothing_and_says_the_same(tmp_path: Path, judged: list[int]) -> None:
    cache = Cache(tmp_path)
    plain = check_notes([note()], SETTINGS)
    first, second = checked(note(), cache), checked(note(), cache)
    assert judged == [5, 5, 0]
    assert plain.files[0].problems and {f.verdict.value for f in plain} >= {"proved", "refuted", "definition"}
    assert json.dumps(plain.to_json()) == json.dumps(first.to_json()) == json.dumps(second.to_json())
    assert Cache(tmp_path).load(note(), SETTINGS).whole(note())


def test_what_was_kept_is_what_is_served(tmp_path: Path) -> None:
    """The test of the test above: a kept verdict that differs shows in the report."""
    cache = Cache(tmp_path)
    checked(note(), cache)
    known = cache.load(note(), SETTINGS)
    lying = [{**result, "verdict": "proved"} for result in known.results]
    cache.save(note(), SETTINGS, lying, known.problems or ())
    assert {finding.verdict.value for finding in checked(note(), cache)} == {"proved"}


def test_prose_changes_the_places_only_and_a_formula_what_stands_below(tmp_path: Path, judged: list[int]) -> None:
    cache = Cache(tmp_path)
    checked(note(), cache)
    moved = note("A new\nline. " + BLOCK + TEXT.replace("Text.", "Other words."))
    again = checked(moved, cache)
    assert [(f.line, f.col) for f in again] == [(f.line, f.col) for f in moved.formulas]
    assert json.dumps(again.to_json()) == json.dumps(check_notes([moved], SETTINGS).to_json())
    del judged[:]
    changed = note(BLOCK + TEXT.replace("1 - t^2", "1 - t^3"))
    assert json.dumps(checked(changed, cache).to_json()) == json.dumps(check_notes([changed], SETTINGS).to_json())
    assert judged == [4, 5]
    unexpected = note(BLOCK + TEXT.replace("-expect: refuted", "-expect: proved"))
    assert [f.expected for f in checked(unexpected, cache)][2] == "proved"


@pytest.mark.parametrize(
    "other",
    [
        BLOCK.replace("n)", "m)") + TEXT,
        BLOCK + r"$\newcommand{\unknownmacro}{1}$" + TEXT,
        BLOCK + "<!-- symbackprop-disable -->" + TEXT,
        BLOCK + TEXT.replace(r"t = \tanh", r"t = \sin"),
    ],
)
def test_blocks_macros_switches_and_formulas_decide(other: str, tmp_path: Path, judged: list[int]) -> None:
    cache = Cache(tmp_path)
    checked(note(), cache)
    assert cache.load(note(other), SETTINGS).results == ()


def test_settings_and_the_program_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path)
    checked(note(), cache)
    for settings in (
        replace(SETTINGS, seed=1),
        replace(SETTINGS, notation="d2l"),
        replace(SETTINGS, block="given: []"),
    ):
        assert cache.load(note(), settings).results == ()
    assert cache.load(note(), replace(SETTINGS, jobs=2)).results
    monkeypatch.setattr(caching, "engine", lambda: "another")
    assert cache.load(note(), SETTINGS).results == () and cache.load(note(), SETTINGS).problems is None


def test_the_digest_of_the_program_sees_a_changed_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("x = 1", encoding="utf-8")
    monkeypatch.setattr(caching.symbackprop, "__file__", str(tmp_path / "__init__.py"))
    found = set()
    for text in ("x = 1", "x = 2"):
        (tmp_path / "a.py").write_text(text, encoding="utf-8")
        found.add(caching.engine.__wrapped__())
    monkeypatch.setattr(caching, "_version", lambda name: "0")
    found.add(caching.engine.__wrapped__())
    assert len(found) == 3


def test_what_failed_and_what_follows_it_is_not_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    results = [finding.to_json() for finding in check_notes([note()], SETTINGS)]
    cache.save(note(), SETTINGS, [*results[:2], Failure("time"), *results[3:]], ())
    assert list(cache.load(note(), SETTINGS).results) == results[:2]


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\x00", b"0" * 64 + b"\n{}", b"[" * 100_000])
def test_a_damaged_file_is_as_good_as_none(damage: bytes, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    fresh = checked(note(), cache).to_json()
    file_of(cache).write_bytes(damage)
    assert checked(note(), cache).to_json() == fresh
    assert cache.load(note(), SETTINGS).results


def test_one_flipped_byte_is_noticed(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    checked(note(), cache)
    file = file_of(cache)
    file.write_bytes(file.read_bytes().replace(b'"proved"', b'"proven"', 1).replace(b"1 - t", b"1 + t", 1))
    assert cache.load(note(), SETTINGS).results == ()


@pytest.mark.parametrize("body", [[], {"results": 1}, {"results": [[1]], "blocks": "", "problems": []}])
def test_a_file_of_another_form_is_as_good_as_none(body: object, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    checked(note(), cache)
    caching._write(file_of(cache), body)  # type: ignore[arg-type]
    assert cache.load(note(), SETTINGS).results == ()


def test_a_folder_that_cannot_be_used_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for folder in (tmp_path / "file" / "below", Path("/dev/null/below"), None):
        assert len(checked(note(), Cache(folder))) == 5
        Cache(folder).clear()


def test_clearing(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "mine")
    checked(note(), cache)
    cache.clear()
    assert not (tmp_path / "mine").exists() and tmp_path.exists()


def test_the_standard_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert standard_folder() == tmp_path / "symbackprop"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    assert standard_folder() == tmp_path / "home" / ".cache" / "symbackprop"

    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", homeless)
    assert standard_folder() is None
