"""Every registered loss: its value for one example and for a batch, and what it agrees about the target."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Function, Integer, Rational, Sum, log

from symbackprop.errors import InvalidSpec, UnknownName
from symbackprop.losses import cross_entropy, losses
from symbackprop.quantities import as_index, as_size

i, s, n, b = as_index("i"), as_index("s"), as_size("n"), as_size("B")
A, Y = Function("a"), Function("y")

WANTED = {
    "squared_error": (Sum((A(i) - Y(i)) ** 2, (i, 1, n)), "sum"),
    "half_squared_error": (Rational(1, 2) * Sum((A(i) - Y(i)) ** 2, (i, 1, n)), "sum"),
    "quadratic_cost": (Rational(1, 2) * Sum((A(i) - Y(i)) ** 2, (i, 1, n)), "mean"),
    "binary_cross_entropy": (-Sum(Y(i) * log(A(i)) + (1 - Y(i)) * log(1 - A(i)), (i, 1, n)), "mean"),
    "cross_entropy": (-Sum(Y(i) * log(A(i)), (i, 1, n)), "mean"),
}


@pytest.mark.parametrize("name", list(losses))
def test_value(name):
    example = losses[name].per_example(A, Y, i, n)
    wanted, over_batch = WANTED[name]
    assert example == wanted
    total = Sum(example, (s, 1, b))
    assert losses[name].over(example, s, b) == (total / b if over_batch == "mean" else total)


def test_cross_entropy_says_that_the_target_sums_to_one():
    (agreed,) = cross_entropy.assumptions(Y, i, n)
    assert (agreed.lhs, agreed.rhs) == (Sum(Y(i), (i, 1, n)), Integer(1))
    assert "Σ_k y_k = 1" in agreed.reason


def test_a_loss_of_one_example_refuses_a_batch():
    single = replace(losses["squared_error"], over_batch="one")
    with pytest.raises(InvalidSpec, match="squared_error is a loss of one example"):
        single.over(Integer(1), s, b)


def test_unknown_loss():
    with pytest.raises(UnknownName, match="no loss named 'mse'; known: binary_cross_entropy"):
        losses["mse"]
