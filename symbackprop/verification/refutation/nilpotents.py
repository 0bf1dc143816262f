"""Arithmetic of nilpotent numbers: derivatives of any order by finite Taylor series, for the second evaluator."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import factorial
from typing import Any

import mpmath

Nil = dict[frozenset[int], Any]  #: a sum of products of nilpotents ε_k, each with ε_k² = 0
PLAIN: frozenset[int] = frozenset()


class Nilpotents:
    """Sums and products over Fractions, or over mpmath floats where ``real``."""

    real: bool

    def number(self, value: Fraction | int) -> Any:
        value = value if type(value) is Fraction else Fraction(value)
        return mpmath.mpf(value.numerator) / value.denominator if self.real else value

    def lift(self, value: Fraction | int) -> Nil:
        return {PLAIN: self.number(value)}

    def plus(self, left: Nil, right: Nil) -> Nil:
        total = dict(left)
        for key, value in right.items():
            total[key] = total[key] + value if key in total else value
        return total

    def times(self, left: Nil, right: Nil) -> Nil:
        if len(left) == len(right) == 1 and PLAIN in left and PLAIN in right:
            return {PLAIN: left[PLAIN] * right[PLAIN]}
        total: Nil = {}
        for a, x in left.items():
            for b, y in right.items():
                if not a & b:
                    key = a | b
                    total[key] = total[key] + x * y if key in total else x * y
        return total

    def series(self, value: Nil, derivative: Callable[[int, Any], Any]) -> Nil:
        """f(x + ν) = Σ f⁽ᵏ⁾(x) νᵏ / k!, a finite sum because ν is nilpotent."""
        start = value.get(PLAIN, self.number(0))
        nil = {key: v for key, v in value.items() if key and v != 0}
        total, power, order = {PLAIN: derivative(0, start)}, self.lift(1), 0
        while power and nil:
            order, power = order + 1, self.times(power, nil)
            if power:
                factor = {PLAIN: derivative(order, start) / factorial(order)}
                total = self.plus(total, self.times(factor, power))
        return total

    def raised(self, value: Nil, exponent: Fraction) -> Nil:
        def derivative(order: int, start: Any) -> Any:
            falling = Fraction(1)
            for k in range(order):
                falling *= exponent - k
            if not falling:
                return self.number(0)
            rest = exponent - order
            power = start ** int(rest) if rest.denominator == 1 else mpmath.power(start, self.number(rest))
            return self.number(falling) * power

        return self.series(value, derivative)


def _log(order: int, x: Any) -> Any:
    return mpmath.log(x) if not order else (-1) ** (order - 1) * factorial(order - 1) / x**order


def _erf(order: int, x: Any) -> Any:
    """Derivatives of erf by Hermite polynomials."""
    if not order:
        return mpmath.erf(x)
    wave = 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x)
    return (-1) ** (order - 1) * mpmath.hermite(order - 1, x) * wave


def _arctan(order: int, x: Any) -> Any:
    """The k-th derivative of arctan at tan u is (k-1)! cos(u)^k sin(k (u + π/2))."""
    angle = mpmath.atan(x)
    if not order:
        return angle
    return factorial(order - 1) * mpmath.cos(angle) ** order * mpmath.sin(order * (angle + mpmath.pi / 2))


def _step(order: int, x: Any) -> Any:
    if x == 0:
        raise ArithmeticError("a kink argument is 0")
    return type(x)(int(x > 0 and not order))


#: name -> its k-th derivative at x, in closed form
DERIVATIVES: dict[str, Callable[[int, Any], Any]] = {
    "exp": lambda k, x: mpmath.exp(x),
    "log": _log,
    "sin": lambda k, x: mpmath.sin(x + k * mpmath.pi / 2),
    "cos": lambda k, x: mpmath.cos(x + k * mpmath.pi / 2),
    "arctan": _arctan,
    "erf": _erf,
    "step": _step,
}
