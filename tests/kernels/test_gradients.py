"""Emitted gradients against backprop written by hand, over all activations and losses, widths all different."""

from __future__ import annotations

import numpy as np
import pytest

from symbackprop.activations import activations
from symbackprop.kernels import compile_kernels
from symbackprop.layers import Dense
from symbackprop.losses import losses
from symbackprop.network import Network
from symbackprop.reference import forward
from symbackprop.training.cross_check import cross_check, reference_layers, relative_error

SHAPES = {"one layer": (3, 2), "all different": (3, 4, 2, 5), "ones": (1, 1, 1)}


def drawn(kernels, batch, seed=0):
    """Parameters with an output inside (0, 1), where every loss is defined, and targets that sum to 1."""
    rng = np.random.default_rng(seed)
    parameters = {label: value + rng.normal(0, 0.3, value.shape) for label, value in kernels.init(seed).items()}
    last = len(kernels.network.layers)
    parameters[f"w^{last}"] = parameters[f"w^{last}"] * 0.05
    parameters[f"b^{last}"] = np.full_like(parameters[f"b^{last}"], 0.3)
    n_out = len(parameters[f"b^{last}"])
    X, Y = rng.normal(size=(batch, int(kernels.network.n_in))), rng.uniform(0.1, 1, (batch, n_out))
    return parameters, X, Y / Y.sum(axis=1, keepdims=True)


def agrees(kernels, batch):
    parameters, X, Y = drawn(kernels, batch)
    check = cross_check(kernels, parameters, X, Y)
    # A gradient that is zero but for rounding (softmax over one unit) has no relative error.
    _, found = kernels.gradients(parameters, X, Y)
    errors = {label: e for label, e in check.errors.items() if np.abs(found[label]).max() > 1e-14}
    assert all(error < 1e-12 for error in errors.values()), str(check)


@pytest.mark.parametrize("loss", losses)
@pytest.mark.parametrize("name", activations)
def test_every_activation_with_every_loss_agrees_with_the_reference(name, loss):
    net = Network(3, *(Dense(width, activations[name]) for width in (4, 2)), loss=losses[loss])
    kernels = compile_kernels(net)
    for batch in (1, 5):
        agrees(kernels, batch)


@pytest.mark.parametrize("widths", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", ["tanh", "prelu", "softmax"])
def test_shapes(name, bias, widths):
    *hidden, last = widths[1:]
    layers = [Dense(width, activations[name], bias) for width in hidden] + [Dense(last, activations["sigmoid"])]
    kernels = compile_kernels(Network(widths[0], *layers, loss=losses["binary_cross_entropy"]))
    for batch in (1, 5):
        agrees(kernels, batch)


@pytest.mark.parametrize("loss", losses)
@pytest.mark.parametrize("name", activations)
def test_the_accurate_mode_agrees_too(name, loss):
    kernels = compile_kernels(Network.from_spec("2-3-2", name, loss), accuracy="accurate")
    agrees(kernels, 3)


@pytest.mark.parametrize("name", activations)
def test_float32_stays_float32(name):
    kernels = compile_kernels(Network.from_spec("3-4-2", name, "squared_error"), dtype="float32")
    parameters, X, Y = drawn(kernels, 5)
    _, found = kernels.gradients(parameters, X, Y)
    assert {gradient.dtype.name for gradient in found.values()} == {"float32"}
    assert kernels.forward(parameters, X).dtype == np.float32
    assert cross_check(kernels, parameters, X, Y).passed


def test_a_deep_network():
    kernels = compile_kernels(Network.from_spec("3-" + "-".join(["4", "2", "3"] * 10) + "-2", "sigmoid"))
    agrees(kernels, 4)


@pytest.mark.parametrize("loss", losses)
def test_a_batch_declared_in_the_network_is_the_batch_put_in(loss):
    put_in = compile_kernels(Network.from_spec("3-4-2", "tanh,sigmoid", loss))
    declared = compile_kernels(Network.from_spec("3-4-2", "tanh,sigmoid", loss, batch="n"))
    parameters, X, Y = drawn(put_in, 5)
    one, other = put_in.gradients(parameters, X, Y), declared.gradients(parameters, X, Y)
    assert one[0] == pytest.approx(other[0], rel=1e-14)
    assert all(relative_error(one[1][label], other[1][label]) < 1e-13 for label in one[1])


def test_symbolic_widths_take_any_size():
    kernels = compile_kernels(Network.from_spec("n-m-2", "tanh,softmax", "cross_entropy"))
    numbers = compile_kernels(Network.from_spec("3-4-2", "tanh,softmax", "cross_entropy"))
    parameters, X, Y = drawn(numbers, 5)
    found, wanted = kernels.gradients(parameters, X, Y), numbers.gradients(parameters, X, Y)
    assert found[0] == wanted[0]
    assert all(np.array_equal(found[1][label], wanted[1][label]) for label in wanted[1])


def test_forward_agrees_with_the_reference():
    kernels = compile_kernels(Network.from_spec("3-4-5-2", "gelu,swish,softmax", "cross_entropy"))
    parameters, X, _ = drawn(kernels, 6)
    wanted = forward(reference_layers(kernels.network, parameters), X)
    assert relative_error(kernels.forward(parameters, X), wanted) < 1e-14
