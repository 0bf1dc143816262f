"""Every derived gradient against a complex step of an independent forward pass."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Indexed

from symbackprop.activations import activations
from symbackprop.derivation import NotDerived, derive, matrix_equations, matrix_steps
from symbackprop.layers import Dense
from symbackprop.losses import losses
from symbackprop.network import Network
from symbackprop.quantities import Partial

TOLERANCE = 1e-12

#: With these draws some pre-activations are negative, so that the slope of a prelu has a gradient.
SEED = 6


def check_gradients(numeric, net, names, sizes=None, seed=0):
    sizes = sizes or {}
    derivation = derive(net)
    values = numeric.draw(net, sizes, seed)
    machine = numeric.interpret(derivation, net, names, values, sizes, net.loss.name)
    labels = [q.label for q in (*net.model.parameters, net.model.inputs[0])]
    for label in labels:
        want = numeric.complex_step(values, names, net.loss.name, label)
        got = machine.gradients[label]
        assert got.shape == want.shape
        assert np.abs(got - want).max() <= TOLERANCE * np.abs(want).max(), label
        # Behind a step nothing is learnt.
        assert np.abs(want).max() > 0 or "step" in names
    return derivation, machine


def dense_net(widths, names, loss="half_squared_error", bias=True, batch=None):
    layers = [Dense(n, activations[name], bias) for n, name in zip(widths[1:], names, strict=True)]
    return Network(widths[0], *layers, loss=losses[loss], batch=batch)


@pytest.mark.parametrize("name", list(activations))
@pytest.mark.parametrize("batch", [None, 5])
def test_every_activation(numeric, name, batch):
    names = [name, "tanh", name]
    check_gradients(numeric, dense_net((3, 4, 2, 3), names, batch=batch), names)


@pytest.mark.parametrize("loss", list(losses))
@pytest.mark.parametrize("last", ["sigmoid", "softmax"])
@pytest.mark.parametrize("batch", [None, 5])
def test_every_loss(numeric, loss, last, batch):
    names = ["tanh", last]
    check_gradients(numeric, dense_net((3, 4, 2), names, loss, batch=batch), names)


@pytest.mark.parametrize("depth", [1, 2, 3, 8, 32])
@pytest.mark.parametrize("bias", [True, False])
def test_depths(numeric, depth, bias):
    names = ["tanh" if layer % 2 else "sigmoid" for layer in range(depth)]
    widths = [(3, 4, 2)[layer % 3] for layer in range(depth + 1)]
    check_gradients(numeric, dense_net(widths, names, bias=bias), names)


@pytest.mark.parametrize("batch", [None, "B"])
def test_symbolic_widths(numeric, batch):
    names = ["swish", "softmax"]
    net = dense_net(("n_x", "m", "k"), names, "cross_entropy", batch=batch)
    counts = {"n_x": 3, "m": 4, "k": 2, "B": 5}
    sizes = {s: counts[s.name] for q in net.model.quantities.values() for n in q.axes for s in n.free_symbols}
    check_gradients(numeric, net, names, sizes)


def test_the_check_notices_a_wrong_transpose(numeric):
    names = ["tanh", "sigmoid"]
    net = dense_net((3, 3, 3), names)
    derivation = derive(net)
    values = numeric.draw(net, {}, 0)
    machine = numeric.interpret(derivation, net, names, {**values, "w^2": values["w^2"].T}, {}, "half_squared_error")
    want = numeric.complex_step(values, names, "half_squared_error", "w^1")
    assert np.abs(machine.gradients["w^1"] - want).max() > 1e-3 * np.abs(want).max()


def _free(lhs):
    leaf = lhs.denominator if isinstance(lhs, Partial) else lhs
    return leaf.indices if isinstance(leaf, Indexed) else ()


@pytest.mark.parametrize(
    ("last", "loss"),
    [
        ("sigmoid", "binary_cross_entropy"),
        ("softmax", "cross_entropy"),
        ("prelu", "squared_error"),
        ("leaky_relu", "quadratic_cost"),
    ],
)
@pytest.mark.parametrize("batch", [None, 5])
def test_every_step_of_a_chain_has_the_value_of_its_result(numeric, last, loss, batch):
    names = ["tanh", last]
    derivation, machine = check_gradients(numeric, dense_net((3, 4, 2), names, loss, batch=batch), names, seed=SEED)
    for chain in derivation.chains:
        lhs = chain[0].lhs
        leaf = lhs.denominator if isinstance(lhs, Partial) else lhs
        label = str(leaf.base.label) if isinstance(leaf, Indexed) else leaf.name
        axes = derivation.quantities[label].axes
        result = machine.array(chain[-1].rhs, _free(lhs), axes)
        for step in chain:
            np.testing.assert_allclose(machine.array(step.rhs, _free(lhs), axes), result, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("batch", [None, 5])
@pytest.mark.parametrize(
    ("last", "loss"), [("sigmoid", "half_squared_error"), ("softmax", "cross_entropy"), ("relu", "quadratic_cost")]
)
def test_matrix_form_has_the_value_of_index_form(numeric, batch, last, loss):
    names = ["tanh", last]
    derivation, machine = check_gradients(numeric, dense_net((3, 4, 2), names, loss, batch=batch), names)
    read = 0
    for step in (*matrix_equations(derivation.model), *matrix_steps(derivation)):
        if not isinstance(step, NotDerived):
            read += 1
            np.testing.assert_allclose(machine.matrix(step.lhs), machine.matrix(step.rhs), rtol=1e-11, atol=1e-14)
    results = [s for s in matrix_steps(derivation) if isinstance(s, NotDerived)]
    unread = {s.lhs for s in results} - {s.lhs for s, m in _with_matrix(derivation) if not isinstance(m, NotDerived)}
    assert read > 12
    assert len(unread) <= 1  # only the quotient y / a of a cross-entropy


def _with_matrix(derivation):
    return list(zip(derivation.steps, matrix_steps(derivation), strict=True))
