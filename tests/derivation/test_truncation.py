"""Truncated backprop through time, run entry by entry, against a complex step in which a loss sees its last r steps."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Add, Indexed, Mul, Sum

from symbackprop import GRU, LSTM, Dense, Network, Recurrent, compile_kernels, half_squared_error, layer_step
from symbackprop.cli import main
from symbackprop.derivation import check_derivation, truncated
from symbackprop.errors import InvalidSpec
from symbackprop.quantities import Apply, Partial

T, M, N = 4, 2, 3
RECURRENT = {"recurrent": Recurrent(M), "lstm": LSTM(M), "gru": GRU(M)}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def gate(p, name, x, h):
    label = f"_{name}" if name else ""
    w = p[f"W{label}^1" if name else "w^1"]
    return w @ x + p[f"U{label}^1"] @ h + p[f"b{label}^1"]


def step(kind, p, x, h, c):
    if kind == "recurrent":
        return np.tanh(gate(p, "", x, h)), c
    if kind == "lstm":
        i, f, o = (sigmoid(gate(p, name, x, h)) for name in "ifo")
        c = f * c + i * np.tanh(gate(p, "g", x, h))
        return o * np.tanh(c), c
    u, r = (sigmoid(gate(p, name, x, h)) for name in "ur")
    return (1 - u) * h + u * np.tanh(gate(p, "g", x, r * h)), c


def loss_at(kind, end, seen, fixed, moved, x, y):
    """The loss of step ``end`` with moved parameters in its last ``seen`` steps alone."""
    h = c = np.zeros(M)
    for t in range(end + 1):
        h, c = step(kind, moved if t > end - seen else fixed, x[t], h, c)
    return ((h - y[end]) ** 2).sum() / 2


class Evaluator:
    """The entries of an argument at numbers; outside of its axes, and with no step left, an entry is 0."""

    def __init__(self, argument, values, output):
        self.rules = {str(lhs.base): (lhs.indices, rhs) for lhs, rhs in argument.results.items()}
        self.values, self.output, self.found = values, output, {}

    def entry(self, label, at):
        if label in self.values:
            array = self.values[label]
            inside = all(1 <= i <= n for i, n in zip(at, array.shape, strict=True))
            return array[tuple(i - 1 for i in at)] if inside else 0.0
        if at[0] == 0 or (label.startswith(("epsilon", "D_a", "D_c")) and at[1] > T):
            return 0.0
        if (label, at) not in self.found:
            indices, rhs = self.rules[label]
            self.found[label, at] = self.value(rhs, dict(zip(indices, at, strict=True)))
        return self.found[label, at]

    def value(self, e, here):
        if isinstance(e, Partial):
            t, i = (int(index.subs(here)) for index in e.denominator.indices)
            return self.output[t - 1, i - 1]
        if isinstance(e, Indexed):
            return self.entry(str(e.base), tuple(int(index.subs(here)) for index in e.indices))
        if isinstance(e, Sum):
            (index, low, high) = e.limits[0]
            inner = Sum(e.function, *e.limits[1:]) if e.limits[1:] else e.function
            return sum(self.value(inner, {**here, index: n}) for n in range(int(low), int(high) + 1))
        if isinstance(e, Apply):
            z = self.value(e.argument, here)
            one = {"tanh": (np.tanh(z), 1 - np.tanh(z) ** 2), "sigmoid": (sigmoid(z), sigmoid(z) * (1 - sigmoid(z)))}
            return one[e.name][e.order]
        if isinstance(e, Add | Mul):
            parts = [self.value(part, here) for part in e.args]
            return sum(parts) if isinstance(e, Add) else np.prod(parts)
        return float(e) if e.is_number else e.subs(here)


def prepared(kind):
    net = Network((T, N), RECURRENT[kind], loss=half_squared_error)
    kernels, rng = compile_kernels(net), np.random.default_rng(3)
    parameters = {q.label: rng.normal(size=[int(n) for n in q.axes]) for q in net.model.parameters}
    x, y = rng.normal(size=(T, N)), rng.normal(size=(T, M))
    return kernels, parameters, x, y


def by_the_argument(kind, seen, kernels, parameters, x, y):
    """D_U with ``seen`` steps, for every parameter."""
    argument = truncated(layer_step(RECURRENT[kind], T, N))
    forward = {k: v[0] for k, v in kernels.quantities(parameters, x[None], y[None]).items() if np.ndim(v) > 1}
    values = {**forward, **parameters, "x^0": x}
    evaluator = Evaluator(argument, values, forward["a^1"] - y)
    found = {}
    for label, value in parameters.items():
        name = f"D_{label.partition('^')[0].replace('_', '')}^1"
        found[label] = np.array(
            [evaluator.entry(name, (seen, *(i + 1 for i in at))) for at in np.ndindex(*value.shape)]
        )
    return found


@pytest.mark.parametrize("seen", [1, 2, 3, T])
@pytest.mark.parametrize("kind", RECURRENT)
def test_a_loss_reaches_its_last_steps_and_no_more(kind, seen):
    kernels, parameters, x, y = prepared(kind)
    found = by_the_argument(kind, seen, kernels, parameters, x, y)
    for label, value in parameters.items():
        wanted = []
        for at in np.ndindex(*value.shape):
            moved = {**parameters, label: value.astype(complex)}
            moved[label][at] += 1e-30j
            total = sum(loss_at(kind, end, seen, parameters, moved, x, y) for end in range(T))
            wanted.append(total.imag / 1e-30)
        np.testing.assert_allclose(found[label], wanted, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("kind", RECURRENT)
def test_with_as_many_steps_as_there_are_nothing_is_cut(kind):
    kernels, parameters, x, y = prepared(kind)
    whole = kernels.gradients(parameters, x[None], y[None])[1]
    for seen, cut in ((T, False), (T + 3, False), (1, True)):
        found = by_the_argument(kind, seen, kernels, parameters, x, y)
        same = [np.allclose(found[label], whole[label].ravel(), rtol=1e-12, atol=1e-15) for label in whole]
        assert all(same) is not cut


@pytest.mark.parametrize("length", [5, "T"])
@pytest.mark.parametrize("kind", RECURRENT)
def test_any_length_and_any_number_of_steps(kind, length):
    derivation = layer_step(RECURRENT[kind], length, "n")
    check_derivation(derivation)
    results = truncated(derivation).results
    assert len(results) == len(derivation.results)
    assert any("r - 1, t + 1" in str(rhs) for rhs in results.values())


def test_without_a_recurrence_there_is_nothing_to_cut(capsys):
    with pytest.raises(InvalidSpec, match="no recurrence in time"):
        truncated(Network(3, Dense(2)))
    assert main(["derive", "--layer", "dense", "--truncated"]) == 2
    assert main(["derive", "--activation", "tanh", "--truncated"]) == 2
    assert "--truncated cuts the recursion" in capsys.readouterr().err
    assert main(["derive", "--layer", "lstm", "--truncated"]) == 0
    assert r"D^{2}_{c,r-1,t+1,j} f^{2}_{t+1,j}" in capsys.readouterr().out
