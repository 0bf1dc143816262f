"""Backpropagation through time: a recursion downwards in t, the same for five steps and for T."""

import numpy as np
import pytest
from sympy import Integer

from symbackprop import LSTM, Dense, Network, Recurrent, derive, half_squared_error, tanh
from symbackprop.derivation import check_derivation, layer_step
from symbackprop.derivation.well_formed import check_model
from symbackprop.errors import IllFormed, ShapeMismatch
from symbackprop.model import Equation, Model
from symbackprop.quantities import Quantity, Role, as_index


def test_five_steps_are_said_in_a_few_lines():
    derivation = derive(Network((5, 2), Recurrent(3), loss=half_squared_error))
    check_derivation(derivation)
    text = "\n".join(f"{lhs} = {rhs}" for lhs, rhs in derivation.results.items())
    assert len(text) < 1000
    assert "U^1[j, i]*epsilon^1[t + 1, j]" in text


@pytest.mark.parametrize("length", [5, 50, "T"])
def test_the_length_of_a_sequence_does_not_lengthen_its_derivation(length):
    steps = layer_step(LSTM("m"), length, "n").steps
    assert len(steps) == len(layer_step(LSTM("m"), 2, "n").steps)


def test_the_states_feed_a_dense_layer_at_every_step():
    derivation = derive(Network(("T", 2), Recurrent(3), Dense(2, tanh)))
    check_derivation(derivation)
    (state,) = [rhs for lhs, rhs in derivation.results.items() if str(lhs) == "Partial(J, a^1[t, i])"]
    assert "epsilon^1[t + 1" in str(state)
    assert "epsilon^2[t" in str(state)


def test_a_recurrence_may_read_earlier_steps_only():
    t = as_index("t")
    h = Quantity(Role.ACTIVATION, Integer(1), (Integer(4),))
    total = Quantity(Role.LOSS, None, ())
    loss = Equation(total, (), h[Integer(1)])
    check_model(Model((Equation(h, (t,), h[t - 1]), loss), (), total))
    for wrong in (h[t], h[t + 1]):
        with pytest.raises(IllFormed, match="used before it is defined"):
            check_model(Model((Equation(h, (t,), wrong), loss), (), total))


def test_a_vector_is_no_sequence():
    with pytest.raises(ShapeMismatch, match="takes a sequence"):
        layer_step(Recurrent(3), 5)


def test_the_recursion_is_that_of_unrolled_steps():
    """The derived recursion, run by hand in NumPy, against a complex step of the forward pass."""
    rng = np.random.default_rng(0)
    w, u, b = rng.normal(size=(3, 2)), rng.normal(size=(3, 3)), rng.normal(size=3)
    x, y = rng.normal(size=(5, 2)), rng.normal(size=(5, 3))

    def states(u):
        h, found = np.zeros(3, u.dtype), []
        for step in x:
            h = np.tanh(w @ step + u @ h + b)
            found.append(h)
        return np.array(found)

    h, after = states(u), np.zeros(3)
    gradient = np.zeros((3, 3))
    for t in reversed(range(5)):  # ε_t = (h_t - y_t + Uᵀ ε_{t+1}) (1 - h_t²), as the derivation says
        after = (h[t] - y[t] + u.T @ after) * (1 - h[t] ** 2)
        gradient += np.outer(after, h[t - 1] if t else np.zeros(3))
    for place in np.ndindex(3, 3):
        moved = u.astype(complex)
        moved[place] += 1e-30j
        assert gradient[place] == pytest.approx((np.sum((states(moved) - y) ** 2) / 2).imag / 1e-30, rel=1e-12)
