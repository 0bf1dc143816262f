"""Learning rates over the epochs: each schedule by its formula, and as the steps really take it."""

from __future__ import annotations

from itertools import pairwise
from math import cos, pi

import numpy as np
import pytest

from symbackprop.errors import InvalidSpec, UnknownName
from symbackprop.kernels import compile_kernels
from symbackprop.network import Network
from symbackprop.optimizers import sgd
from symbackprop.training import Constant, Cosine, Exponential, Step, WarmUp, schedules, train
from symbackprop.training.schedules import read_schedule

NET = Network.from_spec("2-3-1", "tanh,sigmoid", "binary_cross_entropy")
FORMULAS = {
    "constant": lambda done, epochs: 1.0,
    "step": lambda done, epochs: 0.1 ** (done // 100),
    "exponential": lambda done, epochs: 0.99**done,
    "cosine": lambda done, epochs: (1 + cos(pi * done / epochs)) / 2,
    "warm_up": lambda done, epochs: min(done / 5, 1.0),
}


@pytest.mark.parametrize("name", schedules)
def test_each_schedule_by_its_formula(name):
    schedule = read_schedule(name)
    assert type(schedule) is schedules[name]
    for done in (0, 0.5, 3, 50, 99.9, 120, 300):
        assert schedule.factor(done, 300) == pytest.approx(FORMULAS[name](done, 300), abs=1e-12)


@pytest.mark.parametrize("name", schedules)
def test_each_step_is_taken_with_the_rate_of_the_schedule(name):
    """Two batches an epoch, so that the middle of a step is at a quarter and at three quarters of it."""
    kernels, rng = compile_kernels(NET), np.random.default_rng(0)
    X, Y = rng.normal(size=(8, 2)), rng.integers(0, 2, (8, 1)).astype(float)
    seen = train(kernels, (X, Y), "sgd", 0.5, epochs=4, batch_size=4, schedule=name)
    rates = [0.5 * FORMULAS[name](number + 0.75, 4) for number in range(4)]
    assert [epoch.learning_rate for epoch in seen.history] == pytest.approx(rates)
    parameters, order = kernels.init(0), np.random.default_rng(0)
    for number in range(4):
        places = order.permutation(8)
        for half in (0, 1):
            part = places[4 * half : 4 * half + 4]
            _, gradients = kernels.gradients(parameters, X[part], Y[part])
            rate = 0.5 * FORMULAS[name](number + 0.25 + half / 2, 4)
            parameters = {label: value - rate * gradients[label] for label, value in parameters.items()}
    for label, value in parameters.items():
        assert np.allclose(seen.parameters[label], value, rtol=1e-12, atol=1e-15)


def test_a_warm_up_hands_over():
    schedule = read_schedule("warm_up=2 + cosine=1/10")
    assert schedule == WarmUp(2.0, Cosine(0.1))
    factors = [schedule.factor(done, 12) for done in np.arange(0, 12.5, 0.5)]
    assert factors[0] == 0 and factors[4] == 1 and factors[-1] == pytest.approx(0.1)
    assert all(a < b for a, b in pairwise(factors[:5])) and all(a > b for a, b in pairwise(factors[4:]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("step=0", "every of a schedule is a number more than 0"),
        ("step=10,2", "times of a schedule is a number more than 0, at most 1, not 2.0"),
        ("step=10,1/2,3", "has 3 numbers; step takes at most 2"),
        ("cosine=x", "'x' in the schedule 'cosine=x' is not a number"),
        ("cosine=1/0", "is not a number"),
        ("cosine=2", "least of a schedule"),
        ("step+cosine", "only a warm_up is followed by another schedule"),
    ],
)
def test_a_bad_schedule_is_named(text, message):
    with pytest.raises(InvalidSpec, match=message):
        read_schedule(text)


def test_an_unknown_schedule_names_the_known():
    with pytest.raises(UnknownName, match="no schedule named 'cosin'; known: constant, cosine"):
        read_schedule("cosin")


def test_a_schedule_needs_a_rate_to_change():
    eta = next(iter(sgd.settings))
    fixed = type(sgd)("fixed", sgd.parameter.subs(eta, sgd.settings[eta]), {}, {})
    assert train(NET, epochs=1, optimizer=fixed, schedule=Constant()).history
    with pytest.raises(InvalidSpec, match="a schedule changes eta, which the optimizer fixed has not"):
        train(NET, epochs=1, optimizer=fixed, schedule=Exponential(0.5))
    assert Step(1, 0.5).factor(2, 3) == 0.25
