"""How well outputs meet their targets: a share of right classes, or the share of the variance that is explained."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from sympy import Integer, Symbol

from symbackprop.kernels.arguments import Array
from symbackprop.network import Network
from symbackprop.quantities import as_index


def are_classes(Y: Array) -> bool:
    """Whether the targets are zeros and ones.

    >>> are_classes(np.array([[0.0, 1.0]])), are_classes(np.array([[0.5]]))
    (True, False)
    """
    return bool(((Y == 0) | (Y == 1)).all())


@lru_cache(maxsize=128)
def threshold(network: Network | None) -> float:
    """Where a single output is taken for class 1: 0 where the loss holds it for as likely as class 0, else 1/2.

    >>> names = ("binary_cross_entropy_from_logits", "huber")
    >>> [threshold(Network.from_spec("2-1", "identity", loss)) for loss in names]
    [0.0, 0.5]
    """
    if network is None:
        return 0.5
    y = Symbol("y", real=True)
    at_zero = network.loss.per_example(lambda k: Integer(0), lambda k: y, as_index("i"), Integer(1)).doit()
    return 0.0 if at_zero.subs(y, 0) - at_zero.subs(y, 1) == 0 else 0.5


def accuracy(output: Array, Y: Array, threshold: float = 0.5) -> float:
    """The share of rows whose class is right, the largest of several columns.

    Of one column, and of several of which each is a class or not, all must be on the right side of the threshold.

    >>> accuracy(np.array([[0.9], [0.2]]), np.array([[1.0], [1.0]]))
    0.5
    >>> accuracy(np.array([[0.2, 0.4], [0.9, 0.8]]), np.array([[0.0, 0.0], [1.0, 0.0]]))
    0.5
    """
    yes = Y > 0.5
    if Y.shape[-1] > 1 and (yes.sum(axis=-1) == 1).all():
        return float(np.mean(output.argmax(axis=-1) == Y.argmax(axis=-1)))
    return float(np.mean(((output > threshold) == yes).all(axis=-1)))


def r2(output: Array, Y: Array) -> float | None:
    """1 - Σ (y - a)²/Σ (y - mean of y)², the mean over the columns; ``None`` for constant targets.

    >>> r2(np.array([[1.0], [2.0]]), np.array([[1.0], [3.0]]))
    0.5
    """
    spread = ((Y - Y.mean(axis=0)) ** 2).sum(axis=0)
    if not (spread > 0).all():
        return None
    # Of an output that is far off it is -inf, and the loss says so.
    with np.errstate(over="ignore"):
        return float(np.mean(1 - ((Y - output) ** 2).sum(axis=0) / spread))
