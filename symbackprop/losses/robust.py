"""Losses that grow slower than the square: absolute error, Huber, log-cosh."""

from __future__ import annotations

import sympy
from sympy import Abs, Expr, Piecewise, Rational, Sum, Symbol, cosh, log, sign, tanh

from symbackprop.losses.base import Entry, Loss, losses


def _absolute(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return Sum(Abs(a(i) - y(i)), (i, 1, n))


def _log_cosh(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return Sum(log(cosh(a(i) - y(i))), (i, 1, n))


def huber_with(delta: Expr | int, name: str = "") -> Loss:
    """u²/2 for |u| ≤ δ, beyond it δ |u| - δ²/2, with u = a - y (Huber 1964), named after δ.

    >>> huber_with(2).name
    'huber(2)'
    """
    bend = sympy.sympify(delta, strict=True)

    def value(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
        u = a(i) - y(i)
        far = bend * Abs(u) - bend**2 / 2
        return Sum(Piecewise((Rational(1, 2) * u**2, Abs(u) <= bend), (far, True)), (i, 1, n))

    def slope(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
        u = a(i) - y(i)
        return Piecewise((u, Abs(u) <= bend), (bend * sign(u), True))

    return Loss(name or f"huber({bend})", value, claims=(slope,))


absolute_error = losses.register(
    "absolute_error", Loss("absolute_error", _absolute, claims=(lambda a, y, i, n: sign(a(i) - y(i)),))
)
huber = losses.register("huber", huber_with(1, "huber"))
log_cosh = losses.register("log_cosh", Loss("log_cosh", _log_cosh, claims=(lambda a, y, i, n: tanh(a(i) - y(i)),)))
