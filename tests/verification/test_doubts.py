"""What a note leaves open and would save a claim keeps it from being called wrong; nothing else does."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symbackprop.verification.judge import judge
from symbackprop.verification.terms.build import entry, fn, mul, num, power, sub
from symbackprop.verification.terms.context import Claim, Context, Tensor
from symbackprop.verification.terms.nodes import Expect, Relation, Term
from symbackprop.verification.verdict import Verdict

X, Y, V = entry("x"), entry("y"), entry("v")
HALF = Fraction(1, 2)


def moments(mean: Term, variance: Term, law: str = "") -> Context:
    return Context({"x": Tensor("x", (), (), mean, variance, law=law), "v": Tensor("v"), "y": Tensor("y")})


LAWS = {
    "half the variance": (power(fn("relu", X), 2), mul(HALF, V), moments(num(0), V), "normal"),
    "normal kurtosis": (power(X, 4), mul(3, power(V, 2)), moments(num(0), V), "normal"),
    "uniform kurtosis": (power(X, 4), mul(Fraction(9, 5), power(V, 2)), moments(num(0), V), "uniform"),
    "power of a mask": (power(X, 3), Y, moments(Y, mul(Y, sub(1, Y))), "bernoulli"),
}


@pytest.mark.parametrize("name", LAWS)
def test_a_law_that_is_left_open(name):
    body, right, context, law = LAWS[name]
    judged = judge(Claim(Expect(body), right), context)
    assert judged.verdict is Verdict.UNDECIDED and f"holds if that is {law}" in judged.message
    assert judge(Claim(Expect(body), mul(Fraction(5, 4), right)), context).verdict is Verdict.REFUTED


def test_a_law_that_does_not_fit_saves_nothing():
    claim = Claim(Expect(power(X, 3)), Y)
    assert judge(claim, moments(Y, mul(2, Y, sub(1, Y)))).verdict is Verdict.REFUTED
    assert (
        judge(Claim(Expect(power(X, 4)), mul(3, power(V, 2))), moments(num(0), V, "uniform")).verdict is Verdict.REFUTED
    )


def test_a_function_without_a_rule_needs_its_law():
    claim = Claim(Expect(fn("sigmoid", X)), fn("sigmoid", Expect(X)))
    assert judge(claim, moments(num(0), V)).verdict is not Verdict.REFUTED


def test_signs_that_are_left_open():
    """n x² = 1 gives x = 1/√n where x is above 0; that it gives x = 1/n is wrong whatever its sign."""
    premise = (Relation(mul(Y, power(X, 2)), "=", num(1)),)
    right = judge(Claim(X, power(Y, -HALF), conditions=premise), Context())
    assert right.verdict is Verdict.UNDECIDED and "above 0" in right.message
    assert judge(Claim(X, power(Y, -1), conditions=premise), Context()).verdict is Verdict.REFUTED
