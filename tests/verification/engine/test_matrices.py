"""Inverses, determinants, equations multiplied by a matrix, and points on equations between arrays."""

from __future__ import annotations

import pytest

from symbackprop.verification.budget import Budget
from symbackprop.verification.judge import judge
from symbackprop.verification.proof import prove as proving
from symbackprop.verification.proof.chain import Chain
from symbackprop.verification.proof.prove import prove
from symbackprop.verification.terms.build import delta, entry, mul, neg, num, sub
from symbackprop.verification.terms.context import Claim, Context, Definition, Tensor
from symbackprop.verification.terms.nodes import Axis, Diff, Entry, Relation, Sum, Term

N = Axis("n")
FREE = (("i", N), ("j", N))
TENSORS = {
    "A": Tensor("A", (N, N)),
    "B": Tensor("B", (N, N)),
    "M": Tensor("M", (N, N)),
    "A'": Tensor("A'", (N, N), inverse_of="A"),
    "B'": Tensor("B'", (N, N), inverse_of="B"),
    "M'": Tensor("M'", (N, N), inverse_of="M"),
    "|A|": Tensor("|A|", (), determinant_of="A"),
}


def times(left: str, right: str) -> Term:
    return Sum("k", N, mul(entry(left, "i", "k"), entry(right, "k", "j")))


PRODUCT = Definition("M", (), ("i", "j"), times("A", "B"))
CONTEXT = Context(TENSORS, (PRODUCT,))
SLOPE = Diff(entry("|A|"), entry("A", "i", "j"))
TRUE = {
    "inverse of a product": Claim(entry("M'", "i", "j"), times("B'", "A'"), FREE),
    "inverse times the matrix": Claim(times("A'", "A"), delta("i", "j"), FREE),
    "slope of a determinant": Claim(SLOPE, mul(entry("|A|"), entry("A'", "j", "i")), FREE),
}
FALSE = {
    "inverse of a product in order": Claim(entry("M'", "i", "j"), times("A'", "B'"), FREE),
    "inverse is the transpose": Claim(entry("A'", "i", "j"), entry("A", "j", "i"), FREE),
    "slope without a transpose": Claim(SLOPE, mul(entry("|A|"), entry("A'", "i", "j")), FREE),
    "determinant of one": Claim(entry("|A|"), num(1)),
}


@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_is_proved(name: str) -> None:
    assert judge(TRUE[name], CONTEXT).verdict.value == "proved"


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_refuted(name: str) -> None:
    found = judge(FALSE[name], CONTEXT)
    assert found.verdict.value == "refuted" and found.counterexample is not None


def test_without_multiplying_the_inverse_of_a_product_is_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "multiplied_through", lambda claim, context: ())
    assert not prove(TRUE["inverse of a product"], CONTEXT, budget=Budget()).proved


def test_multiplying_by_a_matrix_that_is_0_would_prove_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted bug: both sides times 0."""
    nothing = Claim(num(0), num(0))
    monkeypatch.setattr(proving, "multiplied_through", lambda claim, context: (nothing,))
    assert prove(FALSE["inverse of a product in order"], CONTEXT, budget=Budget()).proved


def test_a_determinant_without_its_slope_loses_the_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = TRUE["slope of a determinant"]
    assert prove(claim, CONTEXT, budget=Budget()).proved
    monkeypatch.setattr(Chain, "_determinant", lambda self, whole, by: num(0))
    assert not prove(claim, CONTEXT, budget=Budget()).proved


V = {"X": Tensor("X", (N, N)), "w": Tensor("w", (N,)), "y": Tensor("y", (N,)), "J": Tensor("J")}
V |= {"X'": Tensor("X'", (N, N), inverse_of="X")}
ERROR = sub(Sum("b", N, mul(entry("X", "a", "b"), entry("w", "b"))), entry("y", "a"))
COST = Definition("J", (), (), Sum("a", N, mul(ERROR, ERROR)))
AT_REST = ((("i", N),), Relation(Diff(Entry("J"), entry("w", "i")), "=", num(0)))
SOLVED = Sum("c", N, mul(entry("X'", "i", "c"), entry("y", "c")))


def test_where_a_gradient_is_0_the_normal_equations_hold() -> None:
    """Points on ∂J/∂w = 0 are found for all entries of w at once."""
    context = Context(V, (COST,), assumptions=(AT_REST,))
    residual = Sum("a", N, mul(entry("X", "a", "i"), ERROR))
    assert judge(Claim(residual, num(0), (("i", N),)), context).verdict.value == "proved"
    assert judge(Claim(residual, entry("y", "i"), (("i", N),)), context).verdict.value == "refuted"
    assert judge(Claim(entry("w", "i"), neg(SOLVED), (("i", N),)), context).verdict.value == "refuted"
    assert judge(Claim(residual, num(0), (("i", N),)), Context(V, (COST,))).verdict.value == "refuted"


def test_a_symmetric_matrix_is_drawn_also_with_logarithms() -> None:
    from_both = ((("i", N), ("j", N)), Relation(entry("A", "i", "j"), "=", entry("A", "j", "i")))
    context = Context(TENSORS, assumptions=(from_both,))
    free = (("i", N), ("j", N))
    assert judge(Claim(entry("A'", "i", "j"), entry("A'", "j", "i"), free), context).verdict.value == "proved"
    assert judge(Claim(entry("A'", "i", "j"), entry("A", "i", "j"), free), context).verdict.value == "refuted"
