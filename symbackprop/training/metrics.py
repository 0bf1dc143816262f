"""How well outputs meet their targets: a share of right classes, or the share of the variance that is explained."""

from __future__ import annotations

import numpy as np

from symbackprop.kernels.arguments import Array


def are_classes(Y: Array) -> bool:
    """Whether the targets are zeros and ones.

    >>> are_classes(np.array([[0.0, 1.0]])), are_classes(np.array([[0.5]]))
    (True, False)
    """
    return bool(((Y == 0) | (Y == 1)).all())


def accuracy(output: Array, Y: Array) -> float | None:
    """The share of rows whose class is right: above 1/2 or not for one column, the largest of several.

    >>> accuracy(np.array([[0.9], [0.2]]), np.array([[1.0], [1.0]]))
    0.5
    >>> accuracy(np.array([[0.9]]), np.array([[0.3]])) is None
    True
    """
    if not are_classes(Y):
        return None
    if Y.shape[-1] == 1:
        return float(np.mean((output > 0.5) == (Y > 0.5)))
    return float(np.mean(output.argmax(axis=-1) == Y.argmax(axis=-1)))


def r2(output: Array, Y: Array) -> float | None:
    """1 - Σ (y - a)²/Σ (y - mean of y)², the mean over the columns; ``None`` for classes and for constant targets.

    >>> r2(np.array([[1.0], [2.0]]), np.array([[1.0], [3.0]]))
    0.5
    """
    if are_classes(Y):
        return None
    spread = ((Y - Y.mean(axis=0)) ** 2).sum(axis=0)
    if not (spread > 0).all():
        return None
    return float(np.mean(1 - ((Y - output) ** 2).sum(axis=0) / spread))
