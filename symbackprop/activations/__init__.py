"""Activations: closed forms from which derivatives are derived; one registration each."""

from symbackprop.activations.base import Activation, activations, derivative, unknown
from symbackprop.activations.elementwise import (
    elu,
    elu_with,
    gelu,
    gelu_tanh,
    identity,
    leaky_relu,
    leaky_relu_with,
    prelu,
    relu,
    sigmoid,
    silu,
    softplus,
    swish,
    tanh,
)
from symbackprop.activations.softmax import softmax

__all__ = [
    "Activation",
    "activations",
    "derivative",
    "elu",
    "elu_with",
    "gelu",
    "gelu_tanh",
    "identity",
    "leaky_relu",
    "leaky_relu_with",
    "prelu",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "swish",
    "tanh",
    "unknown",
]
