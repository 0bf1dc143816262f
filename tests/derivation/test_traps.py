"""What SymPy gets silently wrong or cannot do, in index form: right here, or an error; never a silent zero."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import (
    Derivative,
    Function,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Max,
    Mul,
    Piecewise,
    Product,
    Sum,
    Symbol,
    exp,
    log,
    nan,
    sqrt,
)

from symbackprop.derivation import check_derivation, derive, layer_step
from symbackprop.derivation.contract import contract
from symbackprop.derivation.differentiate import differentiate
from symbackprop.derivation.indices import rename_bound, same, substitute, unify
from symbackprop.derivation.recognise import apply_assumption
from symbackprop.errors import IllFormed, NotDerivable
from symbackprop.layers import AveragePool
from symbackprop.model import Assumption, Equation, Model
from symbackprop.quantities import Apply, Quantity, Role, as_index, as_size

i, j, k, m = (as_index(name) for name in "ijkm")
N, R = as_size("n"), as_size("r")
B, W, X, G, Z, Y = (IndexedBase(name) for name in "bwxgzy")


def gradient(e, entry, **ranges):
    return contract(differentiate(e, entry), {as_index(name): size for name, size in ranges.items()})


def test_a_bound_index_is_never_captured():
    assert gradient(Sum(B[i] ** 2, (i, 1, N)), B[i], i=N) == 2 * B[i]


def test_squared_residual_by_a_weight():
    residual = Sum(W[i, j] * X[j], (j, 1, N)) - G[i]
    slope = gradient(Sum(residual**2, (i, 1, R)), W[i, j], i=R, j=N)
    assert same(slope, Mul(2, Sum(W[i, k] * X[k], (k, 1, N)) - G[i], X[j]))


def test_sums_of_traces_and_a_trace_less_one():
    trace = Sum(Y[j, i] * Z[j, i], (i, 1, N), (j, 1, N)) + Sum(Z[i, j] ** 2, (j, 1, N), (i, 1, N)) - 1
    assert gradient(trace, Z[i, j], i=N, j=N) == Y[i, j] + 2 * Z[i, j]


def test_logarithm_of_a_trace():
    total = Sum(Z[i, j] ** 2, (j, 1, N), (i, 1, N))
    assert same(gradient(log(total), Z[i, j], i=N, j=N), 2 * Z[i, j] / total)


def test_elementwise_function_of_a_product_with_a_vector():
    inner = Sum(W[i, j] * X[j], (j, 1, N))
    slope = gradient(Sum(Apply("h", 0, inner) * G[i], (i, 1, R)), X[j], j=N)
    seen = Sum(W[i, k] * X[k], (k, 1, N))
    assert same(slope, Sum(Apply("h", 1, seen) * W[i, j] * G[i], (i, 1, R)))


def _quantities(**shapes):
    roles = {"x": Role.INPUT, "w": Role.WEIGHT, "b": Role.BIAS, "z": Role.PREACTIVATION, "a": Role.ACTIVATION}
    return {n: Quantity(roles[n], Integer(1) if n in "wbza" else Integer(0), tuple(s)) for n, s in shapes.items()}


def test_layer_norm_has_a_gradient_that_is_right(numeric):
    """(x_i - mean) / sqrt(var), as one equation: SymPy's ``doit`` raises a TypeError on it."""
    q = _quantities(x=(N,), a=(N,))
    x, a = q["x"], q["a"]
    mean = Sum(x[j], (j, 1, N)) / N
    variance = Sum((x[k] - Sum(x[j], (j, 1, N)) / N) ** 2, (k, 1, N)) / N
    loss = Quantity(Role.LOSS, None, ())
    target = Quantity(Role.TARGET, None, (N,))
    model = Model(
        (
            Equation(a, (i,), (x[i] - mean) / sqrt(variance)),
            Equation(loss, (), Sum(a[i] * target[i], (i, 1, N))),
        ),
        (x, target),
        loss,
    )
    results = derive(model).results
    rng = np.random.default_rng(0)
    xs, ys = rng.normal(size=4), rng.normal(size=4)

    def loss_of(v):
        return (v - v.mean()) / np.sqrt(((v - v.mean()) ** 2).mean()) @ ys

    machine = numeric.Interpreter({"x^0": xs, "y": ys}, {N: 4}, {})
    outcome = {}
    for lhs, rhs in results.items():
        label = str(lhs.denominator.base.label)
        outcome[label] = machine.gradients[label] = machine.array(rhs, lhs.denominator.indices, (N,))
        machine.arrays["a^1"] = (xs - xs.mean()) / xs.std()
    want = [loss_of(xs + 1e-30j * e).imag / 1e-30 for e in np.eye(4)]
    np.testing.assert_allclose(outcome["x^0"], want, rtol=1e-12)


def test_shared_weights_and_residuals_are_summed_over_their_uses(numeric):
    """z = Wx + b, a = Wz + z: W is used twice and z reaches a by two ways."""
    q = _quantities(x=(N,), w=(N, N), z=(N,), a=(N,))
    x, w, z, a = (q[name] for name in "xwza")
    loss = Quantity(Role.LOSS, None, ())
    equations = (
        Equation(z, (i,), Sum(w[i, j] * x[j], (j, 1, N))),
        Equation(a, (i,), Sum(w[i, j] * z[j], (j, 1, N)) + z[i]),
        Equation(loss, (), Sum(a[i] ** 2, (i, 1, N)) + Sum(w[i, j] ** 2, (j, 1, N), (i, 1, N))),
    )
    derivation = derive(Model(equations, (x, w), loss))
    rng = np.random.default_rng(1)
    xs, ws = rng.normal(size=3), rng.normal(size=(3, 3))
    zs = ws @ xs
    machine = numeric.Interpreter({"x^0": xs, "w^1": ws, "z^1": zs, "a^1": ws @ zs + zs}, {N: 3}, {})
    for lhs, rhs in derivation.results.items():
        leaf = getattr(lhs, "denominator", lhs)
        label = str(leaf.base.label)
        value = machine.array(rhs, leaf.indices, derivation.quantities[label].axes)
        (machine.gradients if leaf is not lhs else machine.arrays)[label] = value

    def loss_of(v):
        hidden = v @ xs
        out = v @ hidden + hidden
        return (out**2).sum() + (v**2).sum()

    want = np.array([[loss_of(ws + 1e-30j * np.outer(r, c)).imag / 1e-30 for c in np.eye(3)] for r in np.eye(3)])
    np.testing.assert_allclose(machine.gradients["w^1"], want, rtol=1e-12)


@pytest.mark.parametrize(
    "e",
    [
        Product(X[i], (i, 1, N)),
        Max(X[i], 0),
        Function("f")(X[i]),
        Derivative(Function("f")(X[i], Symbol("t")), Symbol("t")),
        B[X[i]],
        Sum(B[i], (i, 1, X[j])),
    ],
)
def test_what_has_no_rule_is_an_error_and_not_zero(e):
    with pytest.raises(NotDerivable):
        differentiate(e, X[j])


def test_a_quantity_that_leads_nowhere_is_an_error():
    q = _quantities(x=(N,), a=(N,), z=(N,))
    loss = Quantity(Role.LOSS, None, ())
    equations = (
        Equation(q["z"], (i,), q["x"][i]),
        Equation(q["a"], (i,), q["x"][i]),
        Equation(loss, (), Sum(q["a"][i], (i, 1, N))),
    )
    with pytest.raises(IllFormed, match=r"z\^1 is used by no equation"):
        derive(Model(equations, (q["x"],), loss))


def test_a_sum_over_a_delta_keeps_a_range_it_cannot_see():
    shifted = Sum(B[j] * KroneckerDelta(i + 1, j), (j, 1, N))
    kept = contract(shifted, {i: N})
    assert kept == Piecewise((B[i + 1], (i + 1 >= 1) & (i + 1 <= N)), (0, True))
    assert contract(Sum(B[j] * KroneckerDelta(3, j), (j, 1, 2)), {}) == 0
    assert contract(Sum(B[j] * KroneckerDelta(2, j), (j, 1, 2)), {}) == B[2]


def test_other_sums_keep_their_value():
    assert contract(Sum(Y[i], (j, 1, N)), {i: N}) == N * Y[i]
    assert contract(Sum(Y[i] * B[j], (j, 1, N)), {i: N}) == Y[i] * Sum(B[j], (j, 1, N))
    inside = Sum((KroneckerDelta(i, j) - Y[i]) * B[j], (j, 1, N))
    assert contract(inside, {i: N}) == B[i] - Y[i] * Sum(B[j], (j, 1, N))


def test_renaming_and_matching():
    nested = Sum(W[i, j] * Sum(B[j] * W[i, j], (j, 1, N)), (j, 1, R))
    assert "i" not in {s.name for total in rename_bound(nested, {"i"}).atoms(Sum) for s, *_ in total.limits}
    assert substitute(Sum(W[i, j], (j, 1, N)), {i: j}) == Sum(W[j, k], (k, 1, N))
    assert same(Sum(W[i, j], (j, 1, N)), Sum(W[i, k], (k, 1, N)))
    assert not same(Sum(W[i, j], (j, 1, N)), Sum(W[j, k], (k, 1, N)))
    assert not same(Sum(W[i, j], (j, 1, N)), Sum(W[i, k], (k, 1, R)))
    assert not same(Sum(W[i, j], (j, 1, N)), Sum(W[j, j], (j, 1, N)))
    assert unify(exp(Z[i]), exp(Z[k]), frozenset({i})) == {i: k}
    assert unify(Z[i] * B[i], Z[k] * B[j], frozenset({i})) is None
    assert unify(Sum(Z[i], (i, 1, N)), Sum(Z[k], (j, 1, N)), frozenset()) is None
    assert unify(Sum(W[i, j], (j, 1, N)), Sum(W[j, j], (j, 1, N)), frozenset({i})) is None


def test_an_assumption_holds_for_its_own_size_only():
    agreed = Assumption(Sum(Y[k, i], (i, 1, N)), Integer(1), "rows of y sum to one")
    assert apply_assumption(2 * Sum(Y[3, j], (j, 1, N)), agreed) == 2
    other = Sum(Y[3, j], (j, 1, R))
    assert apply_assumption(other, agreed) == other
    other = Sum(Z[3, j], (j, 1, N))
    assert apply_assumption(other, agreed) == other


def test_cases_that_cannot_be_put_together_are_an_error():
    """Neither nan nor a letter that a sum has bound comes out of it."""
    with pytest.raises(NotDerivable, match="cases inside of cases"):
        contract(Sum(Piecewise((B[j], j > i), (nan, True)), (j, 1, N)), {i: N})
    step = layer_step(AveragePool("K"), "C", "H", "W")  # a place in each of two windows
    check_derivation(step)
    assert not any(rhs.has(nan) for rhs in step.results.values())
