"""Initializers: the variance of a weight in closed form, one registration each."""

from symbackprop.initializers.base import Initializer, initializers
from symbackprop.initializers.variance_scaling import (
    he,
    he_backward,
    he_uniform,
    lecun,
    lecun_uniform,
    uniform_fan_in,
    xavier,
    xavier_backward,
    xavier_uniform,
    zeros,
)

__all__ = [
    "Initializer",
    "he",
    "he_backward",
    "he_uniform",
    "initializers",
    "lecun",
    "lecun_uniform",
    "uniform_fan_in",
    "xavier",
    "xavier_backward",
    "xavier_uniform",
    "zeros",
]
