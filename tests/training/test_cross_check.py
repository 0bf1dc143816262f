"""Each oracle agrees with right gradients before and after training, sees wrong ones, and says what it cannot take."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from symbackprop.activations import activations, identity, log_softmax, sigmoid, softmax, softplus, tanh
from symbackprop.errors import InvalidSpec, UnknownName
from symbackprop.kernels import Compiled, compile_kernels
from symbackprop.layers import (
    Attention,
    BatchNorm,
    Conv1d,
    Dense,
    Flatten,
    Gated,
    LayerNorm,
    Readout,
    Recurrent,
    Residual,
)
from symbackprop.losses import cross_entropy, elastic_net, losses
from symbackprop.network import Network
from symbackprop.training import cross_check, train
from symbackprop.training.cross_check import Against
from symbackprop.training.oracles import oracles

WHY = "a library of the extra 'oracles', which is not installed"
NEEDS = {"torch": "torch", "jax": "jax", "autograd": "autograd"}
#: The activation that a loss stands on, where that is not the identity.
OUTPUTS = {
    "binary_cross_entropy": sigmoid,
    "cross_entropy": softmax,
    "kl_divergence": softmax,
    "focal": softmax,
    "negative_log_likelihood": log_softmax,
    "poisson": softplus,
}


@pytest.fixture(params=list(oracles))
def against(request):
    """Each oracle that is installed."""
    if request.param in NEEDS:
        pytest.importorskip(NEEDS[request.param], reason=WHY)
    return request.param


def drawn(net, samples=5, seed=0):
    """Kernels, parameters and a batch of shares that sum to 1."""
    kernels, rng = compile_kernels(net), np.random.default_rng(seed)
    parameters = {q.label: rng.normal(0, 0.7, [int(n) for n in q.axes]) for q in net.model.parameters}
    width = int(net.model.inputs[-1].axes[-1])
    Y = rng.uniform(0.1, 0.9, (samples, width))
    return kernels, parameters, rng.normal(size=(samples, *map(int, net.shape))), Y / Y.sum(axis=1, keepdims=True)


def test_every_oracle_has_a_name_to_ask_for():
    assert set(get_args(Against)) == set(oracles)


@pytest.mark.parametrize("name", activations)
def test_every_activation(against, name):
    net = Network(3, Dense(4, activations[name]), Dense(2, identity))
    assert cross_check(*drawn(net), against=against).passed


@pytest.mark.parametrize("name", losses)
def test_every_loss(against, name):
    net = Network(3, Dense(4, tanh), Dense(2, OUTPUTS.get(name, identity)), loss=losses[name])
    check = cross_check(*drawn(net), against=against)
    assert check.passed and len(check.errors) == 4, str(check)
    assert max(check.errors.values()) < 1e-11


@pytest.mark.parametrize("name", ["half_squared_error", "cross_entropy"])
def test_a_penalty_is_counted_once(against, name):
    net = Network(3, Dense(2, softmax), loss=losses[name], penalty=elastic_net("1/10", "1/5"))
    assert cross_check(*drawn(net), against=against).passed


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_before_and_after_training(against, dtype):
    net = Network.from_spec("2-6-2", "gelu,softmax", "cross_entropy")
    kernels = compile_kernels(net, dtype=dtype)
    result = train(kernels, "moons", "adam", epochs=30)
    start = cross_check(kernels, kernels.init(0), result.X, result.Y, against)
    assert start.passed and result.cross_check(against).passed
    assert start.errors != result.cross_check(against).errors


@pytest.mark.parametrize(
    "net",
    [
        pytest.param(Network((4, 3), Attention(2, 3), Readout(2)), id="attention"),
        pytest.param(Network(4, LayerNorm(), Dense(3, tanh)), id="layer norm"),
        pytest.param(Network(4, Gated(3), Dense(2, sigmoid)), id="gated"),
        pytest.param(Network(3, Residual(Dense(3, tanh)), Dense(2, softmax), loss=cross_entropy), id="residual"),
        pytest.param(Network(4, BatchNorm(), Dense(2, tanh), batch="N"), id="batch norm"),
    ],
)
def test_other_layers_than_dense(against, net):
    if against == "reference":
        with pytest.raises(InvalidSpec, match="layer 1: the reference knows dense layers"):
            cross_check(*drawn(net), against=against)
    else:
        assert cross_check(*drawn(net), against=against).passed


@pytest.mark.parametrize(
    "layers",
    [(Conv1d(2, 3), Flatten(), Dense(1)), (Recurrent(3), Flatten(), Dense(1))],
    ids=["convolution", "recurrence"],
)
def test_what_an_oracle_does_not_take_is_said(against, layers):
    with pytest.raises(InvalidSpec, match="an index of it is more than a letter|the reference knows dense layers"):
        cross_check(*drawn(Network((4, 3), *layers)), against=against)


@pytest.mark.parametrize(
    ("right", "wrong", "label"),
    [
        ("1 - a1**2", "1 - a1", "w^1"),
        ("(a2 - y)/n", "(y - a2)/n", "w^2"),
        ("db1 = e1.sum(axis=1)", "db1 = 2*e1.sum(axis=1)", "b^1"),
        ("np.dot(w2.T, e2)", "np.dot(w2.T, 0*e2)", "b^1"),
    ],
)
def test_each_oracle_sees_a_planted_mistake(against, right, wrong, label):
    kernels, *data = drawn(Network.from_spec("3-4-1", "tanh,sigmoid", "binary_cross_entropy"))
    source = kernels.source.replace(right, wrong)
    assert source != kernels.source
    functions = {}
    exec(source, functions)  # noqa: S102 - our own source, changed by one slip
    slipped = replace(kernels, compiled=Compiled(source, functions))
    check = cross_check(slipped, *data, against=against)
    assert not check.passed
    assert check.errors[label] > 1e-3
    assert "more than" in str(check)


@pytest.mark.parametrize("name", NEEDS)
def test_a_library_that_is_missing_is_named(monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InvalidSpec, match=rf"{name} is not installed; .*symbackprop\[oracles\]"):
        cross_check(*drawn(Network.from_spec("2-1")), against=name)


def test_an_unknown_oracle_names_the_known():
    with pytest.raises(UnknownName, match="no oracle named 'tensorflow'; known: autograd, complex_step"):
        cross_check(*drawn(Network.from_spec("2-1")), against="tensorflow")
