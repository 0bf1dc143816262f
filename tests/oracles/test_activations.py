"""Every activation in a dense layer beside PyTorch's and JAX's own functions, and beside formulas in autograd."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from itertools import product

import numpy as np
import pytest

from symbackprop.activations import activations
from symbackprop.kernels import compile_kernels
from symbackprop.layers import Dense
from symbackprop.losses import half_squared_error
from symbackprop.network import Network

SAMPLES = 5


def sigmoid(xp, z):
    return (1 + xp.tanh(z / 2)) / 2


def softplus(xp, z):
    return xp.logaddexp(z, 0.0)


def softmax(xp, z):
    powers = xp.exp(z)
    return powers / xp.sum(powers, -1, keepdims=True)


def selu(xp, z):
    # Klambauer et al. 2017, section 2.
    scale, alpha = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
    return scale * xp.where(z > 0, z, alpha * xp.expm1(z))


def erf(xp, u):
    """The error function of a framework, known to its differentiator."""
    if xp.__name__ == "torch":
        return xp.special.erf(u)
    home = "jax.scipy.special" if xp.__name__.startswith("jax") else "autograd.scipy.special"
    return import_module(home).erf(u)


FORMULAS = {
    "identity": lambda xp, z: z,
    "sigmoid": sigmoid,
    "tanh": lambda xp, z: xp.tanh(z),
    "softplus": softplus,
    "swish": lambda xp, z: z * sigmoid(xp, z),
    "silu": lambda xp, z: z * sigmoid(xp, z),
    "gelu": lambda xp, z: z * (1 + erf(xp, z / 2**0.5)) / 2,
    "gelu_tanh": lambda xp, z: z / 2 * (1 + xp.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z**3))),
    "softsign": lambda xp, z: z / (1 + xp.abs(z)),
    "mish": lambda xp, z: z * xp.tanh(softplus(xp, z)),
    "log_sigmoid": lambda xp, z: -softplus(xp, -z),
    "gaussian": lambda xp, z: xp.exp(-(z**2)),
    "sine": lambda xp, z: xp.sin(z),
    "relu": lambda xp, z: xp.where(z > 0, z, 0.0),
    "relu6": lambda xp, z: xp.where(z > 0, xp.where(z < 6, z, 6.0), 0.0),
    "leaky_relu": lambda xp, z: xp.where(z > 0, z, z / 100),
    "rrelu": lambda xp, z: xp.where(z > 0, z, 11 * z / 48),
    "prelu": lambda xp, z, slope: xp.where(z > 0, z, slope * z),
    "elu": lambda xp, z: xp.where(z > 0, z, xp.expm1(z)),
    "celu": lambda xp, z: xp.where(z > 0, z, xp.expm1(z)),
    "selu": selu,
    "hard_sigmoid": lambda xp, z: xp.where(z > 3, 1.0, xp.where(z > -3, z / 6 + 0.5, 0.0)),
    "hard_tanh": lambda xp, z: xp.where(z > 1, 1.0, xp.where(z > -1, z, -1.0)),
    "hard_swish": lambda xp, z: z * xp.where(z > 3, 1.0, xp.where(z > -3, z / 6 + 0.5, 0.0)),
    "step": lambda xp, z: xp.where(z > 0, 1.0, 0.0 * z),
    "softmax": softmax,
    "log_softmax": lambda xp, z: xp.log(softmax(xp, z)),
}


def _own(module, names, **settings):
    """The functions of a framework's ``module`` by name: ours, theirs where it is spelled otherwise."""

    def call(name, theirs):
        return lambda xp, z, *slope: getattr(module(xp), theirs)(z, *slope, **settings.get(name, {}))

    pairs = [name.partition("=") for name in names.split()]
    return {name: call(name, theirs or name) for name, _, theirs in pairs}


#: PyTorch's hardsigmoid multiplies by 1/6 in single precision on the way back, so it is no oracle.
TORCH = {
    **FORMULAS,
    "softplus": lambda torch, z: torch.nn.functional.softplus(z, threshold=50),
    "rrelu": lambda torch, z: torch.nn.functional.rrelu(z, training=False),
    "log_softmax": lambda torch, z: torch.log_softmax(z, -1),
    **_own(
        lambda torch: torch.nn.functional,
        "sigmoid tanh swish=silu silu gelu gelu_tanh=gelu softsign mish log_sigmoid=logsigmoid relu relu6 leaky_relu "
        "prelu elu celu selu hard_tanh=hardtanh hard_swish=hardswish softmax",
        softmax={"dim": -1},
        gelu_tanh={"approximate": "tanh"},
    ),
}


def _jax_nn(xp):
    return pytest.importorskip("jax").nn


JAX = {
    **FORMULAS,
    **_own(
        _jax_nn,
        "sigmoid softplus swish silu gelu gelu_tanh=gelu softsign=soft_sign mish log_sigmoid relu relu6 leaky_relu elu "
        "celu selu hard_sigmoid hard_tanh hard_swish softmax log_softmax",
        gelu={"approximate": False},
        gelu_tanh={"approximate": True},
    ),
}
FORWARD = {"torch": TORCH, "jax": JAX, "autograd": FORMULAS}
INSTALLED = [name for name in FORWARD if find_spec(name) is not None]


@pytest.mark.parametrize("framework", FORWARD)
def test_every_activation_has_an_oracle(framework):
    assert set(FORWARD[framework]) == set(activations)


@pytest.mark.parametrize(
    ("framework", "name", "widths", "accuracy"),
    [*product(INSTALLED, activations, [(3, 4), (1, 1)], ["fast", "accurate"])],
)
def test_the_gradients_through_an_activation(framework, name, widths, accuracy, differentiated, near):
    net = Network(widths[0], Dense(widths[1], activations[name]), loss=half_squared_error)
    kernels, rng = compile_kernels(net, accuracy=accuracy), np.random.default_rng(len(name))
    parameters = {q.label: rng.normal(size=[int(n) for n in q.axes]) for q in net.model.parameters}
    X, Y = rng.normal(size=(SAMPLES, widths[0])), rng.normal(size=(SAMPLES, widths[1]))
    value, found = kernels.gradients(parameters, X, Y)

    def objective(xp, w, b, *slope):
        a = FORWARD[framework][name](xp, xp.asarray(X) @ w.T + b, *slope)
        return ((a - xp.asarray(Y)) ** 2).sum() / 2

    wanted_value, wanted = differentiated(framework, objective, list(parameters.values()))
    assert value == pytest.approx(wanted_value, rel=1e-12)
    near(found, dict(zip(parameters, wanted, strict=True)))
