"""Laws for random entries: of those of which mean and variance are known, or a law with few outcomes."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from symbackprop.verification.refutation.duals import Value
from symbackprop.verification.refutation.reach import Key
from symbackprop.verification.terms.context import Tensor

if TYPE_CHECKING:
    from symbackprop.verification.refutation.evaluate import Evaluator

Outcomes = list[tuple[Value, Value]]  #: chance and value


def outcomes(at: Evaluator, key: Key, tensor: Tensor) -> Outcomes:
    """Outcomes with their chances that have the stated moments and, where it has few outcomes, the stated law.

    A moment that is not stated is drawn like a free input.
    """
    ring = at.ring
    env = {**at.scene.env, **dict(zip(tensor.labels, key[1], strict=True))}
    stated = {"mean": tensor.mean, "variance": tensor.variance}
    mean, variance = (
        at.value(term, env) if term is not None else ring.number(at.scene.moment(key, what))
        for what, term in stated.items()
    )
    if tensor.law == "bernoulli":
        return [(mean, ring.one), (at.duals.sub(ring.one, mean), ring.zero)]
    skew = ring.number(at.scene.skew(key))
    return (_symmetric if tensor.law == "symmetric" else _skewed)(at, mean, variance, skew)


def _skewed(at: Evaluator, mean: Value, variance: Value, skew: Value) -> Outcomes:
    """mean + s and mean - v/s with the chances v/(s² + v) and s²/(s² + v)."""
    duals = at.duals
    square = duals.mul(skew, skew)
    whole = duals.inverse(duals.add(square, variance))
    high = (duals.mul(variance, whole), duals.add(mean, skew))
    low = (duals.mul(square, whole), duals.sub(mean, duals.mul(variance, duals.inverse(skew))))
    return [high, low]


def _symmetric(at: Evaluator, mean: Value, variance: Value, skew: Value) -> Outcomes:
    """mean ± r and mean ± s with r² < v < s²: s = v + k and r = v/s, with chances that give the variance v."""
    duals, half = at.duals, at.ring.number(Fraction(1, 2))
    wide = duals.add(variance, skew)
    near = duals.mul(variance, duals.inverse(wide))
    squares = duals.mul(wide, wide), duals.mul(near, near)
    share = duals.mul(duals.sub(variance, squares[1]), duals.inverse(duals.sub(squares[0], squares[1])))
    found: Outcomes = []
    for chance, step in ((share, wide), (duals.sub(at.ring.one, share), near)):
        chance = duals.mul(half, chance)
        found += [(chance, duals.add(mean, step)), (chance, duals.sub(mean, step))]
    return found
