"""Initializers: the variance of a weight in closed form, one registration each."""

from symbackprop.initializers.base import Initializer, initializers
from symbackprop.initializers.variance_scaling import he, lecun, xavier, xavier_uniform, zeros

__all__ = ["Initializer", "he", "initializers", "lecun", "xavier", "xavier_uniform", "zeros"]
