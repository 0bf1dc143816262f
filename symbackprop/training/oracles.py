"""Gradients of the model's equations found in other ways than by deriving them: what a kernel is held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import numpy as np
from scipy.special import erf

from symbackprop.errors import InvalidSpec
from symbackprop.kernels import Kernels
from symbackprop.kernels.arguments import Array
from symbackprop.quantities import Role
from symbackprop.registry import Registry
from symbackprop.training.evaluation import Arrays, objective

#: What the derived gradients and those of the oracle are of each parameter, by label; two arrays of one shape.
Compared = Mapping[str, tuple[Array, Array]]
Oracle = Callable[[Kernels, Mapping[str, Array], Array, Array, int], Compared]
oracles: Registry[Oracle] = Registry("oracle")

_STEP = 1e-30
#: What goes by the same name in every library.
FUNCTIONS = ("exp", "log", "tanh", "cosh", "sin")
#: Entries of each parameter that a complex step looks at, beside one random direction through all of them.
ENTRIES = 24


def _inputs(kernels: Kernels, parameters: Mapping[str, Array], X: Array, Y: Array) -> dict[str, Array]:
    """Everything that the equations start from, in float64, by label."""
    data = {q.label: {Role.INPUT: X, Role.TARGET: Y}.get(q.role) for q in kernels.model.inputs}
    known = {label: value for label, value in data.items() if value is not None}
    return {label: np.asarray(value, float) for label, value in {**known, **parameters}.items()}


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise InvalidSpec(
            f"{name.partition('.')[0]} is not installed; install it with: pip install 'symbackprop[oracles]'"
        ) from None


def _functions(library: Any, special: Any) -> dict[str, Callable[[Any], Any]]:
    return {**{name: getattr(library, name) for name in FUNCTIONS}, "erf": special.erf}


def _numpy(dtype: type) -> Arrays:
    return Arrays(
        lambda value: np.asarray(value, dtype),
        lambda *operands: np.einsum(*operands, optimize=True),
        np.where,
        np.real,
        {**{name: getattr(np, name) for name in FUNCTIONS}, "erf": erf},
    )


def complex_step(kernels: Kernels, parameters: Mapping[str, Array], X: Array, Y: Array, seed: int) -> Compared:
    """Im J(θ + ihv)/h at single entries of each parameter and along one random direction (Squire and Trapp 1998)."""
    values, arrays = _inputs(kernels, parameters, X, Y), _numpy(complex)
    derived = kernels.gradients(parameters, X, Y)[1]
    rng = np.random.default_rng(seed)

    def slope(label: str, direction: Array) -> float:
        moved = {**values, label: values[label] + 1j * _STEP * direction}
        return float(np.imag(objective(kernels.model, moved, arrays, kernels.over_batch)) / _STEP)

    found: dict[str, tuple[Array, Array]] = {}
    for label, gradient in derived.items():
        size = gradient.size
        places = [int(np.abs(gradient).argmax()), *rng.permutation(size)[:ENTRIES]]
        directions = [np.bincount([place], minlength=size).astype(float) for place in places]
        directions.append(rng.choice([-1.0, 1.0], size) / np.sqrt(size))
        flat = np.asarray(gradient, float).ravel()
        own = np.array([direction @ flat for direction in directions])
        wanted = np.array([slope(label, direction.reshape(gradient.shape)) for direction in directions])
        found[label] = own, wanted
    return found


def _differentiated(
    kernels: Kernels,
    parameters: Mapping[str, Array],
    X: Array,
    Y: Array,
    gradient: Callable[[Callable[..., Any], list[Array]], tuple[float, list[Array]]],
    arrays: Arrays,
) -> Compared:
    """Every gradient, by a library that differentiates the equations as it runs them."""
    values, labels = _inputs(kernels, parameters, X, Y), list(kernels.labels)
    fixed = {label: arrays.array(value) for label, value in values.items() if label not in labels}

    def function(*given: Any) -> Any:
        return objective(kernels.model, {**fixed, **dict(zip(labels, given, strict=True))}, arrays, kernels.over_batch)

    _, found = gradient(function, [values[label] for label in labels])
    derived = kernels.gradients(parameters, X, Y)[1]
    return {label: (derived[label], value) for label, value in zip(labels, found, strict=True)}


def torch(kernels: Kernels, parameters: Mapping[str, Array], X: Array, Y: Array, seed: int) -> Compared:
    """The gradients of PyTorch, in float64."""
    library = _library("torch")

    def gradient(function: Callable[..., Any], given: list[Array]) -> tuple[float, list[Array]]:
        tensors = [library.tensor(value, dtype=library.float64, requires_grad=True) for value in given]
        value = function(*tensors)
        found = library.autograd.grad(value, tensors, materialize_grads=True)
        return float(value.detach()), [part.numpy() for part in found]

    arrays = Arrays(
        lambda value: library.as_tensor(value, dtype=library.float64),
        library.einsum,
        library.where,
        lambda value: value,
        _functions(library, library.special),
    )
    return _differentiated(kernels, parameters, X, Y, gradient, arrays)


def jax(kernels: Kernels, parameters: Mapping[str, Array], X: Array, Y: Array, seed: int) -> Compared:
    """The gradients of JAX, in float64."""
    library, numbers = _library("jax"), _library("jax.numpy")

    def gradient(function: Callable[..., Any], given: list[Array]) -> tuple[float, list[Array]]:
        value, found = library.value_and_grad(function, tuple(range(len(given))))(*map(numbers.asarray, given))
        return float(value), [np.asarray(part) for part in found]

    functions = _functions(numbers, _library("jax.scipy.special"))
    arrays = Arrays(numbers.asarray, numbers.einsum, numbers.where, lambda value: value, functions)
    with library.enable_x64(True) if hasattr(library, "enable_x64") else _library("jax.experimental").enable_x64():
        return _differentiated(kernels, parameters, X, Y, gradient, arrays)


def autograd(kernels: Kernels, parameters: Mapping[str, Array], X: Array, Y: Array, seed: int) -> Compared:
    """The gradients of autograd."""
    library, numbers = _library("autograd"), _library("autograd.numpy")

    def gradient(function: Callable[..., Any], given: list[Array]) -> tuple[float, list[Array]]:
        value, found = library.value_and_grad(function, tuple(range(len(given))))(*given)
        return float(value), list(found)

    functions = _functions(numbers, _library("autograd.scipy.special"))
    arrays = Arrays(lambda value: value, numbers.einsum, numbers.where, lambda value: value, functions)
    return _differentiated(kernels, parameters, X, Y, gradient, arrays)


for _oracle in (complex_step, torch, jax, autograd):
    oracles.register(_oracle.__name__, _oracle)
