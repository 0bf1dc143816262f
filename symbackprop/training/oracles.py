"""Gradients of the model's equations found in other ways than by deriving them: what a kernel is held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from scipy.special import erf

from symbackprop.errors import InvalidSpec
from symbackprop.kernels import Kernels
from symbackprop.kernels.arguments import Array, entrance
from symbackprop.quantities import Role
from symbackprop.registry import Registry
from symbackprop.training.evaluation import Arrays, objective
from symbackprop.training.samples import Samples


@dataclass(frozen=True, eq=False)
class Case:
    """Where gradients are compared: parameters by label, and a batch.

    ``derived`` holds by label what each kernel in question gives for the gradient; ``seed`` is for what is drawn.
    """

    kernels: Kernels
    parameters: Mapping[str, Array]
    batch: Samples
    derived: Mapping[str, tuple[Array, ...]]
    seed: int = 0


#: What the derived gradients and that of the oracle are of each parameter, by label; arrays of one shape.
Compared = Mapping[str, tuple[tuple[Array, ...], Array]]
Oracle = Callable[[Case], Compared]
oracles: Registry[Oracle] = Registry("oracle")

_STEP = 1e-30
#: What goes by the same name in every library.
FUNCTIONS = ("exp", "log", "tanh", "cosh", "sin")
#: Entries of each parameter that a complex step looks at, beside one random direction through all of them.
ENTRIES = 24


def _inputs(case: Case) -> dict[str, Array]:
    """Everything that the equations start from, in float64, by label; what is given once, for each sample."""
    model, batch = case.kernels.model, case.batch
    first, given = entrance(model), batch.given
    known: dict[str, Array] = {first.label: batch.X, **case.parameters}
    for q in model.inputs:
        if q.role is Role.TARGET:
            known[q.label] = batch.Y
        elif name := next((word for word in (q.label, q.name) if word in given), None):
            own = given[name]
            alone = model.batch is None and name in batch.same
            known[q.label] = np.array(np.broadcast_to(own, (len(batch), *np.shape(own)))) if alone else own
    return {label: np.asarray(value, float) for label, value in known.items()}


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise InvalidSpec(
            f"{name.partition('.')[0]} is not installed; install it with: pip install 'symbackprop[oracles]'"
        ) from None


def check_library(name: str) -> None:
    """Raise :class:`~symbackprop.errors.InvalidSpec` if the oracle of this name lacks its library."""
    if oracles[name] in (torch, jax, autograd):
        _library(name)


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


def complex_step(case: Case) -> Compared:
    """Im J(θ + ihv)/h at single entries of each parameter and along one random direction (Squire and Trapp 1998)."""
    kernels, values, arrays = case.kernels, _inputs(case), _numpy(complex)
    rng = np.random.default_rng(case.seed)

    def slope(label: str, direction: Array) -> float:
        moved = {**values, label: values[label] + 1j * _STEP * direction}
        return float(np.imag(objective(kernels.model, moved, arrays, kernels.over_batch)) / _STEP)

    found: dict[str, tuple[tuple[Array, ...], Array]] = {}
    for label, derived in case.derived.items():
        gradient = derived[0]
        size = gradient.size
        places = [int(np.abs(gradient).argmax()), *rng.permutation(size)[:ENTRIES]]
        directions = [np.bincount([place], minlength=size).astype(float) for place in places]
        directions.append(rng.choice([-1.0, 1.0], size) / np.sqrt(size))
        flat = [np.asarray(one, float).ravel() for one in derived]
        own = tuple(np.array([direction @ one for direction in directions]) for one in flat)
        wanted = np.array([slope(label, direction.reshape(gradient.shape)) for direction in directions])
        found[label] = own, wanted
    return found


def _differentiated(
    case: Case,
    gradient: Callable[[Callable[..., Any], list[Array]], tuple[float, list[Array]]],
    arrays: Arrays,
) -> Compared:
    """Every gradient, by a library that differentiates the equations as it runs them."""
    kernels, values, labels = case.kernels, _inputs(case), list(case.kernels.labels)
    fixed = {label: arrays.array(value) for label, value in values.items() if label not in labels}

    def function(*given: Any) -> Any:
        return objective(kernels.model, {**fixed, **dict(zip(labels, given, strict=True))}, arrays, kernels.over_batch)

    _, found = gradient(function, [values[label] for label in labels])
    return {label: (case.derived[label], value) for label, value in zip(labels, found, strict=True)}


def torch(case: Case) -> Compared:
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
    return _differentiated(case, gradient, arrays)


def jax(case: Case) -> Compared:
    """The gradients of JAX, in float64."""
    library, numbers = _library("jax"), _library("jax.numpy")

    def gradient(function: Callable[..., Any], given: list[Array]) -> tuple[float, list[Array]]:
        value, found = library.value_and_grad(function, tuple(range(len(given))))(*map(numbers.asarray, given))
        return float(value), [np.asarray(part) for part in found]

    functions = _functions(numbers, _library("jax.scipy.special"))
    arrays = Arrays(numbers.asarray, numbers.einsum, numbers.where, lambda value: value, functions)
    with library.enable_x64(True) if hasattr(library, "enable_x64") else _library("jax.experimental").enable_x64():
        return _differentiated(case, gradient, arrays)


def autograd(case: Case) -> Compared:
    """The gradients of autograd."""
    library, numbers = _library("autograd"), _library("autograd.numpy")

    def gradient(function: Callable[..., Any], given: list[Array]) -> tuple[float, list[Array]]:
        value, found = library.value_and_grad(function, tuple(range(len(given))))(*given)
        return float(value), list(found)

    functions = _functions(numbers, _library("autograd.scipy.special"))
    arrays = Arrays(lambda value: value, numbers.einsum, numbers.where, lambda value: value, functions)
    return _differentiated(case, gradient, arrays)


for _oracle in (complex_step, torch, jax, autograd):
    oracles.register(_oracle.__name__, _oracle)
