"""Pictures: what is drawn is what is computed, twice the same bytes, and a clear word where matplotlib is missing."""

from __future__ import annotations

import sys
from fractions import Fraction

import numpy as np
import pytest

from symbackprop.activations import activations
from symbackprop.cli import main
from symbackprop.commands.draw import of_activation, of_depth, simulated

DRAWN = [n for n, a in activations.items() if a.closed_form is not None and a.elementwise]


@pytest.mark.parametrize("name", DRAWN)
def test_an_activation_and_its_slope(name):
    h, slope = of_activation(activations[name], -3.9, 4.1).curves
    assert len(h.y) == len(slope.y) == len(h.x) == 501 and np.isfinite([*h.y, *slope.y]).all()
    secant = np.diff(h.y) / np.diff(h.x)
    middle = (np.array(slope.y[1:]) + slope.y[:-1]) / 2
    # A secant over a kink is neither slope, one over a jump is none at all.
    assert np.mean(np.abs(secant - middle) > 1e-2) < 0.02


def test_the_errors_of_a_random_network_grow_by_chi():
    picture = of_depth("gradients", activations["relu"], Fraction(3), Fraction(0), 12, 400, 0)
    measured, expected = picture.curves
    assert picture.log and expected.y[0] == pytest.approx(measured.y[-1] * 1.5**11)
    assert 0.5 < measured.y[0] / expected.y[0] < 2


def test_the_variance_of_a_random_network_goes_by_the_map_to_the_fixed_point():
    picture = of_depth("variance", activations["tanh"], Fraction(9, 4), Fraction(1, 20), 15, 400, 0)
    measured, expected = picture.curves
    assert list(measured.y) == pytest.approx(expected.y, rel=0.1) and not picture.log
    assert expected.label.endswith("fixed point 0.8894") and expected.y[-1] == pytest.approx(0.8894, rel=1e-3)


def test_without_a_fixed_point_none_is_named():
    picture = of_depth("variance", activations["relu"], Fraction(3), Fraction(0), 9, 10, 0)
    measured, expected = picture.curves
    assert expected.label == "the variance map" and picture.log
    assert list(expected.y) == pytest.approx([3 * 1.5**k for k in range(9)], rel=1e-2)


def test_a_seed_says_everything():
    once, again = (simulated(activations["tanh"], 1.0, 0.1, 4, 10, 7) for _ in range(2))
    assert once == again != simulated(activations["tanh"], 1.0, 0.1, 4, 10, 8)


@pytest.mark.parametrize("what", ["activation", "variance", "gradients"])
@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_a_picture_is_the_same_each_time(what, suffix, tmp_path, capsys):
    pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")
    files = [tmp_path / f"{number}{suffix}" for number in range(2)]
    for file in files:
        assert main(["draw", what, "relu", "--layers", "4", "--width", "10", "-o", str(file)]) == 0
        assert capsys.readouterr().err == f"wrote {file}\n"
    first, second = (file.read_bytes() for file in files)
    assert first == second and len(first) > 1000
    assert sorted(tmp_path.iterdir()) == files


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["draw", "activation", "tanh", "-o", "x.gif"], "ends in .svg, .png, .pdf"),
        (["draw", "activation", "tan", "-o", "x.svg"], "no activation named 'tan'"),
        (["draw", "activation", "softmax", "-o", "x.svg"], "softmax has no closed form in z alone"),
        (["draw", "activation", "tanh", "--low", "3", "--high", "1", "-o", "x.svg"], "from a lower to a higher"),
        (["draw", "variance", "tanh", "--weight-variance", "x", "-o", "x.svg"], "'x' is not a number"),
        (["draw", "gradients", "prelu", "-o", "x.svg"], "prelu has a parameter that is learnt"),
    ],
)
def test_what_cannot_be_drawn(arguments, message, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "matplotlib", sys)  # any module will do: nothing is drawn
    assert main(arguments) == 2
    found = capsys.readouterr()
    assert message in found.err and found.err.count("\n") == 1 and not list(tmp_path.iterdir())


def test_matplotlib_is_an_extra(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["draw", "activation", "tanh", "-o", str(tmp_path / "x.svg")]) == 2
    assert "a plot needs matplotlib; install it with: pip install 'symbackprop[plot]'" in capsys.readouterr().err
