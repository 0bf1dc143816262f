"""Emitted gradients against backprop written by hand, over all activations and losses, widths all different."""

from __future__ import annotations

import ast
import subprocess
import sys

import numpy as np
import pytest
from sympy import Symbol

from symbackprop.activations import Activation, activations, unknown
from symbackprop.errors import InvalidSpec, NotDerivable, ShapeMismatch, UnknownName
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


#: Activations whose output is no probability with the parameters drawn above.
NO_PROBABILITIES = {"log_sigmoid", "log_softmax", "step"}


@pytest.mark.parametrize(
    ("loss", "accuracy"),
    [
        ("half_squared_error", "fast"),
        ("half_squared_error", "accurate"),
        ("binary_cross_entropy", "fast"),
        ("cross_entropy", "accurate"),
    ],
)
@pytest.mark.parametrize("name", activations)
def test_every_activation_agrees_with_the_reference(name, loss, accuracy):
    last = name if loss == "half_squared_error" or name not in NO_PROBABILITIES else "sigmoid"
    net = Network(3, Dense(4, activations[name]), Dense(2, activations[last]), loss=losses[loss])
    kernels = compile_kernels(net, accuracy=accuracy)
    for batch in (1, 5):
        agrees(kernels, batch)


@pytest.mark.parametrize(
    ("last", "accuracy"),
    [("sigmoid", "fast"), ("sigmoid", "accurate"), ("softmax", "fast"), ("softmax", "accurate"), ("softplus", "fast")],
)
@pytest.mark.parametrize("loss", losses)
def test_every_loss_agrees_with_the_reference(loss, last, accuracy):
    kernels = compile_kernels(Network.from_spec("3-4-2", f"tanh,{last}", loss), accuracy=accuracy)
    for batch in (1, 5):
        agrees(kernels, batch)


@pytest.mark.parametrize("loss", ["log_cosh", "huber", "hinge", "half_squared_error", "cosine"])
def test_what_an_error_and_a_learnt_slope_share_is_kept_for_both(loss):
    kernels = compile_kernels(Network.from_spec("2-3", "prelu", loss), over_batch="sum")
    parameters = kernels.init() | {"b^1": np.array([-2.0, 0.3, 1.1])}
    X, Y = np.zeros((1, 2)), np.array([[1.0, -1.0, 1.0]])
    _, found = kernels.gradients(parameters, X, Y)
    for unit, step in enumerate(1e-6 * np.eye(3)):
        above, below = (kernels.gradients(parameters | {"b^1": parameters["b^1"] + s}, X, Y)[0] for s in (step, -step))
        assert found["b^1"][unit] == pytest.approx((above - below) / 2e-6, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("widths", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", ["tanh", "prelu", "softmax"])
def test_shapes(name, bias, widths):
    *hidden, last = widths[1:]
    layers = [Dense(width, activations[name], bias) for width in hidden] + [Dense(last, activations["sigmoid"])]
    kernels = compile_kernels(Network(widths[0], *layers, loss=losses["binary_cross_entropy"]))
    for batch in (1, 5):
        agrees(kernels, batch)


@pytest.mark.parametrize("name", activations)
def test_float32_stays_float32(name):
    kernels = compile_kernels(Network.from_spec("3-4-2", name, "squared_error"), dtype="float32")
    parameters, X, Y = drawn(kernels, 5)
    _, found = kernels.gradients(parameters, X, Y)
    assert {gradient.dtype.name for gradient in found.values()} == {"float32"}
    assert kernels.forward(parameters, X).dtype == np.float32
    assert max(cross_check(kernels, parameters, X, Y).errors.values()) < 1e-4


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


def test_a_batch_as_large_as_a_width_is_not_mistaken_for_it():
    declared = compile_kernels(Network.from_spec("4-4-4", "tanh,sigmoid", "quadratic_cost", batch=4))
    agrees(declared, 4)
    with pytest.raises(ShapeMismatch, match=r"x\^0 has shape \(5, 4\), expected \(4, 4\)"):
        declared.forward(declared.init(), np.ones((5, 4)))


def test_wrong_arguments_are_named():
    kernels = compile_kernels(Network.from_spec("3-2"))
    with pytest.raises(ShapeMismatch, match=r"x\^0 has shape \(5, 4\), expected \(samples, 3\)"):
        kernels.forward(kernels.init(), np.ones((5, 4)))
    with pytest.raises(InvalidSpec, match=r"the parameter b\^1 is missing; given: w\^1"):
        kernels.forward({"w^1": np.ones((2, 3))}, np.ones((5, 3)))
    with pytest.raises(NotDerivable, match="no kernel for h"):
        compile_kernels(Network(3, Dense(2, unknown("h"))))
    with pytest.raises(UnknownName, match="no backend named 'fortran'"):
        compile_kernels(Network.from_spec("3-2"), backend="fortran")


def test_every_quantity_can_be_seen():
    kernels = compile_kernels(Network.from_spec("3-4-2", "tanh,identity"))
    parameters, X, Y = drawn(kernels, 5)
    seen = kernels.quantities(parameters, X, Y)
    assert {label: np.shape(value) for label, value in seen.items()} == {
        "z^1": (5, 4),
        "a^1": (5, 4),
        "z^2": (5, 2),
        "a^2": (5, 2),
        "J": (),
    }
    assert np.array_equal(seen["a^1"], np.tanh(seen["z^1"]))
    assert seen["J"] == kernels.gradients(parameters, X, Y)[0]


def test_a_saved_kernel_runs_on_its_own(tmp_path):
    kernels = compile_kernels(Network.from_spec("3-4-2", "gelu,softmax", "cross_entropy"))
    kernels.save(tmp_path / "kernel.py")
    parameters, X, Y = drawn(kernels, 5)
    np.savez(tmp_path / "data.npz", *(parameters[q.label] for q in kernels.model.parameters), X=X, Y=Y)
    script = (
        "import sys, numpy as np, kernel; d = np.load('data.npz')\n"
        "J, *_ = kernel.gradients(d['X'], d['arr_0'], d['arr_1'], d['arr_2'], d['arr_3'], d['Y'])\n"
        "assert not any(name.startswith(('symbackprop', 'sympy')) for name in sys.modules)\n"
        "print(repr(float(J)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert float(ran.stdout) == kernels.gradients(parameters, X, Y)[0]


def test_no_name_of_a_user_reaches_the_source():
    strange = Activation("evil();", lambda z, slope: slope * z, parameters=('x"]; import os #',), inline=True)
    odd, worse = Symbol("n; m", integer=True), Symbol("k\nprint()", integer=True)
    kernels = compile_kernels(Network(odd, Dense(worse, strange), Dense(1)))
    assert not any(word in kernels.source for word in ("evil", "import os", "print", "; m"))
    ast.parse(kernels.source)


@pytest.mark.parametrize("name", activations)
def test_nothing_overflows_far_out(name):
    """Pre-activations up to ±1000 in both layers: no warning (they are errors here), no nan, no infinity."""
    losses_of = {"softmax": "cross_entropy"}
    net = Network(1, Dense(2, activations[name]), Dense(2, activations["sigmoid"]), loss=losses["binary_cross_entropy"])
    if name in losses_of:
        net = Network(1, Dense(2), Dense(2, activations[name]), loss=losses[losses_of[name]])
    for accuracy in ("fast", "accurate"):
        kernels = compile_kernels(net, accuracy=accuracy)
        parameters = kernels.init() | {"w^1": np.array([[1.0], [-1.0]]), "w^2": np.array([[1.0, 0.5], [-1.0, 0.3]])}
        X = np.array([[-1e3], [-40.0], [-1e-12], [0.0], [30.0], [1e3]])
        loss, found = kernels.gradients(parameters, X, np.tile([[0.0, 1.0]], (6, 1)))
        assert np.isfinite(loss)
        assert all(np.isfinite(gradient).all() for gradient in found.values())
