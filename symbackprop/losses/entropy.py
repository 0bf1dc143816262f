"""Cross-entropies: of independent yes-no outputs, and of a distribution over classes."""

from __future__ import annotations

from sympy import Expr, Integer, Sum, Symbol, log

from symbackprop.losses.base import Entry, Loss, losses
from symbackprop.model import Assumption


def _bernoulli(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return -Sum(y(i) * log(a(i)) + (1 - y(i)) * log(1 - a(i)), (i, 1, n))


def _categorical(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return -Sum(y(i) * log(a(i)), (i, 1, n))


def _target_sums_to_one(y: Entry, i: Symbol, n: Expr) -> tuple[Assumption, ...]:
    return (Assumption(Sum(y(i), (i, 1, n)), Integer(1), "Σ_k y_k = 1: the target is a distribution over the classes"),)


binary_cross_entropy = losses.register(
    "binary_cross_entropy", Loss("binary_cross_entropy", _bernoulli, over_batch="mean")
)
cross_entropy = losses.register(
    "cross_entropy",
    Loss("cross_entropy", _categorical, over_batch="mean", assumptions=_target_sums_to_one),
)
