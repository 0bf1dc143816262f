"""Convolutions, pooling, embeddings and other arithmetic of indices, against a complex step of loops in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Integer, KroneckerDelta, Piecewise, Rational, Sum, Symbol, exp, floor, log

from symbackprop.errors import InvalidSpec, NotDerivable, ShapeMismatch
from symbackprop.kernels import compile_kernels
from symbackprop.model import Equation, Model
from symbackprop.quantities import ARGUMENT, Apply, ArgMaximum, Quantity, Role, as_index

h, i, j, k, m, t, u, v = (as_index(letter) for letter in "hijkmtuv")
c, d = as_index("c"), as_index("d")
ONE, TWO = Integer(1), Integer(2)
J = Quantity(Role.LOSS, None, ())
RNG = np.random.default_rng


def quantity(role, *axes, name="", layer=ONE):
    return Quantity(role, layer, tuple(map(Integer, axes)), name=name)


def target(*axes):
    return quantity(Role.TARGET, *axes, layer=None)


def squares(z, y, *limits):
    letters = tuple(limit[0] for limit in limits)
    return Rational(1, 2) * Sum((z[letters] - y[letters]) ** 2, *limits)


def scaled(x):
    """v[…] x[…], so that the gradient by the input of the layer above is seen in that by v."""
    scale = Quantity(Role.PARAMETER, ONE, x.axes, name="v")
    above = Quantity(Role.ACTIVATION, ONE, x.axes)
    letters = (u, v, h)[: len(x.axes)]
    return scale, above, Equation(above, letters, scale[letters] * x[letters])


def size_after(n, window, stride, padding, dilation=1):
    return (n + 2 * padding - dilation * (window - 1) - 1) // stride + 1


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize(
    ("n", "window", "stride", "padding", "dilation"),
    [
        (5, 3, 1, 1, 1),
        (7, 3, 2, 1, 1),
        (6, 2, 2, 1, 1),
        (6, 3, 3, 0, 1),
        (1, 1, 1, 0, 1),
        (1, 3, 2, 1, 1),
        (8, 3, 1, 2, 2),
    ],
)
def test_a_convolution(agrees, n, window, stride, padding, dilation, samples):
    length = size_after(n, window, stride, padding, dilation)
    x, y = quantity(Role.INPUT, n, layer=Integer(0)), target(length)
    w, z = quantity(Role.WEIGHT, window), quantity(Role.PREACTIVATION, length, layer=TWO)
    scale, above, first = scaled(x)
    place = stride * i + dilation * k - stride - dilation - padding + 1
    layer = Equation(z, (i,), Sum(w[k] * above[place], (k, 1, window)))
    loss = Equation(J, (), squares(z, y, (i, 1, length)))
    kernels = compile_kernels(Model((first, layer, loss), (x, scale, w, y), J))

    def forward(parameters, a, b):
        padded = np.zeros(n + 2 * padding, complex)
        padded[padding : padding + n] = parameters["v^1"] * a
        out = [
            sum(parameters["w^1"][q] * padded[stride * p + dilation * q] for q in range(window)) for p in range(length)
        ]
        return ((np.array(out) - b) ** 2).sum() / 2

    rng = RNG(n + window)
    parameters = {"v^1": rng.normal(size=n), "w^1": rng.normal(size=window)}
    agrees(kernels, forward, parameters, rng.normal(size=(samples, n)), rng.normal(size=(samples, length)))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(("high", "wide"), [(4, 5), (3, 3), (1, 2)])
def test_a_convolution_over_images_and_channels(agrees, high, wide, stride):
    window, padding, n_in, n_out = 3, 1, 2, 3
    rows, columns = (size_after(n, window, stride, padding) for n in (high, wide))
    x, y = quantity(Role.INPUT, n_in, high, wide, layer=Integer(0)), target(n_out, rows, columns)
    w, b = quantity(Role.WEIGHT, n_out, n_in, window, window), quantity(Role.BIAS, n_out)
    z = quantity(Role.PREACTIVATION, n_out, rows, columns, layer=TWO)
    scale, above, first = scaled(x)
    entry = above[d, stride * i + k - stride - padding, stride * j + m - stride - padding]
    total = Sum(w[c, d, k, m] * entry, (d, 1, n_in), (k, 1, window), (m, 1, window))
    loss = Equation(J, (), squares(z, y, (c, 1, n_out), (i, 1, rows), (j, 1, columns)))
    kernels = compile_kernels(Model((first, Equation(z, (c, i, j), total + b[c]), loss), (x, scale, w, b, y), J))
    assert "np.arange" not in kernels.source or high == 1

    def forward(parameters, image, wanted):
        padded = np.zeros((n_in, high + 2, wide + 2), complex)
        padded[:, 1:-1, 1:-1] = parameters["v^1"] * image
        total = 0
        for o, p, q in np.ndindex(n_out, rows, columns):
            part = padded[:, stride * p : stride * p + window, stride * q : stride * q + window]
            total += ((parameters["w^1"][o] * part).sum() + parameters["b^1"][o] - wanted[o, p, q]) ** 2 / 2
        return total

    rng = RNG(high * wide)
    shapes = {"v^1": (n_in, high, wide), "w^1": (n_out, n_in, window, window), "b^1": (n_out,)}
    parameters = {label: rng.normal(size=shape) for label, shape in shapes.items()}
    agrees(
        kernels, forward, parameters, rng.normal(size=(2, n_in, high, wide)), rng.normal(size=(2, n_out, rows, columns))
    )


def test_a_convolution_of_symbolic_sizes(agrees):
    n, window = (Symbol(name, integer=True, positive=True) for name in ("n", "K"))
    x, w = Quantity(Role.INPUT, Integer(0), (n,)), Quantity(Role.WEIGHT, ONE, (window,))
    z = Quantity(Role.PREACTIVATION, ONE, (n - window + 1,))
    y = Quantity(Role.TARGET, None, z.axes)
    layer = Equation(z, (i,), Sum(w[k] * x[i + k - 1], (k, 1, window)))
    kernels = compile_kernels(Model((layer, Equation(J, (), squares(z, y, (i, 1, z.axes[0])))), (x, w, y), J))

    def forward(parameters, a, b):
        return ((np.correlate(a.astype(complex), parameters["w^1"].conj(), "valid") - b) ** 2).sum() / 2

    rng = RNG(0)
    for length, width in ((7, 3), (4, 4), (1, 1)):
        X, Y = rng.normal(size=(2, length)), rng.normal(size=(2, length - width + 1))
        agrees(kernels, forward, {"w^1": rng.normal(size=width)}, X, Y)


@pytest.mark.parametrize(("n", "window", "stride"), [(6, 2, 2), (7, 3, 2), (5, 3, 1), (1, 1, 1)])
def test_the_largest_in_a_window(agrees, n, window, stride):
    length = size_after(n, window, stride, 0)
    x, y = quantity(Role.INPUT, n, layer=Integer(0)), target(length)
    where, a = quantity(Role.POSITION, length, layer=TWO), quantity(Role.ACTIVATION, length, layer=TWO)
    scale, above, first = scaled(x)
    equations = (
        first,
        Equation(where, (i,), ArgMaximum(above[stride * i + k - stride], (k, 1, window))),
        Equation(a, (i,), above[stride * i + where[i] - stride]),
        Equation(J, (), squares(a, y, (i, 1, length))),
    )
    kernels = compile_kernels(Model(equations, (x, scale, y), J))

    def forward(parameters, sample, wanted):
        inner = parameters["v^1"] * sample
        parts = [inner[stride * p : stride * p + window] for p in range(length)]
        return sum((part[part.real.argmax()] - b) ** 2 for part, b in zip(parts, wanted, strict=True)) / 2

    rng = RNG(n)
    agrees(kernels, forward, {"v^1": rng.normal(size=n)}, rng.normal(size=(40, n)), rng.normal(size=(40, length)))
    seen = kernels.quantities({"v^1": np.ones(n)}, rng.normal(size=(2, n)), rng.normal(size=(2, length)))
    assert seen["m^2"].dtype.kind == "i"


def test_an_embedding(agrees):
    """Tokens count from 1; one that is none of the table gives zeros."""
    length, words, width = 4, 5, 3
    tokens, table = quantity(Role.POSITION, length, layer=Integer(0)), quantity(Role.WEIGHT, words, width)
    a, y = quantity(Role.ACTIVATION, length, width), target(length, width)
    loss = Equation(J, (), squares(a, y, (t, 1, length), (i, 1, width)))
    kernels = compile_kernels(Model((Equation(a, (t, i), table[tokens[t], i]), loss), (tokens, table, y), J))

    def forward(parameters, sentence, wanted):
        rows = np.array([parameters["w^1"][word - 1] if 1 <= word <= words else np.zeros(width) for word in sentence])
        return ((rows - wanted) ** 2).sum() / 2

    sentences = np.array([[1, 5, 5, 2], [3, 3, 3, 6], [4, 2, 1, 0]])
    agrees(
        kernels, forward, {"w^1": RNG(0).normal(size=(words, width))}, sentences, RNG(1).normal(size=(3, length, width))
    )
    assert "np.zeros((5, 3)" in kernels.source, "the gradient is one table, not one a sample"
    with pytest.raises(InvalidSpec, match="is not an array of whole numbers"):
        kernels.forward(kernels.init(), sentences + 0.5)


def test_diagonals_fixed_indices_and_parts_of_an_axis(agrees):
    x, y = quantity(Role.INPUT, 4, layer=Integer(0)), target(3)
    w, z = quantity(Role.WEIGHT, 3, 4), quantity(Role.PREACTIVATION, 3)
    value = w[i, i] * x[1] + w[i, 2] * x[4] + Sum(w[i, j] * x[j], (j, 2, 3)) + Sum(w[i, j] * x[j + 1], (j, 1, i))
    kernels = compile_kernels(
        Model((Equation(z, (i,), value), Equation(J, (), squares(z, y, (i, 1, 3)))), (x, w, y), J)
    )

    def forward(parameters, a, b):
        w, total = parameters["w^1"], 0
        for row in range(3):
            value = w[row, row] * a[0] + w[row, 1] * a[3] + w[row, 1:3] @ a[1:3]
            value += sum(w[row, column] * a[column + 1] for column in range(row + 1))
            total += (value - b[row]) ** 2 / 2
        return total

    rng = RNG(0)
    agrees(kernels, forward, {"w^1": rng.normal(size=(3, 4))}, rng.normal(size=(4, 4)), rng.normal(size=(4, 3)))


def test_indices_as_numbers_and_conditions_on_them(agrees):
    x, y = quantity(Role.INPUT, 5, layer=Integer(0)), target(5)
    w, z = quantity(Role.WEIGHT, 5, 5), quantity(Role.PREACTIVATION, 5)
    near = Piecewise((w[i, j] * exp(x[j]), (i - j < 2) & (j - i < 2)), (0, True))
    value = i * Sum(near, (j, 1, 5)) + Sum(KroneckerDelta(j, 3) * w[i, j], (j, 1, 5)) / j.func(
        "n", integer=True, positive=True
    )
    value = value.subs(Symbol("n", integer=True, positive=True), 7)
    value += Piecewise((x[i] ** 2 * w[1, i], Eq(i, 2) | (i > 4)), (w[2, i], True))
    kernels = compile_kernels(
        Model((Equation(z, (i,), value), Equation(J, (), squares(z, y, (i, 1, 5)))), (x, w, y), J)
    )

    def forward(parameters, a, b):
        w, total = parameters["w^1"], 0
        for p in range(1, 6):
            value = p * sum(w[p - 1, q - 1] * np.exp(a[q - 1]) for q in range(1, 6) if abs(p - q) < 2)
            value += w[p - 1, 2] / 7
            value += a[p - 1] ** 2 * w[0, p - 1] if p == 2 or p > 4 else w[1, p - 1]
            total += (value - b[p - 1]) ** 2 / 2
        return total

    rng = RNG(0)
    agrees(kernels, forward, {"w^1": rng.normal(size=(5, 5))}, rng.normal(size=(3, 5)), rng.normal(size=(3, 5)))


@pytest.mark.parametrize("length", [1, 4])
@pytest.mark.parametrize("causal", [False, True])
def test_attention(agrees, causal, length):
    """softmax(Q Kᵀ + mask) V over symbolic time; with ``causal`` only the earlier positions are seen."""
    T, width = Symbol("T", integer=True, positive=True), Integer(2)
    x = Quantity(Role.INPUT, Integer(0), (T, width))
    weights = [Quantity(Role.WEIGHT, ONE, (width, width), name=name) for name in ("W_q", "W_k", "W_v")]
    queries, keys, values = (Quantity(Role.INTERMEDIATE, ONE, (T, width), name=name) for name in ("Q", "K", "V"))
    S, P = (Quantity(Role.INTERMEDIATE, ONE, (T, T), name=name) for name in ("S", "P"))
    mask = Quantity(Role.GIVEN, ONE, (T, T), name="M")
    a, y = Quantity(Role.ACTIVATION, ONE, (T, width)), Quantity(Role.TARGET, None, (T, width))
    made = [
        Equation(q, (t, i), Sum(w[i, j] * x[t, j], (j, 1, width)))
        for q, w in zip((queries, keys, values), weights, strict=True)
    ]
    score = Sum(queries[t, i] * keys[u, i], (i, 1, width)) / width ** Rational(1, 2)
    if causal:
        shares = Piecewise((exp(S[t, u]) / Sum(exp(S[t, v]), (v, 1, t)), u <= t), (0, True))
    else:
        score += mask[t, u]
        shares = exp(S[t, u]) / Sum(exp(S[t, v]), (v, 1, T))
    equations = (
        *made,
        Equation(S, (t, u), score),
        Equation(P, (t, u), shares),
        Equation(a, (t, i), Sum(P[t, u] * values[u, i], (u, 1, T))),
        Equation(J, (), squares(a, y, (t, 1, T), (i, 1, width))),
    )
    inputs = (x, *weights, *(() if causal else (mask,)), y)
    kernels = compile_kernels(Model(equations, inputs, J))
    visible = np.tri(length)

    def forward(parameters, sample, wanted, M=None):
        Q, K, V = (sample @ parameters[f"W_{letter}^1"].T for letter in "qkv")
        P = np.exp(Q @ K.T / np.sqrt(2)) * visible
        return ((P / P.sum(axis=1, keepdims=True) @ V - wanted) ** 2).sum() / 2

    rng = RNG(length)
    parameters = {w.label: rng.normal(size=(2, 2)) for w in weights}
    given = {} if causal else {"M": np.where(visible > 0, 0.0, -np.inf)}
    if length == 1:
        parameters = {"W_v^1": parameters["W_v^1"]} | parameters
    X, Y = rng.normal(size=(5, length, 2)), rng.normal(size=(5, length, 2))
    if length > 1:
        agrees(kernels, forward, parameters, X, Y, **given)
    far = {label: 40 * value for label, value in parameters.items()}
    loss, found = kernels.gradients(far, X, Y, **given)
    assert np.isfinite(loss)
    assert all(np.isfinite(gradient).all() for gradient in found.values())


def test_a_softmax_with_weights_neither_overflows_nor_heeds_what_has_none():
    """Weights of 0 and 1 hide an entry, be it ever so large."""
    x, y, mask = quantity(Role.INPUT, 3, layer=Integer(0)), target(3), quantity(Role.GIVEN, 3, name="mask")
    w, z, a = quantity(Role.WEIGHT, 3), quantity(Role.PREACTIVATION, 3), quantity(Role.ACTIVATION, 3)
    shares = mask[i] * exp(z[i]) / Sum(mask[k] * exp(z[k]), (k, 1, 3))
    equations = (
        Equation(z, (i,), w[i] * x[i]),
        Equation(a, (i,), shares),
        Equation(J, (), squares(a, y, (i, 1, 3))),
    )
    kernels = compile_kernels(Model(equations, (x, w, mask, y), J))
    X, Y, seen = np.array([[-2000.0, 3000.0, -2001.0]]), np.zeros((1, 3)), np.array([1.0, 0.0, 1.0])
    output = kernels.forward({"w^1": np.ones(3)}, X, mask=seen)
    share = 1 / (1 + np.exp(-1.0))
    np.testing.assert_allclose(output, [[share, 0, 1 - share]], rtol=1e-14)
    _, found = kernels.gradients({"w^1": np.ones(3)}, X, Y, mask=seen)
    slope = share * (1 - share) * (share - (1 - share))
    np.testing.assert_allclose(found["w^1"], [-2000 * slope, 0, 2001 * slope], rtol=1e-12)


def test_what_is_given_goes_by_name_and_may_be_the_same_for_all_samples():
    x, y, mask = quantity(Role.INPUT, 3, layer=Integer(0)), target(3), quantity(Role.GIVEN, 3, name="mask")
    w, a = quantity(Role.WEIGHT, 3, 3), quantity(Role.ACTIVATION, 3)
    layer = Equation(a, (i,), mask[i] * Sum(w[i, j] * x[j], (j, 1, 3)))
    kernels = compile_kernels(Model((layer, Equation(J, (), squares(a, y, (i, 1, 3)))), (x, w, mask, y), J))
    parameters, X, Y, one = kernels.init(), np.ones((2, 3)), np.zeros((2, 3)), np.array([1.0, 0.0, 2.0])
    same = kernels.gradients(parameters, X, Y, mask=one)
    each = kernels.gradients(parameters, X, Y, **{"mask^1": np.stack([one, one])})
    assert same[0] == each[0]
    assert np.array_equal(same[1]["w^1"], each[1]["w^1"])
    assert (same[1]["w^1"][1] == 0).all()
    with pytest.raises(InvalidSpec, match=r"mask\^1 is missing; hand it over as mask=…"):
        kernels.forward(parameters, X)
    with pytest.raises(InvalidSpec, match="nothing is called 'mast' here; given are: mask, mask"):
        kernels.forward(parameters, X, mast=one)
    with pytest.raises(ShapeMismatch, match=r"mask\^1 has shape \(4,\), expected \(samples, 3\)"):
        kernels.forward(parameters, X, mask=np.ones(4))


def test_a_mean_over_the_samples_of_a_batch(agrees):
    """Batch norm in a model with a batch of its own, beside a complex step of the whole batch."""
    N, s, width = Symbol("N", integer=True, positive=True), as_index("s"), Integer(3)
    x = Quantity(Role.INPUT, Integer(0), (N, width), batched=True)
    gain, shift = (Quantity(Role.PARAMETER, ONE, (width,), name=name) for name in ("gamma", "beta"))
    w = Quantity(Role.WEIGHT, ONE, (width, width))
    z = Quantity(Role.PREACTIVATION, ONE, (N, width), batched=True)
    mean, spread = (Quantity(Role.INTERMEDIATE, ONE, (width,), name=name) for name in ("mu", "sigma"))
    normed = Quantity(Role.INTERMEDIATE, ONE, (N, width), batched=True, name="xhat")
    a = Quantity(Role.ACTIVATION, ONE, (N, width), batched=True)
    y = Quantity(Role.TARGET, None, (N, width), batched=True)
    equations = (
        Equation(z, (s, i), Sum(w[i, j] * x[s, j], (j, 1, width))),
        Equation(mean, (i,), Sum(z[s, i], (s, 1, N)) / N),
        Equation(spread, (i,), (Sum((z[s, i] - mean[i]) ** 2, (s, 1, N)) / N + Rational(1, 100)) ** Rational(1, 2)),
        Equation(normed, (s, i), (z[s, i] - mean[i]) / spread[i]),
        Equation(a, (s, i), gain[i] * normed[s, i] + shift[i]),
        Equation(J, (), Sum((a[s, i] - y[s, i]) ** 2, (i, 1, width), (s, 1, N)) / (2 * N)),
    )
    kernels = compile_kernels(Model(equations, (x, w, gain, shift, y), J, batch=N))

    def forward(parameters, X, Y):
        Z = X @ parameters["w^1"].T
        centred = Z - Z.mean(axis=0)
        A = parameters["gamma^1"] * centred / np.sqrt((centred**2).mean(axis=0) + 0.01) + parameters["beta^1"]
        return ((A - Y) ** 2).sum() / (2 * len(X))

    rng = RNG(0)
    shapes = {"w^1": (3, 3), "gamma^1": (3,), "beta^1": (3,)}
    parameters = {label: rng.normal(size=shape) for label, shape in shapes.items()}
    X, Y = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    batch = type("Whole", (), {"gradients": lambda self, p, X, Y: kernels.gradients(p, X[0], Y[0])})()
    agrees(batch, forward, parameters, X[None], Y[None])
    assert kernels.forward(parameters, X).shape == (5, 3)


def test_the_output_is_what_the_loss_reads():
    x, y, w = quantity(Role.INPUT, 2, layer=Integer(0)), target(2), quantity(Role.WEIGHT, 2, 2)
    z, a, unused = (quantity(role, 2) for role in (Role.PREACTIVATION, Role.ACTIVATION, Role.INTERMEDIATE))
    equations = (
        Equation(z, (i,), Sum(w[i, j] * x[j], (j, 1, 2))),
        Equation(a, (i,), Apply("square", 0, z[i])),
        Equation(unused, (i,), 2 * z[i]),
        Equation(J, (), squares(a, y, (i, 1, 2)) + log(1 + unused[1] ** 2) * 0),
    )
    model = Model(equations[:2] + equations[3:], (x, w, y), J, {"square": ARGUMENT**2})
    kernels = compile_kernels(model)
    assert np.array_equal(kernels.forward({"w^1": np.eye(2)}, np.array([[1.0, 3.0]])), [[1.0, 9.0]])


def test_weights_of_any_rank_are_drawn_by_what_they_sum_over():
    x, y = quantity(Role.INPUT, 2, 4, layer=Integer(0)), target(6, 2)
    w, z = quantity(Role.WEIGHT, 6, 2, 3), quantity(Role.PREACTIVATION, 6, 2)
    layer = Equation(z, (c, i), Sum(w[c, d, k] * x[d, i + k - 1], (d, 1, 2), (k, 1, 3)))
    kernels = compile_kernels(Model((layer, Equation(J, (), squares(z, y, (c, 1, 6), (i, 1, 2)))), (x, w, y), J))
    drawn = kernels.init(seed=0)["w^1"]
    assert drawn.shape == (6, 2, 3)
    assert 0.8 * (6 / (6 + 18)) ** 0.5 < np.abs(drawn).max() <= (6 / (6 + 18)) ** 0.5


def test_a_bound_that_no_range_is_known_for_is_refused():
    x, y, w = quantity(Role.INPUT, 3, layer=Integer(0)), target(3), quantity(Role.WEIGHT, 3)
    z = quantity(Role.PREACTIVATION, 3)
    layer = Equation(z, (i,), Sum(w[j] * x[j], (j, 1, i**2)))
    with pytest.raises(NotDerivable, match=r"no kernel for i\*\*2 as a bound"):
        compile_kernels(Model((layer, Equation(J, (), squares(z, y, (i, 1, 3)))), (x, w, y), J))
    stray = Equation(z, (i,), w[i] * x[j])
    with pytest.raises(NotDerivable, match="the index j runs over nothing that is known here"):
        compile_kernels(Model((stray, Equation(J, (), squares(z, y, (i, 1, 3)))), (x, w, y), J))


def test_whole_number_division_in_an_index(agrees):
    """Upsampling: each entry twice."""
    x, y, w = quantity(Role.INPUT, 3, layer=Integer(0)), target(6), quantity(Role.WEIGHT, 6)
    z = quantity(Role.PREACTIVATION, 6)
    layer = Equation(z, (i,), w[i] * x[floor((i + 1) / 2)])
    kernels = compile_kernels(Model((layer, Equation(J, (), squares(z, y, (i, 1, 6)))), (x, w, y), J))

    def forward(parameters, a, b):
        return ((parameters["w^1"] * np.repeat(a, 2) - b) ** 2).sum() / 2

    agrees(kernels, forward, {"w^1": RNG(0).normal(size=6)}, RNG(1).normal(size=(3, 3)), RNG(2).normal(size=(3, 6)))
