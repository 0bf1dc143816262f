"""Stable forms: each rule keeps the value and its digits; every activation is right far out on both tails."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy import special
from sympy import Symbol, lambdify

from symbackprop.activations import activations
from symbackprop.kernels import lambdify_elementwise
from symbackprop.kernels.masks import masked
from symbackprop.kernels.printing import KernelPrinter
from symbackprop.kernels.stable import RULES, stable
from symbackprop.quantities import ARGUMENT as z

ELEMENTWISE = [name for name, activation in activations.items() if activation.elementwise]
_SPREAD = np.logspace(-8, 3, 60)
GRID = np.unique(np.concatenate([-_SPREAD, _SPREAD, np.linspace(-40, 40, 80)]))


def truth(expression, parameters=()):
    """The value on the grid in 900 digits, rounded once; parameters are 1/4."""
    function = lambdify([z, *parameters], expression, modules="mpmath")
    with mpmath.workdps(900):
        quarter = [mpmath.mpf("0.25")] * len(parameters)
        return np.array([float(function(mpmath.mpf(float(point)), *quarter)) for point in GRID])


def on_grid(expression):
    """The value on the grid as a kernel computes it."""
    modules = [{"np": np, "special": special}]
    return lambdify([z], masked(expression), modules=modules, printer=KernelPrinter({z: "z"}))(GRID)


def bits_lost(value, wanted):
    """The mean of log2(1 + error in units of the last place), where the true value is a normal number."""
    normal = (np.abs(wanted) > 1e-290) & np.isfinite(wanted)
    if not normal.any():
        return 0.0 if np.array_equal(value, wanted) else 64.0
    error = np.abs(value - wanted)[normal] / np.spacing(np.abs(wanted[normal]))
    return np.log2(1 + np.nan_to_num(error, nan=2.0**64, posinf=2.0**64)).mean()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_keeps_the_digits_that_its_example_loses(rule):
    wanted = truth(rule.example)
    assert stable(rule.example) != rule.example
    with np.errstate(all="ignore"):  # exp(z) - 1 overflows where its true value does
        better = bits_lost(on_grid(stable(rule.example)), wanted)
        naive = bits_lost(on_grid(rule.example), wanted)
    assert better <= 1.0
    assert better <= naive


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_rule_is_idle(rule, monkeypatch):
    """Without the rule its example stays as it is, or another form comes out."""
    with_it = stable(rule.example)
    monkeypatch.setattr("symbackprop.kernels.stable.RULES", tuple(r for r in RULES if r is not rule))
    assert stable(rule.example) != with_it


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_each_activation_and_its_derivative_keep_their_digits(name):
    activation = activations[name]
    parameters = [Symbol(p, real=True) for p in activation.parameters]
    form = activation.closed_form(z, *parameters)
    h, slope = lambdify_elementwise(activation)
    quarter = [0.25] * len(parameters)
    for function, expression in ((h, form), (slope, form.diff(z))):
        value = function(GRID, *quarter)
        assert np.isfinite(value).all()
        assert bits_lost(value, truth(expression, parameters)) <= 1.0


def test_fast_mode_leaves_out_what_costs_more():
    _, slope = lambdify_elementwise(activations["gaussian"], accuracy="fast")
    form = activations["gaussian"].closed_form(z).diff(z)
    assert bits_lost(slope(GRID), truth(form, [])) > 1.0


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_float32_in_float32_out(name):
    h, slope = lambdify_elementwise(activations[name], dtype="float32")
    points = np.array([[-1e3, -1.0], [0.5, 1e3]], dtype=np.float32)
    quarter = [0.25] * len(activations[name].parameters)
    for function in (h, slope):
        value = function(points, *quarter)
        assert value.dtype == np.float32
        assert value.shape == points.shape
        assert np.isfinite(value).all()


def test_the_measure_sees_lost_digits():
    with np.errstate(all="ignore"):
        assert bits_lost(1 - np.tanh(GRID) ** 2, truth(1 - activations["tanh"].closed_form(z) ** 2)) > 5
