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
from symbackprop.kernels.pairs import OUTPUTS, measure_pair, possible_outputs
from symbackprop.kernels.stable import RULES, stable
from symbackprop.kernels.tails import accurate
from symbackprop.layers import Dense
from symbackprop.losses import losses
from symbackprop.network import Network
from symbackprop.quantities import ARGUMENT as z

DTYPES = get_args(Precision)
DIGITS_OF = get_args(Accuracy)
BARS = {"float64": 1e-14, "float32": 4e-7}
ELEMENTWISE = [name for name, activation in activations.items() if activation.elementwise]
PAIRS = [(loss, output) for loss, outputs in OUTPUTS.items() for output in outputs]
#: Pre-activations at which every loss is measured on every activation, and the digits that their true values take.
_NEAR, _FAR = [2.0**-k for k in (33, 20, 11, 7, 4, 2)], [0.4375, 2.4375, 3.46875, 9.3125, 19.3125, 57.5, 110.25]
SPREAD, REACH = np.sort([*_NEAR, *_FAR, *(-x for x in [*_NEAR, *_FAR[2:]])]), 400
#: What is above one bit or the relative error, and how far.
KNOWN = {
    # 1 - tanh of what is nearly 0 is 2σ, and its square has twice the last place of σ.
    "focal of tanh": (1.4, 1e-14),
    # Likewise (1 - sin z)², with 18 points in its domain here; over 32 it is one bit.
    "focal of sine": (1.4, 1e-14),
    # What is left of a target beside tanh(z), all but 1, is taken from tanh(z) as it is rounded.
    "cosine of tanh, error": (3.0, 1e-8),
}


def meets_the_bars(measured, dtype):
    scale = scale_at_zeros(measured.z, measured.wanted)
    found = {mode: digits(measured.computed[mode], measured.wanted, scale=scale) for mode in get_args(Accuracy)}
    assert {mode: one.broken for mode, one in found.items()} == {"fast": 0, "accurate": 0}
    assert found["accurate"].count > 0
    assert found["accurate"].bits <= 1.0
    assert found["accurate"].relative <= BARS[dtype]


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


@pytest.mark.parametrize("loss", losses)
def test_every_loss_on_every_activation(loss):
    for output in possible_outputs(losses[loss]):
        for measured in measure_pair(losses[loss], output, forms=DIGITS_OF, z=SPREAD, precision=REACH):
            scale = scale_at_zeros(measured.z, measured.wanted)
            found = {mode: digits(measured.computed[mode], measured.wanted, scale=scale) for mode in DIGITS_OF}
            assert {mode: one.broken for mode, one in found.items()} == dict.fromkeys(DIGITS_OF, 0), measured.name
            bits, relative = KNOWN.get(measured.name, (1.0, BARS["float64"]))
            above = found["accurate"].bits > bits or found["accurate"].relative > relative
            assert not above, (measured.name, found["accurate"])
            idle = found["accurate"].bits <= 1 and found["accurate"].relative <= BARS["float64"]
            assert not (idle and measured.name in KNOWN), f"{measured.name} is no exception any more"


def test_every_loss_is_measured_and_only_outside_of_its_domain_none():
    assert set(OUTPUTS) == set(losses)
    named = {loss: {output.name for output in possible_outputs(losses[loss])} for loss in losses}
    assert all(set(outputs) <= named[loss] for loss, outputs in OUTPUTS.items())
    every = {activation.name for activation in activations.values()}
    missing = {loss: sorted(every - outputs) for loss, outputs in named.items() if every - outputs}
    # log a of what is never positive, log(1 - a) of what is 0 or 1.
    never = ["log_sigmoid", "log_softmax"]
    of_logarithms = ("cross_entropy", "kl_divergence", "focal", "poisson")
    assert missing == {"binary_cross_entropy": [*never, "step"], **dict.fromkeys(of_logarithms, never)}


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
