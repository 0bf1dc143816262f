"""Inequalities in one number: signs of polynomials are exact; a planted bug loses a true one or lets a false one in."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.verification.proof import bounds, polynomials
from symbackprop.verification.proof.bounds import never_above
from symbackprop.verification.proof.polynomials import never_below, odd_part, poly, roots, times, value
from symbackprop.verification.terms.build import add, div, entry, fn, mul, num, power, sub
from symbackprop.verification.terms.context import Context, Definition
from symbackprop.verification.terms.nodes import Diff, Fn

X = entry("x")
Z = entry("z")
NOTE = Context(definitions=(Definition("a", (), (), fn("sigmoid", Z)),))
QUARTER = num(Fraction(1, 4))
S = fn("sigmoid", X)
CASES = {
    "value of the logistic": (S, num(1), True, True),
    "the other way round": (num(1), S, False, False),
    "greatest slope": (Fn("sigmoid", 1, X), QUARTER, False, True),
    "not below its greatest slope": (Fn("sigmoid", 1, X), QUARTER, True, False),
    "less than the greatest slope": (Fn("sigmoid", 1, X), num(Fraction(1, 5)), False, False),
    "slope written as a derivative": (Diff(S, X), QUARTER, False, True),
    "slope of a stretched one": (Diff(fn("sigmoid", mul(2, X)), X), num(Fraction(1, 2)), False, True),
    "slope of a stretched one, not stretched": (Diff(fn("sigmoid", mul(2, X)), X), QUARTER, False, False),
    "slope of a flattened one": (
        Diff(fn("sigmoid", mul(Fraction(1, 2), X)), X),
        num(Fraction(1, 8)),
        False,
        True,
    ),
    "mirrored": (fn("sigmoid", mul(-1, X)), sub(1, S), False, True),
    "mirrored, wrong": (fn("sigmoid", mul(-1, X)), S, False, False),
    "absolute value": (fn("abs", fn("tanh", X)), num(1), True, True),
    "absolute value, one side only": (fn("abs", sub(fn("tanh", X), 1)), num(1), True, False),
    "square": (num(0), power(X, 2), False, True),
    "square above 0": (num(0), power(X, 2), True, False),
    "cube": (num(0), power(X, 3), False, False),
    "mean of squares": (mul(2, X), add(power(X, 2), 1), False, True),
    "definition put in": (mul(entry("a"), sub(1, entry("a"))), QUARTER, False, True),
    "definition put in, wrong": (entry("a"), QUARTER, False, False),
    "by a letter that has a definition": (Diff(entry("a"), Z), QUARTER, False, True),
    "quotient": (div(1, add(1, power(X, 2))), num(1), False, True),
    "half steps": (fn("exp", mul(Fraction(1, 2), X)), add(fn("exp", X), 1), True, True),
}


def holds(name: str) -> bool | None:
    left, right, strict, _ = CASES[name]
    return never_above(left, right, strict, NOTE)


@pytest.mark.parametrize("name", CASES)
def test_an_inequality_holds_for_all_numbers_or_not(name: str) -> None:
    assert holds(name) is CASES[name][3]


@pytest.mark.parametrize(
    "left", [fn("softplus", X), mul(X, S), fn("sin", X), mul(entry("w"), S), fn("h", X), fn("sigmoid", power(X, 2))]
)
def test_what_is_no_quotient_of_polynomials_is_left_open(left: Any) -> None:
    assert never_above(left, num(5), False, Context()) in ((None,) if left != fn("sigmoid", power(X, 2)) else (True,))


#: what is replaced, by what, and a case that may go wrong then
BUGS = {
    "no root is ever found": (polynomials, "roots", lambda p, positive: 0, "less than the greatest slope"),
    "every factor stands twice": (polynomials, "odd_part", lambda p: poly(1), "cube"),
    "every factor stands once": (polynomials, "odd_part", lambda p: p, "square"),
    "signs do not change": (polynomials, "_changes", lambda values: 0, "less than the greatest slope"),
    "the wrong end of the line": (polynomials, "_at_zero", lambda p: p[-1], "less than the greatest slope"),
    "a divisor is never common": (polynomials, "common", lambda a, b: poly(1), "greatest slope"),
    "no derivative": (polynomials, "slope", lambda p: p, "greatest slope"),
    "no slope of a quotient": (bounds.Ratio, "slope", lambda self: self, "greatest slope"),
    "no quotient": (polynomials, "divided", lambda a, b: (poly(1), ()), "greatest slope"),
    "no inner derivative": (
        bounds._Variable,
        "_slope",
        lambda self, inner: inner.slope().times(bounds.Ratio(poly(0, 1), poly(1))),
        "slope of a flattened one",
    ),
    "an argument not stretched": (bounds, "_stretched", lambda ratio, count: ratio, "mirrored, wrong"),
    "not mirrored": (bounds, "_reversed", lambda p, degree: p, "mirrored"),
    "not spread": (bounds, "_spread", lambda p, count: p, "slope of a stretched one"),
    "a derivative forgotten": (
        bounds,
        "_known",
        lambda name, order: bounds._Variable((bounds.X,), Fraction(1)).ratio(bounds.KNOWN[name]),
        "greatest slope",
    ),
    "a power forgotten": (bounds, "_power", lambda base, exponent: base, "cube"),
    "a factor forgotten": (bounds.Ratio, "times", lambda self, other: self, "cube"),
    "a term forgotten": (bounds.Ratio, "plus", lambda self, other: self, "mean of squares"),
    "numbers of arguments forgotten": (bounds, "_split", lambda t: (Fraction(1), (X,)), "mirrored, wrong"),
    "nothing put in": (bounds, "_opened", lambda term, *more: term, "definition put in"),
    "every sign is right": (bounds, "never_below", lambda p, positive, strict: True, "cube"),
    "outer nodes only": (bounds, "_outer", lambda term: [term], "definition put in"),
    "one side of an absolute value": (
        bounds,
        "neg",
        lambda term: num(-1),
        "absolute value, one side only",
    ),
    "a value is always 1": (polynomials, "value", lambda p, at: Fraction(1), "the other way round"),
    "coefficients added": (polynomials, "plus", lambda a, b: a, "mean of squares"),
    "coefficients multiplied": (polynomials, "times", lambda a, b: a, "greatest slope"),
    "the first coefficient kept only": (polynomials, "_trimmed", lambda cs: tuple(cs)[:1], "greatest slope"),
}


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, attribute, planted, _ = BUGS[name]
    monkeypatch.setattr(owner, attribute, planted)
    if owner is polynomials and hasattr(bounds, attribute):
        monkeypatch.setattr(bounds, attribute, planted)

    def wrong(case: str) -> bool:
        try:
            return holds(case) is not CASES[case][3]
        except Exception:
            return True

    assert any(wrong(case) for case in CASES), "no case notices the bug"


def test_every_rule_has_a_planted_bug() -> None:
    covered = {(owner.__name__.rpartition(".")[2], attribute) for owner, attribute, _, _ in BUGS.values()}
    for module in (bounds, polynomials):
        own = [name for name, thing in vars(module).items() if getattr(thing, "__module__", "") == module.__name__]
        rules = {name for name in own if not isinstance(getattr(module, name), type)}
        short = module.__name__.rpartition(".")[2]
        missing = {name for name in rules if (short, name) not in covered}
        assert missing <= {"poly", "never_above", "_holds", "never_below", "_has_point"}, missing


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(1, 3)), max_size=4),
    st.booleans(),
    st.sampled_from([-2, -1, 1, 3]),
    st.booleans(),
)
def test_signs_and_roots_of_products_that_are_known(
    factors: list[tuple[int, int]], curved: bool, scale: int, positive: bool
) -> None:
    made = reduce(times, (poly(-root, 1) for root, count in factors for _ in range(count)), poly(scale))
    whole = times(made, poly(1, 0, 1)) if curved else made
    inside = {root for root, _ in factors if not positive or root > 0}
    assert len(whole) == 1 or roots(whole, positive) == len(inside)
    ends = sorted([*inside, *(root for root, _ in factors)])
    probes = [Fraction(root) + Fraction(step, 4) for root in [0, *ends] for step in (-1, 0, 1)] + [Fraction(9)]
    probes = [x for x in probes if x > 0 or not positive] + ([] if positive else [Fraction(-9)])
    values = [value(whole, x) for x in probes]
    assert never_below(whole, positive, False) == all(v >= 0 for v in values)
    assert never_below(whole, positive, True) == all(v > 0 for v in values)
    assert len(odd_part(whole)) <= len(whole)
