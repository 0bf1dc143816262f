"""Every loss, with a penalty and without, beside PyTorch's own losses and beside formulas in JAX and autograd."""

from __future__ import annotations

from importlib.util import find_spec
from itertools import product

import numpy as np
import pytest

from symbackprop.activations import identity, log_softmax, sigmoid, softmax, softplus
from symbackprop.kernels import compile_kernels
from symbackprop.layers import Dense
from symbackprop.losses import elastic_net, losses
from symbackprop.network import Network

SAMPLES = 4
PENALTY = elastic_net("1/100", "1/10")


def classes(rng, shape):
    shares = rng.uniform(0.1, 1, size=shape)
    return shares / shares.sum(-1, keepdims=True)


def signs(rng, shape):
    return rng.choice([-1.0, 1.0], size=shape)


def shares(rng, shape):
    return rng.uniform(0.1, 0.9, size=shape)


def counts(rng, shape):
    return rng.integers(0, 5, shape).astype(float)


def numbers(rng, shape):
    return rng.normal(size=shape)


#: The activation that a loss stands on, and targets that suit it.
SUITED = {
    "binary_cross_entropy": (sigmoid, shares),
    "cross_entropy": (softmax, classes),
    "binary_cross_entropy_from_logits": (identity, shares),
    "cross_entropy_from_logits": (identity, classes),
    "negative_log_likelihood": (log_softmax, classes),
    "kl_divergence": (softmax, classes),
    "focal": (softmax, classes),
    "hinge": (identity, signs),
    "poisson": (softplus, counts),
}


def log_sum_exp(xp, a):
    return xp.log(xp.sum(xp.exp(a), -1))


def cosine(xp, a, y):
    return 1 - (a * y).sum(-1) / xp.sqrt((a**2).sum(-1) * (y**2).sum(-1))


#: What a loss is on each sample.
FORMULAS = {
    "squared_error": lambda xp, a, y: ((a - y) ** 2).sum(-1),
    "half_squared_error": lambda xp, a, y: ((a - y) ** 2).sum(-1) / 2,
    "quadratic_cost": lambda xp, a, y: ((a - y) ** 2).sum(-1) / 2,
    "mean_squared_error": lambda xp, a, y: ((a - y) ** 2).sum(-1) / a.shape[-1],
    "absolute_error": lambda xp, a, y: xp.abs(a - y).sum(-1),
    "huber": lambda xp, a, y: xp.where(xp.abs(a - y) <= 1, (a - y) ** 2 / 2, xp.abs(a - y) - 0.5).sum(-1),
    "log_cosh": lambda xp, a, y: xp.log(xp.cosh(a - y)).sum(-1),
    "binary_cross_entropy": lambda xp, a, y: -(y * xp.log(a) + (1 - y) * xp.log(1 - a)).sum(-1),
    "cross_entropy": lambda xp, a, y: -(y * xp.log(a)).sum(-1),
    "binary_cross_entropy_from_logits": lambda xp, a, y: (xp.log(1 + xp.exp(a)) - y * a).sum(-1),
    "cross_entropy_from_logits": lambda xp, a, y: log_sum_exp(xp, a) - (y * a).sum(-1),
    "negative_log_likelihood": lambda xp, a, y: -(y * a).sum(-1),
    "kl_divergence": lambda xp, a, y: (y * (xp.log(y) - xp.log(a))).sum(-1),
    "focal": lambda xp, a, y: -(y * (1 - a) ** 2 * xp.log(a)).sum(-1),
    "hinge": lambda xp, a, y: xp.where(a * y < 1, 1 - a * y, 0.0).sum(-1),
    "poisson": lambda xp, a, y: (a - y * xp.log(a)).sum(-1),
    "cosine": cosine,
}


def _f(torch):
    return torch.nn.functional


def _each(name, scale=1.0):
    return lambda torch, a, y: scale * getattr(_f(torch), name)(a, y, reduction="none").sum(-1)


TORCH = {
    **FORMULAS,
    "squared_error": _each("mse_loss"),
    "half_squared_error": _each("mse_loss", 0.5),
    "quadratic_cost": _each("mse_loss", 0.5),
    "absolute_error": _each("l1_loss"),
    "huber": _each("huber_loss"),
    "binary_cross_entropy": _each("binary_cross_entropy"),
    "binary_cross_entropy_from_logits": _each("binary_cross_entropy_with_logits"),
    "cross_entropy_from_logits": lambda torch, a, y: _f(torch).cross_entropy(a, y, reduction="none"),
    "kl_divergence": lambda torch, a, y: _f(torch).kl_div(torch.log(a), y, reduction="none").sum(-1),
    "poisson": lambda torch, a, y: _f(torch).poisson_nll_loss(a, y, log_input=False, eps=0, reduction="none").sum(-1),
    "cosine": lambda torch, a, y: 1 - _f(torch).cosine_similarity(a, y, -1),
}
FORWARD = {"torch": TORCH, "jax": FORMULAS, "autograd": FORMULAS}
INSTALLED = [name for name in FORWARD if find_spec(name) is not None]


def activated(xp, name, z):
    powers = xp.exp(z)
    return {
        "identity": lambda: z,
        "sigmoid": lambda: 1 / (1 + xp.exp(-z)),
        "softplus": lambda: xp.log(1 + powers),
        "softmax": lambda: powers / powers.sum(-1)[..., None],
        "log_softmax": lambda: z - log_sum_exp(xp, z)[..., None],
    }[name]()


@pytest.mark.parametrize("framework", FORWARD)
def test_every_loss_has_an_oracle(framework):
    assert set(FORWARD[framework]) == set(losses)


@pytest.mark.parametrize(
    ("framework", "name", "widths", "penalty"), [*product(INSTALLED, losses, [(3, 4), (2, 1)], [None, PENALTY])]
)
def test_the_gradients_of_a_loss(framework, name, widths, penalty, differentiated, near):
    activation, targets = SUITED.get(name, (identity, numbers))
    net = Network(widths[0], Dense(widths[1], activation), loss=losses[name], penalty=penalty)
    kernels, rng = compile_kernels(net), np.random.default_rng(len(name))
    parameters = {q.label: rng.normal(size=[int(n) for n in q.axes]) for q in net.model.parameters}
    X, Y = rng.normal(size=(SAMPLES, widths[0])), targets(rng, (SAMPLES, widths[1]))
    value, found = kernels.gradients(parameters, X, Y)

    def objective(xp, w, b):
        a = activated(xp, activation.name, xp.asarray(X) @ w.T + b)
        total = FORWARD[framework][name](xp, a, xp.asarray(Y)).sum()
        total = total / SAMPLES if losses[name].over_batch == "mean" else total
        return total if penalty is None else total + xp.abs(w).sum() / 100 + (w**2).sum() / 20

    wanted_value, wanted = differentiated(framework, objective, list(parameters.values()))
    assert value == pytest.approx(wanted_value, rel=1e-12, abs=1e-14)
    near(found, dict(zip(parameters, wanted, strict=True)))
