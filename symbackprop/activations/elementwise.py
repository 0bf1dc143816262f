"""The elementwise activations, one registration each; no derivative is written by hand."""

from __future__ import annotations

import sympy
from sympy import Expr, Integer, Piecewise, Rational, exp, log, pi, sqrt

from symbackprop.activations.base import Activation, activations


def _logistic(z: Expr) -> Expr:
    return 1 / (1 + exp(-z))


def _rectified(z: Expr, below: Expr) -> Expr:
    return Piecewise((z, z > 0), (below, True))


def _add(activation: Activation) -> Activation:
    return activations.register(activation.name, activation)


def leaky_relu_with(slope: Expr | int, name: str = "") -> Activation:
    """A leaky relu with another exact slope below zero, named after it.

    >>> leaky_relu_with(Rational(1, 5)).name
    'leaky_relu(1/5)'
    """
    factor = sympy.sympify(slope, strict=True)
    return Activation(
        name or f"leaky_relu({factor})",
        lambda z: _rectified(z, factor * z),
        convention=f"the derivative at 0 is {factor}",
    )


def elu_with(alpha: Expr | int, name: str = "") -> Activation:
    """An elu that tends to ``-alpha``, named after it; with alpha = 1 it has no kink (Clevert et al. 2016, eq. 15)."""
    scale = sympy.sympify(alpha, strict=True)
    return Activation(
        name or f"elu({scale})",
        lambda z: _rectified(z, scale * (exp(z) - 1)),
        claims=(lambda z, a: Piecewise((Integer(1), z > 0), (a + scale, True)),),
        convention="" if scale == 1 else f"the derivative at 0 is {scale}",
    )


identity = _add(Activation("identity", lambda z: z, claims=(lambda z, a: Integer(1),), inline=True))
sigmoid = _add(Activation("sigmoid", _logistic, claims=(lambda z, a: a * (1 - a),)))
tanh = _add(Activation("tanh", sympy.tanh, claims=(lambda z, a: 1 - a**2,)))
relu = _add(Activation("relu", lambda z: _rectified(z, Integer(0)), convention="the derivative at 0 is 0"))
leaky_relu = _add(leaky_relu_with(Rational(1, 100), "leaky_relu"))
prelu = _add(
    Activation(
        "prelu",
        lambda z, slope: _rectified(z, slope * z),
        convention="the derivative at 0 is slope",
        parameters=("slope",),
        inline=True,
    )
)
elu = _add(elu_with(1, "elu"))
softplus = _add(Activation("softplus", lambda z: log(1 + exp(z)), claims=(lambda z, a: 1 - exp(-a),)))
swish = _add(
    Activation("swish", lambda z: z * _logistic(z), claims=(lambda z, a: a + _logistic(z) * (1 - a),)),
)
silu = activations.register("silu", swish)
gelu = _add(
    Activation(
        "gelu",
        lambda z: z * (1 + sympy.erf(z / sqrt(2))) / 2,
        claims=(lambda z, a: (1 + sympy.erf(z / sqrt(2))) / 2 + z * exp(-(z**2) / 2) / sqrt(2 * pi),),
    )
)
gelu_tanh = _add(
    Activation("gelu_tanh", lambda z: z * (1 + sympy.tanh(sqrt(2 / pi) * (z + Rational(44715, 10**6) * z**3))) / 2)
)
