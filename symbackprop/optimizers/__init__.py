"""Optimizers: update rules in closed form, one registration each."""

from symbackprop.optimizers.adaptive import adagrad, adam, adamw, rmsprop
from symbackprop.optimizers.base import GRADIENT, NORM, PARAMETER, STEP, Optimizer, optimizers
from symbackprop.optimizers.descent import (
    clipped_by_norm,
    clipped_by_value,
    clipped_sgd,
    clipped_sgd_by_value,
    momentum,
    nesterov,
    sgd,
)

__all__ = [
    "GRADIENT",
    "NORM",
    "PARAMETER",
    "STEP",
    "Optimizer",
    "adagrad",
    "adam",
    "adamw",
    "clipped_by_norm",
    "clipped_by_value",
    "clipped_sgd",
    "clipped_sgd_by_value",
    "momentum",
    "nesterov",
    "optimizers",
    "rmsprop",
    "sgd",
]
