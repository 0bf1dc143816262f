"""Squared errors: Σ_i (a_i - y_i)² in the usual conventions of factor and mean."""

from __future__ import annotations

from sympy import Expr, Rational, Sum, Symbol

from symbackprop.losses.base import Entry, Loss, losses


def _squares(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return Sum((a(i) - y(i)) ** 2, (i, 1, n))


def _half_squares(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return Rational(1, 2) * _squares(a, y, i, n)


def _mean_squares(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return _squares(a, y, i, n) / n


squared_error = losses.register(
    "squared_error", Loss("squared_error", _squares, claims=(lambda a, y, i, n: 2 * (a(i) - y(i)),))
)
half_squared_error = losses.register(
    "half_squared_error", Loss("half_squared_error", _half_squares, claims=(lambda a, y, i, n: a(i) - y(i),))
)
#: 1/(2n) Σ_s Σ_i (a_i - y_i)² (Nielsen, Neural Networks and Deep Learning, eq. 6).
quadratic_cost = losses.register(
    "quadratic_cost",
    Loss("quadratic_cost", _half_squares, over_batch="mean", claims=(lambda a, y, i, n: a(i) - y(i),)),
)
#: The mean over the outputs as well as over the batch, as frameworks have it.
mean_squared_error = losses.register(
    "mean_squared_error",
    Loss("mean_squared_error", _mean_squares, over_batch="mean", claims=(lambda a, y, i, n: 2 * (a(i) - y(i)) / n,)),
)
