"""The kernel of every layer of the catalogue, beside a complex step of its equations read entry by entry.

The oracle knows the forward equations alone: no derivation, no arrays, no lowering.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import special
from sympy import (
    Abs,
    Add,
    And,
    Eq,
    Ge,
    Gt,
    Indexed,
    KroneckerDelta,
    Le,
    Lt,
    Max,
    Min,
    Mod,
    Mul,
    Ne,
    Not,
    Or,
    Piecewise,
    Pow,
    Sum,
    Symbol,
    erf,
    exp,
    floor,
    log,
    sign,
    tanh,
)

from symbackprop.kernels import compile_kernels, compile_numpy, passes
from symbackprop.kernels.backend import Routine
from symbackprop.kernels.functions import with_closed_forms
from symbackprop.layers import layers
from symbackprop.losses import half_squared_error
from symbackprop.network import Network
from symbackprop.quantities import ARGUMENT, Apply, ArgMaximum, Role

SAMPLES = 2
STEP = 1e-30
CASES = [
    pytest.param(name, layer, shape, batch, id=f"{name}-{'x'.join(map(str, shape))}-{number}{'-batch' * batch}")
    for name, sample in layers.items()
    for number, (layer, shape) in enumerate(sample.small)
    for batch in ([True] if sample.batch else [False, True])
]


class Oracle:
    """J of a model at numbers, entry by entry; an entry outside of its axis is 0."""

    def __init__(self, model, values, sizes):
        self.model, self.values, self.sizes = model, values, sizes
        self.equations = {e.quantity.label: e for e in model.equations}
        self.found = {}

    def entry(self, label, index):
        if label in self.values:
            array = np.asarray(self.values[label])
            inside = all(1 <= i <= n for i, n in zip(index, array.shape, strict=True))
            return array[tuple(int(i) - 1 for i in index)] if inside else 0
        equation = self.equations[label]
        axes = [int(n.subs(self.sizes)) for n in equation.quantity.axes]
        if not all(1 <= i <= n for i, n in zip(index, axes, strict=True)):
            return 0
        if (label, index) not in self.found:
            here = dict(zip(equation.indices, index, strict=True))
            self.found[label, index] = self.value(equation.expression, here)
        return self.found[label, index]

    def value(self, e, here):
        if isinstance(e, Symbol):
            if e in here:
                return here[e]
            return self.sizes[e] if e in self.sizes else self.entry(e.name, ())
        if isinstance(e, Indexed):
            return self.entry(str(e.base.label), tuple(int(np.real(self.value(i, here))) for i in e.indices))
        if isinstance(e, Sum):
            return self.total(e, here)
        if isinstance(e, ArgMaximum):
            body, (k, _, size) = e.args
            found = [
                np.real(self.value(body, {**here, k: n})) for n in range(1, int(np.real(self.value(size, here))) + 1)
            ]
            return int(np.argmax(found)) + 1
        if isinstance(e, Piecewise):
            return next(self.value(v, here) for v, condition in e.args if self.value(condition, here))
        if isinstance(e, Apply):
            return self.value(self.model.functions[e.name], {ARGUMENT: self.value(e.argument, here)})
        if not e.args:
            return bool(e) if e.is_Boolean else int(e) if e.is_Integer else float(e)
        return RULES[e.func](*(self.value(argument, here) for argument in e.args))

    def total(self, e, here):
        *inner, (k, low, high) = e.limits
        body = Sum(e.function, *inner) if inner else e.function
        first, last = (int(np.real(self.value(bound, here))) for bound in (low, high))
        return sum(self.value(body, {**here, k: n}) for n in range(first, last + 1))


RULES = {
    Add: lambda *terms: sum(terms),
    Mul: lambda *factors: np.prod(np.array(factors, dtype=complex)),
    Pow: lambda base, power: complex(base) ** power,
    Max: lambda *values: max(values, key=np.real),
    Min: lambda *values: min(values, key=np.real),
    Abs: lambda value: value if np.real(value) >= 0 else -value,
    sign: lambda value: np.sign(np.real(value)),
    KroneckerDelta: lambda one, other: int(np.real(one) == np.real(other)),
    Mod: lambda one, other: int(np.real(one)) % int(np.real(other)),
    floor: lambda value: int(np.floor(np.real(value) + 1e-9)),
    exp: np.exp,
    log: lambda value: np.log(complex(value)),
    tanh: np.tanh,
    erf: special.erf,
    And: lambda *parts: all(parts),
    Or: lambda *parts: any(parts),
    Not: lambda part: not part,
    Eq: lambda one, other: np.real(one) == np.real(other),
    Ne: lambda one, other: np.real(one) != np.real(other),
    Le: lambda one, other: np.real(one) <= np.real(other),
    Lt: lambda one, other: np.real(one) < np.real(other),
    Ge: lambda one, other: np.real(one) >= np.real(other),
    Gt: lambda one, other: np.real(one) > np.real(other),
}


def drawn(model, kernels, rng):
    """Values of every input, with a first axis of samples for what is another in each."""
    values = {}
    for q in model.inputs:
        shape = tuple(SAMPLES if n == model.batch else int(n) for n in q.axes)
        shape = (SAMPLES, *shape) if model.batch is None and q.label not in kernels.labels else shape
        values[q.label] = rng.integers(1, 4, shape) if q.role is Role.POSITION else rng.normal(size=shape)
    return values


def objective(model, kernels, values):
    """J over the batch by the oracle."""
    if model.batch is not None:
        return Oracle(model, values, {model.batch: SAMPLES}).value(model.equations[-1].expression, {})
    each = [label for label in values if label not in kernels.labels]
    total = 0
    for s in range(SAMPLES):
        own = {**values, **{label: values[label][s] for label in each}}
        total += Oracle(model, own, {}).value(model.equations[-1].expression, {})
    return total / (SAMPLES if kernels.over_batch == "mean" else 1)


def gradients(kernels, values):
    """J and its derivative by everything that it is differentiated by, the input too."""
    lowered, model = kernels.lowered, kernels.model
    wanted = {key: name for key, name in lowered.outputs.items() if key.startswith("dJ/d") or key == "J"}
    differentiated = [q.label for q in model.inputs if f"dJ/d{q.label}" in wanted]
    keys = ["J", *(f"dJ/d{label}" for label in differentiated)]
    part = replace(lowered, outputs={key: wanted[key] for key in keys})
    program = passes.optimised(part, lambda p: with_closed_forms(p, model.functions, "fast"))
    sampled = {key for key in keys if lowered.outputs[key] in lowered.sampled}
    routine = Routine("f", program, "", frozenset(lowered.sampled | sampled))
    loss, *found = compile_numpy((routine,), "float64").functions["f"](*(values[q.label] for q in model.inputs))
    return loss, dict(zip(differentiated, found, strict=True))


@pytest.mark.parametrize(("name", "layer", "shape", "batch"), CASES)
def test_the_kernel_of_a_layer(name, layer, shape, batch):
    net = Network(shape, layer, loss=half_squared_error, batch="N" if batch else None)
    kernels, rng = compile_kernels(net), np.random.default_rng(len(name) + sum(shape))
    values = drawn(net.model, kernels, rng)
    loss, found = gradients(kernels, values)
    assert loss == pytest.approx(objective(net.model, kernels, values).real, rel=1e-12)
    assert set(kernels.labels) <= set(found)
    for label, gradient in found.items():
        assert gradient.shape == values[label].shape
        direction = rng.normal(size=gradient.shape)
        moved = {**values, label: values[label] + STEP * 1j * direction}
        wanted = objective(net.model, kernels, moved).imag / STEP
        scale = np.abs(gradient * direction).sum()
        assert abs((gradient * direction).sum() - wanted) <= 1e-12 * scale + 1e-13, label


@pytest.mark.parametrize(("name", "layer", "shape", "batch"), CASES)
def test_the_parameters_of_a_layer_can_be_drawn_and_run(name, layer, shape, batch):
    net = Network(shape, layer, loss=half_squared_error, batch="N" if batch else None)
    kernels = compile_kernels(net, dtype="float32")
    values = drawn(net.model, kernels, np.random.default_rng(0))
    given = {label: values[label] for label in values if label not in (*kernels.labels, "y", net.model.inputs[0].label)}
    parameters = kernels.init(seed=0)
    _, found = kernels.gradients(parameters, values[net.model.inputs[0].label], values["y"], **given)
    assert {label: (g.shape, g.dtype.name) for label, g in found.items()} == {
        label: (p.shape, "float32") for label, p in parameters.items()
    }
    for label, start in net.model.starts.items():
        assert (parameters[label] == np.float32(float(start))).all()
