"""Losses: the scalar J in index form, one registration each."""

from symbackprop.losses.base import Loss, losses
from symbackprop.losses.entropy import binary_cross_entropy, cross_entropy
from symbackprop.losses.squared import half_squared_error, quadratic_cost, squared_error

__all__ = [
    "Loss",
    "binary_cross_entropy",
    "cross_entropy",
    "half_squared_error",
    "losses",
    "quadratic_cost",
    "squared_error",
]
