"""Laws for random entries of which only the mean and the variance are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbackprop.verification.refutation.duals import Value
from symbackprop.verification.refutation.reach import Key
from symbackprop.verification.terms.context import Tensor

if TYPE_CHECKING:
    from symbackprop.verification.refutation.evaluate import Evaluator


def two_point_law(at: Evaluator, key: Key, tensor: Tensor) -> list[tuple[Value, Value]]:
    """Two outcomes with their chances: mean + s and mean - v/s, the same skewness s for all entries of a letter.

    A moment that is not stated is drawn like a free input. The chances are v/(s² + v) and s²/(s² + v).
    """
    duals, ring = at.duals, at.ring
    env = {**at.scene.env, **dict(zip(tensor.labels, key[1], strict=True))}
    stated = {"mean": tensor.mean, "variance": tensor.variance}
    mean, variance = (
        at.value(term, env) if term is not None else ring.number(at.scene.moment(key, what))
        for what, term in stated.items()
    )
    skew = ring.number(at.scene.skew(key))
    square = duals.mul(skew, skew)
    whole = duals.inverse(duals.add(square, variance))
    high = (duals.mul(variance, whole), duals.add(mean, skew))
    low = (duals.mul(square, whole), duals.sub(mean, duals.mul(variance, duals.inverse(skew))))
    return [high, low]
