"""Bounds on gradients through layers, held against the errors of random networks."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Rational, Symbol

from symbackprop.activations import activations, sigmoid, softmax, step
from symbackprop.derivation.bounds import gradient_bound, steepest
from symbackprop.errors import NotDerivable
from symbackprop.reference import ACTIVATIONS
from symbackprop.rendering import render

KNOWN = [name for name in ACTIVATIONS if name in activations]


@pytest.mark.parametrize("name", KNOWN)
def test_no_slope_is_larger(name):
    z = np.linspace(-12, 12, 4001)
    slopes = np.abs(ACTIVATIONS[name][1](z))
    largest = float(steepest(activations[name]))
    assert slopes.max() <= largest + 1e-12
    assert slopes.max() >= largest - 5e-3  # and it is no looser than a grid can tell


@pytest.mark.parametrize("name", KNOWN)
def test_errors_of_random_networks_stay_below_the_bound(name):
    rng, h, slope = np.random.default_rng(0), *ACTIVATIONS[name]
    weights = [rng.normal(size=(5, 5)) for _ in range(4)]
    largest = float(steepest(activations[name]))
    a, zs = rng.normal(size=5), []
    for w in weights:
        zs.append(w @ a)
        a = h(zs[-1])
    error = first = rng.normal(size=5)
    bound = np.linalg.norm(first)
    for w, z in zip(weights[:0:-1], zs[-2::-1], strict=True):
        error = slope(z) * (w.T @ error)
        bound *= largest * np.linalg.norm(w, 2)
        assert np.linalg.norm(error) <= bound * (1 + 1e-12)


def test_the_bound_of_the_sigmoid():
    found = gradient_bound(sigmoid)
    assert found.results[Symbol("s")] == Rational(1, 4)
    assert r"\frac{1}{4}" in render(found)


def test_what_has_no_slope_of_its_own_has_no_bound():
    with pytest.raises(NotDerivable):
        steepest(softmax)
    assert steepest(step) == 0
