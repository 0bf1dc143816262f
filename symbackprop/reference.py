"""Textbook backprop in plain NumPy, written by hand: what the derived kernels are checked against.

It imports nothing of the package. X has one sample a row. For each dense layer z = W a + b and a = h(z); going back,
ε = ∂J/∂z, ∂J/∂W = ε aᵀ, ∂J/∂b = ε, ∂J/∂a_before = Wᵀ ε (Rumelhart, Hinton and Williams 1986). J is the mean
or the sum over the samples of the loss of one sample, as is usual for each loss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, xlog1py, xlogy

Matrix = NDArray[Any]  # real, or complex for the complex step
Scalar = Callable[[Matrix], Matrix]

LEAKY_SLOPE = 0.01
ELU_ALPHA = 1.0


def sigmoid(z: Matrix) -> Matrix:
    """1/(1 + exp(-z)), also for complex z."""
    return 1 / (1 + np.exp(-z))


def _sigmoid_slope(z: Matrix) -> Matrix:
    return sigmoid(z) * (1 - sigmoid(z))


def _normal_cdf(z: Matrix) -> Matrix:
    return (1 + erf(z / sqrt(2))) / 2


def _gelu_slope(z: Matrix) -> Matrix:
    return _normal_cdf(z) + z * np.exp(-(z**2) / 2) / sqrt(2 * pi)


def _gelu_inner(z: Matrix) -> Matrix:
    return sqrt(2 / pi) * (z + 0.044715 * z**3)


def _gelu_tanh_slope(z: Matrix) -> Matrix:
    t = np.tanh(_gelu_inner(z))
    return (1 + t) / 2 + z / 2 * (1 - t**2) * sqrt(2 / pi) * (1 + 3 * 0.044715 * z**2)


def _softplus(z: Matrix) -> Matrix:
    return np.log(1 + np.exp(z))


def _mish_slope(z: Matrix) -> Matrix:
    t = np.tanh(_softplus(z))
    return t + z * (1 - t**2) * sigmoid(z)


def _size(z: Matrix) -> Matrix:
    return np.where(z.real > 0, z, -z)


def _clipped(z: Matrix, low: float, high: float, inside: Matrix, below: Any, above: Any) -> Matrix:
    return np.where(z.real <= low, below, np.where(z.real >= high, above, inside))


SELU_LAMBDA, SELU_ALPHA = 1.0507009873554804934, 1.6732632423543772848
RRELU_SLOPE = (1 / 8 + 1 / 3) / 2

#: Each activation and its derivative, both as functions of the pre-activation; at a kink the derivative from the left.
#: Complex z is allowed, so that a complex step can check the derivatives.
ACTIVATIONS: Mapping[str, tuple[Scalar, Scalar]] = {
    "identity": (lambda z: z, np.ones_like),
    "sigmoid": (sigmoid, _sigmoid_slope),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.where(z.real > 0, z, 0), lambda z: np.where(z.real > 0, 1.0, 0.0)),
    "leaky_relu": (
        lambda z: np.where(z.real > 0, z, LEAKY_SLOPE * z),
        lambda z: np.where(z.real > 0, 1.0, LEAKY_SLOPE),
    ),
    "elu": (
        lambda z: np.where(z.real > 0, z, ELU_ALPHA * (np.exp(z) - 1)),
        lambda z: np.where(z.real > 0, 1.0, ELU_ALPHA * np.exp(z)),
    ),
    "softplus": (lambda z: np.log(1 + np.exp(z)), sigmoid),
    "swish": (lambda z: z * sigmoid(z), lambda z: sigmoid(z) + z * _sigmoid_slope(z)),
    "gelu": (lambda z: z * _normal_cdf(z), _gelu_slope),
    "silu": (lambda z: z * sigmoid(z), lambda z: sigmoid(z) + z * _sigmoid_slope(z)),
    "mish": (lambda z: z * np.tanh(_softplus(z)), _mish_slope),
    "log_sigmoid": (lambda z: -np.log(1 + np.exp(-z)), lambda z: sigmoid(-z)),
    "gaussian": (lambda z: np.exp(-(z**2)), lambda z: -2 * z * np.exp(-(z**2))),
    "sine": (np.sin, np.cos),
    "softsign": (lambda z: z / (1 + _size(z)), lambda z: 1 / (1 + _size(z)) ** 2),
    "celu": (
        lambda z: np.where(z.real > 0, z, np.exp(z) - 1),
        lambda z: np.where(z.real > 0, 1.0, np.exp(z)),
    ),
    "selu": (
        lambda z: SELU_LAMBDA * np.where(z.real > 0, z, SELU_ALPHA * (np.exp(z) - 1)),
        lambda z: SELU_LAMBDA * np.where(z.real > 0, 1.0, SELU_ALPHA * np.exp(z)),
    ),
    "rrelu": (
        lambda z: np.where(z.real > 0, z, RRELU_SLOPE * z),
        lambda z: np.where(z.real > 0, 1.0, RRELU_SLOPE),
    ),
    "relu6": (lambda z: _clipped(z, 0, 6, z, 0, 6), lambda z: _clipped(z, 0, 6, np.ones_like(z), 0, 0)),
    "hard_sigmoid": (
        lambda z: _clipped(z, -3, 3, z / 6 + 1 / 2, 0, 1),
        lambda z: _clipped(z, -3, 3, np.full_like(z, 1 / 6), 0, 0),
    ),
    "hard_swish": (
        lambda z: _clipped(z, -3, 3, z * (z + 3) / 6, 0, z),
        lambda z: _clipped(z, -3, 3, (2 * z + 3) / 6, 0, 1),
    ),
    "hard_tanh": (lambda z: _clipped(z, -1, 1, z, -1, 1), lambda z: _clipped(z, -1, 1, np.ones_like(z), 0, 0)),
    "step": (lambda z: np.where(z.real > 0, 1.0, 0.0), np.zeros_like),
    "gelu_tanh": (lambda z: z / 2 * (1 + np.tanh(_gelu_inner(z))), _gelu_tanh_slope),
}


def softmax(z: Matrix) -> Matrix:
    """exp(z_i)/Σ_k exp(z_k) in each row."""
    exponentials = np.exp(z - z.real.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def _bernoulli(a: Matrix, y: Matrix) -> Matrix:
    return -(xlogy(y, a) + xlog1py(1 - y, -a)).sum(axis=1)


def _huber(a: Matrix, y: Matrix) -> Matrix:
    u = a - y
    return np.where(np.abs(u.real) <= 1, u**2 / 2, _size(u) - 1 / 2).sum(axis=1)


def _focal_slope(a: Matrix, y: Matrix) -> Matrix:
    return y * (2 * (1 - a) * np.log(a) - (1 - a) ** 2 / a)


def _cosine(a: Matrix, y: Matrix) -> Matrix:
    lengths = np.sqrt((a**2).sum(axis=1) * (y**2).sum(axis=1))
    return 1 - (a * y).sum(axis=1) / lengths


def _cosine_slope(a: Matrix, y: Matrix) -> Matrix:
    own, lengths = (a**2).sum(axis=1, keepdims=True), np.sqrt((a**2).sum(axis=1) * (y**2).sum(axis=1))[:, None]
    return (a * (a * y).sum(axis=1, keepdims=True) / own - y) / lengths


def _total_exponential(a: Matrix) -> Matrix:
    highest = a.real.max(axis=1)
    return highest + np.log(np.exp(a - highest[:, None]).sum(axis=1))


#: Each loss of one sample a row, and its derivative by the output of the network.
LOSSES: Mapping[str, tuple[Callable[[Matrix, Matrix], Matrix], Callable[[Matrix, Matrix], Matrix]]] = {
    "squared_error": (lambda a, y: ((a - y) ** 2).sum(axis=1), lambda a, y: 2 * (a - y)),
    "half_squared_error": (lambda a, y: ((a - y) ** 2).sum(axis=1) / 2, lambda a, y: a - y),
    "quadratic_cost": (lambda a, y: ((a - y) ** 2).sum(axis=1) / 2, lambda a, y: a - y),
    "binary_cross_entropy": (_bernoulli, lambda a, y: (1 - y) / (1 - a) - y / a),
    "cross_entropy": (lambda a, y: -xlogy(y, a).sum(axis=1), lambda a, y: -y / a),
    "mean_squared_error": (lambda a, y: ((a - y) ** 2).mean(axis=1), lambda a, y: 2 * (a - y) / a.shape[1]),
    "absolute_error": (lambda a, y: _size(a - y).sum(axis=1), lambda a, y: np.sign((a - y).real)),
    "huber": (_huber, lambda a, y: np.clip(a - y, -1, 1)),
    "log_cosh": (lambda a, y: np.log(np.cosh(a - y)).sum(axis=1), lambda a, y: np.tanh(a - y)),
    "binary_cross_entropy_from_logits": (
        lambda a, y: (_softplus(a) - y * a).sum(axis=1),
        lambda a, y: sigmoid(a) - y,
    ),
    "cross_entropy_from_logits": (
        lambda a, y: y.sum(axis=1) * _total_exponential(a) - (y * a).sum(axis=1),
        lambda a, y: y.sum(axis=1, keepdims=True) * softmax(a) - y,
    ),
    "negative_log_likelihood": (lambda a, y: -(y * a).sum(axis=1), lambda a, y: -y),
    "kl_divergence": (lambda a, y: (xlogy(y, y) - xlogy(y, a)).sum(axis=1), lambda a, y: -y / a),
    "focal": (lambda a, y: -(y * (1 - a) ** 2 * np.log(a)).sum(axis=1), _focal_slope),
    "hinge": (
        lambda a, y: np.where((y * a).real < 1, 1 - y * a, 0).sum(axis=1),
        lambda a, y: np.where(y * a < 1, -y, 0.0),
    ),
    "poisson": (lambda a, y: (a - y * np.log(a)).sum(axis=1), lambda a, y: 1 - y / a),
    "cosine": (_cosine, _cosine_slope),
}

#: ε of the output where activation and loss are made for each other: no division by an output that has become 0 or 1.
OUTPUT_ERRORS: Mapping[tuple[str, str], Callable[[Matrix, Matrix], Matrix]] = {
    ("sigmoid", "binary_cross_entropy"): lambda a, y: a - y,
    ("softmax", "cross_entropy"): lambda a, y: a * y.sum(axis=1, keepdims=True) - y,
}

#: The losses that are summed over a batch; the others are averaged.
SUMMED = frozenset({"squared_error", "half_squared_error", "absolute_error", "huber", "log_cosh", "hinge"})


@dataclass(frozen=True)
class ReferenceLayer:
    """A dense layer: ``weight`` (fan_out, fan_in), ``bias`` (fan_out,) or None, and the name of the activation.

    ``slope`` is the learnt slope of ``prelu`` left of zero, one number for the whole layer.
    """

    weight: Matrix
    bias: Matrix | None
    activation: str
    slope: Matrix | None = None


@dataclass(frozen=True)
class LayerGradient:
    """The derivatives of J by what a :class:`ReferenceLayer` holds."""

    weight: Matrix
    bias: Matrix | None
    slope: Matrix | None


def _activate(layer: ReferenceLayer, z: Matrix) -> Matrix:
    if layer.activation == "softmax":
        return softmax(z)
    if layer.activation == "log_softmax":
        highest = z.real.max(axis=1, keepdims=True)
        return z - highest - np.log(np.exp(z - highest).sum(axis=1, keepdims=True))
    if layer.slope is not None:
        return np.where(z.real > 0, z, layer.slope * z)
    return ACTIVATIONS[layer.activation][0](z)


def _pulled_back(layer: ReferenceLayer, z: Matrix, d_a: Matrix) -> Matrix:
    """∂J/∂z from ∂J/∂a."""
    if layer.activation == "softmax":
        p = softmax(z)
        return p * (d_a - (d_a * p).sum(axis=1, keepdims=True))
    if layer.activation == "log_softmax":
        return d_a - softmax(z) * d_a.sum(axis=1, keepdims=True)
    if layer.slope is not None:
        return d_a * np.where(z.real > 0, 1.0, layer.slope)
    return d_a * ACTIVATIONS[layer.activation][1](z)


def _affine(layer: ReferenceLayer, a: Matrix) -> Matrix:
    return a @ layer.weight.T + (0 if layer.bias is None else layer.bias)


def forward(layers: Sequence[ReferenceLayer], X: Matrix) -> Matrix:
    """The output of the network, one sample a row.

    >>> float(forward([ReferenceLayer(np.array([[2.0]]), np.array([1.0]), "identity")], np.array([[3.0]]))[0, 0])
    7.0
    """
    a = X
    for layer in layers:
        a = _activate(layer, _affine(layer, a))
    return a


def objective(layers: Sequence[ReferenceLayer], X: Matrix, Y: Matrix, loss: str) -> np.float64:
    """J: the sum or mean over the samples of the loss of one sample."""
    each = LOSSES[loss][0](forward(layers, X), Y)
    value: np.float64 = each.sum() if loss in SUMMED else each.mean()
    return value


def gradients(
    layers: Sequence[ReferenceLayer], X: Matrix, Y: Matrix, loss: str
) -> tuple[float, list[LayerGradient], Matrix]:
    """J, the gradients of every layer in order, and ∂J/∂X, by a loop over the layers, forward and back."""
    a, before, zs = X, [], []
    for layer in layers:
        before.append(a)
        zs.append(_affine(layer, a))
        a = _activate(layer, zs[-1])
    found: list[LayerGradient] = []
    samples = 1 if loss in SUMMED else len(X)
    direct = OUTPUT_ERRORS.get((layers[-1].activation, loss))
    d_a = np.zeros_like(a) if direct else LOSSES[loss][1](a, Y) / samples
    for layer, a_before, z in zip(reversed(layers), reversed(before), reversed(zs), strict=True):
        error = direct(a, Y) / samples if direct and not found else _pulled_back(layer, z, d_a)
        d_bias = None if layer.bias is None else error.sum(axis=0)
        d_slope = None if layer.slope is None else np.asarray((d_a * np.where(z.real > 0, 0, z)).sum())
        found.append(LayerGradient(error.T @ a_before, d_bias, d_slope))
        d_a = error @ layer.weight
    return float(objective(layers, X, Y, loss)), found[::-1], d_a
