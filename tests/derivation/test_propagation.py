"""What depth does, against quadrature by SciPy and against iterated maps; every activation has a gain or a reason."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate
from sympy import lambdify

from symbackprop.activations import activations, derivative
from symbackprop.derivation.gains import slopes_at_zero
from symbackprop.derivation.propagation import gain_argument, propagation_argument
from symbackprop.errors import NotDerivable
from symbackprop.quantities import ARGUMENT

#: No number for an unknown slope, outputs that depend on each other, and a jump, whose moments are not bounded.
WITHOUT = ("prelu", "softmax", "log_softmax", "step")
KNOWN = [name for name in activations if name not in WITHOUT]
WEIGHT, BIAS = Fraction(9, 4), Fraction(1, 20)


def mean_square(form, variance):
    """E[f(z)²] for z normal, by quadrature on each side of the usual kinks."""
    f = lambdify(ARGUMENT, form, ["scipy", "numpy"])
    width = float(np.sqrt(variance))
    ends = sorted({-12.0, *(kink / width for kink in (-3, -1, 0, 1, 3, 6) if abs(kink / width) < 12), 12.0})
    total = 0.0
    for low, high in zip(ends, ends[1:], strict=False):
        total += integrate.quad(
            lambda u: float(f(u * width)) ** 2 * np.exp(-u * u / 2), low, high, epsabs=1e-11, limit=200
        )[0]
    return total / np.sqrt(2 * np.pi)


def value_of(argument, name):
    return next(rhs for lhs, rhs in argument.results.items() if str(lhs) == name)


@pytest.mark.parametrize("name", KNOWN)
def test_the_gain_of_every_activation(name):
    form = activations[name].closed_form(ARGUMENT)
    argument = gain_argument(activations[name])
    value, slope, gain = map(float, argument.results.values())
    assert value == pytest.approx(mean_square(form, 1), abs=2e-6)
    assert slope == pytest.approx(mean_square(form.diff(ARGUMENT), 1), abs=2e-6)
    assert gain == pytest.approx(value**-0.5, rel=1e-5)


@pytest.mark.parametrize("name", WITHOUT)
def test_what_has_no_gain_says_why(name):
    for argument in (gain_argument, lambda a: propagation_argument(a, WEIGHT, BIAS)):
        with pytest.raises(NotDerivable, match=name):
            argument(activations[name])


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "gelu", "sine", "softsign", "swish"])
def test_a_fixed_point_is_one_and_chi_is_the_slope_there(name):
    weight = Fraction(3, 2)
    argument = propagation_argument(activations[name], weight, BIAS)
    q, chi = float(value_of(argument, "q")), float(value_of(argument, "chi"))
    form = activations[name].closed_form(ARGUMENT)
    assert float(weight) * mean_square(form, q) + float(BIAS) == pytest.approx(q, abs=3e-6)
    assert float(weight) * mean_square(derivative(activations[name]), q) == pytest.approx(chi, abs=3e-6)


@pytest.mark.parametrize("name", [name for name in KNOWN if slopes_at_zero(activations[name])])
@pytest.mark.parametrize("weight", [Fraction(1, 2), Fraction(2), Fraction(5)])
def test_lines_are_exact(name, weight):
    lines = slopes_at_zero(activations[name])
    share = sum(float(line) ** 2 for line in lines) / 2
    argument = propagation_argument(activations[name], weight, BIAS)
    assert float(value_of(argument, "chi")) == pytest.approx(float(weight) * share)
    q = value_of(argument, "q")
    if float(weight) * share < 1:
        assert float(q) == pytest.approx(float(BIAS) / (1 - float(weight) * share))
    else:
        assert q.free_symbols and "grows without bound" in argument.parts[2].words


def test_without_a_bias_zero_is_a_fixed_point_where_it_draws_near():
    argument = propagation_argument(activations["tanh"], Fraction(9, 10), Fraction(0))
    assert (value_of(argument, "q"), value_of(argument, "chi")) == (0, Fraction(9, 10))
    assert value_of(propagation_argument(activations["tanh"], Fraction(2), Fraction(0)), "q") > 0


def test_a_variance_is_positive():
    with pytest.raises(NotDerivable, match="the variance of a weight is above 0"):
        propagation_argument(activations["tanh"], Fraction(0), Fraction(0))
