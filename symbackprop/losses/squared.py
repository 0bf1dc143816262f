"""Squared errors: Σ_i (a_i - y_i)², half of it, and half of it averaged over a batch."""

from __future__ import annotations

from sympy import Expr, Rational, Sum, Symbol

from symbackprop.losses.base import Entry, Loss, losses


def _squares(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return Sum((a(i) - y(i)) ** 2, (i, 1, n))


def _half_squares(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return Rational(1, 2) * _squares(a, y, i, n)


squared_error = losses.register("squared_error", Loss("squared_error", _squares))
half_squared_error = losses.register("half_squared_error", Loss("half_squared_error", _half_squares))
#: 1/(2n) Σ_s Σ_i (a_i - y_i)² (Nielsen, Neural Networks and Deep Learning, eq. 6).
quadratic_cost = losses.register("quadratic_cost", Loss("quadratic_cost", _half_squares, over_batch="mean"))
