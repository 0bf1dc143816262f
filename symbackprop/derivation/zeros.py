"""Where a smooth function of one variable is positive, negative and zero, proved by ball arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr, Integer, Mul, Rational, Symbol, oo, roots

from symbackprop.derivation.balls import Ball, ball_of, between, bounds, evaluator, sign_of
from symbackprop.derivation.tails import sign_far_out
from symbackprop.errors import NotDerivable

_NARROWEST = Fraction(1, 2**30)
_PRECISE = Fraction(1, 2**120)


@dataclass(frozen=True)
class Place:
    """A point: exact where it is known, and in any case between two fractions."""

    low: Fraction
    high: Fraction
    exact: Expr | None = None


@dataclass(frozen=True)
class Signs:
    """``places`` are the zeros inside an interval from left to right, ``signs`` those of the stretches between."""

    places: tuple[Place, ...]
    signs: tuple[int, ...]


def signs_of(form: Expr, z: Symbol, low: Expr, high: Expr) -> Signs | None:
    """The zeros and signs of ``form`` for low < z < high, which may be infinite; ``None`` where that is not decided.

    >>> from sympy import exp
    >>> z = Symbol("z", real=True)
    >>> chart = signs_of((z**2 - 2) * exp(-z), z, -oo, oo)
    >>> [place.exact for place in chart.places], chart.signs
    ([-sqrt(2), sqrt(2)], (1, -1, 1))
    """
    if form == 0:
        return Signs((), (0,))
    if not form.has(z):
        return Signs((), (sign_of(ball_of(form)),))
    left, right = _compact(form, z, low, high)
    if left is None or right is None:
        return None
    try:
        return _Search(form, z, (low, high)).between(left, right)
    except (_Undecided, NotDerivable):
        return None


def _compact(form: Expr, z: Symbol, low: Expr, high: Expr) -> tuple[Fraction | None, Fraction | None]:
    """The ends of a finite interval that holds every zero; beyond it the sign is known from far out."""
    left, right = bounds(ball_of(low))[0] if low != -oo else None, bounds(ball_of(high))[1] if high != oo else None
    if low == -oo:
        far = sign_far_out(form.subs(z, -z), z)
        left = None if far is None else -Fraction(far[1]) - Fraction(1, 11)
    if high == oo:
        far = sign_far_out(form, z)
        right = None if far is None else Fraction(far[1]) + Fraction(1, 7)
    return left, right


class _Undecided(Exception):
    """A cell in which neither the function nor its slope is shown to keep its sign."""


class _Search:
    def __init__(self, form: Expr, z: Symbol, ends: tuple[Expr, Expr]) -> None:
        self.form, self.z, self.ends = form, z, ends
        self.value: Callable[[Ball], Ball] = evaluator(form, z)
        self.slope: Callable[[Ball], Ball] = evaluator(form.diff(z), z)
        self.known = _exact_zeros(form, z, ends)
        self.several = [(place, *_multiplicity(form, z, place)) for place in self.known]

    def between(self, left: Fraction, right: Fraction) -> Signs:
        places: list[Place] = []
        signs: list[int] = []
        stack = [(left, right)]
        while stack:
            low, high = stack.pop()
            cell = between(low, high)
            sign = sign_of(self.value(cell))
            if sign:
                self._note(signs, places, sign)
            elif sign_of(self.slope(cell)):
                self._monotone(low, high, signs, places)
            elif any(self._only_zero(low, high, *several) for several in self.several):
                place, count, slope = next(s for s in self.several if self._only_zero(low, high, *s))
                after = sign_of(evaluator(slope, self.z)(cell))
                self._pass(place, after * (-1) ** count, after, signs, places)
            elif high - low < _NARROWEST:
                raise _Undecided
            else:
                # Not in the middle, so that a zero at a round number is no end of a cell.
                cut = low + (high - low) * Fraction(497, 1000)
                stack += [(cut, high), (low, cut)]
        return Signs(tuple(places), tuple(signs))

    def _note(self, signs: list[int], places: list[Place], sign: int) -> None:
        if len(signs) == len(places):
            signs.append(sign)
        elif signs[-1] != sign:
            raise _Undecided

    def _monotone(self, low: Fraction, high: Fraction, signs: list[int], places: list[Place]) -> None:
        """A cell on which the function only rises or only falls: at most one zero."""
        known = [place for place in self.known if low <= place.low and place.high <= high]
        rises = sign_of(self.slope(between(low, high)))
        if known:
            self._pass(known[0], -rises, rises, signs, places)
            return
        first, last = (sign_of(self.value(between(end, end))) for end in (low, high))
        if not first or not last:
            raise _Undecided
        self._note(signs, places, first)
        if first != last:
            places.append(self._narrowed(low, high, last))
            self._note(signs, places, last)

    def _only_zero(self, low: Fraction, high: Fraction, place: Place, count: int, slope: Expr) -> bool:
        """Whether a zero counted ``count`` times is in the cell and, by Rolle, leaves room for no other."""
        inside = count > 1 and low <= place.low and place.high <= high
        return inside and sign_of(evaluator(slope, self.z)(between(low, high))) != 0

    def _pass(self, place: Place, before: int, after: int, signs: list[int], places: list[Place]) -> None:
        """A known zero with the signs left and right of it; at an end of the interval one of them is outside."""
        if place.exact != self.ends[0]:
            self._note(signs, places, before)
        if place.exact not in self.ends:
            places.append(place)
        if place.exact != self.ends[1]:
            self._note(signs, places, after)

    def _narrowed(self, low: Fraction, high: Fraction, last: int) -> Place:
        while high - low > _PRECISE:
            middle = (low + high) / 2
            sign = sign_of(self.value(between(middle, middle)))
            if not sign:
                return Place(low, high)
            low, high = (low, middle) if sign == last else (middle, high)
        return Place(low, high)


def _exact_zeros(form: Expr, z: Symbol, ends: tuple[Expr, Expr]) -> list[Place]:
    """Zeros that can be written down: 0, the ends, and the roots of polynomial factors."""
    candidates = [Integer(0), *(end for end in ends if end.is_finite)]
    if all(end.is_finite for end in ends):
        candidates += [ends[0] + (ends[1] - ends[0]) * Rational(k, 8) for k in range(1, 8)]
    for factor in Mul.make_args(form.factor()):
        if factor.is_polynomial(z) and factor.has(z):
            candidates += [root for root in roots(factor, z) if root.is_real]
    exact = [c for c in dict.fromkeys(candidates) if form.subs(z, c) == 0]
    return [Place(*bounds(ball_of(root)), exact=root) for root in exact]


def _multiplicity(form: Expr, z: Symbol, place: Place) -> tuple[int, Expr]:
    """How often a zero counts, and the derivative that is not zero there; counted up to 5."""
    count, slope = 0, form
    while count < 5 and slope.subs(z, place.exact) == 0:
        count, slope = count + 1, slope.diff(z)
    return count, slope


def place_at(point: Expr) -> Place:
    """The place of an exact point."""
    return Place(*bounds(ball_of(point)), exact=point)
