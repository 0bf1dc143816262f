"""Definiteness of small matrices: what is decided holds at random points, what is open is said to be open."""

from __future__ import annotations

import random

import numpy as np
import pytest
from sympy import Indexed, Integer, KroneckerDelta, Matrix, Rational, eye, sqrt, symbols, zeros

from symbackprop.activations import identity
from symbackprop.derivation import derive
from symbackprop.derivation.definiteness import Definiteness, definiteness
from symbackprop.derivation.second_order import hessian
from symbackprop.errors import ShapeMismatch
from symbackprop.layers import Dense
from symbackprop.network import Network

p, q, r = symbols("p q r", positive=True)
x, y = symbols("x y", real=True)
s, c = p / (p + q + r), q / (p + q + r)
SOFTMAX = Matrix([[s * (1 - s), -s * c], [-s * c, c * (1 - c)]])

CASES = [
    (eye(3), Definiteness.POSITIVE),
    (-eye(2) * p, Definiteness.NEGATIVE),
    (Matrix([[2, 1], [1, 2]]), Definiteness.POSITIVE),
    (Matrix([[p, 0], [0, -q]]), Definiteness.INDEFINITE),
    (Matrix([[0, p], [p, 0]]), Definiteness.INDEFINITE),
    (Matrix([[1, 1], [1, 1]]), Definiteness.POSITIVE_SEMI),
    (Matrix([[0, 0], [0, -p]]), Definiteness.NEGATIVE_SEMI),
    (zeros(2, 2), Definiteness.ZERO),
    (Matrix([[x]]), Definiteness.NOT_DETERMINED),
    (Matrix([[p, x], [x, q]]), Definiteness.NOT_DETERMINED),
    (Matrix([[1, 0, 0], [0, 1, 0], [0, 0, -1]]), Definiteness.INDEFINITE),
    (Matrix([[x**2, x * y], [x * y, y**2]]), Definiteness.POSITIVE_SEMI),
    (SOFTMAX, Definiteness.POSITIVE),
    # Leading minors that are not negative do not make a matrix semidefinite.
    (Matrix([[0, 0], [0, -1]]), Definiteness.NEGATIVE_SEMI),
    (Matrix([[0, 0, 0], [0, 0, 0], [0, 0, -1]]) + Matrix(3, 3, lambda i, j: int(i == j == 0)), Definiteness.INDEFINITE),
    (Matrix([[sqrt(2), 1], [1, Rational(1, 2)]]), Definiteness.INDEFINITE),
]


@pytest.mark.parametrize(("matrix", "kind"), CASES, ids=[str(n) for n in range(len(CASES))])
def test_the_kind(matrix, kind):
    found = definiteness(matrix)
    assert found.kind is kind and found.because


def kind_by_eigenvalues(values):
    low, high = values.min(), values.max()
    small = 1e-9
    if low > small:
        return {Definiteness.POSITIVE, Definiteness.POSITIVE_SEMI}
    if high < -small:
        return {Definiteness.NEGATIVE, Definiteness.NEGATIVE_SEMI}
    if low < -small and high > small:
        return {Definiteness.INDEFINITE}
    if high > small:
        return {Definiteness.POSITIVE_SEMI}
    return {Definiteness.NEGATIVE_SEMI} if low < -small else {Definiteness.ZERO}


@pytest.mark.parametrize("seed", range(40))
def test_random_matrices_agree_with_their_eigenvalues(seed):
    rng = random.Random(seed)
    n = rng.randint(1, 4)
    root = Matrix(n, n, lambda i, j: Integer(rng.randint(-2, 2)))
    matrix = [root + root.T, root * root.T, -root * root.T, root * root.T + eye(n)][seed % 4]
    found = definiteness(matrix).kind
    assert found in kind_by_eigenvalues(np.linalg.eigvalsh(np.array(matrix, dtype=float)))


@pytest.mark.parametrize("matrix", [Matrix([[1, 2]]), Matrix([[1, 2], [3, 1]]), eye(6), Matrix(0, 0, [])])
def test_what_is_not_judged_is_refused(matrix):
    with pytest.raises(ShapeMismatch):
        definiteness(matrix)


def test_weights_of_zero_are_a_saddle_of_two_linear_layers():
    net = Network(1, Dense(1, identity, bias=False), Dense(1, identity, bias=False))
    derivation = derive(net)
    a, b = symbols("a b", positive=True)
    weights = ("w^1", "w^2")
    matrix = Matrix(2, 2, lambda i, j: _at_zero(hessian(derivation, weights[i], weights[j]), a, b))
    assert matrix == Matrix([[0, -a * b], [-a * b, 0]])
    assert definiteness(matrix).kind is Definiteness.INDEFINITE


def _at_zero(argument, a, b):
    value = list(argument.results.values())[-1]
    value = value.replace(KroneckerDelta, lambda *_: Integer(1)).doit()  # every axis has one place
    numbers = {"x^0": a, "epsilon^2": -b}  # the output is 0, so its error is -y
    entries = sorted(value.atoms(Indexed), key=str)
    return value.xreplace({e: numbers.get(str(e.base.label), Integer(0)) for e in entries})
