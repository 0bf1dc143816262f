"""Every layer of the catalogue beside PyTorch's own layers, and beside the same in the arrays of JAX and autograd."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pytest

from symbackprop.kernels import compile_kernels
from symbackprop.layers import Layer, LayerEquations, layers
from symbackprop.losses import half_squared_error
from symbackprop.model import Equation
from symbackprop.network import Network
from symbackprop.quantities import Quantity, Role, as_index

SAMPLES = 3


@dataclass(frozen=True)
class Shifted(Layer):
    """x + e with a parameter e of the shape of an example: its gradient is that of the input, over the samples."""

    def equations(self, layer, previous, batch):
        own = previous.axes[1:] if batch is not None else previous.axes
        at = tuple(map(as_index, "ijkm"[: len(own)]))
        indices = (as_index("s"), *at) if batch is not None else at
        e = Quantity(Role.PARAMETER, layer, own, name="e")
        a = Quantity(Role.ACTIVATION, layer, previous.axes, previous.batched)
        return LayerEquations((Equation(a, indices, previous[indices] + e[at]),), (e,), a)


def heads(xp, x, wq, wk, wv, wo, mask=None):
    q, k, v = (xp.einsum("sti,hid->shtd", x, w) for w in (wq, wk, wv))
    scores = xp.einsum("shid,shjd->shij", q, k) / wq.shape[2] ** 0.5
    powers = xp.exp(scores) if mask is None else mask * xp.exp(scores)
    shares = powers / powers.sum(-1)[..., None]
    return xp.einsum("shij,shjd,hdk->sik", shares, v, wo)


def torch_heads(xp, x, wq, wk, wv, wo, mask=None):
    q, k, v = (xp.einsum("sti,hid->shtd", x, w) for w in (wq, wk, wv))
    attention = xp.nn.functional.scaled_dot_product_attention
    seen = attention(q, k, v, attn_mask=None if mask is None else mask.bool())
    return xp.einsum("shtd,hdk->stk", seen, wo)


def norm(xp, x, axes, gain=1.0, shift=0.0):
    centred = x - xp.mean(x, axes, keepdims=True)
    return gain * centred / xp.sqrt(xp.mean(centred**2, axes, keepdims=True) + 1e-5) + shift


def erf(xp, u):
    """The error function of a framework, known to its differentiator."""
    if xp.__name__ == "torch":
        return xp.special.erf(u)
    home = "jax.scipy.special" if xp.__name__.startswith("jax") else "autograd.scipy.special"
    return import_module(home).erf(u)


def erf_gelu(xp, x):
    return x * (1 + erf(xp, x / 2**0.5)) / 2


def sigmoid(xp, z):
    return 1 / (1 + xp.exp(-z))


def recurrent(step):
    """States h of a cell, one step after another, from zeros."""

    def run(xp, layer, x, *parameters):
        h = c = xp.zeros((x.shape[0], layer.width))
        if xp.__name__ == "torch":
            h = c = xp.zeros((x.shape[0], layer.width), dtype=xp.float64)
        states = []
        for t in range(x.shape[1]):
            h, c = step(xp, x[:, t], h, c, parameters)
            states.append(h)
        return xp.stack(states, 1)

    return run


def gate(x, h, parameters, number):
    w, u, b = parameters[3 * number : 3 * number + 3]
    return x @ w.T + h @ u.T + b


def lstm_step(xp, x, h, c, p):
    i, f, o = (sigmoid(xp, gate(x, h, p, n)) for n in range(3))
    c = f * c + i * xp.tanh(gate(x, h, p, 3))
    return o * xp.tanh(c), c


def gru_step(xp, x, h, c, p):
    u, r = (sigmoid(xp, gate(x, h, p, n)) for n in range(2))
    return (1 - u) * h + u * xp.tanh(gate(x, r * h, p, 2)), c


def convolved(xp, x, w, b, layer, kernel):
    """A convolution place by place, of any number of axes."""
    stride, padding, dilation = int(layer.stride), int(layer.padding), int(layer.dilation)
    x = xp.pad(x, [(0, 0), (0, 0)] + [(padding, padding)] * (x.ndim - 2), "constant")
    out = [(n - dilation * (k - 1) - 1) // stride + 1 for n, k in zip(x.shape[2:], kernel, strict=True)]
    rows = []
    for place in np.ndindex(*out):
        starts = [stride * p for p in place]
        reach = [dilation * (k - 1) + 1 for k in kernel]
        window = tuple(slice(start, start + n, dilation) for start, n in zip(starts, reach, strict=True))
        rows.append(xp.sum(x[(slice(None), None, slice(None), *window)] * w, tuple(range(2, w.ndim + 1))))
    z = xp.stack(rows, -1).reshape((x.shape[0], w.shape[0], *out))
    return xp.tanh(z if b is None else z + b.reshape((-1, *[1] * len(out))))


def window_sizes(layer, axes):
    """The sizes of a window and its steps along each axis."""
    kernel = layer.kernel if isinstance(layer.kernel, tuple) else (layer.kernel,) * axes
    stride = kernel if layer.stride is None else (layer.stride,) * axes
    return tuple(map(int, kernel)), tuple(map(int, stride))


def windows(xp, x, layer):
    """Every window of each channel in a row of its own, last; its place before that."""
    kernel, stride = window_sizes(layer, x.ndim - 2)
    out = [(n - k) // s + 1 for n, k, s in zip(x.shape[2:], kernel, stride, strict=True)]
    rows = []
    for place in np.ndindex(*out):
        window = tuple(slice(s * p, s * p + k) for p, k, s in zip(place, kernel, stride, strict=True))
        rows.append(x[(slice(None), slice(None), *window)].reshape((*x.shape[:2], -1)))
    return xp.stack(rows, 2).reshape((*x.shape[:2], *out, -1))


def block(norms, attention, gelu):
    def run(xp, layer, x, g1, b1, wq, wk, wv, wo, g2, b2, w1, c1, w2, c2):
        x = x + attention(xp, norms(xp, x, g1, b1), wq, wk, wv, wo)
        return x + gelu(xp, norms(xp, x, g2, b2) @ w1.T + c1) @ w2.T + c2

    return run


def grouped(xp, layer, x, gain, shift):
    split = x.reshape((x.shape[0], int(layer.groups), -1))
    wide = (-1, *[1] * (x.ndim - 2))
    return norm(xp, split, 2).reshape(x.shape) * gain.reshape(wide) + shift.reshape(wide)


#: Every layer on (samples, …) in the operations that NumPy, JAX, autograd and torch share.
ARRAYS = {
    "dense": lambda xp, layer, x, w, b=0.0: xp.tanh(x @ w.T + b),
    "readout": lambda xp, layer, x, w, b: xp.tanh(x.reshape((len(x), -1)) @ w.reshape((len(w), -1)).T + b),
    "flatten": lambda xp, layer, x: x.reshape((len(x), -1)),
    "scale": lambda xp, layer, x, g: x * g,
    "bias": lambda xp, layer, x, b: x + b,
    "layer_norm": lambda xp, layer, x, g, b: norm(xp, x, -1, g, b),
    "group_norm": grouped,
    "rms_norm": lambda xp, layer, x, g: g * x / xp.sqrt(xp.mean(x**2, -1, keepdims=True) + 1e-5),
    "batch_norm": lambda xp, layer, x, g, b: norm(xp, x, 0, g, b),
    "residual": lambda xp, layer, x, w, b: x + xp.tanh(x @ w.T + b),
    "stack": lambda xp, layer, x, w, b, v, c: xp.tanh(xp.tanh(x @ w.T + b) @ v.T + c),
    "attention": lambda xp, layer, x, *w: heads(xp, x, *w),
    "masked_attention": lambda xp, layer, x, *w: heads(xp, x, *w),
    "transformer_block": block(lambda xp, x, g, b: norm(xp, x, -1, g, b), heads, erf_gelu),
    "conv1d": lambda xp, layer, x, w, b=None: convolved(xp, x, w, b, layer, w.shape[2:]),
    "conv2d": lambda xp, layer, x, w, b=None: convolved(xp, x, w, b, layer, w.shape[2:]),
    "dropout": lambda xp, layer, x, mask: x * mask / (1 - float(layer.p)),
    "embedding": lambda xp, layer, x, w: xp.stack([w[token - 1] for token in x.reshape(-1)]).reshape((*x.shape, -1)),
    "glu": lambda xp, layer, x, w, b, v, c: (x @ w.T + b) * sigmoid(xp, x @ v.T + c),
    "swiglu": lambda xp, layer, x, w, b, v, c: (x @ w.T + b) * (x @ v.T + c) * sigmoid(xp, x @ v.T + c),
    "maxout": lambda xp, layer, x, w, b: xp.max(xp.einsum("sj,ikj->sik", x, w) + b, axis=2),
    "graph_convolution": lambda xp, layer, x, w, a: xp.tanh(a @ x @ w),
    "average_pool": lambda xp, layer, x: xp.mean(windows(xp, x, layer), -1),
    "max_pool": lambda xp, layer, x: xp.max(windows(xp, x, layer), -1),
    "recurrent": recurrent(lambda xp, x, h, c, p: (xp.tanh(gate(x, h, p, 0)), c)),
    "lstm": recurrent(lstm_step),
    "gru": recurrent(gru_step),
}


def torch_run(module):
    """PyTorch's recurrent layers; their second bias is 0, their gates come in the order i, f, g, o."""

    def run(torch, layer, x, *p):
        order = (0, 1, 3, 2) if module == "LSTM" else (0,)
        w, u, b = (torch.cat([p[3 * n + k] for n in order]) for k in range(3))
        own = getattr(torch.nn, module)(x.shape[2], int(layer.width), batch_first=True, dtype=torch.float64)
        names = {"weight_ih_l0": w, "weight_hh_l0": u, "bias_ih_l0": b, "bias_hh_l0": torch.zeros_like(b)}
        return torch.func.functional_call(own, names, (x,))[0]

    return run


def torch_pool(name):
    def run(torch, layer, x):
        return getattr(torch.nn.functional, f"{name}{x.ndim - 2}d")(x, *window_sizes(layer, x.ndim - 2))

    return run


def torch_convolution(name):
    def run(torch, layer, x, w, b=None):
        settings = int(layer.stride), int(layer.padding), int(layer.dilation)
        return torch.tanh(getattr(torch.nn.functional, name)(x, w, b, *settings))

    return run


def _f(torch):
    return torch.nn.functional


#: PyTorch's own implementation, where it has one that means the same (its GRU resets after the product).
TORCH = {
    **ARRAYS,
    "dense": lambda torch, layer, x, w, b=None: torch.tanh(_f(torch).linear(x, w, b)),
    "flatten": lambda torch, layer, x: torch.flatten(x, 1),
    "layer_norm": lambda torch, layer, x, g, b: _f(torch).layer_norm(x, g.shape, g, b, 1e-5),
    "group_norm": lambda torch, layer, x, g, b: _f(torch).group_norm(x, int(layer.groups), g, b, 1e-5),
    "rms_norm": lambda torch, layer, x, g: _f(torch).rms_norm(x, g.shape, g, 1e-5),
    "batch_norm": lambda torch, layer, x, g, b: _f(torch).batch_norm(x, None, None, g, b, training=True, eps=1e-5),
    "attention": lambda torch, layer, x, *w: torch_heads(torch, x, *w),
    "masked_attention": lambda torch, layer, x, *w: torch_heads(torch, x, *w),
    "transformer_block": block(
        lambda torch, x, g, b: _f(torch).layer_norm(x, g.shape, g, b, 1e-5),
        torch_heads,
        lambda torch, x: _f(torch).gelu(x),
    ),
    "conv1d": torch_convolution("conv1d"),
    "conv2d": torch_convolution("conv2d"),
    "embedding": lambda torch, layer, x, w: _f(torch).embedding(torch.as_tensor(x) - 1, w),
    "glu": lambda torch, layer, x, w, b, v, c: _f(torch).glu(torch.cat([x @ w.T + b, x @ v.T + c], -1), -1),
    "swiglu": lambda torch, layer, x, w, b, v, c: (x @ w.T + b) * _f(torch).silu(x @ v.T + c),
    "maxout": lambda torch, layer, x, w, b: torch.amax(torch.einsum("sj,ikj->sik", x, w) + b, dim=2),
    "average_pool": torch_pool("avg_pool"),
    "max_pool": torch_pool("max_pool"),
    "recurrent": torch_run("RNN"),
    "lstm": torch_run("LSTM"),
}
FORWARD = {"torch": TORCH, "jax": ARRAYS, "autograd": ARRAYS}
INSTALLED = [name for name in FORWARD if find_spec(name) is not None]

CASES = [
    pytest.param(framework, name, number, batch, id=f"{framework}-{name}-{number}{'-batch' * batch}")
    for framework in INSTALLED
    for name, entry in layers.items()
    for number in range(len(entry.small))
    for batch in ([True] if entry.batch else [False, True])
]


@pytest.mark.parametrize("framework", FORWARD)
def test_every_layer_has_an_oracle(framework):
    assert set(FORWARD[framework]) == set(layers)


def drawn(q, rng):
    """Values of an input; of the mask no row is all zeros, which PyTorch does not define."""
    shape = tuple(SAMPLES if not n.is_Integer else int(n) for n in q.axes)
    if q.name == "M":
        return np.tril(np.ones(shape))
    return rng.integers(0, 2, shape).astype(float) if q.name == "mask" else rng.normal(size=shape)


@pytest.mark.parametrize(("framework", "name", "number", "batch"), CASES)
def test_the_gradients_of_a_layer(framework, name, number, batch, differentiated, near):
    layer, shape = layers[name].small[number]
    tokens = layer.reads_positions
    net = Network(shape, *([] if tokens else [Shifted()]), layer, loss=half_squared_error, batch="N" if batch else None)
    kernels, rng = compile_kernels(net), np.random.default_rng(len(name) + number)
    parameters = {q.label: drawn(q, rng) for q in net.model.parameters}
    given = {q.label: drawn(q, rng) for q in net.model.inputs if q.role is Role.GIVEN}
    X = rng.integers(1, 1 + layer.words, (SAMPLES, *shape)) if tokens else rng.normal(size=(SAMPLES, *shape))
    Y = rng.normal(size=kernels.forward(parameters, X, **given).shape)
    value, found = kernels.gradients(parameters, X, Y, **given)

    def objective(xp, *arrays):
        x, y = (X, xp.asarray(Y)) if tokens else (xp.asarray(X) + arrays[0], xp.asarray(Y))
        return ((FORWARD[framework][name](xp, layer, x, *arrays[1 - tokens :]) - y) ** 2).sum() / 2

    wanted_value, wanted = differentiated(framework, objective, [*parameters.values(), *given.values()])
    assert value == pytest.approx(wanted_value, rel=1e-12)
    near(found, dict(zip(parameters, wanted, strict=False)))
