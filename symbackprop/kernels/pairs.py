"""Losses with the outputs that they are made for: J and its error, as computed and as they are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from math import log as log_of
from typing import get_args

import numpy as np
from sympy import Expr, IndexedBase, Integer, Rational, Symbol, log, zoo

from symbackprop.activations import Activation, activations
from symbackprop.derivation import derive
from symbackprop.errors import NotDerivable
from symbackprop.kernels.accuracy import FORMS, PARAMETER, Measured, naive
from symbackprop.kernels.arguments import Array
from symbackprop.kernels.compilation import Kernels, Precision, compile_kernels
from symbackprop.kernels.digits import DIGITS, exact, points, true_values
from symbackprop.kernels.functions import Accuracy
from symbackprop.layers import Dense
from symbackprop.losses import Loss
from symbackprop.network import Network
from symbackprop.quantities import Apply, as_index

Target = tuple[Expr, ...]
Place = tuple[float, float]

_UNITS = 3
_LETTERS = [Symbol(f"z{k}", real=True) for k in range(1, _UNITS + 1)]
_TARGETS = [Symbol(f"y{k}", real=True) for k in range(1, _UNITS + 1)]
_LOGS = [Symbol(f"log_y{k}", real=True) for k in range(1, _UNITS + 1)]
#: Stands for a value that is not there.
_NOWHERE = Symbol("nowhere", real=True)
#: Three pre-activations z, p, q z for p and q: any of them the largest somewhere, or else z and q z of one sign.
PLACES: tuple[Place, ...] = ((0.0, -0.5), (0.25, 0.5))
_OF_CLASSES = (
    *("binary_cross_entropy", "cross_entropy", "binary_cross_entropy_from_logits", "cross_entropy_from_logits"),
    *("negative_log_likelihood", "kl_divergence", "focal"),
)
_PROBES = np.array([-30.0, 0.1, 0.75, 30.0])
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
    """Targets that fit: classes for cross-entropies and for probabilities, ±1 for a hinge or a tanh, counts, or any."""
    one, zero = Integer(1), Integer(0)
    if loss.name == "poisson":
        return ((Integer(2), zero, one),)
    if loss.name == "hinge" or (output.name == "tanh" and loss.name not in _OF_CLASSES):
        return ((one, -one, one), (-one, one, one))
    if output.name in ("identity", "relu") and loss.name not in _OF_CLASSES:
        return ((Rational(3, 4), Rational(-1, 2), Rational(1, 8)),)
    return ((one, zero, zero), (zero, one, zero))


def possible_outputs(loss: Loss) -> list[Activation]:
    """The activations of the registry on which J is finite somewhere for every target."""
    return [one for one in dict.fromkeys(activations.values()) if is_finite(loss, one)]  # silu is swish


def is_finite(loss: Loss, output: Activation) -> bool:
    """Whether J is finite at some of a few pre-activations, small and large ones, for every target.

    >>> from symbackprop.activations import log_sigmoid, sigmoid
    >>> from symbackprop.losses import binary_cross_entropy
    >>> is_finite(binary_cross_entropy, sigmoid), is_finite(binary_cross_entropy, log_sigmoid)
    (True, False)
    """
    return place_of(loss, output) is not None


def place_of(loss: Loss, output: Activation) -> Place | None:
    """The first of the :data:`PLACES` at which J is finite for some of the probes, if there is one."""
    J, _ = _exact(loss, output)
    for place in PLACES:
        found = (true_values(J, _arguments(_PROBES, target, place), 60) for target in targets(loss, output))
        if all(np.isfinite(values).any() for values in found):
            return place
    return None


@lru_cache(maxsize=1024)
def _exact(loss: Loss, output: Activation) -> tuple[Callable[..., float], Callable[..., float]]:
    """J and its derivative by the first pre-activation in mpmath, of what :func:`_arguments` gives.

    Every part is computed, a logarithm that a target of 0 stands before among them: where it is no number J is none.
    """
    form = concrete(loss, output, tuple(_TARGETS)).xreplace(dict(zip(map(log, _TARGETS), _LOGS, strict=True)))
    letters = [*_LETTERS, *_TARGETS, *_LOGS, _NOWHERE]
    return exact(form, letters), exact(_slope(form), letters)


def _arguments(z: Array, target: Target, place: Place) -> list[Array]:
    """Pre-activations, targets, their logarithms (y log y is 0 for y = 0), and what is no number."""
    y = [float(value) for value in target]
    numbers = (*y, *(log_of(abs(value)) if value else 0.0 for value in y), np.nan)
    return [*_placed(z, place), *(np.full_like(z, number) for number in numbers)]


def _placed(z: Array, place: Place) -> tuple[Array, ...]:
    """The pre-activations."""
    return z, np.full_like(z, place[0]), place[1] * z


def measure_pair(
    loss: Loss,
    output: Activation,
    dtype: Precision = "float64",
    density: int = 2,
    forms: Collection[str] = FORMS,
    z: Array | None = None,
    precision: int = DIGITS,
) -> tuple[Measured, Measured]:
    """J of one example and its derivative by the first pre-activation, in each form, target after target.

    The first pre-activation is at :func:`points`, or at ``z``; what is outside of the domain of J has no true value.
    True values take ``precision`` digits, which have to reach from 1 to what is left of it on a tail.
    """
    place = place_of(loss, output)
    if place is None:
        raise NotDerivable(f"{loss.name} is finite for no {output.name} that is measured here")
    z = points(dtype, density=density) if z is None else z.astype(dtype)
    found = list[Measured](), list[Measured]()
    derivation = derive(Network(1, Dense(_UNITS, output), loss=loss))
    modes = [accuracy for accuracy in get_args(Accuracy) if accuracy in forms]
    kernels = [compile_kernels(derivation, dtype, accuracy, over_batch="sum") for accuracy in modes]
    for target in targets(loss, output):
        computed = dict(zip(modes, (_of_kernel(one, z, target, place) for one in kernels), strict=True))
        if "naive" in forms:
            computed["naive"] = _of_sympy(loss, output, target, _placed(z, place))
        at = _arguments(z, target, place)
        J, slope = (true_values(function, at, precision) for function in _exact(loss, output))
        for k, wanted in enumerate((J, np.where(np.isfinite(J), slope, np.nan))):
            found[k].append(Measured("", z, wanted, {form: pair[k] for form, pair in computed.items()}))
    name = f"{loss.name} of {output.name}"
    return _together(name, found[0]), _together(f"{name}, error", found[1])


def _of_sympy(loss: Loss, output: Activation, target: Target, at: tuple[Array, ...]) -> tuple[Array, Array]:
    """J and its derivative in the form in which SymPy has them."""
    form, places = concrete(loss, output, target), (*at, np.full_like(at[0], np.nan))
    letters = [*_LETTERS, _NOWHERE]
    return naive(form, letters, *places), naive(_slope(form), letters, *places)


def _slope(form: Expr) -> Expr:
    """The derivative by the first letter; what SymPy calls infinite in a branch is that nowhere."""
    return form.diff(_LETTERS[0]).xreplace({zoo: _NOWHERE})


def _together(name: str, parts: list[Measured]) -> Measured:
    computed = {form: np.concatenate([part.computed[form] for part in parts]) for form in parts[0].computed}
    z, wanted = np.concatenate([part.z for part in parts]), np.concatenate([part.wanted for part in parts])
    return Measured(name, z, wanted, computed)


def concrete(loss: Loss, output: Activation, target: Target) -> Expr:
    """The loss of one example in the pre-activations z1, z2, z3, with numbers for the target."""
    i, n = as_index("i"), Integer(_UNITS)
    z, y = IndexedBase("z", real=True), IndexedBase("y", real=True)
    learnt = (PARAMETER,) * len(output.parameters)
    form = loss.per_example(lambda m: output.value(lambda p: z[p], m, n, learnt), lambda m: y[m], i, n).doit()
    form = form.replace(Apply, lambda name, order, at: output.closed_form(at) if output.closed_form else at)
    for m, value in enumerate(target, start=1):
        # y log y is 0 for y = 0
        form = form.xreplace({log(y[m]): Integer(0)} if value == 0 else {}).xreplace({y[m]: value})
    return form.xreplace({z[m]: letter for m, letter in enumerate(_LETTERS, start=1)})


def _of_kernel(kernels: Kernels, z: Array, target: Target, place: Place) -> tuple[Array, Array]:
    """J and ∂J/∂z₁ at each point: z enters by the bias, since a product could round."""
    parameters = {label: np.full_like(value, PARAMETER) for label, value in kernels.init().items()}
    parameters |= {"w^1": np.zeros((_UNITS, 1), z.dtype)}
    X, Y = np.zeros((1, 1), z.dtype), np.array([target], z.dtype)
    J, slope = np.empty_like(z), np.empty_like(z)
    with np.errstate(all="ignore"):
        for number, bias in enumerate(np.stack(_placed(z, place), axis=1)):
            J[number], gradients = kernels.gradients({**parameters, "b^1": bias}, X, Y)
            slope[number] = gradients["b^1"][0]
    return J, slope
