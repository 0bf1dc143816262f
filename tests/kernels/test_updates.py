"""Emitted updates against the declared rules, evaluated by SymPy entry by entry."""

from __future__ import annotations

import numpy as np
import pytest

from symbackprop.errors import InvalidSpec
from symbackprop.kernels.updates import compile_update, settings_of
from symbackprop.optimizers import GRADIENT, NORM, PARAMETER, STEP, optimizers

LENGTH = 1.75  # that of a gradient of which one entry is seen here


def norm(optimizer):
    return [LENGTH] if optimizer.uses_norm else []


@pytest.mark.parametrize("name", optimizers)
def test_three_steps_agree_with_the_rule(name):
    optimizer = optimizers[name]
    update, settings = compile_update(optimizer), settings_of(optimizer, {})
    theta = np.array([[0.5, -1.0]])
    memory = [np.zeros_like(theta) for _ in optimizer.memory]
    exact = {PARAMETER: 0.5, **dict.fromkeys(optimizer.memory, 0.0)}
    for step, gradient in enumerate((0.25, -1.5, 0.75), start=1):
        update(theta, np.array([[gradient, 0.1]]), step, *norm(optimizer), *memory, *settings)
        point = {**exact, **optimizer.settings, GRADIENT: gradient, STEP: step, NORM: LENGTH}
        rules = {**optimizer.memory, PARAMETER: optimizer.parameter}
        exact = {symbol: float(rule.subs(point)) for symbol, rule in rules.items()}
    assert theta[0, 0] == pytest.approx(exact[PARAMETER], rel=1e-13)


@pytest.mark.parametrize("name", optimizers)
def test_float32_stays_float32_and_scalars_work(name):
    optimizer = optimizers[name]
    theta = np.array(1.0, dtype=np.float32)
    memory = [np.zeros_like(theta) for _ in optimizer.memory]
    gradient = np.array(1.0, dtype=np.float32)
    compile_update(optimizer)(theta, gradient, 1, *norm(optimizer), *memory, *settings_of(optimizer, {}))
    assert theta.dtype == np.float32
    assert theta < 1


def test_an_unknown_setting_is_an_error():
    with pytest.raises(InvalidSpec, match="no setting 'nu'; known: eta, mu"):
        settings_of(optimizers["momentum"], {"nu": 0.5})
