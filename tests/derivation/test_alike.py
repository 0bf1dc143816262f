"""A quantity that reads like an earlier one gets the same steps renamed: nothing else may differ."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Integer

from symbackprop.activations import activations, tanh
from symbackprop.derivation import backprop, derive
from symbackprop.derivation.alike import Numbering, Pattern
from symbackprop.layers import Dense, layers
from symbackprop.losses import half_squared_error
from symbackprop.network import Network
from symbackprop.quantities import Quantity, Role, as_index

CASES = [
    pytest.param(
        Network(shape, layer, loss=half_squared_error, batch=2 if sample.batch else None), id=f"{name}-{number}"
    )
    for name, sample in layers.items()
    for number, (layer, shape) in enumerate(sample.small[:2])
]
DEEP = [
    *(pytest.param(Network(3, *(Dense(3, h) for _ in range(4))), id=name) for name, h in activations.items()),
    pytest.param(Network(3, *(Dense(3, tanh) for _ in range(11))), id="past layer 9"),
]


@pytest.mark.parametrize("network", [*CASES, *DEEP])
def test_steps_by_renaming_are_those_derived_one_by_one(network, monkeypatch):
    renamed = derive(network).steps
    monkeypatch.setattr(backprop, "pattern_of", lambda *arguments: None)
    assert renamed == derive(network).steps


def test_most_of_a_deep_network_is_renamed(monkeypatch):
    asked = []
    known = Pattern.renamed
    monkeypatch.setattr(Pattern, "renamed", lambda self, labels: asked.append(labels) or known(self, labels))
    for depth in (20, 40):
        asked.clear()
        derive(Network(3, *(Dense(3, tanh) for _ in range(depth))))
        assert len(asked) >= 4 * depth - 20  # ∂J/∂a, the error, and the gradients by w and b, but for the ends


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda layer: replace(layer, width=4), id="width"),
        pytest.param(lambda layer: replace(layer, activation=activations["relu"]), id="activation"),
    ],
)
def test_a_layer_of_its_own_is_derived_for_itself(change):
    plain, own = Dense(3, tanh), change(Dense(3, tanh))
    alone = derive(Network(3, plain, own, plain, plain, plain))
    results = {str(lhs): str(rhs) for lhs, rhs in alone.results.items()}
    assert ("relu" in results["epsilon^2[j]"]) == (own.activation.name == "relu")
    assert f", {own.width}))" in results["Partial(J, a^1[j])"]
    assert ", 3))" in results["Partial(J, a^3[j])"]


def test_labels_that_agree_in_different_places_are_told_apart():
    i = as_index("i")
    a, b = (Quantity(Role.ACTIVATION, Integer(k), (Integer(3),)) for k in (1, 2))
    assert Numbering().shape(a[i] * b[i] + a[i]) == Numbering().shape(a[i] * b[i] + a[i])
    shapes = []
    for one, other in ((a, b), (b, a)):
        numbering = Numbering()
        shapes.append((numbering.label(one.label), numbering.shape(a[i] * b[i] + a[i]), numbering.label(other.label)))
    assert shapes[0] != shapes[1]
    assert Numbering({"a^1"}).shape(a[i]) != Numbering({"a^1"}).shape(b[i])
