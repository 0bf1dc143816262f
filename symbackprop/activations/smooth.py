"""Smooth activations beyond the usual ones: mish, log-sigmoid, gaussian, sine, softsign."""

from __future__ import annotations

import sympy
from sympy import Abs, Expr, Integer, cos, exp, log, sin

from symbackprop.activations.base import Activation, activations


def _add(activation: Activation) -> Activation:
    return activations.register(activation.name, activation)


def _mish_slope(z: Expr, a: Expr) -> Expr:
    """Misra 2019, section 2, with e^z once above."""
    above = 4 * (z + 1) + 4 * exp(2 * z) + exp(3 * z) + exp(z) * (4 * z + 6)
    return exp(z) * above / (2 * exp(z) + exp(2 * z) + 2) ** 2


def sine_with(omega: Expr | int, name: str = "") -> Activation:
    """sin(ω z), named after ω (Sitzmann et al. 2020, eq. 3, take ω = 30 in the first layer).

    >>> sine_with(30).name
    'sine(30)'
    """
    speed = sympy.sympify(omega, strict=True)
    return Activation(name or f"sine({speed})", lambda z: sin(speed * z), claims=(lambda z, a: speed * cos(speed * z),))


mish = _add(Activation("mish", lambda z: z * sympy.tanh(log(1 + exp(z))), claims=(_mish_slope,)))
log_sigmoid = _add(Activation("log_sigmoid", lambda z: -log(1 + exp(-z)), claims=(lambda z, a: 1 - exp(a),)))
gaussian = _add(Activation("gaussian", lambda z: exp(-(z**2)), claims=(lambda z, a: -2 * z * a,)))
sine = _add(sine_with(1, "sine"))
#: Bergstra et al. 2009; |z| has no derivative at 0, z/(1 + |z|) has.
softsign = _add(
    Activation(
        "softsign",
        lambda z: z / (1 + Abs(z)),
        claims=(lambda z, a: (1 - Abs(a)) ** 2, lambda z, a: 1 / (Integer(1) + Abs(z)) ** 2),
    )
)
