"""The hand-written reference against the complex step of its own forward pass."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import numpy as np
import pytest

import symbackprop.reference
from symbackprop.reference import ACTIVATIONS, LOSSES, ReferenceLayer, gradients, objective

STEP = 1e-30


def network(names, widths=(3, 4, 2), seed=1):
    rng = np.random.default_rng(seed)
    layers = []
    for number, (fan_in, fan_out, name) in enumerate(zip(widths, widths[1:], names, strict=False), start=1):
        scale = 0.05 if number == len(widths) - 1 else 1.0
        slope = np.array(0.3) if name == "prelu" else None
        bias = rng.normal(0.3, 0.02, fan_out)
        layers.append(ReferenceLayer(scale * rng.normal(size=(fan_out, fan_in)), bias, name, slope))
    Y = rng.uniform(0.1, 1, (5, widths[-1]))
    return layers, rng.normal(size=(5, widths[0])), Y


def complex_step(layers, X, Y, loss, number, letter):
    """∂J/∂(one array of one layer), entry by entry, from Im J(θ + ih)/h."""
    value = getattr(layers[number], letter).astype(complex)
    found = np.zeros(value.shape)
    for index in np.ndindex(value.shape):
        moved = value.copy()
        moved[index] += 1j * STEP
        fields = {name: getattr(layers[number], name) for name in ("weight", "bias", "activation", "slope")}
        changed = [*layers[:number], ReferenceLayer(**{**fields, letter: moved}), *layers[number + 1 :]]
        found[index] = objective(changed, X, Y, loss).imag / STEP
    return found


#: Losses of probabilities, and the activations whose output is none with the parameters drawn above.
OF_PROBABILITIES = {"binary_cross_entropy", "cross_entropy", "kl_divergence", "focal", "poisson"}
NO_PROBABILITIES = {"log_sigmoid", "log_softmax", "step"}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", [*ACTIVATIONS, "prelu", "softmax", "log_softmax"])
def test_reference_agrees_with_the_complex_step(name, loss):
    last = "sigmoid" if loss in OF_PROBABILITIES and name in NO_PROBABILITIES else name
    layers, X, Y = network((name, last))
    _, found, _ = gradients(layers, X, Y, loss)
    for number, gradient in enumerate(found):
        for letter in ("weight", "bias", "slope"):
            value = getattr(gradient, letter)
            if value is not None:
                wanted = complex_step(layers, X, Y, loss, number, letter)
                assert np.abs(value - wanted).max() <= 1e-12 * max(np.abs(wanted).max(), 1e-3)


def test_the_complex_step_sees_a_wrong_slope(monkeypatch):
    monkeypatch.setitem(symbackprop.reference.ACTIVATIONS, "tanh", (np.tanh, lambda z: 1 - np.tanh(z)))
    with pytest.raises(AssertionError):
        test_reference_agrees_with_the_complex_step("tanh", "squared_error")


def test_it_imports_nothing_of_the_package():
    tree = ast.parse(Path(symbackprop.reference.__file__).read_text(encoding="utf-8"))
    modules = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert {module.split(".")[0] for module in modules} <= {*sys.stdlib_module_names, "numpy", "scipy"}


@pytest.mark.parametrize(
    ("last", "loss", "outputs"), [("sigmoid", "binary_cross_entropy", 1), ("softmax", "cross_entropy", 2)]
)
def test_an_output_that_has_become_0_or_1_still_has_its_gradient(last, loss, outputs):
    """At z = ±800 the output is 0 or 1 to the last digit; ε = a - y is 0 where that is right, ±1 where it is wrong."""
    weight = np.array([[800.0], [-800.0]])[:outputs]
    X, right = np.array([[1.0], [-1.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])[:, :outputs]
    layers = [ReferenceLayer(weight, np.zeros(outputs), last)]
    for Y, wanted in ((right, 0.0), (1 - right, 1.0)):
        with np.errstate(over="ignore"):
            _, found, _ = gradients(layers, X, Y, loss)
        assert found[0].weight[0, 0] == wanted
