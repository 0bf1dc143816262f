"""Limits and integrals of elementary functions: closed forms that numbers confirm."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symbackprop.verification.judge import judge
from symbackprop.verification.proof import calculus, closing, quotients
from symbackprop.verification.proof.generators import ONE
from symbackprop.verification.terms.build import add, div, entry, fn, mul, neg, num, power, sub
from symbackprop.verification.terms.context import Claim, Context, Definition, Tensor
from symbackprop.verification.terms.nodes import Const, Expect, Integral, Limit, Relation, Term
from symbackprop.verification.verdict import Verdict

X, A, M, S = entry("x"), entry("a"), entry("m"), entry("s")
HALF = Fraction(1, 2)
ONE_TERM = num(1)
POSITIVE = Context(assumptions=tuple(((), Relation(letter, ">", num(0))) for letter in (A, S)))


def at_infinity(body: Term, sign: int = 1) -> Term:
    return Limit(body, X, None, sign)


def over(body: Term, lo: Term | None = None, hi: Term | None = None) -> Term:
    return Integral(body, X, lo, hi)


DENSITY = mul(
    power(mul(2, Const("pi"), power(S, 2)), -HALF), fn("exp", neg(div(power(sub(X, M), 2), mul(2, power(S, 2)))))
)
TRUE = {
    "sigmoid up": (at_infinity(fn("sigmoid", X)), num(1)),
    "sigmoid down": (at_infinity(fn("sigmoid", X), -1), num(0)),
    "tanh down": (at_infinity(fn("tanh", X), -1), num(-1)),
    "slope of the sigmoid": (at_infinity(fn("sigmoid", X, 1)), num(0)),
    "softplus over x": (at_infinity(div(add(mul(3, X), 1), add(X, 2))), num(3)),
    "exponential wins": (at_infinity(mul(power(X, 5), fn("exp", neg(X)))), num(0)),
    "error function": (at_infinity(fn("normal_cdf", X)), num(1)),
    "rectifier's slope": (at_infinity(fn("relu", X, 1), -1), num(0)),
    "continuous": (Limit(fn("sigmoid", X), X, num(0)), num(HALF)),
    "difference quotient": (Limit(div(sub(power(add(A, X), 3), power(A, 3)), X), X, num(0)), mul(3, power(A, 2))),
    "zero by zero": (Limit(div(fn("sin", X), X), X, num(0)), num(1)),
    "zero by zero twice": (Limit(div(sub(1, fn("cos", X)), power(X, 2)), X, num(0)), num(HALF)),
    "slope of an unknown function": (Limit(div(sub(fn("f", add(A, X)), fn("f", A)), X), X, num(0)), fn("f", A, 1)),
    "softplus minus its line": (at_infinity(sub(fn("softplus", X), X)), num(0)),
    "log of a ratio": (
        at_infinity(fn("log", div(add(1, fn("exp", X)), add(2, mul(3, fn("exp", X)))))),
        neg(fn("log", num(3))),
    ),
    "half a normal mean": (over(mul(X, fn("exp", neg(div(power(X, 2), mul(2, power(S, 2)))))), num(0)), power(S, 2)),
    "half a normal variance": (
        over(mul(power(X, 2), fn("exp", neg(mul(A, power(X, 2))))), num(0)),
        mul(Fraction(1, 4), power(Const("pi"), HALF), power(A, Fraction(-3, 2))),
    ),
    "uniform mean": (over(div(X, mul(2, A)), neg(A), A), num(0)),
    "uniform variance": (over(div(power(X, 2), mul(2, A)), neg(A), A), div(power(A, 2), 3)),
    "exponential density": (over(mul(A, fn("exp", neg(mul(A, X)))), num(0)), num(1)),
    "exponential mean": (over(mul(A, X, fn("exp", neg(mul(A, X)))), num(0)), div(1, A)),
    "normal density": (over(DENSITY), num(1)),
    "normal mean": (over(mul(X, DENSITY)), M),
    "normal variance": (over(mul(power(sub(X, M), 2), DENSITY)), power(S, 2)),
    "normal fourth moment": (over(mul(power(sub(X, M), 4), DENSITY)), mul(3, power(S, 4))),
}


@pytest.mark.parametrize("name", TRUE)
def test_closed_form(name):
    left, right = TRUE[name]
    assert judge(Claim(left, right), POSITIVE).verdict == Verdict.PROVED
    assert judge(Claim(left, add(right, Fraction(1, 100))), POSITIVE).verdict == Verdict.REFUTED


OPEN = {
    "oscillation": at_infinity(fn("sin", X)),
    "not finite": at_infinity(fn("exp", X)),
    "kink under a line": Limit(div(fn("abs", X), X), X, num(0)),
    "pole": Limit(div(fn("cos", X), X), X, num(0)),
    "pole at last": Limit(div(fn("sin", X), power(X, 3)), X, num(0)),
    "kink": Limit(fn("step", X), X, num(0)),
    "leading terms cancel": at_infinity(sub(power(add(power(X, 2), X), HALF), X)),
    "sign of the rate not known": over(fn("exp", mul(M, X)), num(0)),
    "divergent": over(power(X, 2)),
    "no elementary integral": over(div(1, add(1, fn("exp", X))), num(0), num(1)),
}


@pytest.mark.parametrize("name", OPEN)
def test_what_has_no_rule_is_undecided(name):
    for right in (num(0), num(1)):
        assert judge(Claim(OPEN[name], right), POSITIVE).verdict == Verdict.UNDECIDED


def test_definitions_are_put_in():
    context = Context(definitions=(Definition("y", (), (), fn("tanh", X)),))
    assert judge(Claim(at_infinity(entry("y"), -1), num(-1)), context).verdict == Verdict.PROVED
    assert judge(Claim(at_infinity(entry("y"), -1), num(1)), context).verdict == Verdict.REFUTED


def test_a_wrong_closed_form_is_not_used(monkeypatch):
    monkeypatch.setattr(closing, "integral", lambda *arguments: ONE)
    assert judge(Claim(*TRUE["uniform variance"]), POSITIVE).verdict == Verdict.UNDECIDED
    monkeypatch.undo()
    monkeypatch.setattr(calculus, "_rate", lambda exponent, name: Fraction(-1))
    assert judge(Claim(at_infinity(fn("sigmoid", X), -1), num(1)), POSITIVE).verdict != Verdict.PROVED


def test_a_wrong_derivative_of_a_part_is_not_used(monkeypatch):
    monkeypatch.setattr(quotients, "derived", lambda body, by, order: ONE_TERM)
    assert judge(Claim(*TRUE["zero by zero twice"]), POSITIVE).verdict == Verdict.UNDECIDED


def test_a_uniform_weight():
    """Var of U(-a, a) with its mean 0 is a²/3, and so is the moment of a random letter that is given it."""
    uniform = Context({"w": Tensor("w", (), (), num(0), over(div(power(X, 2), mul(2, A)), neg(A), A))})
    assert judge(Claim(Expect(power(entry("w"), 2)), div(power(A, 2), 3)), uniform).verdict != Verdict.REFUTED
