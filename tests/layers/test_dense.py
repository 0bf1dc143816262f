"""The dense layer states z = Wa + b and a = h(z), for one example and for a batch."""

from __future__ import annotations

import pytest
from sympy import Integer, Sum

from symbackprop.activations import activations, prelu, relu
from symbackprop.derivation import check_model
from symbackprop.errors import ShapeMismatch
from symbackprop.layers import Dense
from symbackprop.network import Network
from symbackprop.quantities import Apply, Quantity, Role, as_index, as_size

i, j, s = as_index("i"), as_index("j"), as_index("s")


def test_forward_equations():
    x = Quantity(Role.INPUT, Integer(0), (as_size("n"),))
    stated = Dense("m", relu).equations(Integer(1), x, None)
    w, b = stated.parameters
    z, a = (e.quantity for e in stated.equations)
    assert (w.axes, b.axes, z.axes) == ((as_size("m"), as_size("n")), (as_size("m"),), (as_size("m"),))
    assert stated.equations[0].expression == Sum(w[i, j] * x[j], (j, 1, as_size("n"))) + b[i]
    assert stated.equations[1].expression == Apply("relu", 0, z[i])
    assert stated.output == a
    assert set(stated.functions) == {"relu"}


def test_a_batch_has_one_sample_a_row():
    x = Quantity(Role.INPUT, Integer(0), (as_size("B"), Integer(3)), batched=True)
    stated = Dense(2, bias=False).equations(Integer(1), x, as_size("B"))
    (w,) = stated.parameters
    assert w.axes == (2, 3)
    assert stated.equations[0].expression == Sum(w[i, j] * x[s, j], (j, 1, 3))
    assert stated.equations[0].indices == (s, i)


def test_the_slope_of_prelu_is_one_parameter_a_layer():
    stated = Dense(2, prelu).equations(Integer(1), Quantity(Role.INPUT, Integer(0), (Integer(3),)), None)
    slope = stated.parameters[-1]
    assert (slope.role, slope.axes, slope.label) == (Role.PARAMETER, (), "slope^1")
    assert stated.equations[1].expression.has(slope[()])


@pytest.mark.parametrize("name", list(activations))
def test_models_are_well_formed(name):
    for batch in (None, "B"):
        check_model(Network("n", Dense("m", activations[name]), Dense(2, activations[name]), batch=batch).model)


def test_an_input_of_another_rank_is_refused():
    image = Quantity(Role.INPUT, Integer(0), (Integer(3), Integer(3), Integer(3)))
    with pytest.raises(ShapeMismatch, match="layer 1: Dense takes a vector, or a sequence of vectors"):
        Dense(2).equations(Integer(1), image, None)
