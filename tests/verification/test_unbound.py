"""Indices that nothing binds: wrong, but not where a note leaves its sums out and would be right with them."""

from __future__ import annotations

import pytest

from symbackprop.verification.api import verify
from symbackprop.verification.verdict import Verdict

SHAPES = {"y": "vector(m)", "W": "matrix(m, n)", "x": "vector(n)", "s": "scalar", "b": "vector(m)"}


@pytest.mark.parametrize(
    ("tex", "given"),
    [
        ("y_i = W_{ij} x_j", "y = W x"),
        ("y_i = W_{ij} x_j + b_i", "y = W x + b"),
        ("s = x_j x_j", "s = x^T x"),
        (r"\frac{\partial s}{\partial x_i} = 2 \delta_{ij} x_j", "s = x^T x"),
    ],
)
def test_true_if_summed_is_not_called_wrong(tex: str, given: str) -> None:
    finding = verify.formula(tex, symbols=SHAPES, given=[given])
    assert finding.verdict is Verdict.NOT_UNDERSTOOD and finding.code == "SBP025"
    assert "true if summed over j" in finding.message


def test_the_sum_is_suggested() -> None:
    finding = verify.formula("y_i = W_{ij} x_j", symbols=SHAPES, given=["y = W x"])
    assert finding.suggestion == r"y_i = \sum_{j} W_{ij} x_j"


@pytest.mark.parametrize(
    ("tex", "given"),
    [
        ("y_i = 2 W_{ij} x_j", "y = W x"),
        ("s = 2 x_j x_j", "s = x^T x"),
        ("s = x_j", "s = x^T x"),
        ("y_i = W_{ij} x_j", r"y_i = \sum_j W_{ij} x_j"),  # who writes sums does not leave one out by convention
    ],
)
def test_what_is_wrong_in_any_reading_is_refuted(tex: str, given: str) -> None:
    assert verify.formula(tex, symbols=SHAPES, given=[given]).verdict is Verdict.REFUTED
