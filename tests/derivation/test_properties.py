"""Properties of activations: what the literature says, and every bound against values taken somewhere else."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from sympy import Piecewise, Rational, Symbol, exp, lambdify, oo, sin, sqrt

from symbackprop.activations import Activation, activations, prelu, softmax, unknown
from symbackprop.activations.pieces import Piece, kinks, pieces
from symbackprop.derivation.properties import Place, properties
from symbackprop.derivation.tails import limit_at_infinity, sign_far_out
from symbackprop.derivation.zeros import signs_of
from symbackprop.errors import NotDerivable
from symbackprop.quantities import ARGUMENT as z

NAMES = [name for name, a in activations.items() if a.closed_form is not None and not a.parameters]
FOUND = {name: properties(activations[name]) for name in NAMES}

#: The largest |h'| as textbooks and papers give it, to so many digits.
STEEPEST = {
    "sigmoid": (Rational(1, 4), 0),
    "tanh": (1, 0),
    "relu": (1, 0),
    "swish": (Rational("1.0998"), Rational("5e-5")),  # Ramachandran et al. 2017
    "gelu": (Rational("1.1289"), Rational("5e-5")),  # at √2
    "mish": (Rational("1.0885"), Rational("5e-5")),
    "hard_sigmoid": (Rational(1, 6), 0),
    "hard_swish": (Rational(3, 2), 0),
    "softsign": (1, 0),
    "step": (0, 0),
}
#: The least and greatest value; (value, whether it is reached).
RANGES = {
    "sigmoid": ((0, False), (1, False)),
    "tanh": ((-1, False), (1, False)),
    "relu": ((0, True), (oo, False)),
    "elu": ((-1, False), (oo, False)),
    "softplus": ((0, False), (oo, False)),
    "log_sigmoid": ((-oo, False), (0, False)),
    "gaussian": ((0, False), (1, True)),
    "relu6": ((0, True), (6, True)),
    "hard_swish": ((Rational(-3, 8), True), (oo, False)),
    "sine": ((-1, True), (1, True)),
    "step": ((0, True), (1, True)),
}


@pytest.mark.parametrize("name", STEEPEST)
def test_the_steepest_slope_is_that_of_the_literature(name):
    value, error = STEEPEST[name]
    found = FOUND[name].steepest
    assert found.exact == value if error == 0 else value - error <= found.low <= found.high <= value + error


@pytest.mark.parametrize("name", RANGES)
def test_the_range_is_that_of_the_literature(name):
    assert tuple((v.exact, v.reached) for v in FOUND[name].range) == RANGES[name]


def test_minima_that_no_formula_gives():
    least = {name: FOUND[name].range[0] for name in ("swish", "gelu", "mish")}
    published = {"swish": "-0.2784645427610738", "gelu": "-0.16997120747990366", "mish": "-0.30884341301725043"}
    for name, text in published.items():
        assert least[name].exact is None and least[name].reached
        assert abs(Fraction(text) - least[name].low) < Fraction(1, 10**15)


def test_fixed_points():
    assert [p.exact for p in FOUND["tanh"].fixed_points] == [0]  # a zero of order 3 of tanh(z) - z
    (own,) = FOUND["sigmoid"].fixed_points
    assert abs(own.low - Fraction("0.659046068407407")) < Fraction(1, 10**14)
    assert FOUND["softplus"].fixed_points == ()
    (whole,) = FOUND["relu"].fixed_points
    assert isinstance(whole, Piece) and (whole.low, whole.high) == (0, oo)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_registered_activation_is_left_open(name):
    found = FOUND[name]
    assert found.range is not None and found.steepest is not None and found.monotony is not None
    assert found.period is not None or (None not in found.limits and None not in found.saturates)


@pytest.mark.parametrize("name", NAMES)
def test_no_value_on_a_grid_is_outside_of_the_bounds_and_the_bounds_are_met(name):
    form = activations[name].closed_form(z)
    h, slope = (lambdify([z], f, "mpmath") for f in (form, form.diff(z)))
    found = FOUND[name]
    borders = {kink.point for kink in found.kinks}
    with mpmath.workdps(30):
        grid = [mpmath.mpf(k) / 16 for k in range(-320, 321) if Rational(k, 16) not in borders]
        low, high = (numeric(value) for value in found.range)
        steepest = max(abs(slope(x)) for x in grid)
        assert all(low - 1e-25 <= h(x) <= high + 1e-25 for x in grid)
        assert steepest <= numeric(found.steepest) + 1e-25
        assert steepest >= 0.93 * numeric(found.steepest)
        for stretch in found.monotony:
            inside = [x for x in grid if within(x, stretch)]
            for one, other in zip(inside, inside[1:], strict=False):
                assert stretch.direction * (h(other) - h(one)) >= -1e-25
        for place in found.fixed_points or ():
            if isinstance(place, Place):
                x = mpmath.mpf(place.low.numerator) / place.low.denominator
                assert abs(h(x) - x) < 1e-25


def numeric(value):
    if value.exact in (oo, -oo):
        return mpmath.inf if value.exact == oo else -mpmath.inf
    return mpmath.mpf(value.high.numerator) / value.high.denominator


def within(x, stretch):
    low, high = (None if end is None else float(end.low) for end in (stretch.low, stretch.high))
    return (low is None or x > low + 1e-9) and (high is None or x < high - 1e-9)


def test_what_cannot_be_decided_is_none_and_not_a_guess():
    wavy = properties(Activation("wavy", lambda u: u + sin(u) * u**2))
    assert wavy.range is None and wavy.steepest is None and wavy.limits == (None, None)
    assert wavy.saturates == (None, None)
    assert sign_far_out(sin(z), z) is None
    assert signs_of(exp(z) * (1 - exp(z - 1)) ** 2, z, -oo, oo) is None  # a double zero at 1, which is not guessed


@pytest.mark.parametrize("function", [prelu, softmax, unknown("h")], ids=lambda a: a.name)
def test_there_are_no_properties_without_a_form_in_z_alone(function):
    with pytest.raises(NotDerivable, match="the properties of"):
        properties(function)


def test_the_signs_of_a_polynomial_are_those_of_its_roots():
    chart = signs_of((z - 1) ** 3 * (z**2 - 2) * (z**2 + 1), z, -oo, oo)
    assert [p.exact for p in chart.places] == [-sqrt(2), 1, sqrt(2)]
    assert chart.signs == (-1, 1, -1, 1)


def test_a_limit_that_only_the_rest_decides():
    n = Symbol("n", positive=True)
    assert limit_at_infinity((1 + n) / (1 + 2 * n), n) == Rational(1, 2)
    assert limit_at_infinity(exp(n) / (1 + exp(2 * n)), n) == 0
    assert limit_at_infinity(n**2 * exp(-n) - n, n) == -oo


def test_a_kink_between_two_lines_and_a_border_that_is_no_number():
    form = Piecewise((2 * z, z > 1), (z + 1, True))
    assert [(k.point, k.left, k.right, k.jump) for k in kinks(form)] == [(1, 1, 2, False)]
    with pytest.raises(NotDerivable, match="the border of"):
        pieces(Piecewise((z, z**2 > 1), (0, True)))
