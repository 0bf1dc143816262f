"""Digits of every activation and of every loss with its outputs, in both dtypes and modes, against mpmath."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from sympy import exp

from symbackprop.activations import activations, softmax
from symbackprop.cli import main
from symbackprop.errors import NotDerivable
from symbackprop.kernels import compile_kernels, compile_steps
from symbackprop.kernels.accuracy import measure_activation
from symbackprop.kernels.compilation import Precision
from symbackprop.kernels.digits import digits, points, scale_at_zeros, truth
from symbackprop.kernels.functions import Accuracy
from symbackprop.kernels.pairs import OUTPUTS, is_finite, measure_pair
from symbackprop.kernels.stable import RULES, stable
from symbackprop.kernels.tails import accurate
from symbackprop.layers import Dense
from symbackprop.losses import losses
from symbackprop.network import Network
from symbackprop.quantities import ARGUMENT as z

DTYPES = get_args(Precision)
BARS = {"float64": 1e-14, "float32": 4e-7}
ELEMENTWISE = [name for name, activation in activations.items() if activation.elementwise]
PAIRS = [(loss, output) for loss, outputs in OUTPUTS.items() for output in outputs]
#: What is above the bars, and how far: the mean in bits, and by how much the relative error is larger.
KNOWN = {
    # The square of an exponential, which NumPy gives in float32 to two units in the last place.
    "squared_error of softmax, error": (1.0, 1.5),
    "focal of softmax": (1.0, 1.5),
}


def meets_the_bars(measured, dtype):
    scale = scale_at_zeros(measured.z, measured.wanted)
    found = {mode: digits(measured.computed[mode], measured.wanted, scale=scale) for mode in get_args(Accuracy)}
    assert {mode: one.broken for mode, one in found.items()} == {"fast": 0, "accurate": 0}
    mean, factor = KNOWN.get(measured.name, (1.0, 1.0))
    assert found["accurate"].count > 0
    assert found["accurate"].bits <= mean
    assert found["accurate"].relative <= factor * BARS[dtype]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_every_activation_and_its_derivative(name, dtype):
    for measured in measure_activation(activations[name], dtype, density=4):
        meets_the_bars(measured, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("pair", PAIRS, ids=" of ".join)
def test_every_loss_with_its_outputs(pair, dtype):
    loss, output = pair
    for measured in measure_pair(losses[loss], activations[output], dtype, density=1):
        meets_the_bars(measured, dtype)


def test_every_loss_is_measured_and_no_exception_is_idle():
    assert set(OUTPUTS) == set(losses)
    assert is_finite(losses["hinge"], activations["tanh"])
    assert not is_finite(losses["poisson"], activations["log_sigmoid"])
    assert {name.partition(",")[0] for name in KNOWN} <= set(map(" of ".join, PAIRS))


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "gelu", "gelu_tanh", "gaussian", "mish", "selu", "softsign"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_steps_have_the_digits_of_kernels(name, dtype):
    grid = points(dtype, density=2)
    net = Network(1, Dense(len(grid), activations[name]), loss=losses["negative_log_likelihood"])
    kernels = compile_kernels(net, dtype, "accurate")
    start = {"w^1": np.zeros((len(grid), 1), dtype), "b^1": grid}
    steps = compile_steps(kernels, "sgd", settings={"eta": 1.0}, parameters=start)
    steps.load(np.zeros((1, 1), dtype), np.full((1, len(grid)), -1, dtype))
    with np.errstate(under="ignore"):
        steps.step()
    form = activations[name].closed_form(z).diff(z)
    wanted = truth(form, [z], [grid])
    found = digits(steps.gradients["b^1"], wanted, scale=scale_at_zeros(grid, wanted))
    assert (found.broken, found.bits <= 1.0, found.relative <= BARS[dtype]) == (0, True, True), found


def test_the_measure_sees_what_the_naive_forms_lose():
    _, slope = measure_activation(activations["tanh"], density=2)
    assert digits(slope.computed["naive"], slope.wanted).bits > 5
    assert digits(slope.computed["fast"], slope.wanted).relative > 0.5
    J, _ = measure_pair(losses["cross_entropy"], softmax, density=1)
    assert digits(J.computed["naive"], J.wanted).broken > 0
    assert digits(J.computed["fast"], J.wanted).bits > 1


def test_a_wrong_value_and_a_lost_one_are_seen():
    wanted = np.array([1.0, 2.0, 0.0])
    assert digits(np.array([1.0, np.nan, 0.0]), wanted).broken == 1
    assert digits(np.array([1.0, 2.0, 1e-3]), wanted).worst > 50
    assert digits(np.array([1.0, 2.0, 0.0]), wanted).bits == 0


def test_points_are_the_same_each_time_and_near_the_borders():
    assert np.array_equal(points(borders=[3.0]), points(borders=[3.0]))
    assert {np.nextafter(3, 4), 3.0, np.nextafter(3, 2)} <= set(points(borders=[3.0]).tolist())


def test_only_what_has_a_closed_form_is_measured_alone():
    with pytest.raises(NotDerivable, match="--loss NAME"):
        measure_activation(softmax)


@pytest.mark.parametrize("form", [exp(-z), exp(z**4), exp(-(z**2)) * z])
def test_only_polynomials_of_degree_2_and_3_are_taken_apart(form):
    assert (accurate(form) == form) == (form != exp(-(z**2)) * z)


def test_the_page_lists_every_rule():
    page = (Path(__file__).parents[2] / "docs" / "accuracy.md").read_text(encoding="utf-8")
    cells = [re.split(r" (?<!\\)\| ", line.strip("| ")) for line in page.splitlines() if line.startswith("|")]
    shown = {row[0]: (row[1:3], row[3].replace("\\|", "|")) for row in cells if len(row) == 4}
    for rule in RULES:
        assert shown[rule.name] == ([f"`{rule.example}`", f"`{stable(rule.example)}`"], rule.where)


def test_the_command_prints_each_form_in_both_dtypes(capsys):
    assert main(["derive", "--activation", "relu", "--accuracy"]) == 0
    text = capsys.readouterr().out
    assert all(f"{name}, {dtype}, " in text for name in ("relu", "relu'") for dtype in DTYPES)
    assert "naive" in text and "accurate" in text
    assert main(["derive", "--accuracy"]) == 2
    assert main(["derive", "3-2", "--activation", "relu", "--accuracy"]) == 2
    assert "--accuracy measures" in capsys.readouterr().err
