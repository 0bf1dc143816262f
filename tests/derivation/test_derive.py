"""What a derivation looks like: chains, reasons, conditions, general step, size, and the same bytes in every run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from sympy import Symbol, atan
from sympy.core.cache import clear_cache

from symbackprop.activations import Activation, activations, relu, sigmoid, softmax, tanh, unknown
from symbackprop.derivation import NotDerived, derive, general_step, matrix_form, matrix_steps
from symbackprop.derivation.matrices import Applied, Array, Gradient, Hadamard, MatrixStep, Product, Transposed
from symbackprop.derivation.size import forward_nodes, gradient_nodes
from symbackprop.derivation.step import Step
from symbackprop.layers import Dense
from symbackprop.losses import binary_cross_entropy, cross_entropy, half_squared_error, quadratic_cost
from symbackprop.network import Network
from symbackprop.quantities import Apply, Partial, Role, as_index

i, j, k = (as_index(name) for name in "ijk")
LOSS = Symbol("J", real=True)


def entry(derivation, label, *indices):
    return derivation.quantities[label][indices]


def chain(derivation, lhs):
    return next(c for c in derivation.chains if c[0].lhs == lhs)


def test_the_recursion_is_told_step_by_step():
    d = derive(Network(3, Dense(4, tanh), Dense(2, sigmoid)))
    told = chain(d, entry(d, "epsilon^1", j))
    slope = Apply("tanh", 1, entry(d, "z^1", j))
    carried = d.results[Partial(LOSS, entry(d, "a^1", j))]
    assert [s.because for s in told] == [
        "definition of the error",
        "chain rule",
        "only i = j survives",
        "the derivative by the activation is put in",
    ]
    assert told[0].rhs == Partial(LOSS, entry(d, "z^1", j))
    assert told[1].rhs.function == Partial(LOSS, entry(d, "a^1", i)) * Partial(entry(d, "a^1", i), entry(d, "z^1", j))
    assert told[2].rhs == slope * Partial(LOSS, entry(d, "a^1", j))
    assert told[3].rhs == slope * carried
    assert carried.function == entry(d, "w^2", i, j) * entry(d, "epsilon^2", i)


def test_order_and_completeness():
    d = derive(Network(3, Dense(4, tanh), Dense(2, activations["prelu"])))
    heads = [str(c[0].lhs) for c in d.chains]
    assert heads == [
        "Partial(J, a^2[i])",
        "Partial(J, slope^2)",
        "epsilon^2[i]",
        "Partial(J, w^2[i, j])",
        "Partial(J, b^2[i])",
        "Partial(J, a^1[j])",
        "epsilon^1[j]",
        "Partial(J, w^1[i, j])",
        "Partial(J, b^1[i])",
        "Partial(J, x^0[j])",
    ]


@pytest.mark.parametrize("batch", [None, "B"])
def test_softmax_with_cross_entropy_is_p_minus_y(batch):
    d = derive(Network(3, Dense(2, softmax), loss=cross_entropy, batch=batch))
    s = () if batch is None else (as_index("s"),)
    told = chain(d, entry(d, "epsilon^1", *s, i))
    gap = entry(d, "a^1", *s, i) - entry(d, "y", *s, i)
    assert told[-1].rhs == gap / (d.model.batch or 1)
    assert told[-1].because == "by assumption"
    assert "Σ_k y_k = 1" in told[-1].provided[0]


def test_without_the_assumption_the_sum_of_the_target_stays():
    loss = replace(cross_entropy, assumptions=lambda y, i, n: ())
    d = derive(Network(3, Dense(2, softmax), loss=loss))
    result = d.results[entry(d, "epsilon^1", i)]
    assert result != entry(d, "a^1", i) - entry(d, "y", i)
    assert not any(step.provided for step in d.steps)


def test_sigmoid_with_binary_cross_entropy_is_a_minus_y():
    d = derive(Network(3, Dense(2, sigmoid), loss=binary_cross_entropy))
    assert d.results[entry(d, "epsilon^1", i)] == entry(d, "a^1", i) - entry(d, "y", i)


def test_the_convention_at_a_kink_is_said():
    d = derive(Network(3, Dense(4, relu), Dense(2)))
    assert ("relu'(0) = 0 by convention",) in [s.provided for s in chain(d, entry(d, "epsilon^1", j))]
    smooth = derive(Network(3, Dense(4, tanh), Dense(2, activations["elu"])))
    assert not any(s.provided for s in smooth.steps)


def test_general_step_for_an_unknown_function():
    d = general_step(unknown("phi"))
    layer, last = as_index("l"), as_index("L")
    labels = {q.role: q for q in d.quantities.values() if q.layer == layer}
    error, z, w = labels[Role.ERROR], labels[Role.PREACTIVATION], labels[Role.WEIGHT]
    result = d.results[error[j]]
    above = next(q for q in d.quantities.values() if q.role is Role.ERROR and q.layer == layer + 1)
    weight = next(q for q in d.quantities.values() if q.role is Role.WEIGHT and q.layer == layer + 1)
    (total,) = result.atoms(type(d.results[Partial(LOSS, labels[Role.ACTIVATION][j])]))
    assert result == Apply("phi", 1, z[j]) * total
    assert total.function == weight[i, j] * above[i]
    assert total.limits[0][2] == Symbol("n_{l + 1}", integer=True, positive=True)
    below = next(q for q in d.quantities.values() if q.role is Role.ACTIVATION and q.layer == layer - 1)
    assert d.results[Partial(LOSS, w[i, j])] == error[i] * below[j]
    base = next(q for q in d.quantities.values() if q.role is Role.ERROR and q.layer == last)
    assert d.results[base[i]].has(Apply("phi", 1, d.quantities["z^L"][i]))
    assert Partial(LOSS, weight[i, j]) not in d.results


def test_general_step_for_an_unknown_loss_keeps_its_derivative():
    d = general_step(loss=None)
    held = Partial(LOSS, entry(d, "a^L", i))
    assert d.results[entry(d, "epsilon^L", i)] == Apply("h", 1, entry(d, "z^L", i)) * held
    assert held not in d.results


def last_in_matrices(derivation, lhs):
    return matrix_form(chain(derivation, lhs)[-1], derivation.quantities)


def test_matrix_form_of_one_example():
    d = general_step()
    q, n = d.quantities, Array
    recursion = last_in_matrices(d, entry(d, "epsilon^l", j))
    carried = Product((Transposed(n(q["w^l + 1"])), n(q["epsilon^l + 1"])))
    assert recursion.rhs == Hadamard((carried, Applied("h", 1, n(q["z^l"]))))
    outer = last_in_matrices(d, Partial(LOSS, entry(d, "w^l", i, j)))
    assert outer.lhs == Gradient(q["w^l"])
    assert outer.rhs == Product((n(q["epsilon^l"]), Transposed(n(q["a^l - 1"]))))


def test_matrix_form_of_a_batch():
    d = general_step(loss=quadratic_cost, batch="B")
    q, s = d.quantities, as_index("s")
    recursion = last_in_matrices(d, entry(d, "epsilon^l", s, j))
    assert recursion.rhs.factors[0] == Product((Array(q["epsilon^l + 1"]), Array(q["w^l + 1"])))
    outer = last_in_matrices(d, Partial(LOSS, entry(d, "w^l", i, j)))
    assert outer.rhs == Product((Transposed(Array(q["epsilon^l"])), Array(q["a^l - 1"])))


def test_what_matrices_cannot_say_has_a_reason():
    d = derive(Network(3, Dense(2, softmax), loss=cross_entropy))
    reasons = [s.reason for s in matrix_steps(d) if isinstance(s, NotDerived)]
    assert any("is a Jacobian between two quantities" in r for r in reasons)
    assert any("is a quotient" in r for r in reasons)
    w, a = d.quantities["w^1"], d.quantities["a^1"]
    twisted = Step(a[i], w[i, i] * a[i], "a diagonal")
    assert isinstance(matrix_form(twisted, d.quantities), NotDerived)
    assert isinstance(matrix_form(Step(a[i], a[i] * w[i, j], "j is free"), d.quantities), NotDerived)
    assert isinstance(matrix_form(chain(d, entry(d, "epsilon^1", i))[-1], d.quantities), MatrixStep)


def deep(depth):
    return Network(3, *(Dense((4, 2, 3)[layer % 3], sigmoid) for layer in range(depth)), loss=half_squared_error)


def test_size_is_linear_in_depth():
    sizes = {depth: gradient_nodes(derive(deep(depth))) for depth in (8, 16, 32)}
    assert sizes[32] <= 1900
    assert sizes[32] - sizes[16] == 2 * (sizes[16] - sizes[8])
    assert forward_nodes(derive(deep(32))) < 1000


def seconds(net):
    """The time of a derivation by a process that has derived nothing yet."""
    clear_cache()
    start = time.process_time()
    derive(net)
    return time.process_time() - start


def test_time_is_linear_in_depth():
    small, large = deep(8), deep(32)
    assert small.model and large.model
    seconds(small)
    ratios = sorted(seconds(large) / seconds(small) for _ in range(5))
    assert ratios[2] <= 4.5


_SCRIPT = """
from sympy import srepr
from symbackprop.activations import activations
from symbackprop.derivation import derive, general_step, matrix_steps
from symbackprop.layers import Dense
from symbackprop.losses import losses
from symbackprop.network import Network
nets = [Network(3, Dense("m", a), Dense(2, a), batch="B") for a in activations.values()]
nets += [Network(3, Dense(2, activations["softmax"]), loss=loss) for loss in losses.values()]
for d in [*(derive(net) for net in nets), general_step()]:
    for step in d.steps:
        print(step.lhs, step.rhs, srepr(step.lhs), srepr(step.rhs), step.because, step.provided)
    print(list(d.quantities), matrix_steps(d))
"""


def test_the_same_bytes_under_every_hash_seed():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", _SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1
    assert len(next(iter(outputs))) > 10_000


@pytest.mark.parametrize("name", ["sigmoid", "mine"])
def test_a_claim_is_not_used_for_another_function_of_its_name(name):
    own = Activation(name, lambda z: (atan(z) + 2) / 4)
    ours, known = (derive(Network(3, Dense(2, h), loss=binary_cross_entropy)) for h in (own, sigmoid))
    assert ours.results[entry(ours, "epsilon^1", i)].has(Apply(name, 1, entry(ours, "z^1", i)))
    assert not known.results[entry(known, "epsilon^1", i)].has(Apply)
