"""Recurrences become loops: elementary, gated, of higher order, downwards, stacked; against a complex step."""

from __future__ import annotations

import re

import numpy as np
import pytest
from sympy import Integer, Rational, Sum, Symbol, exp, tanh

from symbackprop.errors import NotDerivable
from symbackprop.kernels import compile_kernels
from symbackprop.model import Equation, Model
from symbackprop.quantities import ARGUMENT, Apply, Quantity, Role, as_index

i, j, k, s, t = (as_index(letter) for letter in "ijkst")
ONE, TWO = Integer(1), Integer(2)
T = Symbol("T", integer=True, positive=True)
D, H = Integer(2), Integer(3)
J = Quantity(Role.LOSS, None, ())
X = Quantity(Role.INPUT, Integer(0), (T, D))
Y = Quantity(Role.TARGET, None, (T, H))
FUNCTIONS = {"tanh": tanh(ARGUMENT), "sigmoid": 1 / (1 + exp(-ARGUMENT))}
SAMPLES = 4


def weight(name, *axes, layer=ONE):
    return Quantity(Role.WEIGHT, layer, axes, name=name)


def state(role, name="", layer=ONE):
    return Quantity(role, layer, (T, H), name=name)


def squares(a, y=Y):
    return Equation(J, (), Rational(1, 2) * Sum((a[t, i] - y[t, i]) ** 2, (i, 1, H), (t, 1, T)))


def weighted(w, u, h, x=X, step=-1):
    """W x_t + U h_{t-1}, x having axes (T, its width)."""
    return Sum(w[i, j] * x[t, j], (j, 1, x.axes[1])) + Sum(u[i, j] * h[t + step, j], (j, 1, H))


def drawn(model, seed=0):
    rng = np.random.default_rng(seed)
    sizes = {D: 2, H: 3}
    return {q.label: rng.normal(size=tuple(sizes.get(n, n) for n in q.axes)).astype(float) for q in model.parameters}


def data(length):
    rng = np.random.default_rng(length)
    return rng.normal(size=(SAMPLES, length, 2)), rng.normal(size=(SAMPLES, length, 3))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def elementary(layer=ONE, x=X):
    w, u = weight("W", H, x.axes[1], layer=layer), weight("U", H, H, layer=layer)
    b = Quantity(Role.BIAS, layer, (H,))
    z, h = state(Role.PREACTIVATION, layer=layer), state(Role.ACTIVATION, "h", layer)
    equations = (Equation(z, (t, i), weighted(w, u, h, x) + b[i]), Equation(h, (t, i), Apply("tanh", 0, z[t, i])))
    return equations, (w, u, b), h


def run_elementary(parameters, x, layer=1):
    w, u, b = (parameters[f"{name}^{layer}"] for name in "WUb")
    h, states = np.zeros(3), []
    for now in x:
        h = np.tanh(w @ now + u @ h + b)
        states.append(h)
    return np.array(states)


@pytest.mark.parametrize("length", [1, 2, 5])
@pytest.mark.parametrize("depth", [1, 2])
def test_an_elementary_recurrent_layer_and_a_stack_of_two(agrees, length, depth):
    equations, parameters, h = elementary()
    if depth == 2:
        more, others, h = elementary(TWO, h)
        equations, parameters = (*equations, *more), (*parameters, *others)
    model = Model((*equations, squares(h)), (X, *parameters, Y), J, FUNCTIONS)
    kernels = compile_kernels(model)

    def forward(parameters, x, y):
        for layer in range(1, depth + 1):
            x = run_elementary(parameters, x, layer)
        return ((x - y) ** 2).sum() / 2

    found = drawn(model)
    if length == 1:
        for layer in range(1, depth + 1):
            # There is no earlier state, so J does not depend on U.
            zero = kernels.gradients(found, *data(1))[1][f"U^{layer}"]
            assert (zero == 0).all()
        fixed = {label: value for label, value in found.items() if label.startswith("U")}
        free = {label: value for label, value in found.items() if label not in fixed}
        both = type("Fixed", (), {"gradients": lambda self, p, a, b: kernels.gradients({**fixed, **p}, a, b)})()
        agrees(both, lambda p, x, y: forward({**fixed, **p}, x, y), free, *data(1))
    else:
        agrees(kernels, forward, found, *data(length))


def test_only_what_must_stand_in_the_loop_does():
    equations, parameters, h = elementary()
    kernels = compile_kernels(Model((*equations, squares(h)), (X, *parameters, Y), J, FUNCTIONS))
    source = kernels.source[kernels.source.index("def gradients") :]
    assert len(re.findall(r"^    for t in ", source, re.M)) == 2
    inside = re.findall(r"^        (.*)$", source, re.M)
    assert sum("np.dot" in line for line in inside) == 2, "one product a turn, forward and back"
    assert not any("x" in re.findall(r"\b\w+\b", line) for line in inside)
    outside = [line for line in source.splitlines() if re.match(r"    d[WU]_1 = ", line)]
    assert len(outside) == 2
    assert "for t in reversed(range(n))" in source


@pytest.mark.parametrize("length", [2, 5])
def test_a_long_short_term_memory(agrees, length):
    gates = {}
    for name in "fiog":
        gates[name] = (
            weight(f"W_{name}", H, D),
            weight(f"U_{name}", H, H),
            Quantity(Role.BIAS, ONE, (H,), name=f"b_{name}"),
        )
    z = {name: state(Role.PREACTIVATION, f"z_{name}") for name in gates}
    a = {name: state(Role.INTERMEDIATE, name) for name in gates}
    c, h = state(Role.INTERMEDIATE, "c"), state(Role.ACTIVATION, "h")
    activation = {"f": "sigmoid", "i": "sigmoid", "o": "sigmoid", "g": "tanh"}
    equations = [Equation(z[n], (t, i), weighted(w, u, h) + b[i]) for n, (w, u, b) in gates.items()]
    equations += [Equation(a[n], (t, i), Apply(activation[n], 0, z[n][t, i])) for n in gates]
    kept = a["f"][t, i] * c[t - 1, i] + a["i"][t, i] * a["g"][t, i]
    equations += [Equation(c, (t, i), kept), Equation(h, (t, i), a["o"][t, i] * Apply("tanh", 0, c[t, i])), squares(h)]
    parameters = [q for group in gates.values() for q in group]
    model = Model(tuple(equations), (X, *parameters, Y), J, FUNCTIONS)
    kernels = compile_kernels(model)

    def forward(p, x, y):
        h, c, total = np.zeros(3), np.zeros(3), 0
        for now, wanted in zip(x, y, strict=True):
            f, i, o, g = (p[f"W_{n}^1"] @ now + p[f"U_{n}^1"] @ h + p[f"b_{n}^1"] for n in "fiog")
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
            total += ((h - wanted) ** 2).sum() / 2
        return total

    agrees(kernels, forward, drawn(model), *data(length))
    assert kernels.forward(drawn(model), data(length)[0]).shape == (SAMPLES, length, 3)


@pytest.mark.parametrize("length", [2, 4])
def test_a_gated_recurrent_unit(agrees, length):
    gates = {name: (weight(f"W_{name}", H, D), weight(f"U_{name}", H, H)) for name in "rzn"}
    z = {name: state(Role.PREACTIVATION, f"z_{name}") for name in gates}
    reset, update = state(Role.INTERMEDIATE, "r"), state(Role.INTERMEDIATE, "u")
    new, h = state(Role.INTERMEDIATE, "n"), state(Role.ACTIVATION, "h")
    w, u = gates["n"]
    inner = Sum(w[i, j] * X[t, j], (j, 1, D)) + Sum(u[i, j] * reset[t, j] * h[t - 1, j], (j, 1, H))
    equations = (
        Equation(z["r"], (t, i), weighted(*gates["r"], h)),
        Equation(reset, (t, i), Apply("sigmoid", 0, z["r"][t, i])),
        Equation(z["z"], (t, i), weighted(*gates["z"], h)),
        Equation(update, (t, i), Apply("sigmoid", 0, z["z"][t, i])),
        Equation(z["n"], (t, i), inner),
        Equation(new, (t, i), Apply("tanh", 0, z["n"][t, i])),
        Equation(h, (t, i), (1 - update[t, i]) * new[t, i] + update[t, i] * h[t - 1, i]),
        squares(h),
    )
    model = Model(equations, (X, *(q for pair in gates.values() for q in pair), Y), J, FUNCTIONS)

    def forward(p, x, y):
        h, total = np.zeros(3), 0
        for now, wanted in zip(x, y, strict=True):
            r, u = (sigmoid(p[f"W_{n}^1"] @ now + p[f"U_{n}^1"] @ h) for n in "rz")
            h = (1 - u) * np.tanh(p["W_n^1"] @ now + p["U_n^1"] @ (r * h)) + u * h
            total += ((h - wanted) ** 2).sum() / 2
        return total

    agrees(compile_kernels(model), forward, drawn(model), *data(length))


@pytest.mark.parametrize("steps", [(-2,), (-1, -2), (1,), (3,)])
def test_other_steps(agrees, steps):
    """A state that reads two turns back, two states back, or the turn that comes next."""
    length = 5
    w, z, h = weight("W", H, D), state(Role.PREACTIVATION), state(Role.ACTIVATION, "h")
    loops = [weight(f"U_{name}", H, H) for name, _ in zip("abc", steps, strict=False)]
    value = Sum(w[i, j] * X[t, j], (j, 1, D))
    for u, step in zip(loops, steps, strict=True):
        value += Sum(u[i, j] * h[t + step, j], (j, 1, H))
    equations = (Equation(z, (t, i), value), Equation(h, (t, i), Apply("tanh", 0, z[t, i])), squares(h))
    model = Model(equations, (X, w, *loops, Y), J, FUNCTIONS)

    def forward(p, x, y):
        states, order = {}, range(length) if steps[0] < 0 else reversed(range(length))
        for now in order:
            value = p["W^1"] @ x[now]
            for name, step in zip("abc", steps, strict=False):
                value = value + p[f"U_{name}^1"] @ states.get(now + step, np.zeros(3))
            states[now] = np.tanh(value)
        return sum(((states[now] - y[now]) ** 2).sum() for now in range(length)) / 2

    agrees(compile_kernels(model), forward, drawn(model), *data(length))


def test_only_the_last_state_counts_and_weights_decay_over_time(agrees):
    """J reads h at T alone; a running mean of scalars with a learnt rate."""
    equations, parameters, h = elementary()
    y = Quantity(Role.TARGET, None, (H,))
    rate = Quantity(Role.PARAMETER, ONE, (), name="rate")
    mean = Quantity(Role.INTERMEDIATE, ONE, (T, H), name="mean")
    running = Equation(mean, (t, i), rate[()] * mean[t - 1, i] + (1 - rate[()]) * h[t, i])
    loss = Equation(J, (), Rational(1, 2) * Sum((mean[T, i] + h[T, i] - y[i]) ** 2, (i, 1, H)))
    model = Model((*equations, running, loss), (X, *parameters, rate, y), J, FUNCTIONS)

    def forward(p, x, y):
        states, mean = run_elementary(p, x), 0
        for now in states:
            mean = p["rate^1"] * mean + (1 - p["rate^1"]) * now
        return ((mean + states[-1] - y) ** 2).sum() / 2

    x, wanted = data(4)
    agrees(compile_kernels(model), forward, drawn(model), x, wanted[:, 0])


def test_a_recurrence_over_windows(agrees):
    """Each entry sees its neighbours of the turn before: the loop reads a window of an earlier state."""
    width, length = Integer(4), 3
    x = Quantity(Role.INPUT, Integer(0), (T, width))
    y, w = Quantity(Role.TARGET, None, (T, width)), Quantity(Role.WEIGHT, ONE, (Integer(3),))
    z, h = Quantity(Role.PREACTIVATION, ONE, (T, width)), Quantity(Role.ACTIVATION, ONE, (T, width))
    near = Sum(w[k] * h[t - 1, i + k - 2], (k, 1, 3))
    loss = Equation(J, (), Rational(1, 2) * Sum((h[t, i] - y[t, i]) ** 2, (i, 1, width), (t, 1, T)))
    equations = (Equation(z, (t, i), x[t, i] + near), Equation(h, (t, i), Apply("tanh", 0, z[t, i])), loss)
    model = Model(equations, (x, w, y), J, FUNCTIONS)

    def forward(p, x, y):
        h, total = np.zeros(4), 0
        for now, wanted in zip(x, y, strict=True):
            h = np.tanh(now + np.convolve(h, p["w^1"][::-1], "same"))
            total += ((h - wanted) ** 2).sum() / 2
        return total

    rng = np.random.default_rng(0)
    shape = (SAMPLES, length, 4)
    agrees(compile_kernels(model), forward, drawn(model), rng.normal(size=shape), rng.normal(size=shape))


def test_a_batch_of_its_own():
    """The same recurrence, batched in the model or by the kernel, and in float32."""
    equations, parameters, h = elementary()
    put_in = compile_kernels(Model((*equations, squares(h)), (X, *parameters, Y), J, FUNCTIONS))
    N = Symbol("N", integer=True, positive=True)
    x, y = Quantity(Role.INPUT, Integer(0), (N, T, D), True), Quantity(Role.TARGET, None, (N, T, H), True)
    z, a = (Quantity(role, ONE, (N, T, H), True) for role in (Role.PREACTIVATION, Role.ACTIVATION))
    w, u, b = parameters
    value = Sum(w[i, j] * x[s, t, j], (j, 1, D)) + Sum(u[i, j] * a[s, t - 1, j], (j, 1, H)) + b[i]
    loss = Sum((a[s, t, i] - y[s, t, i]) ** 2, (i, 1, H), (t, 1, T), (s, 1, N)) / (2 * N)
    model = Model(
        (Equation(z, (s, t, i), value), Equation(a, (s, t, i), Apply("tanh", 0, z[s, t, i])), Equation(J, (), loss)),
        (x, w, u, b, y),
        J,
        FUNCTIONS,
        batch=N,
    )
    found = drawn(model)
    one, other = compile_kernels(model).gradients(found, *data(4)), put_in.gradients(found, *data(4))
    assert one[0] == pytest.approx(other[0], rel=1e-14)
    for label, gradient in one[1].items():
        np.testing.assert_allclose(gradient, other[1][label], rtol=1e-12, atol=1e-14)
    short = compile_kernels(model, dtype="float32").gradients(found, *data(4))[1]
    assert {gradient.dtype.name for gradient in short.values()} == {"float32"}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (lambda h: h[t - 1, i] + h[t + 1, i], "steps both ways"),
        (lambda h: h[t, i] / 2 + h[t - 1, i], "each needs its own value at the same index"),
        (lambda h: Sum(h[j, i], (j, 1, T)), "it steps along no one index"),
    ],
)
def test_what_is_no_recurrence_in_one_index_is_refused(value, reason):
    w, z, h = weight("W", H, D), state(Role.PREACTIVATION), state(Role.ACTIVATION, "h")
    equations = (
        Equation(z, (t, i), Sum(w[i, j] * X[t, j], (j, 1, D)) + value(h)),
        Equation(h, (t, i), Apply("tanh", 0, z[t, i])),
        squares(h),
    )
    with pytest.raises(NotDerivable, match=reason):
        compile_kernels(Model(equations, (X, w, Y), J, FUNCTIONS))
