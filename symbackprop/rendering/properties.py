"""The properties of an activation as a section of its page."""

from __future__ import annotations

from decimal import ROUND_DOWN, Context, Decimal
from fractions import Fraction

from sympy import Expr, oo

from symbackprop.activations import Activation
from symbackprop.activations.pieces import Kink, Piece
from symbackprop.derivation.properties import Properties, Stretch, Value, properties
from symbackprop.derivation.zeros import Place
from symbackprop.quantities import ARGUMENT, Apply
from symbackprop.rendering.latex import Writer
from symbackprop.rendering.page import Formula, Row, Section

_DIGITS = 16
_UNKNOWN = "not determined"


def properties_section(writer: Writer, activation: Activation, chained: bool = True) -> Section:
    """Limits, range, steepest slope, and in words monotony, kinks, fixed points and what becomes of gradients.

    What is not ``chained`` with itself, layer after layer, has no fixed points of interest and no product of slopes.
    """
    head, slope = (writer.write(Apply(activation.name, order, ARGUMENT)) for order in (0, 1))
    found = properties(activation)
    formulas = [*_limits(writer, found, head), *_range(writer, found, head)]
    if found.steepest is not None:
        formulas.append(_bound(writer, f"|{slope}|", found.steepest, "max"))
    words = [_monotony(writer, found), *(_kink(writer, kink) for kink in found.kinks)]
    words += [_fixed(writer, found, head)] if chained else []
    missing = {"The range": found.range, "The steepest slope": found.steepest, "Where it rises": found.monotony}
    words += [f"{name} is {_UNKNOWN}." for name, value in missing.items() if value is None]
    words += [_period(writer, found), _saturation(found, slope)]
    words += [_product(writer, found)] if chained else []
    return Section("Properties", tuple(formulas), " ".join(word for word in words if word))


def _limits(writer: Writer, found: Properties, head: str) -> list[Formula]:
    if found.period is not None:
        return []
    pairs = [(sign, limit) for sign, limit in zip(("-", ""), found.limits, strict=True) if limit is not None]
    return [Formula(rf"\lim_{{z \to {sign}\infty}} {head}", (Row(_number(writer, limit)),)) for sign, limit in pairs]


def _range(writer: Writer, found: Properties, head: str) -> list[Formula]:
    if found.range is None:
        return []
    return [_bound(writer, head, value, name) for name, value in zip(("min", "max"), found.range, strict=True)]


def _bound(writer: Writer, of: str, value: Value, name: str) -> Formula:
    """A minimum or maximum, or where it is only neared an infimum or supremum, with where it is reached."""
    if not value.reached:
        infinite = value.exact in (oo, -oo)
        name = {"min": "inf", "max": "sup"}[name]
        return Formula(rf"\{name}_z {of}", (Row(_value(writer, value), "" if infinite else "never reached"),))
    places = " and ".join(_place(writer, place) for place in value.places)
    return Formula(rf"\{name}_z {of}", (Row(_value(writer, value), f"reached at {places}"),))


def _number(writer: Writer, number: Expr) -> str:
    return rf"{'-' if number == -oo else ''}\infty" if number in (oo, -oo) else writer.write(number)


def _value(writer: Writer, value: Value) -> str:
    if value.exact is not None:
        return _number(writer, value.exact)
    assert value.low is not None and value.high is not None
    return digits(value.low, value.high)


def digits(low: Fraction, high: Fraction) -> str:
    r"""The digits that all numbers between two bounds share.

    >>> digits(Fraction(12345678, 10**7), Fraction(12345699, 10**7))
    '1.23456\\ldots'
    """
    for count in range(_DIGITS, 0, -1):
        context = Context(prec=count, rounding=ROUND_DOWN)
        ends = {context.divide(Decimal(f.numerator), Decimal(f.denominator)) for f in (low, high)}
        if len(ends) == 1:
            return rf"{ends.pop():f}\ldots"
    return rf"{float(low):.3g} \text{{ to }} {float(high):.3g}"


def _place(writer: Writer, place: Place | Piece) -> str:
    if isinstance(place, Place):
        return f"$z = {_point(writer, place)}$"
    if place.low == -oo:
        return "all $z$" if place.high == oo else f"every $z < {writer.write(place.high)}$"
    if place.high == oo:
        return f"every $z > {writer.write(place.low)}$"
    return rf"every $z$ from ${writer.write(place.low)}$ to ${writer.write(place.high)}$"


def _point(writer: Writer, place: Place) -> str:
    return digits(place.low, place.high) if place.exact is None else writer.write(place.exact)


def _monotony(writer: Writer, found: Properties) -> str:
    if found.monotony is None or found.period is not None:
        return ""
    if len(found.monotony) == 1:
        return f"It {_VERBS[found.monotony[0].direction]} everywhere."
    stretches = [f"{_VERBS[s.direction]} {_where(writer, s)}" for s in found.monotony]
    return f"It {', '.join(stretches[:-1])} and {stretches[-1]}."


_VERBS = {1: "rises", -1: "falls", 0: "is constant"}


def _where(writer: Writer, stretch: Stretch) -> str:
    if stretch.low is None:
        return "everywhere" if stretch.high is None else f"for $z < {_point(writer, stretch.high)}$"
    if stretch.high is None:
        return f"for $z > {_point(writer, stretch.low)}$"
    return f"from ${_point(writer, stretch.low)}$ to ${_point(writer, stretch.high)}$"


def _kink(writer: Writer, kink: Kink) -> str:
    point = f"$z = {writer.write(kink.point)}$"
    if kink.jump:
        return f"It jumps at {point}."
    left, right = writer.write(kink.left), writer.write(kink.right)
    return f"It has a kink at {point}: the slope is ${left}$ before and ${right}$ after."


def _fixed(writer: Writer, found: Properties, head: str) -> str:
    if found.period is not None:
        return ""
    if found.fixed_points is None:
        return f"Its fixed points are {_UNKNOWN}."
    if not found.fixed_points:
        return f"It has no fixed point ${head} = z$."
    places = ", ".join(_place(writer, place) for place in found.fixed_points)
    return f"Fixed point{'s' if len(found.fixed_points) > 1 else ''} ${head} = z$: {places}."


def _period(writer: Writer, found: Properties) -> str:
    return "" if found.period is None else f"It has the period ${writer.write(found.period)}$; the values are for one."


def _saturation(found: Properties, slope: str) -> str:
    """Where h' tends to 0; what is not determined is said."""
    if None in found.saturates:
        return f"Whether it saturates is {_UNKNOWN}."
    ends = [end for end, dies in zip((r"-\infty", r"\infty"), found.saturates, strict=True) if dies]
    if not ends:
        return f"It does not saturate: ${slope}$ does not tend to 0."
    sides = " and for ".join(rf"$z \to {end}$" for end in ends)
    return rf"It saturates: ${slope} \to 0$ for {sides}, and there a unit passes back almost no error."


def _product(writer: Writer, found: Properties) -> str:
    """What the largest slope does to a product of slopes through L layers."""
    steepest = found.steepest
    if steepest is None or steepest.low is None or steepest.high is None:
        return ""
    largest = _value(writer, steepest)
    if steepest.high == 0:
        return "The slope is 0 wherever it exists: no error passes through, and nothing before it learns."
    if steepest.high < 1:
        most = rf"$({largest})^{{L}}$"
        return f"The slopes on a path through $L$ layers multiply an error by at most {most}: it vanishes with depth."
    if steepest.low > 1:
        return (
            f"A slope may exceed 1: not only the weights can make an error grow, but each layer by up to ${largest}$."
        )
    return "No slope exceeds 1, so that only the weights can make an error grow." if steepest.exact == 1 else ""
