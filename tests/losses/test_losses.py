"""Every registered loss: its value for one example and for a batch, and what it agrees about the target."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import (
    Abs,
    Function,
    IndexedBase,
    Integer,
    Max,
    Piecewise,
    Rational,
    Sum,
    Symbol,
    cosh,
    exp,
    expand,
    log,
    piecewise_fold,
    sign,
    simplify,
    sqrt,
)

from symbackprop.activations import identity, softmax, tanh
from symbackprop.derivation import check_derivation, derive
from symbackprop.errors import InvalidSpec, UnknownName
from symbackprop.kernels import compile_kernels
from symbackprop.layers import Dense
from symbackprop.losses import cross_entropy, elastic_net, l1, l2, losses, penalised, smoothed
from symbackprop.network import Network
from symbackprop.quantities import Partial, as_index, as_size

i, s, n, b = as_index("i"), as_index("s"), as_size("n"), as_size("B")
A, Y = Function("a"), Function("y")

#: A second statement of every loss, for two outputs a and b with targets y and z, and what it does with a batch.
WANTED = {
    "squared_error": (lambda a, b, y, z: (a - y) ** 2 + (b - z) ** 2, "sum"),
    "half_squared_error": (lambda a, b, y, z: (a - y) ** 2 / 2 + (b - z) ** 2 / 2, "sum"),
    "quadratic_cost": (lambda a, b, y, z: (a - y) ** 2 / 2 + (b - z) ** 2 / 2, "mean"),
    "mean_squared_error": (lambda a, b, y, z: ((a - y) ** 2 + (b - z) ** 2) / 2, "mean"),
    "absolute_error": (lambda a, b, y, z: abs(a - y) + abs(b - z), "sum"),
    "huber": (lambda a, b, y, z: _huber(a - y) + _huber(b - z), "sum"),
    "log_cosh": (lambda a, b, y, z: log(cosh(a - y)) + log(cosh(b - z)), "sum"),
    "binary_cross_entropy": (
        lambda a, b, y, z: -y * log(a) - (1 - y) * log(1 - a) - z * log(b) - (1 - z) * log(1 - b),
        "mean",
    ),
    "cross_entropy": (lambda a, b, y, z: -y * log(a) - z * log(b), "mean"),
    "binary_cross_entropy_from_logits": (
        lambda a, b, y, z: log(1 + exp(a)) - y * a + log(1 + exp(b)) - z * b,
        "mean",
    ),
    "cross_entropy_from_logits": (
        lambda a, b, y, z: -y * log(exp(a) / (exp(a) + exp(b))) - z * log(exp(b) / (exp(a) + exp(b))),
        "mean",
    ),
    "negative_log_likelihood": (lambda a, b, y, z: -y * a - z * b, "mean"),
    "kl_divergence": (lambda a, b, y, z: y * log(y / a) + z * log(z / b), "mean"),
    "focal": (lambda a, b, y, z: -y * (1 - a) ** 2 * log(a) - z * (1 - b) ** 2 * log(b), "mean"),
    "hinge": (lambda a, b, y, z: Max(0, 1 - a * y) + Max(0, 1 - b * z), "sum"),
    "poisson": (lambda a, b, y, z: a - y * log(a) + b - z * log(b), "mean"),
    "cosine": (lambda a, b, y, z: 1 - (a * y + b * z) / sqrt((a**2 + b**2) * (y**2 + z**2)), "mean"),
}

#: Outputs and targets inside the domain of every loss, on both sides of each kink.
POINTS = [(Rational(1, 3), Rational(2, 3), Rational(1, 5), Rational(4, 5)), (Rational(1, 7), Rational(2, 7), 4, -3)]


def _huber(u):
    return u**2 / 2 if abs(u) <= 1 else abs(u) - Rational(1, 2)


def at(expression, point):
    """The value of an expression in a(1), a(2), y(1), y(2) for n = 2."""
    letters = dict(zip((A(1), A(2), Y(1), Y(2)), point, strict=True))
    return expression.subs(n, 2).doit().subs(letters)


@pytest.mark.parametrize("name", list(losses))
@pytest.mark.parametrize("point", POINTS)
def test_value(name, point):
    example = losses[name].per_example(A, Y, i, n)
    wanted, over_batch = WANTED[name]
    if name == "kl_divergence" and point == POINTS[1]:
        point = POINTS[0]
    assert abs((at(example, point) - wanted(*point)).evalf(30)) < Rational(1, 10**25)
    total = Sum(example, (s, 1, b))
    assert losses[name].over(example, s, b) == (total / b if over_batch == "mean" else total)


CLAIMS = [(name, claim) for name in losses for claim in losses[name].claims]


def derived(loss):
    derivation = derive(Network(3, Dense("n", identity), loss=loss))
    return derivation.chains[0][0].lhs.denominator, derivation.chains[0][-1].rhs


def gap(loss, claim):
    """Derived minus claimed, as a formula in letters for the entries and sums, branch by branch."""
    entry, result = derived(loss)
    target = IndexedBase("y")
    stated = claim(lambda k: entry.base[k], lambda k: target[k], entry.indices[0], n)
    difference = result - stated
    letters = {entry: Symbol("a", positive=True), target[entry.indices[0]]: Symbol("y", positive=True)}
    totals = sorted({canonical(t) for t in difference.atoms(Sum)}, key=str)
    difference = difference.replace(lambda e: isinstance(e, Sum), canonical)
    sums = {total: Symbol(f"S{k}", positive=True) for k, total in enumerate(totals)}
    return difference.xreplace(sums).xreplace(letters)


def canonical(total):
    (index, low, high), own = total.limits[0], as_index("r")
    return Sum(total.function.xreplace({index: own}), (own, low, high))


@pytest.mark.parametrize(("name", "claim"), CLAIMS, ids=[name for name, _ in CLAIMS])
def test_the_gradient_of_the_literature_is_the_derived_one(name, claim):
    assert claims_hold(losses[name], claim)


def claims_hold(loss, claim):
    difference = gap(loss, claim)
    if difference.has(Piecewise, Abs):
        folded = piecewise_fold(difference)
        branches = [value for value, _ in folded.args] if isinstance(folded, Piecewise) else [folded]
        return all(simplify(value) == 0 for value in branches)
    return simplify(difference) == 0


@pytest.mark.parametrize("name", list(losses))
def test_a_false_claim_is_noticed(name):
    assert not claims_hold(losses[name], lambda a, y, i, n: losses[name].claims[0](a, y, i, n) + a(i))


def test_every_loss_claims_its_gradient():
    assert all(loss.claims for loss in losses.values())


def test_smoothing_spreads_the_target_and_keeps_p_minus_y():
    loss = smoothed(cross_entropy, Rational(1, 10))
    derivation = derive(Network(3, Dense(4, softmax), loss=loss))
    error = next(c for c in derivation.chains if str(c[0].lhs) == "epsilon^1[i]")[-1]
    a, y = derivation.quantities["a^1"][i], derivation.quantities["y"][i]
    assert expand(error.rhs - (a - Rational(9, 10) * y - Rational(1, 40))) == 0
    assert error.because == "by assumption"


@pytest.mark.parametrize(
    ("penalty", "term"),
    [
        (l2("lamda"), lambda w, one, two: one * w),
        (l1("lamda"), lambda w, one, two: one * sign(w)),
        (elastic_net("lamda", "mu"), lambda w, one, two: one * sign(w) + two * w),
    ],
    ids=lambda p: getattr(p, "name", ""),
)
def test_a_penalty_adds_its_own_gradient_to_that_of_every_weight_and_of_no_bias(penalty, term):
    plain = Network("n", Dense("m", tanh), Dense(2))
    bare, whole = derive(plain), derive(penalised(plain.model, penalty))
    check_derivation(whole)
    one, two = Symbol("lamda", positive=True), Symbol("mu", positive=True)
    assert set(bare.results) == set(whole.results)
    for lhs, rhs in whole.results.items():
        entry = lhs.denominator if isinstance(lhs, Partial) else lhs
        extra = term(entry, one, two) if str(entry).startswith("w^") else 0
        assert rhs == bare.results[lhs] + extra


def test_a_penalised_kernel_counts_the_penalty_once_a_batch():
    net = Network(3, Dense(4, tanh), Dense(2), loss=losses["quadratic_cost"])
    plain, weighty = compile_kernels(net), compile_kernels(penalised(net.model, l2(Rational(1, 10))))
    parameters = plain.init(1)
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    (one, without), (other, with_it) = (kernels.gradients(parameters, X, Y) for kernels in (plain, weighty))
    assert other == pytest.approx(one + sum((parameters[w] ** 2).sum() for w in ("w^1", "w^2")) / 20, rel=1e-14)
    for label, gradient in with_it.items():
        wanted = without[label] + (parameters[label] / 10 if label.startswith("w") else 0)
        np.testing.assert_allclose(gradient, wanted, rtol=1e-13)


def test_a_penalty_is_declared_by_a_number_or_a_name():
    with pytest.raises(InvalidSpec, match="the strength of a penalty"):
        l2("2 x")


def test_cross_entropy_says_that_the_target_sums_to_one():
    (agreed,) = cross_entropy.assumptions(Y, i, n)
    assert (agreed.lhs, agreed.rhs) == (Sum(Y(i), (i, 1, n)), Integer(1))
    assert "Σ_k y_k = 1" in agreed.reason


def test_a_loss_of_one_example_refuses_a_batch():
    single = replace(losses["squared_error"], over_batch="one")
    with pytest.raises(InvalidSpec, match="squared_error is a loss of one example"):
        single.over(Integer(1), s, b)


def test_unknown_loss():
    with pytest.raises(UnknownName, match="no loss named 'mse'; known: .*binary_cross_entropy"):
        losses["mse"]
