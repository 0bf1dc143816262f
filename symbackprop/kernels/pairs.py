"""Losses with the outputs that they are made for: J and its error, as computed and as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import numpy as np
from sympy import Expr, IndexedBase, Integer, Rational, Symbol, log, nan, oo, zoo

from symbackprop.activations import Activation, activations
from symbackprop.derivation import derive
from symbackprop.kernels.accuracy import Measured, naive
from symbackprop.kernels.arguments import Array
from symbackprop.kernels.compilation import Kernels, Precision, compile_kernels
from symbackprop.kernels.digits import points, truth
from symbackprop.kernels.functions import Accuracy
from symbackprop.layers import Dense
from symbackprop.losses import Loss
from symbackprop.network import Network
from symbackprop.quantities import Apply, as_index

Target = tuple[Expr, ...]

_UNITS = 3
#: The outputs that a loss is made for, by name; every other one that it can stand on is in :func:`possible_outputs`.
OUTPUTS: Mapping[str, tuple[str, ...]] = {
    "binary_cross_entropy": ("sigmoid",),
    "cross_entropy": ("softmax", "sigmoid"),
    "binary_cross_entropy_from_logits": ("identity",),
    "cross_entropy_from_logits": ("identity",),
    "negative_log_likelihood": ("log_softmax", "log_sigmoid"),
    "kl_divergence": ("softmax",),
    "focal": ("softmax", "sigmoid"),
    "hinge": ("identity", "tanh"),
    "poisson": ("softplus",),
    "cosine": ("identity",),
    "squared_error": ("identity", "sigmoid", "tanh", "softmax", "relu"),
    # These differ by a factor.
    **dict.fromkeys(("half_squared_error", "quadratic_cost", "mean_squared_error"), ("identity", "sigmoid", "tanh")),
    **dict.fromkeys(("absolute_error", "huber", "log_cosh"), ("identity", "sigmoid", "tanh")),
}


def targets(loss: Loss, output: Activation) -> tuple[Target, ...]:
    """Targets that fit: classes for probabilities, ±1 for a hinge or a tanh, counts, or any numbers."""
    one, zero = Integer(1), Integer(0)
    if loss.name == "poisson":
        return ((Integer(2), zero, one),)
    if loss.name == "hinge" or output.name == "tanh":
        return ((one, -one, one), (-one, one, one))
    if output.name in ("identity", "relu") and not loss.name.endswith("logits"):
        return ((Rational(3, 4), Rational(-1, 2), Rational(1, 8)),)
    return ((one, zero, zero), (zero, one, zero))


def possible_outputs(loss: Loss) -> list[Activation]:
    """The activations of the registry on which J is finite for all pre-activations and all targets."""
    fixed = (one for one in dict.fromkeys(activations.values()) if not one.parameters)  # silu is swish
    return [activation for activation in fixed if is_finite(loss, activation)]


def is_finite(loss: Loss, output: Activation) -> bool:
    """Whether J is finite at some pre-activations, small and large ones, for every target.

    >>> from symbackprop.activations import relu, sigmoid
    >>> from symbackprop.losses import binary_cross_entropy
    >>> is_finite(binary_cross_entropy, sigmoid), is_finite(binary_cross_entropy, relu)
    (True, False)
    """
    probes = np.array([-30.0, -1.0, 0.0, 1.0, 30.0])
    forms = [_at_one_letter(concrete(loss, output, target)) for target in targets(loss, output)]
    return not any(form.has(zoo, nan, oo) for form in forms) and all(
        bool(np.isfinite(truth(form, [_LETTERS[0]], [probes])).all()) for form in forms
    )


def _at_one_letter(form: Expr) -> Expr:
    """The pre-activations z, 0 and -z/2, so that any of them is the largest somewhere."""
    return form.xreplace({_LETTERS[1]: Integer(0), _LETTERS[2]: -_LETTERS[0] / 2})


def measure_pair(
    loss: Loss, output: Activation, dtype: Precision = "float64", density: int = 2
) -> tuple[Measured, Measured]:
    """J of one example and its derivative by the first pre-activation, in each form, target after target."""
    z = points(dtype, density=density)
    chosen = targets(loss, output)
    J, slope = list[Measured](), list[Measured]()
    derivation = derive(Network(1, Dense(_UNITS, output), loss=loss))
    kernels = {
        accuracy: compile_kernels(derivation, dtype, accuracy, over_batch="sum") for accuracy in get_args(Accuracy)
    }
    for target in chosen:
        form = concrete(loss, output, target)
        computed = {accuracy: _of_kernel(one, z, target) for accuracy, one in kernels.items()}
        for found, part, k in ((J, form, 0), (slope, form.diff(_LETTERS[0]), 1)):
            part = _at_one_letter(part)
            forms = {"naive": naive(part, [_LETTERS[0]], z)} | {a: pair[k] for a, pair in computed.items()}
            found.append(Measured("", z, truth(part, [_LETTERS[0]], [z]), forms))
    name = f"{loss.name} of {output.name}"
    return _together(name, J), _together(f"{name}, error", slope)


def _together(name: str, parts: list[Measured]) -> Measured:
    computed = {form: np.concatenate([part.computed[form] for part in parts]) for form in parts[0].computed}
    z, wanted = np.concatenate([part.z for part in parts]), np.concatenate([part.wanted for part in parts])
    return Measured(name, z, wanted, computed)


_LETTERS = [Symbol(f"z{k}", real=True) for k in range(1, _UNITS + 1)]


def concrete(loss: Loss, output: Activation, target: Target) -> Expr:
    """The loss of one example in the pre-activations z1, z2, z3, with numbers for the target."""
    i, n = as_index("i"), Integer(_UNITS)
    z, y = IndexedBase("z", real=True), IndexedBase("y", real=True)
    form = loss.per_example(lambda m: output.value(lambda p: z[p], m, n), lambda m: y[m], i, n).doit()
    form = form.replace(Apply, lambda name, order, at: output.closed_form(at) if output.closed_form else at)
    for m, value in enumerate(target, start=1):
        # y log y is 0 for y = 0
        form = form.xreplace({log(y[m]): Integer(0)} if value == 0 else {}).xreplace({y[m]: value})
    return form.xreplace({z[m]: letter for m, letter in enumerate(_LETTERS, start=1)})


def _of_kernel(kernels: Kernels, z: Array, target: Target) -> tuple[Array, Array]:
    """J and ∂J/∂z₁ at each point: z enters by the bias, since a product could round."""
    parameters = {"w^1": np.zeros((_UNITS, 1), z.dtype)}
    X, Y = np.zeros((1, 1), z.dtype), np.array([target], z.dtype)
    J, slope = np.empty_like(z), np.empty_like(z)
    with np.errstate(all="ignore"):
        for number, value in enumerate(z):
            bias = np.array([value, 0, -value / 2], z.dtype)
            J[number], gradients = kernels.gradients({**parameters, "b^1": bias}, X, Y)
            slope[number] = gradients["b^1"][0]
    return J, slope
