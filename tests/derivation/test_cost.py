"""The cost of training, beside counts by hand and the rules of thumb that follow from them."""

from __future__ import annotations

import pytest
from sympy import Poly, Symbol

from symbackprop.activations import relu, sigmoid, unknown
from symbackprop.cli import main
from symbackprop.derivation import derive, general_step, layer_step
from symbackprop.derivation.cost import cost, stacked
from symbackprop.errors import ShapeMismatch
from symbackprop.layers import Dense, layers
from symbackprop.network import Network
from symbackprop.quantities import Partial, as_size

N, L, m, n, k = (as_size(name) for name in "NLmnk")


def of(works):
    return {str(w.lhs): w.multiply_adds for w in works}


def test_three_four_two_counted_by_hand():
    found = cost(derive(Network(3, Dense(4, sigmoid), Dense(2, sigmoid))))
    # 4·3 and 2·4 weights; J: two squares and the half; no product in an activation.
    assert of(found.forward) == {"z^1[i]": 12, "a^1[i]": 0, "z^2[i]": 8, "a^2[i]": 0, "J": 3}
    # ε² is a product of two for 2 units; ε¹ has a sum over 2 and one more product for 4 units.
    assert of(found.backward) == {
        "epsilon^2[i]": 2,
        "Partial(J, w^2[i, j])": 2 * 4,
        "Partial(J, b^2[i])": 0,
        "epsilon^1[j]": 4 * 2 + 4,
        "Partial(J, w^1[i, j])": 4 * 3,
        "Partial(J, b^1[i])": 0,
    }
    assert found.multiply_adds == (23, 34)
    assert found.function_values == (6, 6)
    assert [(q.label, count) for q, count in found.kept] == [("z^1", 4), ("a^1", 4), ("z^2", 2), ("a^2", 2)]
    assert [(q.label, count) for q, count in found.read] == [("x^0", 3)]
    assert found.memory == 12


@pytest.mark.parametrize("bias", [True, False])
def test_a_dense_layer_takes_twice_its_forward_pass_backward(bias):
    found = cost(layer_step(Dense("m", unknown(), bias), "n", batch="N"))
    forward, backward = found.multiply_adds
    assert forward == N * m * n
    assert backward == 2 * forward + N * m  # and one product a unit for h'
    weight, below = (w.multiply_adds for w in found.backward if "w^1" in str(w.lhs) or "x^0" in str(w.lhs))
    assert weight == below == N * m * n


def test_the_first_layer_hands_no_error_down():
    found = cost(derive(Network("n", Dense("m", sigmoid), batch="N")))
    assert not any(isinstance(w.lhs, Partial) and "x^0" in str(w.lhs) for w in found.backward)


def test_depth_and_batch_are_linear_in_memory_and_in_work():
    whole = stacked(layer_step(Dense("n", unknown()), "n", batch="N"), L)
    assert whole.memory == 2 * L * N * n
    assert whole.multiply_adds == (L * N * n**2, 2 * L * N * n**2 + L * N * n)
    assert all(Poly(whole.memory, letter).degree() == 1 for letter in (L, N))


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_equal_layers_cost_what_the_network_of_them_costs(depth):
    net = cost(derive(Network(5, *(Dense(5, relu) for _ in range(depth)), batch=7)))
    whole = stacked(layer_step(Dense(5, relu), 5, batch=7), depth)
    loss = next(w for w in net.forward if str(w.lhs) == "J")
    assert net.multiply_adds[0] - loss.multiply_adds == whole.multiply_adds[0]
    assert whole.multiply_adds[1] - net.multiply_adds[1] == 7 * 5 * 5  # the error that the first layer hands down
    # The network keeps its output for the loss; the stack its input.
    assert net.memory == whole.memory


@pytest.mark.parametrize("name", list(layers))
def test_every_layer_has_a_cost_in_its_own_sizes(name):
    sample = layers[name]
    step = layer_step(sample.layer, *sample.shape, batch=sample.batch)
    found = cost(step)
    letters = {s for q in step.quantities.values() for size in q.axes for s in size.free_symbols}
    for total in (*found.multiply_adds, *found.function_values, found.memory):
        assert total.free_symbols <= letters
        assert total.subs(dict.fromkeys(letters, 6)) >= 0


@pytest.mark.parametrize("name", ["attention", "graph_convolution", "lstm", "conv1d"])
def test_a_batch_multiplies_work_and_memory(name):
    sample = layers[name]
    one, many = (cost(layer_step(sample.layer, *sample.shape, batch=batch)) for batch in (None, "S"))
    batch = Symbol("S", integer=True, positive=True)
    assert many.multiply_adds[0] == (batch * one.multiply_adds[0]).expand()
    assert many.memory == (batch * one.memory).expand()


def test_the_general_step_has_a_cost_in_widths_of_its_layers():
    found = cost(general_step(loss=None))
    assert {str(s) for s in found.multiply_adds[0].free_symbols} == {
        "n_{l}",
        "n_{l - 1}",
        "n_{l + 1}",
        "n_{L}",
        "n_{L - 1}",
    }


def test_layers_that_change_the_shape_are_not_stacked():
    with pytest.raises(ShapeMismatch, match="keep the shape"):
        stacked(layer_step(Dense("m"), "n"), 3)


def test_the_command_line_prints_it(capsys):
    assert main(["derive", "3-4-2", "--cost", "--detail", "result"]) == 0
    printed = capsys.readouterr().out
    assert "## Cost" in printed and "12 + 8 + 3" in printed and "= 34" in printed.replace("&= 34", "= 34")
    assert main(["derive", "--layer", "dense", "--batch", "N", "--cost"]) == 0
    assert "2 N m n" in capsys.readouterr().out


@pytest.mark.parametrize("subject", [["--activation", "tanh"], ["--optimizer", "adam"], ["--initializer", "he"]])
def test_what_computes_nothing_has_no_cost(subject, capsys):
    assert main(["derive", *subject, "--cost"]) == 2
    assert "--cost counts" in capsys.readouterr().err
