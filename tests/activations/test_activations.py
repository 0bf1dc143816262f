"""Claims are proved, conventions say what the derivative does, and every registered activation has all its parts."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import product

import pytest
from sympy import Abs, IndexedBase, Integer, Piecewise, Rational, Symbol, simplify, symbols, tanh

from symbackprop.activations import activations, derivative, elu_with, leaky_relu_with, unknown
from symbackprop.activations.pieces import kinks
from symbackprop.derivation.outputs import coupled_slope, slope_of_output
from symbackprop.errors import NotDerivable, UnknownName
from symbackprop.quantities import ARGUMENT, Apply, as_index, as_size

CLAIMS = [(name, claim) for name in activations for claim in activations[name].claims]


def holds(activation, claim):
    """Whether a claim equals the derivative on each side of zero, where a piecewise form has one branch."""
    form = activation.closed_form(ARGUMENT)
    gap = (derivative(activation) - claim(ARGUMENT, form)).rewrite(Piecewise)
    signs = (Symbol("u", positive=True), -Symbol("u", positive=True)) if gap.has(Piecewise) else (ARGUMENT,)
    from_exponentials = (gap.subs(ARGUMENT, z).rewrite("exp") for z in signs)
    return all(simplify(g) == 0 for g in from_exponentials)


@pytest.mark.parametrize(("name", "claim"), CLAIMS)
def test_claims_are_proved(name, claim):
    assert holds(activations[name], claim)


def test_a_false_claim_is_noticed():
    assert not holds(activations["sigmoid"], lambda z, a: a * (1 + a))
    assert not holds(activations["elu"], lambda z, a: Piecewise((Integer(1), z > 0), (a, True)))


@pytest.mark.parametrize("name", [name for name in activations if activations[name].elementwise])
def test_the_convention_is_the_value_of_the_derivative_at_each_kink(name):
    activation = activations[name]
    slopes = {kink.point: kink.value for kink in kinks(activation.closed_form(ARGUMENT, *parameters(activation)))}
    said = {}
    for points, value in re.findall(r"at ((?:[-\d]+ and )*[-\d]+) is ([-./\w]+)", activation.convention):
        said |= dict.fromkeys(points.split(" and "), value)
    assert said == {str(point): str(value.n(6) if len(str(value)) > 9 else value) for point, value in slopes.items()}
    assert bool(said) == bool(activation.convention)


def parameters(activation):
    return [Symbol(name, real=True) for name in activation.parameters]


@pytest.mark.parametrize("name", list(activations))
def test_value_in_an_equation(name):
    activation, i, n = activations[name], as_index("i"), as_size("n")
    z = Symbol("z_i", real=True)
    slopes = tuple(Symbol(p, real=True) for p in activation.parameters)
    value = activation.value(lambda k: z, i, n, slopes)
    assert value.has(Apply) == bool(activation.functions)
    assert value.has(z)


def test_slopes_are_exact():
    assert derivative(activations["leaky_relu"]).subs(ARGUMENT, -1) == Rational(1, 100)
    assert derivative(leaky_relu_with(Rational(1, 5))).subs(ARGUMENT, 0) == Rational(1, 5)
    assert derivative(leaky_relu_with(Fraction(1, 3))).subs(ARGUMENT, -1) == Rational(1, 3)
    two = elu_with(2)
    assert derivative(two).subs(ARGUMENT, 0) == 2
    assert two.convention == "the derivative at 0 is 2"


def test_relu_has_derivative_zero_at_zero():
    assert derivative(activations["relu"]).subs(ARGUMENT, 0) == 0


def test_unknown_and_coupled_functions_have_no_derivative_here():
    for activation in (unknown("h"), activations["softmax"]):
        with pytest.raises(NotDerivable):
            derivative(activation)


def test_unknown_names_are_answered_with_the_known_ones():
    with pytest.raises(UnknownName, match="no activation named 'tahn'; known: .*tanh"):
        activations["tahn"]


def test_gelu_is_x_times_the_normal_distribution():
    half = activations["gelu"].closed_form(Rational(1)).evalf(20)
    assert abs(half - Rational("0.84134474606854294859")) < Rational(1, 10**18)
    rough = activations["gelu_tanh"].closed_form(Rational(1)).evalf(20)
    assert 0 < abs(half - rough) < Rational(1, 1000)
    assert activations["gelu_tanh"].closed_form(ARGUMENT).has(tanh)


LINES = {"relu", "leaky_relu", "rrelu", "relu6", "hard_sigmoid", "hard_tanh"}


@pytest.mark.parametrize(
    "name", [n for n in activations if activations[n].elementwise and not activations[n].parameters]
)
def test_the_slope_of_a_function_of_lines_is_known_from_its_output(name):
    form, a = activations[name].closed_form(ARGUMENT), Symbol("a", real=True)
    found = slope_of_output(form, a)
    assert (found is not None) is (name in LINES)
    for z in (Rational(k, 2) for k in range(-14, 15)) if found is not None else ():
        assert found.subs(a, form.subs(ARGUMENT, z)) == form.diff(ARGUMENT).subs(ARGUMENT, z)


@pytest.mark.parametrize("form", [-ARGUMENT, Abs(ARGUMENT), Piecewise((1 + ARGUMENT, ARGUMENT > 0), (ARGUMENT, True))])
def test_a_function_that_falls_or_jumps_is_not_known_from_its_output(form):
    assert slope_of_output(form.rewrite(Piecewise), Symbol("a", real=True)) is None


@pytest.mark.parametrize("name", [n for n in activations if not activations[n].elementwise])
def test_the_jacobian_of_what_couples_units(name):
    """Each step, at numbers, against the derivative of the outputs written out."""
    z = symbols("z1:4", real=True)
    here = dict(zip(z, (Rational(1, 2), Rational(-1), Rational(2)), strict=True))
    i, j, entries = as_index("i"), as_index("j"), IndexedBase("z")
    output = activations[name].coupled(lambda k: entries[k], i, Integer(3)).doit()
    letters = dict(zip((entries[k] for k in (1, 2, 3)), z, strict=True))
    outputs = [output.subs(i, k).xreplace(letters) for k in (1, 2, 3)]
    letters |= {IndexedBase("a")[k]: outputs[k - 1] for k in (1, 2, 3)}
    for step in coupled_slope(activations[name]):
        for row, column in product(range(3), repeat=2):
            value = step.rhs.subs({i: row + 1, j: column + 1, as_size("n"): 3}).doit().xreplace(letters)
            assert abs((value - outputs[row].diff(z[column])).subs(here).n()) < 1e-12, step.because
