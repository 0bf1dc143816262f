"""Cross-entropies: of yes-no outputs and of classes, from probabilities and from logits; KL divergence, focal loss."""

from __future__ import annotations

import sympy
from sympy import Expr, Integer, Interval, Sum, Symbol, exp, log

from symbackprop.losses.base import Entry, Loss, losses
from symbackprop.model import Assumption
from symbackprop.quantities import as_index

#: A target is a probability, or a class as 0 and 1.
_SHARES = Interval(0, 1)


def _bernoulli(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return -Sum(y(i) * log(a(i)) + (1 - y(i)) * log(1 - a(i)), (i, 1, n))


def _categorical(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return -Sum(y(i) * log(a(i)), (i, 1, n))


def _bernoulli_from_logits(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return Sum(log(1 + exp(a(i))) - y(i) * a(i), (i, 1, n))


def _categorical_from_logits(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return Sum(y(i), (i, 1, n)) * log(Sum(exp(a(i)), (i, 1, n))) - Sum(y(i) * a(i), (i, 1, n))


def _likelihood(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return -Sum(y(i) * a(i), (i, 1, n))


def _divergence(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
    return Sum(y(i) * log(y(i)) - y(i) * log(a(i)), (i, 1, n))


def _target_sums_to_one(y: Entry, i: Symbol, n: Expr) -> tuple[Assumption, ...]:
    return (Assumption(Sum(y(i), (i, 1, n)), Integer(1), "Σ_k y_k = 1: the target is a distribution over the classes"),)


def _share(a: Entry, i: Symbol, n: Expr) -> Expr:
    k = as_index("k" if i.name != "k" else "m")
    return exp(a(i)) / Sum(exp(a(k)), (k, 1, n))


def focal_with(gamma: Expr | int, name: str = "") -> Loss:
    """-Σ_i y_i (1 - a_i)^γ log a_i: a cross-entropy that cares less for what is right already, named after γ.

    Lin et al. 2017, eq. 4; with γ = 0 it is the cross-entropy.

    >>> focal_with(3).name
    'focal(3)'
    """
    power = sympy.sympify(gamma, strict=True)

    def value(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
        return -Sum(y(i) * (1 - a(i)) ** power * log(a(i)), (i, 1, n))

    def slope(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
        return y(i) * (1 - a(i)) ** (power - 1) * (power * log(a(i)) - (1 - a(i)) / a(i))

    return Loss(name or f"focal({power})", value, over_batch="mean", claims=(slope,), targets=_SHARES)


binary_cross_entropy = losses.register(
    "binary_cross_entropy",
    Loss(
        "binary_cross_entropy",
        _bernoulli,
        over_batch="mean",
        targets=_SHARES,
        claims=(lambda a, y, i, n: (a(i) - y(i)) / (a(i) * (1 - a(i))),),
    ),
)
cross_entropy = losses.register(
    "cross_entropy",
    Loss(
        "cross_entropy",
        _categorical,
        over_batch="mean",
        targets=_SHARES,
        assumptions=_target_sums_to_one,
        claims=(lambda a, y, i, n: -y(i) / a(i),),
    ),
)
#: log(1 + e^a) - y a, which is the binary cross-entropy of σ(a).
binary_cross_entropy_from_logits = losses.register(
    "binary_cross_entropy_from_logits",
    Loss(
        "binary_cross_entropy_from_logits",
        _bernoulli_from_logits,
        over_batch="mean",
        targets=_SHARES,
        claims=(lambda a, y, i, n: 1 / (1 + exp(-a(i))) - y(i),),
    ),
)
#: The cross-entropy of softmax(a), whose gradient is p - y.
cross_entropy_from_logits = losses.register(
    "cross_entropy_from_logits",
    Loss(
        "cross_entropy_from_logits",
        _categorical_from_logits,
        over_batch="mean",
        targets=_SHARES,
        assumptions=_target_sums_to_one,
        claims=(lambda a, y, i, n: _share(a, i, n) - y(i),),
    ),
)
#: Of outputs that are logarithms of probabilities already (log_softmax).
negative_log_likelihood = losses.register(
    "negative_log_likelihood",
    Loss(
        "negative_log_likelihood",
        _likelihood,
        over_batch="mean",
        targets=_SHARES,
        assumptions=_target_sums_to_one,
        claims=(lambda a, y, i, n: -y(i),),
    ),
)
#: KL(y ‖ a) = Σ_i y_i log(y_i/a_i); its gradient is that of the cross-entropy.
kl_divergence = losses.register(
    "kl_divergence",
    Loss(
        "kl_divergence",
        _divergence,
        over_batch="mean",
        targets=_SHARES,
        assumptions=_target_sums_to_one,
        claims=(lambda a, y, i, n: -y(i) / a(i),),
    ),
)
focal = losses.register("focal", focal_with(2, "focal"))
