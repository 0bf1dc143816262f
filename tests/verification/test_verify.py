"""Checking from Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop import verify
from symbackprop.errors import InvalidSpec
from symbackprop.verification.verdict import Verdict

RIGHT = r"\tanh'(z) = 1 - \tanh(z)^2"


def test_a_path_a_text_and_a_formula(tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text(f"${RIGHT}$", encoding="utf-8")
    for source in (note, str(note), f"${RIGHT}$", f"one\n$${RIGHT}$$"):
        assert [finding.verdict for finding in verify(source)] == [Verdict.PROVED]
    assert verify.formula(RIGHT).verdict == Verdict.PROVED
    assert verify.formula(RIGHT.replace("-", "+")).counterexample is not None


def test_a_notation_and_a_model_can_be_given() -> None:
    claim = r"\frac{\partial C}{\partial b^l_j} = \delta^l_j"
    assert verify.formula(claim).verdict == Verdict.NOT_UNDERSTOOD
    assert verify.formula(claim, notation="nielsen").verdict == Verdict.PROVED


@pytest.mark.parametrize("tex", ["", "$a$ $b$"])
def test_what_is_not_one_formula_is_refused(tex: str) -> None:
    with pytest.raises(InvalidSpec, match="is not one formula"):
        verify.formula(tex)


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidSpec, match="none.md: cannot be read"):
        verify("none.md")


def test_a_guess_is_told_of_the_formulas_that_rest_on_it_only() -> None:
    report = verify("$\\sigma'(z) = \\sigma(z)(1-\\sigma(z))$ $a = \\sigma(z)$ $\\frac{da}{dz} = a (1-a)$ $x^2 = x x$")
    told = ["\\sigma is the sigmoid function" in finding.assumptions for finding in report if finding.proved]
    assert told == [True, True, False]
