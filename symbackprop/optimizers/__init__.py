"""Optimizers: update rules in closed form, one registration each."""

from symbackprop.optimizers.base import GRADIENT, PARAMETER, STEP, Optimizer, optimizers
from symbackprop.optimizers.descent import adam, momentum, sgd

__all__ = ["GRADIENT", "PARAMETER", "STEP", "Optimizer", "adam", "momentum", "optimizers", "sgd"]
