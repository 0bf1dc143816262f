"""Notes without comment blocks: what their formulas show together says which letters are vectors and matrices."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from symbackprop.verification.check import check_text, judge_share
from symbackprop.verification.note import find_formulas
from symbackprop.verification.settings import Settings

DATA = Path(__file__).parent / "data"
NOTES = [n for f in ("bare.yaml", "doubtful.yaml") for n in yaml.safe_load((DATA / f).read_text("utf-8"))]


def verdicts(text: str) -> list[str]:
    note = find_formulas(text, path="note.md")
    return [found["verdict"] for found in judge_share(note, Settings(), 0, len(note.formulas), frozenset())]


@pytest.mark.parametrize("entry", NOTES, ids=[entry["id"] for entry in NOTES])
def test_every_formula_of_a_note(entry: dict[str, str]) -> None:
    assert verdicts(entry["note"]) == entry["verdicts"].split()


def test_a_correct_note_turns_wrong_with_one_slip() -> None:
    note = next(entry for entry in NOTES if entry["id"] == "one-output")
    slipped = note["note"].replace("W_2^T \\delta_2 \\circ", "W_2^T \\delta_2 h \\circ")
    assert slipped != note["note"]
    assert verdicts(slipped)[-1] != "proved"


def test_a_share_sees_the_shapes_of_the_whole_note() -> None:
    """The last formula alone would say nothing of W; its verdict is the same in a share of its own."""
    note = find_formulas(NOTES[0]["note"], path="note.md")
    last = len(note.formulas) - 1
    (alone,) = judge_share(note, Settings(), last, last + 1, frozenset())
    assert alone["verdict"] == NOTES[0]["verdicts"].split()[-1]


def test_a_condition_that_is_stated_holds_from_there_down() -> None:
    before = "$L = -\\log p$ with $p = u / (u + v)$. "
    claim = "$\\frac{\\partial L}{\\partial u} = -\\frac{v}{u}$"
    assert verdicts(before + claim)[-1] == "refuted"
    assert verdicts(before + "$u + v = 1$ " + claim)[-1] == "proved"
    assert verdicts(before + "$u + v = 1$ " + claim.replace("-", ""))[-1] == "refuted"


def test_what_is_supposed_of_a_target_is_said() -> None:
    text = "$$y = softmax(z)$$ $$L = -\\sum_i t_i \\log y_i$$ $$\\frac{\\partial L}{\\partial z_i} = y_i - t_i$$"
    text = "<!-- symbackprop\nsymbols: {z: vector(n), y: vector(n), t: vector(n)}\n-->\n" + text.replace(
        "softmax", "\\mathrm{softmax}"
    )
    (*_, found) = check_text(text)
    assert found.verdict.value == "proved"
    assert any("t sums to 1" in words for words in found.assumptions)
    wrong = text.replace("y_i - t_i$$", "t_i - y_i$$")
    assert [*check_text(wrong)][-1].verdict.value == "refuted"


def test_a_part_named_late_is_that_part() -> None:
    block = (
        "<!-- symbackprop\nsymbols: {x: vector(n), W: 'matrix(m, n)', b: vector(m), a: vector(m), z: vector(m)}\n-->\n"
    )
    note = block + "$$a = \\tanh(W x + b)$$ $$z = W x + b$$ $$\\frac{\\partial a_i}{\\partial z_i} = 1 - a_i^2$$"
    assert verdicts(note)[-1] == "proved"
    assert verdicts(note.replace("1 - a_i^2", "1 + a_i^2"))[-1] == "refuted"
    assert verdicts(note.replace("z = W x + b", "z = W x - b"))[-1] == "not_understood"
