"""Networks from layers, spec strings and TOML; what is wrong is said by name."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from sympy import Rational

from symbackprop.activations import leaky_relu_with, softmax, tanh
from symbackprop.derivation import check_model, derive, general_step
from symbackprop.errors import InvalidSpec, ShapeMismatch, SymbackpropError, UnknownName
from symbackprop.layers import Dense
from symbackprop.losses import cross_entropy
from symbackprop.network import Network
from symbackprop.quantities import as_size


def test_model_in_order():
    model = Network(3, Dense(4, tanh), Dense(2, softmax), loss=cross_entropy).model
    assert [e.quantity.label for e in model.equations] == ["z^1", "a^1", "z^2", "a^2", "J"]
    assert [q.label for q in model.inputs] == ["x^0", "w^1", "b^1", "w^2", "b^2", "y"]
    assert model.objective == model.equations[-1].quantity
    assert len(model.assumptions) == 1
    check_model(model)


def test_a_network_is_frozen():
    net = Network(3, Dense(2))
    with pytest.raises(FrozenInstanceError):
        net.loss = cross_entropy


def test_spec():
    net = Network.from_spec("3-n-2", "tanh,softmax", "cross_entropy", batch="B")
    assert [layer.activation.name for layer in net.layers] == ["tanh", "softmax"]
    assert (net.n_in, net.batch) == (3, as_size("B"))
    assert [layer.activation.name for layer in Network.from_spec("3-4-2", "relu").layers] == ["relu", "relu"]


def test_toml(tmp_path):
    path = tmp_path / "net.toml"
    path.write_text(
        'n_in = 3\nloss = "squared_error"\nbatch = "B"\n'
        '[[layers]]\nwidth = "m"\nactivation = "tanh"\n[[layers]]\nwidth = 2\nbias = false\n'
    )
    net = Network.from_toml(path)
    assert net.loss.name == "squared_error"
    assert [(str(layer.width), layer.activation.name, layer.bias) for layer in net.layers] == [
        ("m", "tanh", True),
        ("2", "identity", False),
    ]
    check_model(net.model)


@pytest.mark.parametrize(
    ("spec", "activation", "message"),
    [
        ("3", "tanh", "names 1 width"),
        ("3--2", "tanh", "'' in '3--2' is not a width"),
        ("3-0-2", "tanh", "'0' in '3-0-2' is not a width"),
        ("3-4.5-2", "tanh", "'4.5' in '3-4.5-2' is not a width"),
        ("3-4-2", "tanh,relu,tanh", "2 layers and .* names 3 activations"),
        ("3-i-2", "tanh", "a width cannot be called i"),
        ("y-2", "tanh", "a width cannot be called y"),
        ("3-\u0663-2", "tanh", "'\u0663' in .* is not a width"),
        ("3-\u03bb-2", "tanh", "'\u03bb' in .* is not a width"),
        (f"3-{10**30}-2", "tanh", "is not a width"),
    ],
)
def test_wrong_specs(spec, activation, message):
    with pytest.raises(InvalidSpec, match=message):
        Network.from_spec(spec, activation)


def test_wrong_names():
    with pytest.raises(UnknownName, match="no activation named 'swihs'"):
        Network.from_spec("3-2", "swihs")
    with pytest.raises(UnknownName, match="no loss named 'mse'"):
        Network.from_spec("3-2", loss="mse")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"n_in": 3}, "needs n_in and one"),
        ({"n_in": 3, "layers": []}, "at least one layer"),
        ({"n_in": 3, "layers": [{}]}, "layer 1 needs a width"),
        ({"n_in": 3, "layers": [{"width": True}]}, "layer 1 is a positive integer or a name"),
        ({"n_in": 3, "layers": [{"width": 2, "bias": "no"}]}, "bias is true or false"),
        ({"n_in": 3, "layers": [{"width": 2, "units": 3}]}, "layer 1 has no key 'units'"),
        ({"n_in": 3, "depth": 3, "layers": [{"width": 2}]}, "the network has no key 'depth'"),
    ],
)
def test_wrong_tables(table, message):
    with pytest.raises(InvalidSpec, match=message):
        Network.from_toml(table)


def test_wrong_files(tmp_path):
    with pytest.raises(InvalidSpec, match="cannot be read"):
        Network.from_toml(tmp_path / "none.toml")
    path = tmp_path / "bad.toml"
    path.write_text("n_in = = 3")
    with pytest.raises(InvalidSpec, match="not a TOML file"):
        Network.from_toml(path)


@pytest.mark.parametrize("width", [0, -1, 1.5, None, True, [2], "0", "-1", "", "n m", "3-4"])
def test_wrong_widths(width):
    with pytest.raises(ShapeMismatch, match="positive integer or a symbol"):
        _ = Network(3, Dense(width)).model
    with pytest.raises(ShapeMismatch, match="positive integer or a symbol"):
        Network(width, Dense(2))
    if width is not None:
        with pytest.raises(ShapeMismatch, match="positive integer or a symbol"):
            Network(3, Dense(2), batch=width)


@pytest.mark.parametrize("name", ["i", "j", "s", "J", "y", "a", "z"])
def test_names_that_the_equations_use_are_no_widths(name):
    for declare in (
        lambda: Network(name, Dense(2)),
        lambda: Network(3, Dense(name)).model,
        lambda: Network(3, Dense(2), batch=name),
        lambda: general_step(batch=name),
    ):
        with pytest.raises(InvalidSpec, match=f"cannot be called {name}: .* take another name"):
            declare()


def test_a_width_in_digits_is_a_number():
    assert Network("3", Dense("4"), batch="5").model == Network(3, Dense(4), batch=5).model


def test_what_is_no_layer_activation_or_loss():
    with pytest.raises(InvalidSpec, match=r"a layer is declared like Dense\(2, sigmoid\), not 2"):
        Network(3, 2)
    with pytest.raises(InvalidSpec, match="an activation is one of symbackprop.activations, such as tanh, not 'tanh'"):
        Dense(2, "tanh")
    with pytest.raises(InvalidSpec, match="a loss is one of symbackprop.losses, .* not 'mse'"):
        Network(3, Dense(2), loss="mse")
    with pytest.raises(InvalidSpec, match="a Network or a Model is derived, not '3-4-2'; Network.from_spec"):
        derive("3-4-2")


def test_one_name_for_two_functions_is_refused():
    mixed = Network(3, Dense(4, leaky_relu_with(Rational(1, 5), "lr")), Dense(2, leaky_relu_with(2, "lr")))
    with pytest.raises(SymbackpropError, match="two different activations are both named 'lr'"):
        _ = mixed.model


@pytest.mark.parametrize("name", ["l", "L"])
def test_the_numbers_of_the_layers_are_no_batch_size(name):
    with pytest.raises(InvalidSpec, match=f"cannot be called {name}: .* take another name"):
        general_step(batch=name)
