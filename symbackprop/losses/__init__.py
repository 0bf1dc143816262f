"""Losses: the scalar J in index form, one registration each; penalties on the weights, and label smoothing."""

from symbackprop.losses.base import Loss, losses
from symbackprop.losses.entropy import (
    binary_cross_entropy,
    binary_cross_entropy_from_logits,
    cross_entropy,
    cross_entropy_from_logits,
    focal,
    focal_with,
    kl_divergence,
    negative_log_likelihood,
)
from symbackprop.losses.others import cosine, hinge, poisson
from symbackprop.losses.penalties import Penalty, elastic_net, l1, l2, penalised, read_penalty
from symbackprop.losses.robust import absolute_error, huber, huber_with, log_cosh
from symbackprop.losses.smoothing import smoothed
from symbackprop.losses.squared import half_squared_error, mean_squared_error, quadratic_cost, squared_error

__all__ = [
    "Loss",
    "Penalty",
    "absolute_error",
    "binary_cross_entropy",
    "binary_cross_entropy_from_logits",
    "cosine",
    "cross_entropy",
    "cross_entropy_from_logits",
    "elastic_net",
    "focal",
    "focal_with",
    "half_squared_error",
    "hinge",
    "huber",
    "huber_with",
    "kl_divergence",
    "l1",
    "l2",
    "log_cosh",
    "losses",
    "mean_squared_error",
    "negative_log_likelihood",
    "penalised",
    "poisson",
    "quadratic_cost",
    "read_penalty",
    "smoothed",
    "squared_error",
]
