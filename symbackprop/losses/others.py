"""Hinge loss for targets ±1, Poisson deviance of counts, cosine distance of directions."""

from __future__ import annotations

from sympy import Expr, FiniteSet, Integer, Interval, Piecewise, Sum, Symbol, log, oo, sqrt

from symbackprop.losses.base import Entry, Loss, losses


def _hinge(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return Sum(Piecewise((1 - y(i) * a(i), y(i) * a(i) < 1), (Integer(0), True)), (i, 1, n))


def _poisson(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return Sum(a(i) - y(i) * log(a(i)), (i, 1, n))


def _squares(v: Entry, i: Symbol, n: Expr) -> Expr:
    return Sum(v(i) ** 2, (i, 1, n))


def _cosine(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return 1 - Sum(a(i) * y(i), (i, 1, n)) / sqrt(_squares(a, i, n) * _squares(y, i, n))


def _cosine_slope(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    k = Symbol("k" if i.name != "k" else "m", integer=True)
    lengths = sqrt(_squares(a, k, n)) * sqrt(_squares(y, k, n))
    cosine = Sum(a(k) * y(k), (k, 1, n)) / lengths
    return cosine * a(i) / _squares(a, k, n) - y(i) / lengths


#: max(0, 1 - y a) for y = ±1; at y a = 1 the derivative is 0.
hinge = losses.register(
    "hinge",
    Loss(
        "hinge",
        _hinge,
        claims=(lambda a, y, i, n: Piecewise((-y(i), y(i) * a(i) < 1), (Integer(0), True)),),
        targets=FiniteSet(-1, 1),
    ),
)
#: -log of the Poisson probability of y at rate a, without the constant log y!.
poisson = losses.register(
    "poisson",
    Loss("poisson", _poisson, "mean", claims=(lambda a, y, i, n: 1 - y(i) / a(i),), targets=Interval(0, oo)),
)
cosine = losses.register("cosine", Loss("cosine", _cosine, "mean", claims=(_cosine_slope,)))
