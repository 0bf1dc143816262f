"""Truncated backprop through time, run entry by entry, against a complex step in which a loss sees its last r steps."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Add, Indexed, Mul, Sum

from symbackprop import GRU, LSTM, Dense, Network, Recurrent, compile_kernels, half_squared_error, layer_step, train
from symbackprop.cli import main
from symbackprop.derivation import check_derivation, cut, truncated
from symbackprop.errors import InvalidSpec
from symbackprop.quantities import Apply, Partial, Role

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
    """As derived for any r, and as compiled for this one."""
    kernels, parameters, x, y = prepared(kind)
    found = by_the_argument(kind, seen, kernels, parameters, x, y)
    net = Network((T, N), RECURRENT[kind], loss=half_squared_error)
    computed = compile_kernels(net, truncate=seen).gradients(parameters, x[None], y[None])[1]
    for label, value in parameters.items():
        wanted = []
        for at in np.ndindex(*value.shape):
            moved = {**parameters, label: value.astype(complex)}
            moved[label][at] += 1e-30j
            total = sum(loss_at(kind, end, seen, parameters, moved, x, y) for end in range(T))
            wanted.append(total.imag / 1e-30)
        np.testing.assert_allclose(found[label], wanted, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(computed[label].ravel(), wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", RECURRENT)
def test_with_as_many_steps_as_there_are_nothing_is_cut(kind):
    kernels, parameters, x, y = prepared(kind)
    whole = kernels.gradients(parameters, x[None], y[None])[1]
    for seen, less in ((T, False), (T + 3, False), (1, True)):
        found = by_the_argument(kind, seen, kernels, parameters, x, y)
        same = [np.allclose(found[label], whole[label].ravel(), rtol=1e-12, atol=1e-15) for label in whole]
        assert all(same) is not less


@pytest.mark.parametrize("length", [5, "T"])
@pytest.mark.parametrize("kind", RECURRENT)
def test_any_length_and_any_number_of_steps(kind, length):
    derivation = layer_step(RECURRENT[kind], length, "n")
    check_derivation(derivation)
    results = truncated(derivation).results
    assert len(results) == len(derivation.results)
    assert any("r - 1, t + 1" in str(rhs) for rhs in results.values())


def two_layers(fixed, moved, x, y, seen):
    """J of two recurrent layers and a readout; each loss sees moved parameters in its last steps alone."""
    total = 0
    for end in range(len(x)):
        first, second = np.zeros(M), np.zeros(2)
        for t in range(end + 1):
            p = moved if t > end - seen else fixed
            first = np.tanh(p["w^1"] @ x[t] + p["U^1"] @ first + p["b^1"])
            second = np.tanh(p["w^2"] @ first + p["U^2"] @ second + p["b^2"])
        p = moved
        total += ((p["w^3"] @ second + p["b^3"] - y[end]) ** 2).sum() / 2
    return total


@pytest.mark.parametrize("length", [5, "T"])
@pytest.mark.parametrize("seen", [1, 2, 9])
def test_kernels_of_layers_above_each_other(seen, length):
    net = Network((length, N), Recurrent(M), Recurrent(2), Dense(1), loss=half_squared_error)
    kernels, rng = compile_kernels(net, truncate=seen), np.random.default_rng(1)
    parameters = {label: rng.normal(size=value.shape) for label, value in kernels.init().items()}
    x, y = rng.normal(size=(2, 5, N)), rng.normal(size=(2, 5, 1))
    found = kernels.gradients(parameters, x, y)[1]
    for label, value in parameters.items():
        direction = rng.normal(size=value.shape)
        moved = {**parameters, label: value + 1e-30j * direction}
        wanted = sum(two_layers(parameters, moved, *sample, seen) for sample in zip(x, y, strict=True)).imag / 1e-30
        assert (found[label] * direction).sum() == pytest.approx(wanted, rel=1e-12)


def test_a_network_is_trained_with_truncated_errors():
    """The sum of the last two inputs, seen from two steps."""
    rng = np.random.default_rng(0)
    x = rng.choice([-0.5, 0.5], size=(60, 8, 1))
    y = x + np.pad(x, ((0, 0), (1, 0), (0, 0)))[:, :-1]
    net = Network((8, 1), Recurrent(4), Dense(1), loss=half_squared_error)
    result = train(compile_kernels(net, truncate=2), (x, y), "adam", 0.02, epochs=60, quiet=True)
    assert result.history[-1].loss < 0.02 * result.history[0].loss
    with pytest.raises(InvalidSpec, match="cut backpropagation through time"):
        result.cross_check("complex_step")


def test_what_is_not_cut():
    """The errors of a layer above have nothing to count, and a number of steps is a whole one."""
    net = Network((T, N), Recurrent(M), Dense(1))
    for steps in (0, 1.5, True):
        with pytest.raises(InvalidSpec, match="a whole number of steps from 1"):
            compile_kernels(net, truncate=steps)
    found = cut(Network((T, N), Recurrent(M), Dense(1)), 7).quantities.values()
    assert [q.label for q in found if q.axes[:1] == (7,) and q.role is Role.ERROR] == ["epsilon^1"]


def test_without_a_recurrence_there_is_nothing_to_cut(capsys):
    with pytest.raises(InvalidSpec, match="no recurrence in time"):
        truncated(Network(3, Dense(2)))
    assert main(["derive", "--layer", "dense", "--truncated"]) == 2
    assert main(["derive", "--activation", "tanh", "--truncated"]) == 2
    assert "--truncated cuts the recursion" in capsys.readouterr().err
    assert main(["derive", "--layer", "lstm", "--truncated"]) == 0
    assert r"D^{2}_{c,r-1,t+1,j} f^{2}_{t+1,j}" in capsys.readouterr().out
