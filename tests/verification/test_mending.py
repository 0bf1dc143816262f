"""Corrections change the formula they are for and no other byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.verification.mending import diff, difference, mended
from symbackprop.verification.note import find_formulas
from symbackprop.verification.report import Finding
from symbackprop.verification.verdict import Judgement, Verdict

IMAGE = '<img src="https://render.githubusercontent.com/render/math?math=a%20=%20b%20%2B%20\\sigma%27(z)">\r\n'


def finding(text: str, number: int, suggestion: str, verdict: Verdict = Verdict.REFUTED) -> Finding:
    formula = find_formulas(text, path="n.md").formulas[number]
    return Finding.of(formula, [(formula.tex, Judgement(verdict, suggestion=suggestion))])


def test_only_the_formula_changes_and_encodings_stay() -> None:
    text = "ä $a = b$ and $a = b$\r\n" + IMAGE
    found = [finding(text, 1, "a = -b"), finding(text, 2, "a = b - \\sigma'(z)")]
    wanted = "ä $a = b$ and $a = -b$\r\n" + IMAGE.replace("%2B", "-")
    note = find_formulas(text, path="n.md")
    assert mended(note, found) == wanted
    assert diff(note, wanted).startswith("--- n.md\n+++ n.md\n@@ -1,2 +1,2 @@\n-ä $a = b$ and $a = b$")


@pytest.mark.parametrize("verdict", [Verdict.PROVED, Verdict.UNDECIDED])
def test_only_what_is_refuted_is_mended(verdict: Verdict) -> None:
    text = "$a = b$"
    assert mended(find_formulas(text, path="n.md"), [finding(text, 0, "a = c", verdict)]) == text


def test_a_deliberate_mistake_stays() -> None:
    text = "<!-- symbackprop-expect: refuted --> $a = b$"
    assert mended(find_formulas(text, path="n.md"), [finding(text, 0, "a = c")]) == text


def test_a_finding_on_another_text_changes_nothing() -> None:
    assert mended(find_formulas("$a = d$", path="n.md"), [finding("$a = b$", 0, "a = c")]) == "$a = d$"


@given(st.text("ab", max_size=8), st.text("ab", max_size=8))
def test_the_difference_leads_from_one_to_the_other(old: str, new: str) -> None:
    start, end, text = difference(old, new)
    assert old[:start] + text + old[end:] == new
