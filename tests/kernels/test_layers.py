"""The kernel of every layer of the catalogue, beside a complex step of its equations read entry by entry.

The oracle knows the forward equations alone: no derivation, no arrays, no lowering.
"""

from __future__ import annotations

import numpy as np
import pytest

from symbackprop.commands.kernel_errors import all_gradients, drawn
from symbackprop.kernels import compile_kernels
from symbackprop.layers import layers
from symbackprop.losses import half_squared_error
from symbackprop.network import Network
from symbackprop.training.entries import objective

STEP = 1e-30
CASES = [
    pytest.param(name, layer, shape, batch, id=f"{name}-{'x'.join(map(str, shape))}-{number}{'-batch' * batch}")
    for name, sample in layers.items()
    for number, (layer, shape) in enumerate(sample.small)
    for batch in ([True] if sample.batch else [False, True])
]


@pytest.mark.parametrize(("name", "layer", "shape", "batch"), CASES)
def test_the_kernel_of_a_layer(name, layer, shape, batch):
    net = Network(shape, layer, loss=half_squared_error, batch="N" if batch else None)
    kernels, rng = compile_kernels(net), np.random.default_rng(len(name) + sum(shape))
    values = drawn(kernels, rng)
    loss, found = all_gradients(kernels, values)
    assert loss == pytest.approx(objective(net.model, values, kernels.labels, kernels.over_batch).real, rel=1e-12)
    assert set(kernels.labels) <= set(found)
    for label, gradient in found.items():
        assert gradient.shape == values[label].shape
        direction = rng.normal(size=gradient.shape)
        moved = {**values, label: values[label] + STEP * 1j * direction}
        wanted = objective(net.model, moved, kernels.labels, kernels.over_batch).imag / STEP
        scale = np.abs(gradient * direction).sum()
        assert abs((gradient * direction).sum() - wanted) <= 1e-12 * scale + 1e-13, label


FIRST = [
    pytest.param(name, *sample.small[0], batch, id=f"{name}{'-batch' * batch}")
    for name, sample in layers.items()
    for batch in ([True] if sample.batch else [False, True])
]


@pytest.mark.parametrize(("name", "layer", "shape", "batch"), FIRST)
def test_the_parameters_of_a_layer_can_be_drawn_and_run(name, layer, shape, batch):
    net = Network(shape, layer, loss=half_squared_error, batch="N" if batch else None)
    kernels = compile_kernels(net, dtype="float32")
    values = drawn(kernels, np.random.default_rng(0))
    given = {label: values[label] for label in values if label not in (*kernels.labels, "y", net.model.inputs[0].label)}
    parameters = kernels.init(seed=0)
    _, found = kernels.gradients(parameters, values[net.model.inputs[0].label], values["y"], **given)
    assert {label: (g.shape, g.dtype.name) for label, g in found.items()} == {
        label: (p.shape, "float32") for label, p in parameters.items()
    }
    for label, start in net.model.starts.items():
        assert (parameters[label] == np.float32(float(start))).all()
