"""Expectations against exact laws of a few values, gains against quadrature, and the literature's initializers."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate
from sympy import Indexed, IndexedBase, Integer, Rational, Sum, Symbol, lambdify, sqrt

from symbackprop.activations import activations, leaky_relu_with, relu, step, tanh
from symbackprop.derivation.gains import propagation, second_moment, slopes_at_zero
from symbackprop.derivation.moments import Expectation, Random, Variance, mean_is_zero, weighted_sum_moment
from symbackprop.derivation.updates import update_argument, update_steps
from symbackprop.derivation.variance import (
    FAN_IN,
    FAN_OUT,
    backward_chain,
    dropout_argument,
    forward_chain,
    initializer_argument,
)
from symbackprop.errors import NotDerivable
from symbackprop.initializers import Initializer, initializers
from symbackprop.optimizers import optimizers
from symbackprop.quantities import ARGUMENT, as_index

i, j = as_index("i"), as_index("j")
W, X = IndexedBase("w"), IndexedBase("x")
WEIGHTS = Random(W, Variance(Symbol("w", real=True)))

#: A weight of mean 0 that is not normal and not even symmetric; two inputs that depend on each other.
WEIGHT_LAW = [(Fraction(-1), Fraction(2, 3)), (Fraction(2), Fraction(1, 3))]
INPUT_LAW = [((Fraction(1), Fraction(3)), Fraction(1, 2)), ((Fraction(3), Fraction(-1)), Fraction(1, 2))]


def test_every_step_of_the_forward_moment_holds_for_a_law_of_four_values():
    """E[(w_1 x_1 + w_2 x_2)²] summed over all outcomes, against each step with its own moments put in."""
    truth = sum(
        p * q * r * (w * x[0] + v * x[1]) ** 2
        for (w, p), (v, q) in itertools.product(WEIGHT_LAW, WEIGHT_LAW)
        for x, r in INPUT_LAW
    )
    for expression, because in weighted_sum_moment(Sum(W[i, j] * X[j], (j, 1, 2)), WEIGHTS):
        assert evaluated(expression) == truth, because


def evaluated(expression):
    """The value of a step for the two laws."""
    expanded = expression.replace(lambda e: isinstance(e, Sum), lambda e: e.doit())
    expanded = expanded.replace(
        lambda e: isinstance(e, Expectation), lambda e: expected(e.argument.doit() if e.has(Sum) else e.argument)
    )
    variance = sum(p * w**2 for w, p in WEIGHT_LAW)
    return expanded.replace(lambda e: isinstance(e, Variance), lambda e: rational(variance))


def expected(argument):
    total = Integer(0)
    for (w, p), (v, q) in itertools.product(WEIGHT_LAW, WEIGHT_LAW):
        for x, r in INPUT_LAW:
            at = {W[i, 1]: w, W[i, 2]: v, X[1]: x[0], X[2]: x[1], Symbol("x", real=True): x[0]}
            known = {k: rational(value) for k, value in at.items()}
            total += rational(p * q * r) * argument.xreplace(known)
    return total


def rational(value):
    return Rational(value.numerator, value.denominator)


def test_a_weight_with_a_mean_or_a_square_is_not_taken_for_one_of_mean_zero():
    assert mean_is_zero(Sum(W[i, j] * X[j], (j, 1, 3)), WEIGHTS)
    assert not mean_is_zero(Sum(W[i, j] ** 2 * X[j], (j, 1, 3)), WEIGHTS)
    assert not mean_is_zero(Sum(X[j], (j, 1, 3)), WEIGHTS)


def test_forward_and_backward_use_their_own_fans():
    forward, backward = forward_chain()[-1].rhs, backward_chain()[-1].rhs
    assert forward.has(FAN_IN) and not forward.has(FAN_OUT)
    assert backward.has(FAN_OUT) and not backward.has(FAN_IN)
    assert all(step.because for step in (*forward_chain(), *backward_chain()))


@pytest.mark.parametrize("name", list(initializers))
def test_every_initializer_has_its_argument(name):
    parts = initializer_argument(initializers[name]).parts
    chains = [chain for part in parts for chain in part.chains]
    variance = initializers[name].variance(FAN_IN, FAN_OUT)
    assert variance in [chain[-1].rhs for chain in chains if str(chain[0].lhs) == "Variance(w)"]
    bounds = [chain[-1].rhs for chain in chains if str(chain[0].lhs) == "r"]
    assert [(bound**2 / 3 - variance).cancel() for bound in bounds] == [0] * (initializers[name].law == "uniform")


def test_the_bounds_of_the_uniform_laws_are_those_of_the_literature():
    bounds = {
        "xavier_uniform": sqrt(6) / sqrt(FAN_IN + FAN_OUT),
        "he_uniform": sqrt(6) / sqrt(FAN_IN),
        "lecun_uniform": sqrt(3) / sqrt(FAN_IN),
        "uniform_fan_in": 1 / sqrt(FAN_IN),
    }
    for name, bound in bounds.items():
        assert (initializer_argument(initializers[name]).parts[-1].chains[-1][-1].rhs - bound) == 0


def test_an_initializer_whose_condition_gives_another_variance_is_noticed():
    wrong = Initializer("wrong", lambda n, m: Integer(1) / n, keeps="forward", activation=relu)
    with pytest.raises(NotDerivable, match="gives the variance 2/n_in, it declares 1/n_in"):
        initializer_argument(wrong)
    with pytest.raises(NotDerivable, match="no share"):
        initializer_argument(Initializer("curved", lambda n, m: Integer(1) / n, keeps="forward", activation=tanh))


SMOOTH = [name for name, a in activations.items() if a.closed_form is not None and not a.parameters and a is not step]


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("variance", [Fraction(1), Fraction(1, 4), Fraction(9)])
def test_the_moments_enclose_what_quadrature_gives(name, variance):
    form = activations[name].closed_form(ARGUMENT)
    for order in (0, 1):
        h = lambdify([ARGUMENT], form.diff(ARGUMENT, order), ["scipy", "numpy"])
        scale = math.sqrt(variance)

        def weighted(z, h=h, scale=scale):
            return float(h(scale * z)) ** 2 * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

        borders = sorted(b / scale for b in (-6, -3, -1, 0, 1, 3, 6))
        with np.errstate(all="ignore"):
            value, error = integrate.quad(weighted, -12, 12, points=borders, limit=400, epsabs=1e-13, epsrel=1e-12)
        found = second_moment(activations[name], order, variance)
        assert found.low - 1e-10 <= value <= found.high + 1e-10
        assert found.high - found.low < Fraction(1, 10**12)


def test_moments_of_the_literature():
    assert second_moment(relu).exact == Rational(1, 2)  # He et al. 2015
    assert second_moment(leaky_relu_with(Rational(1, 5))).exact == Rational(13, 25)  # (1 + a²)/2
    assert abs(float(second_moment(tanh).low) ** -0.5 - 1.5925374) < 1e-6  # the gain of tanh; 5/3 is a rounding up
    unit = second_moment(activations["selu"])
    assert abs(unit.low - 1) < Fraction(1, 10**15)  # Klambauer et al. 2017: selu keeps variance 1
    assert slopes_at_zero(activations["relu6"]) is None
    with pytest.raises(NotDerivable, match="tails of step"):
        second_moment(step)


def test_the_fixed_point_of_the_variance_is_one():
    found = propagation(tanh, Fraction(9, 4), Fraction(1, 20))
    for q, side in zip(found.variance, (1, -1), strict=True):
        wide = Fraction(side, 10**6)
        moment = second_moment(tanh, 0, q - wide)
        assert side * float(Fraction(9, 4) * moment.low + Fraction(1, 20) - (q - wide)) > 0
    assert found.slope[0] > 1  # chaotic for these weights, so that gradients explode
    calm = propagation(tanh, Fraction(1, 2), Fraction(1, 20))
    assert calm.slope[1] < 1
    with pytest.raises(NotDerivable, match="no fixed point"):
        propagation(relu, Fraction(3), Fraction(1))


def test_every_step_of_the_dropout_argument_holds_for_two_values():
    p, h, m = Symbol("p", positive=True), Symbol("h", real=True), Symbol("m", real=True)
    law = [(Rational(1), Rational(1, 4)), (Rational(5), Rational(3, 4))]
    drop = Rational(1, 3)

    def mean(expression):
        return sum(
            chance * weight * expression.xreplace({h: value, m: mask, p: drop})
            for value, chance in law
            for mask, weight in ((Integer(1), 1 - drop), (Integer(0), drop))
        )

    def held(expression):
        out = expression.replace(
            lambda e: isinstance(e, Variance), lambda e: mean(e.argument**2) - mean(e.argument) ** 2
        )
        return out.replace(lambda e: isinstance(e, Expectation), lambda e: mean(e.argument)).xreplace({p: drop})

    for part in dropout_argument().parts:
        for told in part.chains:
            assert len({held(told[0].lhs), *(held(one.rhs) for one in told)}) == 1


@pytest.mark.parametrize("name", list(optimizers))
def test_the_printed_update_is_the_declared_one(name):
    optimizer = optimizers[name]
    steps = update_steps(optimizer)
    assert [str(one.lhs) for one in steps] == [f"{s}_t" for s in (*optimizer.memory, "theta")]
    values = {one.lhs: one.rhs for one in steps}
    whole = steps[-1].rhs.xreplace(values)
    plain = {s: Symbol(s.name.removesuffix("_t-1").removesuffix("_t"), real=True) for s in whole.free_symbols}
    again = {s: Symbol(s.name, real=True) for s in optimizer.parameter.free_symbols}
    same = {s: t for s, t in plain.items() if s.name.endswith(("_t", "_t-1"))}
    assert (whole.xreplace(same).xreplace(again) - optimizer.parameter.xreplace(again)).expand() == 0


@pytest.mark.parametrize("name", ["adam", "adamw", "rmsprop", "momentum"])
def test_every_step_of_a_bias_correction_holds(name):
    """With g² and g of given means, at t = 3, every step has one value."""
    settings = {Symbol(s.name, positive=True): value for s, value in optimizers[name].settings.items()}
    for part in update_argument(optimizers[name]).parts[1:]:
        (told,) = part.chains
        values = set()
        for one in told:
            at = one.rhs.subs(Symbol("t", integer=True, positive=True), 3)
            flat = at.replace(lambda e: isinstance(e, Sum), lambda e: e.doit())
            flat = flat.replace(lambda e: isinstance(e, Expectation), lambda e: averaged(e.argument.doit()))
            values.add(flat.subs(settings).expand())
        assert len(values) == 1, part.heading
        assert not told[-1].rhs.has(Sum)


def averaged(argument):
    """E of a sum of g and g², whose means are 2 and 7."""
    base = {"g": Integer(2)}
    out = argument.expand().replace(
        lambda e: e.is_Pow and (isinstance(e.base, Indexed) or str(e.base) == "g") and e.exp == 2, lambda e: Integer(7)
    )
    return out.replace(lambda e: isinstance(e, Indexed) or str(e) == "g", lambda e: base["g"])
