"""What follows from an activation's closed form alone: limits, range, steepest slope, monotony, kinks, fixed points.

Nothing is typed in: every entry is found by :mod:`~symbackprop.derivation.tails` and
:mod:`~symbackprop.derivation.zeros`, exact where it can be written down and otherwise between two proved bounds.
``None`` means that it was not determined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from flint import ctx
from sympy import Expr, Integer, oo, periodicity

from symbackprop.activations import Activation
from symbackprop.activations.pieces import Kink, Piece, kinks, pieces
from symbackprop.derivation.balls import BITS, ball_of, between, bounds, evaluator
from symbackprop.derivation.tails import limit_at_infinity
from symbackprop.derivation.zeros import Place, Signs, place_at, signs_of
from symbackprop.errors import NotDerivable
from symbackprop.quantities import ARGUMENT


@dataclass(frozen=True)
class Value:
    """A number, perhaps infinite: ``exact`` where it is known, else between two bounds; reached or only neared.

    ``places`` are the z at which it is reached: points, and pieces on which the function is constant.
    """

    exact: Expr | None
    low: Fraction | None
    high: Fraction | None
    places: tuple[Place | Piece, ...] = ()

    @property
    def reached(self) -> bool:
        return bool(self.places)


@dataclass(frozen=True)
class Stretch:
    """For low < z < high the function rises (1), falls (-1) or is constant (0)."""

    low: Place | None
    high: Place | None
    direction: int


@dataclass(frozen=True)
class Properties:
    """The properties of h; ``limits`` and ``slope_limits`` are those for z → -∞ and z → ∞."""

    limits: tuple[Expr | None, Expr | None]
    slope_limits: tuple[Expr | None, Expr | None]
    range: tuple[Value, Value] | None
    steepest: Value | None
    monotony: tuple[Stretch, ...] | None
    kinks: tuple[Kink, ...]
    fixed_points: tuple[Place | Piece, ...] | None
    period: Expr | None = None

    @property
    def saturates(self) -> tuple[bool | None, bool | None]:
        """Whether h'(z) → 0 for z → -∞ and for z → ∞."""
        left, right = (None if limit is None else limit == 0 for limit in self.slope_limits)
        return (left, right) if self.period is None else (False, False)


def properties(activation: Activation) -> Properties:
    """The properties of an elementwise activation without parameters.

    >>> from symbackprop.activations import sigmoid, swish
    >>> found = properties(sigmoid)
    >>> found.steepest.exact, [place.exact for place in found.steepest.places], found.limits, found.saturates
    (1/4, [0], (0, 1), (True, True))
    >>> bound = properties(swish).steepest
    >>> bound.exact is None and Fraction(10998, 10**4) < bound.low < bound.high < Fraction(10999, 10**4)
    True
    """
    if activation.closed_form is None or not activation.elementwise or activation.parameters:
        raise NotDerivable(
            f"the properties of {activation.name} are those of a closed form in z alone, and it has "
            + ("parameters; give them values" if activation.parameters else "none")
        )
    with ctx.workprec(BITS):
        return _Study(activation.closed_form(ARGUMENT)).properties()


class _Study:
    def __init__(self, form: Expr) -> None:
        self.form, self.z = form, ARGUMENT
        self.pieces = pieces(form)
        self.kinks = kinks(form)
        period = periodicity(form, self.z)
        self.period = period if period not in (None, Integer(0)) and form.has(self.z) else None
        if self.period is not None:
            self.pieces = (Piece(Integer(0), self.period, form),)

    def properties(self) -> Properties:
        slopes = [self._signs(piece, 1) for piece in self.pieces]
        return Properties(
            limits=self._limits(0),
            slope_limits=self._limits(1),
            range=self._range(slopes),
            steepest=self._steepest(),
            monotony=self._monotony(slopes),
            kinks=self.kinks,
            fixed_points=self._fixed_points(),
            period=self.period,
        )

    def _signs(self, piece: Piece, order: int) -> Signs | None:
        return signs_of(piece.expression.diff(self.z, order), self.z, piece.low, piece.high)

    def _limits(self, order: int) -> tuple[Expr | None, Expr | None]:
        if self.period is not None:
            return None, None
        first, last = (self.pieces[k].expression.diff(self.z, order) for k in (0, -1))
        return limit_at_infinity(first.subs(self.z, -self.z), self.z), limit_at_infinity(last, self.z)

    def _extremes(self, order: int, charts: Sequence[Signs | None]) -> list[Value] | None:
        """The values of the derivative of this order where it can be largest or smallest."""
        found: list[Value] = []
        for piece, chart in zip(self.pieces, charts, strict=True):
            if chart is None:
                return None
            form = piece.expression.diff(self.z, order)
            constant = not form.has(self.z)
            found += [self._value(form, place) for place in chart.places]
            for end, mirror in ((piece.low, -1), (piece.high, 1)):
                if end.is_finite:
                    open_end = order > 0 and not constant and any(kink.point == end for kink in self.kinks)
                    value = self._value(form, place_at(end))
                    found.append(Value(value.exact, value.low, value.high, () if open_end else value.places))
                    continue
                limit = limit_at_infinity(form.subs(self.z, mirror * self.z), self.z)
                if limit is None:
                    return None
                found.append(_exactly(limit))
            if constant:
                found.append(_exactly(form, (piece,)))
        return found

    def _value(self, form: Expr, place: Place) -> Value:
        if place.exact is not None:
            return _exactly(form.subs(self.z, place.exact), (place,))
        low, high = bounds(evaluator(form, self.z)(between(place.low, place.high)))
        return Value(None, low, high, (place,))

    def _range(self, slopes: Sequence[Signs | None]) -> tuple[Value, Value] | None:
        values = self._extremes(0, slopes)
        if values is None:
            return None
        if any(kink.jump for kink in self.kinks):
            values = [self._held_at_jumps(value) for value in values]
        return _largest([_negated(v) for v in values], negate=True), _largest(values)

    def _held_at_jumps(self, value: Value) -> Value:
        """At a jump a piece reaches its end only if the function takes that value there, or elsewhere on the piece."""
        kept = tuple(
            place
            for place in value.places
            if isinstance(place, Piece) or place.exact is None or self.form.subs(self.z, place.exact) == value.exact
        )
        return Value(value.exact, value.low, value.high, kept)

    def _steepest(self) -> Value | None:
        values = self._extremes(1, [self._signs(piece, 2) for piece in self.pieces])
        return None if values is None else _largest([_absolute(value) for value in values])

    def _monotony(self, slopes: Sequence[Signs | None]) -> tuple[Stretch, ...] | None:
        found: list[Stretch] = []
        for piece, chart in zip(self.pieces, slopes, strict=True):
            if chart is None:
                return None
            ends = [_end(piece.low), *chart.places, _end(piece.high)]
            for (low, high), sign in zip(pairwise(ends), chart.signs, strict=True):
                joined = bool(found) and found[-1].direction == sign and not self._jumps_at(low)
                start = found.pop().low if joined else low
                found.append(Stretch(start, high, sign))
        return tuple(found)

    def _jumps_at(self, place: Place | None) -> bool:
        return place is not None and any(kink.jump and kink.point == place.exact for kink in self.kinks)

    def _fixed_points(self) -> tuple[Place | Piece, ...] | None:
        if self.period is not None:
            return None
        found: list[Place | Piece] = []
        for piece in self.pieces:
            gap = piece.expression - self.z
            if gap == 0:
                found.append(piece)
                continue
            chart = signs_of(gap, self.z, piece.low, piece.high)
            if chart is None:
                return None
            found += chart.places
        borders = [piece.high for piece in self.pieces[:-1] if self.form.subs(self.z, piece.high) == piece.high]
        return _apart([*found, *map(place_at, borders)])


def _apart(places: Sequence[Place | Piece]) -> tuple[Place | Piece, ...]:
    """Each place once, in order, and no point that is the end of a whole piece among them."""
    ends = {end for place in places if isinstance(place, Piece) for end in (place.low, place.high)}
    kept = [p for p in dict.fromkeys(places) if isinstance(p, Piece) or p.exact is None or p.exact not in ends]
    return tuple(sorted(kept, key=_from_left))


def _from_left(place: Place | Piece) -> Fraction:
    inside = place_at(place.inner_point()) if isinstance(place, Piece) else place
    return inside.low


def _end(end: Expr) -> Place | None:
    return place_at(end) if end.is_finite else None


def _exactly(number: Expr, places: tuple[Place | Piece, ...] = ()) -> Value:
    if number in (oo, -oo):
        return Value(number, None, None)
    return Value(number, *bounds(ball_of(number)), places)


def _negated(value: Value) -> Value:
    low, high = (None if end is None else -end for end in (value.high, value.low))
    return Value(None if value.exact is None else -value.exact, low, high, value.places)


def _absolute(value: Value) -> Value:
    above = value.exact == oo or (value.low is not None and value.low >= 0)
    if above or value.exact == 0:
        return value
    if value.exact == -oo or (value.high is not None and value.high <= 0):
        return _negated(value)
    return value if value.exact is None or value.exact.is_nonnegative else _negated(value)


def _largest(values: Sequence[Value], negate: bool = False) -> Value:
    """The largest of some values; those that cannot be told apart from it give it their places."""
    infinite = [value for value in values if value.exact == oo]
    if infinite:
        return _negated(infinite[0]) if negate else infinite[0]
    finite = [v for v in values if v.low is not None and v.high is not None]
    floor = max(v.low for v in finite if v.low is not None)
    top = [v for v in finite if v.high is not None and v.high >= floor]
    exact = top[0].exact if len({v.exact for v in top}) == 1 else None
    low, high = max(v.low for v in top if v.low is not None), max(v.high for v in top if v.high is not None)
    found = Value(exact, low, high, _apart([place for value in top for place in value.places]))
    return _negated(found) if negate else found


__all__ = ["Properties", "Stretch", "Value", "properties"]
