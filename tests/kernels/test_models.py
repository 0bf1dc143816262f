"""Models that no dense layer makes, against the complex step of the same equations written in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Integer, Piecewise, Rational, Sum, exp, log

from symbackprop.kernels import compile_kernels
from symbackprop.model import Equation, Model
from symbackprop.quantities import Quantity, Role, as_index

i, j, k = (as_index(letter) for letter in "ijk")
TWO, THREE = Integer(2), Integer(3)
x = Quantity(Role.INPUT, Integer(0), (THREE,))
y = Quantity(Role.TARGET, None, (TWO,))
w = Quantity(Role.WEIGHT, Integer(1), (TWO, THREE))
z = Quantity(Role.PREACTIVATION, Integer(1), (TWO,))
J = Quantity(Role.LOSS, None, ())
HALF_SQUARES = Rational(1, 2) * Sum((z[i] - y[i]) ** 2, (i, 1, 2))


def model(*equations, parameters=(w,)):
    return Model(tuple(equations), (x, *parameters, y), J)


def agrees(compiled, forward, parameters, samples=4):
    """Gradients of the kernel against Im J(θ + ih)/h, ``forward(parameters, x, y)`` being J of one sample."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(samples, 3)), rng.normal(size=(samples, 2))

    def objective(changed):
        return np.mean([forward(changed, a, b) for a, b in zip(X, Y, strict=True)])

    loss, found = compiled.gradients(parameters, X, Y)
    assert loss == pytest.approx(objective(parameters).real, rel=1e-13)
    for label, value in parameters.items():
        wanted = np.zeros(value.shape)
        for index in np.ndindex(value.shape):
            moved = value.astype(complex)
            moved[index] += 1e-30j
            wanted[index] = objective({**parameters, label: moved}).imag / 1e-30
        assert np.abs(found[label] - wanted).max() <= 1e-12 * np.abs(wanted).max()


def test_a_bilinear_layer_with_three_indices():
    t = Quantity(Role.WEIGHT, Integer(1), (TWO, THREE, THREE))
    layer = Equation(z, (i,), Sum(t[i, j, k] * x[j] * x[k], (j, 1, 3), (k, 1, 3)))
    kernels = compile_kernels(model(layer, Equation(J, (), HALF_SQUARES), parameters=(t,)))

    def forward(parameters, a, b):
        return ((np.einsum("ijk,j,k->i", parameters["w^1"], a, a) - b) ** 2).sum() / 2

    agrees(kernels, forward, {"w^1": np.random.default_rng(1).normal(size=(2, 3, 3))})


def test_a_penalty_is_counted_once_not_once_a_sample():
    layer = Equation(z, (i,), Sum(w[i, j] * x[j], (j, 1, 3)))
    penalty = Rational(1, 4) * Sum(w[i, j] ** 2, (i, 1, 2), (j, 1, 3))
    kernels = compile_kernels(model(layer, Equation(J, (), HALF_SQUARES + penalty)))

    def forward(parameters, a, b):
        return ((parameters["w^1"] @ a - b) ** 2).sum() / 2 + (parameters["w^1"] ** 2).sum() / 4

    agrees(kernels, forward, {"w^1": np.random.default_rng(1).normal(size=(2, 3))})


def test_a_quantity_that_no_sample_changes():
    """Weights made from other weights: w = exp(v), whose gradient is a sum over the samples."""
    v = Quantity(Role.PARAMETER, Integer(1), (TWO, THREE), name="v")
    made = Quantity(Role.ACTIVATION, Integer(2), (TWO, THREE))
    layer = Equation(z, (i,), Sum(made[i, j] * x[j], (j, 1, 3)))
    kernels = compile_kernels(
        model(Equation(made, (i, j), exp(v[i, j])), layer, Equation(J, (), HALF_SQUARES), parameters=(v,))
    )

    def forward(parameters, a, b):
        return ((np.exp(parameters["v^1"]) @ a - b) ** 2).sum() / 2

    agrees(kernels, forward, {"v^1": np.random.default_rng(1).normal(size=(2, 3))})


def test_a_log_of_a_sum_of_exponentials_and_a_weight_used_twice():
    layer = Equation(z, (i,), Sum(w[i, j] * x[j], (j, 1, 3)) ** 2 + Sum(w[i, j], (j, 1, 3)))
    loss = log(Sum(exp(z[i]), (i, 1, 2))) - Sum(y[i] * z[i], (i, 1, 2))
    kernels = compile_kernels(model(layer, Equation(J, (), loss)))
    assert ".max(axis=0)" in kernels.source

    def forward(parameters, a, b):
        value = (parameters["w^1"] @ a) ** 2 + parameters["w^1"].sum(axis=1)
        return np.log(np.exp(value).sum()) - (b * value).sum()

    agrees(kernels, forward, {"w^1": np.random.default_rng(1).normal(size=(2, 3))})


def test_three_branches():
    """Each branch only where it holds; the exponential never overflows where it does not."""
    clipped = Piecewise((-1, z[i] < -1), (z[i] ** 3, z[i] < 1), (exp(1 - z[i]), True))
    layer = Equation(z, (i,), 1000 * Sum(w[i, j] * x[j], (j, 1, 3)))
    a = Quantity(Role.ACTIVATION, Integer(1), (TWO,))
    loss = Rational(1, 2) * Sum((a[i] - y[i]) ** 2, (i, 1, 2))
    kernels = compile_kernels(model(layer, Equation(a, (i,), clipped), Equation(J, (), loss)))

    def forward(parameters, a, b):
        total = 0
        for value, target in zip(1000 * parameters["w^1"] @ a, b, strict=True):
            real = value.real
            total += ((-1 if real < -1 else value**3 if real < 1 else np.exp(1 - value)) - target) ** 2 / 2
        return total

    agrees(kernels, forward, {"w^1": np.array([[1.0, 2.0, -1.0], [1e-3, 1e-3, 1e-3]])}, samples=6)


def test_under_a_condition_between_two_variables_a_function_that_overflows_elsewhere_is_chosen():
    strange = Piecewise((exp(z[i]), z[i] < y[i]), (z[i], True))
    layer = Equation(z, (i,), Sum(w[i, j] * x[j], (j, 1, 3)))
    kernels = compile_kernels(model(layer, Equation(J, (), Sum(strange, (i, 1, 2)))))

    def forward(parameters, a, b):
        values = zip(parameters["w^1"] @ a, b, strict=True)
        return sum(np.exp(value) if value.real < target else value for value, target in values)

    agrees(kernels, forward, {"w^1": np.array([[1.0, 2.0, -1.0], [0.5, -1.0, 0.25]])}, samples=6)
    X, Y = np.full((1, 3), 1000.0), np.zeros((1, 2))
    with np.errstate(over="ignore"):
        loss, found = kernels.gradients({"w^1": np.ones((2, 3))}, X, Y)
    assert loss == 6000 and (found["w^1"] == 1000).all()
