"""Claims are proved, conventions say what the derivative does, and every registered activation has all its parts."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from sympy import Integer, Piecewise, Rational, Symbol, simplify, tanh

from symbackprop.activations import activations, derivative, elu_with, leaky_relu_with, unknown
from symbackprop.activations.pieces import kinks
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
