"""Activations made of pieces: clipped lines, exponential units, and the step of the perceptron."""

from __future__ import annotations

import sympy
from sympy import Expr, Integer, Piecewise, Rational, exp

from symbackprop.activations.base import Activation, activations
from symbackprop.activations.elementwise import leaky_relu_with


def _add(activation: Activation) -> Activation:
    return activations.register(activation.name, activation)


def _clipped(z: Expr, low: Expr, high: Expr, below: Expr, inside: Expr, above: Expr) -> Expr:
    return Piecewise((below, z <= low), (inside, z < high), (above, True))


def celu_with(alpha: Expr | int, name: str = "") -> Activation:
    """max(0, z) + min(0, α (exp(z/α) - 1)), without a kink for any α (Barron 2017, eq. 2).

    >>> celu_with(2).convention
    ''
    """
    scale = sympy.sympify(alpha, strict=True)
    return Activation(
        name or f"celu({scale})",
        lambda z: Piecewise((z, z > 0), (scale * (exp(z / scale) - 1), True)),
        claims=(lambda z, a: Piecewise((Integer(1), z > 0), (a / scale + 1, True)),),
    )


#: Klambauer et al. 2017, eq. 2: the two numbers keep mean 0 and variance 1 of standard normal pre-activations.
SELU_LAMBDA = Rational("1.0507009873554804934")
SELU_ALPHA = Rational("1.6732632423543772848")

celu = _add(celu_with(1, "celu"))
selu = _add(
    Activation(
        "selu",
        lambda z: Piecewise((SELU_LAMBDA * z, z > 0), (SELU_LAMBDA * SELU_ALPHA * (exp(z) - 1), True)),
        claims=(lambda z, a: Piecewise((SELU_LAMBDA, z > 0), (a + SELU_LAMBDA * SELU_ALPHA, True)),),
        convention=f"the derivative at 0 is {(SELU_LAMBDA * SELU_ALPHA).n(6)}",
    )
)
#: The randomised relu at test time: the slope is the mean of the law U(1/8, 1/3) it is drawn from (Xu et al. 2015);
#: in training a drawn slope makes it a leaky relu of that slope.
rrelu = _add(leaky_relu_with((Rational(1, 8) + Rational(1, 3)) / 2, "rrelu"))
#: Krizhevsky 2010.
relu6 = _add(
    Activation(
        "relu6",
        lambda z: _clipped(z, Integer(0), Integer(6), Integer(0), z, Integer(6)),
        convention="the derivative at 0 and 6 is 0",
    )
)
#: Howard et al. 2019, section 5.2, and so that of most frameworks; an older one is z/5 + 1/2.
hard_sigmoid = _add(
    Activation(
        "hard_sigmoid",
        lambda z: _clipped(z, Integer(-3), Integer(3), Integer(0), z / 6 + Rational(1, 2), Integer(1)),
        convention="the derivative at -3 and 3 is 0",
    )
)
hard_swish = _add(
    Activation(
        "hard_swish",
        lambda z: _clipped(z, Integer(-3), Integer(3), Integer(0), z * (z + 3) / 6, z),
        convention="the derivative at -3 is 0, at 3 is 1",
    )
)
hard_tanh = _add(
    Activation(
        "hard_tanh",
        lambda z: _clipped(z, Integer(-1), Integer(1), Integer(-1), z, Integer(1)),
        convention="the derivative at -1 and 1 is 0",
    )
)
#: Rosenblatt's perceptron. Its derivative is 0 wherever it exists, so nothing is learnt through it.
step = _add(
    Activation(
        "step",
        lambda z: Piecewise((Integer(1), z > 0), (Integer(0), True)),
        claims=(lambda z, a: Integer(0),),
        convention="the derivative at 0 is 0",
    )
)
