"""Stated derivatives of unknown functions hold at every argument, and refute only through a function that has them."""

from __future__ import annotations

from typing import Any

import pytest

from symbackprop.verification import function_laws
from symbackprop.verification.judge import judge, refutes
from symbackprop.verification.proof.normal_form import Builder
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.build import add, entry, fn, mul, power, sub
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.nodes import Diff, Relation, Term, Whole

X, Y = entry("x"), entry("y")
F = fn("f", X)


def under(*laws: tuple[Term, Term]) -> Context:
    return Context(unknown=frozenset("fg"), assumptions=tuple(((), Relation(a, "=", b)) for a, b in laws))


LOGISTIC = under((fn("f", X, 1), mul(F, sub(1, F))))
DOUBLED = under((fn("f", X, 1), mul(2, F)))
DENSITY = under((fn("f", X, 1), fn("g", X)))
TURNED = under((sub(1, power(F, 2)), Diff(F, X)))


def at(argument: Term, order: int = 0) -> Term:
    return fn("f", argument, order)


VERDICTS = {
    "at another argument": (LOGISTIC, at(Y, 1), mul(at(Y), sub(1, at(Y))), "proved"),
    "twice": (LOGISTIC, at(Y, 2), mul(at(Y), sub(1, at(Y)), sub(1, mul(2, at(Y)))), "proved"),
    "through a product": (LOGISTIC, Diff(at(mul(X, Y)), X), mul(Y, at(mul(X, Y)), sub(1, at(mul(X, Y)))), "proved"),
    "a wrong slope": (LOGISTIC, at(Y, 1), mul(at(Y), add(1, at(Y))), "refuted"),
    "the law of tanh": (TURNED, at(Y, 2), mul(-2, at(Y), sub(1, power(at(Y), 2))), "proved"),
    "not the law of tanh": (TURNED, at(Y, 2), mul(-1, at(Y), sub(1, power(at(Y), 2))), "refuted"),
    "without a known function": (DOUBLED, at(X, 2), mul(4, F), "proved"),
    "wrong without a known function": (DOUBLED, at(X, 2), mul(3, F), "undecided"),
    "by another unknown function": (DENSITY, Diff(mul(X, F), X), add(F, mul(X, fn("g", X))), "proved"),
    "values at two points": (DOUBLED, mul(at(add(X, Y)), at(sub(X, Y))), mul(at(X), at(X)), "undecided"),
    "an even function": (under((at(mul(-1, X)), F)), at(mul(-1, Y)), at(Y), "undecided"),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_the_verdict_under_a_law(case: str) -> None:
    context, left, right, verdict = VERDICTS[case]
    found = judge(Claim(left, right), context)
    assert found.verdict.value == verdict, found.message
    assert refutes(Claim(left, right), context) == (verdict == "refuted")


def test_the_function_that_refutes_is_named() -> None:
    context, left, right, _ = VERDICTS["not the law of tanh"]
    assert "for f = tanh, which has the stated derivative" in judge(Claim(left, right), context).assumptions


@pytest.mark.parametrize(
    "slope",
    [fn("f", X, 1), fn("f", Y), fn("g", X, 1), mul(entry("x", "i"), F)],
    ids=["itself", "elsewhere", "another slope", "the letter of the variable"],
)
def test_what_is_no_law(slope: Term) -> None:
    assert function_laws.slope_law(Relation(fn("f", X, 1), "=", slope), frozenset("fg")) is None
    assert function_laws.slope_law(Relation(fn("tanh", X, 1), "=", F), frozenset("fg")) is None


@pytest.mark.parametrize("beside", [entry("c", labels=("t",)), entry("c", "i"), Whole(Affine.symbol("t"))], ids=str)
def test_what_goes_with_the_number_of_the_variable_is_no_law(beside: Term) -> None:
    """``g'(z_t) = c_t g(z_t)`` says something else for every t."""
    z = entry("z", "i", labels=("t",))
    slope = mul(2, fn("g", z))
    assert function_laws.slope_law(Relation(fn("g", z, 1), "=", slope), frozenset("g")) is not None
    assert function_laws.slope_law(Relation(fn("g", z, 1), "=", mul(beside, slope)), frozenset("g")) is None


def test_a_law_taken_for_the_function_itself_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the stated derivative is put in where the function itself stands."""
    original = Builder.applied

    def planted(self: Any, name: str, order: int, argument: Any) -> Any:
        return original(self, name, max(order, 1) if name == "f" else order, argument)

    context, left, right, _ = VERDICTS["at another argument"]
    monkeypatch.setattr(Builder, "applied", planted)
    assert judge(Claim(left, right), context).verdict.value != "proved"
