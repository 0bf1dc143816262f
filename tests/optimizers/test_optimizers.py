"""Every optimizer takes the step that its definition, written again in plain Python, takes."""

from __future__ import annotations

import math

import pytest

from symbackprop.optimizers import GRADIENT, NORM, PARAMETER, STEP, optimizers

GRADIENTS = [0.7, -0.2, 1.5]
LENGTH = 2.5  # that of the whole gradient


def sgd(theta, gradients):
    for g in gradients:
        theta -= 0.1 * g
    return theta


def momentum(theta, gradients):
    velocity = 0.0
    for g in gradients:
        velocity = 0.9 * velocity + g
        theta -= 0.1 * velocity
    return theta


def adam(theta, gradients):
    m = s = 0.0
    for t, g in enumerate(gradients, start=1):
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
        theta -= 0.001 * (m / (1 - 0.9**t)) / (math.sqrt(s / (1 - 0.999**t)) + 1e-8)
    return theta


def nesterov(theta, gradients):
    velocity = 0.0
    for g in gradients:
        velocity = 0.9 * velocity + g
        theta -= 0.1 * (g + 0.9 * velocity)
    return theta


def adagrad(theta, gradients):
    s = 0.0
    for g in gradients:
        s += g * g
        theta -= 0.01 * g / (math.sqrt(s) + 1e-8)
    return theta


def rmsprop(theta, gradients):
    s = 0.0
    for g in gradients:
        s = 0.9 * s + 0.1 * g * g
        theta -= 0.001 * g / (math.sqrt(s) + 1e-8)
    return theta


def adamw(theta, gradients):
    m = s = 0.0
    for t, g in enumerate(gradients, start=1):
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
        decayed = theta - 0.001 * 0.01 * theta
        theta = decayed - 0.001 * (m / (1 - 0.9**t)) / (math.sqrt(s / (1 - 0.999**t)) + 1e-8)
    return theta


def clipped_sgd(theta, gradients):
    for g in gradients:
        theta -= 0.1 * (g if LENGTH <= 1 else g / LENGTH)
    return theta


def clipped_sgd_by_value(theta, gradients):
    for g in gradients:
        theta -= 0.1 * min(max(g, -1.0), 1.0)
    return theta


WRITTEN_AGAIN = {
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adamw,
    "clipped_sgd": clipped_sgd,
    "clipped_sgd_by_value": clipped_sgd_by_value,
}


@pytest.mark.parametrize("name", list(optimizers))
def test_three_steps(name):
    optimizer = optimizers[name]
    values = {PARAMETER: 2.0, **dict.fromkeys(optimizer.memory, 0.0)}
    for step, gradient in enumerate(GRADIENTS, start=1):
        at = {**optimizer.settings, **values, GRADIENT: gradient, STEP: step, NORM: LENGTH}
        new = {PARAMETER: optimizer.parameter, **optimizer.memory}
        values = {symbol: float(expression.subs(at)) for symbol, expression in new.items()}
    assert values[PARAMETER] == pytest.approx(WRITTEN_AGAIN[name](2.0, GRADIENTS), rel=1e-12)
    assert values[PARAMETER] != 2.0


@pytest.mark.parametrize("name", list(optimizers))
def test_every_symbol_has_a_value(name):
    optimizer = optimizers[name]
    known = {PARAMETER, GRADIENT, STEP, NORM, *optimizer.memory, *optimizer.settings}
    for expression in (optimizer.parameter, *optimizer.memory.values()):
        assert expression.free_symbols <= known
