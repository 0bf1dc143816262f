"""Initializers whose variance is set by the fans of a layer, and zero for biases."""

from __future__ import annotations

from sympy import Expr, Integer, Rational

from symbackprop.activations import relu
from symbackprop.initializers.base import Initializer, initializers


def _add(initializer: Initializer) -> Initializer:
    return initializers.register(initializer.name, initializer)


def _averaged(fan_in: Expr, fan_out: Expr) -> Expr:
    return Integer(2) / (fan_in + fan_out)


#: Glorot & Bengio 2010, eq. 12 and (uniform) eq. 16; eq. 10 and 11 are the conditions one by one.
xavier = _add(Initializer("xavier", _averaged, keeps="average"))
xavier_uniform = _add(Initializer("xavier_uniform", _averaged, "uniform", keeps="average"))
xavier_backward = _add(Initializer("xavier_backward", lambda fan_in, fan_out: Integer(1) / fan_out, keeps="backward"))
#: He et al. 2015, eq. 10 and (backward) eq. 14.
he = _add(Initializer("he", lambda fan_in, fan_out: Integer(2) / fan_in, keeps="forward", activation=relu))
he_uniform = _add(
    Initializer("he_uniform", lambda fan_in, fan_out: Integer(2) / fan_in, "uniform", keeps="forward", activation=relu)
)
he_backward = _add(
    Initializer("he_backward", lambda fan_in, fan_out: Integer(2) / fan_out, keeps="backward", activation=relu)
)
#: LeCun et al. 1998, section 4.6; forward alone.
lecun = _add(Initializer("lecun", lambda fan_in, fan_out: Integer(1) / fan_in, keeps="forward"))
lecun_uniform = _add(
    Initializer("lecun_uniform", lambda fan_in, fan_out: Integer(1) / fan_in, "uniform", keeps="forward")
)
#: Uniform in ±√(1/fan_in), once the usual choice; every layer leaves a third (Glorot & Bengio 2010, eq. 1).
uniform_fan_in = _add(
    Initializer(
        "uniform_fan_in",
        lambda fan_in, fan_out: Integer(1) / (3 * fan_in),
        "uniform",
        keeps="forward",
        factor=Rational(1, 3),
    )
)
zeros = _add(Initializer("zeros", lambda fan_in, fan_out: Integer(0)))
