"""Values of scalar expressions as balls of real or complex numbers, which are certain to hold the true value."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

from flint import acb, arb, fmpq
from sympy import E, Expr, Rational, Symbol, pi

from symbackprop.errors import NotDerivable

#: A ball: ``arb`` (real) or ``acb`` (complex).
Ball: TypeAlias = Any
BITS = 160

_FUNCTIONS = frozenset({"exp", "log", "tanh", "cosh", "sinh", "sin", "cos", "erf"})


def evaluator(expression: Expr, variable: Symbol, analytic: bool = False) -> Callable[[Ball], Ball]:
    """A function from a ball for ``variable`` to a ball that holds every value of ``expression`` there.

    With ``analytic`` a complex ball on which a root or logarithm is not analytic gives no finite ball.

    >>> from sympy import exp
    >>> z = Symbol("z", real=True)
    >>> low, high = bounds(evaluator(exp(z), z)(arb(1)))
    >>> low < Fraction(271828182846, 10**11) < high + Fraction(1, 10**9)
    True
    """
    if expression == variable:
        return lambda x: x
    if expression.is_number and not expression.args or isinstance(expression, Rational):
        value = _constant(expression)
        return lambda x: value + 0 * x if isinstance(x, acb) else value
    parts = [evaluator(argument, variable, analytic) for argument in expression.args]
    if expression.is_Add:
        return lambda x: _fold(parts, x, lambda a, b: a + b)
    if expression.is_Mul:
        return lambda x: _fold(parts, x, lambda a, b: a * b)
    if expression.is_Pow:
        return _power(parts[0], expression.exp, analytic)
    name = expression.func.__name__
    if name == "log" and analytic:
        return lambda x: parts[0](x).log(analytic=True)
    if name in _FUNCTIONS:
        return lambda x: getattr(parts[0](x), name)()
    raise NotDerivable(f"no ball arithmetic for {expression.func.__name__} in {expression}")


def _power(base: Callable[[Ball], Ball], exponent: Expr, analytic: bool) -> Callable[[Ball], Ball]:
    if exponent.is_Integer:
        return lambda x: base(x) ** int(exponent)
    if exponent.is_Rational and exponent.q == 2 and analytic:
        return lambda x: base(x).sqrt(analytic=True) ** int(exponent.p)
    if exponent.is_Rational and exponent.q == 2:
        return lambda x: base(x).sqrt() ** int(exponent.p)
    raise NotDerivable(f"no ball arithmetic for the exponent {exponent}")


def _fold(parts: list[Callable[[Ball], Ball]], x: Ball, join: Callable[[Ball, Ball], Ball]) -> Ball:
    value = parts[0](x)
    for part in parts[1:]:
        value = join(value, part(x))
    return value


def _constant(number: Expr) -> Ball:
    if number.is_Rational:
        return arb(fmpq(int(number.p), int(number.q)))
    if number == pi:
        return arb.pi()
    if number == E:
        return arb(1).exp()
    raise NotDerivable(f"no ball for the number {number}")


def ball_of(number: Expr) -> Ball:
    """The ball of an exact number such as √(2/π)."""
    return evaluator(number, Symbol("unused"))(arb(0))


def between(low: Fraction, high: Fraction) -> Ball:
    """The ball from ``low`` to ``high``."""
    middle, radius = (low + high) / 2, (high - low) / 2
    centre = arb(fmpq(middle.numerator, middle.denominator))
    return centre + arb(0, 1) * arb(fmpq(radius.numerator, radius.denominator))


def bounds(ball: Ball) -> tuple[Fraction, Fraction]:
    """A lower and an upper bound as exact fractions."""
    return _fraction(ball.lower()), _fraction(ball.upper())


def _fraction(point: Ball) -> Fraction:
    mantissa, exponent = point.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def sign_of(ball: Ball) -> int:
    """1 or -1 where the ball says so, else 0."""
    return 1 if ball > 0 else -1 if ball < 0 else 0
