"""What a Hessian says about a point, and what eigenvalues say about powers, against numbers."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import I, Matrix, Rational, Symbol, diff, exp, sqrt, symbols

from symbackprop import Dense, Network, critical_point, definiteness, linear_recurrence, tanh
from symbackprop.derivation.definiteness import Definiteness
from symbackprop.errors import InvalidSpec, NotDerivable, ShapeMismatch

A, B = symbols("a b", positive=True)
DEEP = Network(1, Dense(1, bias=False), Dense(1, bias=False))
CURVED = Network(1, Dense(1, tanh, bias=False), Dense(1, bias=False))
X, Y = (Symbol(name, real=True, nonzero=True) for name in "xy")


def hessian_of(argument):
    return Matrix(2, 2, [chain[-1].rhs for chain in argument.parts[-1].chains])


@pytest.mark.parametrize("values", [(0, 0), (1, 2), (Rational(1, 3), -1)])
@pytest.mark.parametrize("net", [DEEP, CURVED], ids=["linear", "tanh"])
def test_gradient_and_hessian_at_a_point(net, values):
    """Against SymPy's derivatives of the composite written out."""
    w, v = symbols("w v")
    z = w * X
    hidden = z if net is DEEP else (exp(z) - exp(-z)) / (exp(z) + exp(-z))
    loss = (v * hidden - Y) ** 2 / 2
    point = {w: values[0], v: values[1]}
    argument = critical_point(net, dict(zip(("w^1", "w^2"), values, strict=True)))
    here = {X: 0.7, Y: -1.3}
    found = [chain[-1].rhs for chain in argument.parts[1].chains]
    for letter, slope in zip((w, v), found, strict=True):
        assert float(slope.subs(here)) == pytest.approx(float(diff(loss, letter).subs(point).subs(here)), abs=1e-14)
    for number, second in enumerate(hessian_of(argument)):
        one, other = (w, v)[number // 2], (w, v)[number % 2]
        assert float(second.subs(here)) == pytest.approx(
            float(diff(loss, one, other).subs(point).subs(here)), abs=1e-13
        )


def test_the_origin_is_a_saddle_and_other_points_are_not_critical():
    assert "It is a saddle point" in critical_point(DEEP, {"w^1": 0, "w^2": 0}).parts[-1].words
    assert "critical only where the gradient is 0" in critical_point(DEEP, {"w^1": 1, "w^2": 2}).parts[-1].words
    assert "the point is not critical" in critical_point(DEEP, {"w^1": 0, "w^2": 2}).parts[-1].words
    bottom = critical_point(Network(1, Dense(1, bias=False)), {"w^1": Y / X})
    assert "It is a minimum" in bottom.parts[-1].words


def test_letters_that_are_left_open_are_told_apart():
    net = Network(1, Dense(1), Dense(1))
    point = critical_point(net, {"w^1": 1, "w^2": 1, "b^2": Symbol("y")})
    assert point.words == "Left open are $x$, $b$, $y$, real numbers other than 0."
    assert [str(chain[-1].rhs) for chain in point.parts[1].chains] == ["x*(b + x)", "(b + x)**2", "b + x"]
    both = critical_point(net, {"w^1": 1})
    assert "$b_{1}$, $w$, $b_{2}$" in both.words


def test_what_is_no_point_of_a_small_network():
    for net, at in ((Network(2, Dense(1)), {"w^1": 0}), (DEEP, {"q^1": 0}), (DEEP, {})):
        with pytest.raises(InvalidSpec):
            critical_point(net, at)


def test_a_sign_that_may_be_zero_decides_nothing():
    x, y = symbols("x y", real=True)
    assert definiteness(Matrix([[0, x * y], [x * y, 0]])).kind is Definiteness.NOT_DETERMINED


MATRICES = {
    "symmetric": Matrix([[A, B], [B, A]]),
    "rotation": Matrix([[0, -1], [1, 0]]),
    "fibonacci": Matrix([[1, 1], [1, 0]]),
    "triangle": Matrix([[2, 1, 0], [0, Rational(1, 2), 1], [0, 0, -1]]),
    "one": Matrix([[Rational(1, 2)]]),
}


@pytest.mark.parametrize("power", [1, 2, 5])
@pytest.mark.parametrize("name", MATRICES)
def test_the_power_of_a_matrix(name, power):
    matrix, here = MATRICES[name], {A: 0.7, B: 0.4, Symbol("n", integer=True, positive=True): power}
    rows = matrix.shape[0]
    argument = linear_recurrence(matrix)
    found = [complex(chain[-1].rhs.subs(here)) for chain in argument.parts[-1].chains]
    wanted = np.linalg.matrix_power(np.array(matrix.subs(here).tolist(), dtype=float), power)
    np.testing.assert_allclose(np.reshape(found, (rows, rows)), wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (Matrix([[Rational(1, 2), 0], [0, 2]]), "explode."),
        (Matrix([[Rational(1, 2), 0], [0, -Rational(1, 3)]]), "state and gradient vanish."),
        (Matrix([[0, -1], [1, 0]]), "nothing explodes"),
        (Matrix([[A, B], [B, A]]), "It explodes where"),
        (Matrix([[0, -2], [2, 0]]), "explode."),
    ],
)
def test_eigenvalues_say_what_becomes_of_a_gradient(matrix, said):
    assert said in linear_recurrence(matrix).parts[-1].words


def test_the_induction_holds_for_any_matrix():
    (first, induction) = linear_recurrence().parts[0].chains
    assert str(induction[-1].rhs) == "Sum(U[k, j]*V[i, k]*lamda[k]**(n + 1), (k, 1, m))"
    assert len(linear_recurrence().parts) == 1


def test_a_matrix_without_a_basis_or_without_a_square_is_an_error():
    with pytest.raises(NotDerivable, match="1 independent eigenvectors and 2 rows"):
        linear_recurrence(Matrix([[1, 1], [0, 1]]))
    with pytest.raises(ShapeMismatch, match="a square matrix of 1 to 4 rows"):
        linear_recurrence(Matrix([[1, 2]]))
    assert linear_recurrence(Matrix([[1, I], [-I, 1]])).parts[1].chains[0][-1].rhs in (0, 2)
    assert sqrt(2) in list(linear_recurrence(Matrix([[1, 1], [1, -1]])).results.values())
