"""The largest error of the kernels of an entry of the catalogue, each gradient against a complex step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbackprop.activations import activations
from symbackprop.kernels import Kernels, compile_kernels, compile_numpy
from symbackprop.kernels.backend import Routine
from symbackprop.kernels.functions import with_closed_forms
from symbackprop.kernels.pairs import OUTPUTS, targets
from symbackprop.kernels.passes import optimised
from symbackprop.kernels.updates import compile_update, settings_of
from symbackprop.layers import Dense, layers
from symbackprop.losses import half_squared_error, losses
from symbackprop.network import Network
from symbackprop.optimizers import GRADIENT, NORM, PARAMETER, STEP, optimizers
from symbackprop.quantities import Role
from symbackprop.training.entries import objective

Arrays = Mapping[str, NDArray[Any]]

_SAMPLES = 2
_STEP = 1e-30
_SEEDS = 3
#: What a derivative is held against where all of its terms are small.
_LEAST = 0.1
_DIGITS = 30


def of_layer(name: str) -> float:
    """Over the small copies of a layer, of one example and of a batch.

    >>> of_layer("rms_norm") < 1e-12
    True
    """
    entry = layers[name]
    kinds = [True] if entry.batch else [False, True]
    nets = [
        Network(shape, layer, loss=half_squared_error, batch="N" if batch else None)
        for layer, shape in entry.small
        for batch in kinds
    ]
    return max(of_network(net, seed) for seed, net in enumerate(nets))


def of_activation(name: str) -> float:
    """In a dense layer."""
    net = Network(3, Dense(4, activations[name]), loss=half_squared_error)
    return max(of_network(net, seed) for seed in range(_SEEDS))


def of_loss(name: str) -> float:
    """With the outputs that it is made for, and targets that fit."""
    loss = losses[name]
    found = []
    for output in OUTPUTS.get(name, ("identity",)):
        rows = np.array([list(map(float, row)) for row in targets(loss, activations[output])])
        net = Network(3, Dense(rows.shape[1], activations[output]), loss=loss)
        found += [of_network(net, seed, {"y": rows}) for seed in range(_SEEDS)]
    return max(found)


def of_optimizer(name: str) -> float:
    """Of the parameter after each of three steps, against the rule in 30 digits."""
    optimizer = optimizers[name]
    update, settings, length = compile_update(optimizer), settings_of(optimizer, {}), 1.75
    theta, memory = np.array([0.5]), [np.zeros(1) for _ in optimizer.memory]
    exact = {PARAMETER: theta[0], **dict.fromkeys(optimizer.memory, 0)}
    worst = 0.0
    for step, gradient in enumerate((0.25, -1.5, 0.75), start=1):
        norm = [length] if optimizer.uses_norm else []
        update(theta, np.array([gradient]), step, *norm, *memory, *settings)
        point = {**exact, **optimizer.settings, GRADIENT: gradient, STEP: step, NORM: length}
        rules = {**optimizer.memory, PARAMETER: optimizer.parameter}
        exact = {symbol: rule.subs(point).n(_DIGITS) for symbol, rule in rules.items()}
        worst = max(worst, abs(float(theta[0] - exact[PARAMETER]) / float(exact[PARAMETER])))
    return worst


#: By the kind of an entry; an initializer has no kernel of its own.
ERRORS: Mapping[str, Callable[[str], float]] = {
    "activation": of_activation,
    "loss": of_loss,
    "layer": of_layer,
    "optimizer": of_optimizer,
}


def of_network(net: Network, seed: int, known: Arrays | None = None) -> float:
    """Over every derivative, one random direction each, relative to the size of its terms."""
    kernels, rng = compile_kernels(net), np.random.default_rng(seed)
    values = {**drawn(kernels, rng, len(known["y"]) if known else _SAMPLES), **(known or {})}
    _, found = all_gradients(kernels, values)
    worst = 0.0
    for label, gradient in found.items():
        direction = rng.normal(size=gradient.shape)
        moved = {**values, label: values[label] + _STEP * 1j * direction}
        wanted = objective(net.model, moved, kernels.labels, kernels.over_batch).imag / _STEP
        scale = max(float(np.abs(gradient * direction).sum()), _LEAST)
        worst = max(worst, abs(float((gradient * direction).sum()) - wanted) / scale)
    return worst


def drawn(kernels: Kernels, rng: np.random.Generator, samples: int = _SAMPLES) -> dict[str, NDArray[Any]]:
    """Values of every input, with a first axis of samples for what is another in each."""
    model = kernels.model
    values: dict[str, NDArray[Any]] = {}
    for q in model.inputs:
        shape = tuple(samples if n == model.batch else int(n) for n in q.axes)
        shape = (samples, *shape) if model.batch is None and q.label not in kernels.labels else shape
        values[q.label] = rng.integers(1, 4, shape) if q.role is Role.POSITION else rng.normal(size=shape)
    return values


def all_gradients(kernels: Kernels, values: Arrays) -> tuple[float, Arrays]:
    """J and its derivative by everything that it is differentiated by, the input too."""
    lowered, model = kernels.lowered, kernels.model
    differentiated = [q.label for q in model.inputs if f"dJ/d{q.label}" in lowered.outputs]
    keys = ["J", *(f"dJ/d{label}" for label in differentiated)]
    part = replace(lowered, outputs={key: lowered.outputs[key] for key in keys})
    program = optimised(part, lambda p: with_closed_forms(p, model.functions, "fast"))
    sampled = {key for key in keys if lowered.outputs[key] in lowered.sampled}
    routine = Routine("f", program, "", frozenset(lowered.sampled | sampled))
    loss, *found = compile_numpy((routine,), "float64").functions["f"](*(values[q.label] for q in model.inputs))
    return float(loss), dict(zip(differentiated, found, strict=True))
