"""Initializers whose variance is set by the fans of a layer, and zero for biases."""

from __future__ import annotations

from sympy import Integer

from symbackprop.initializers.base import Initializer, initializers


def _add(initializer: Initializer) -> Initializer:
    return initializers.register(initializer.name, initializer)


#: Glorot & Bengio 2010, eq. 12 and (uniform) eq. 16.
xavier = _add(Initializer("xavier", lambda fan_in, fan_out: Integer(2) / (fan_in + fan_out)))
xavier_uniform = _add(Initializer("xavier_uniform", lambda fan_in, fan_out: Integer(2) / (fan_in + fan_out), "uniform"))
#: He et al. 2015, eq. 10.
he = _add(Initializer("he", lambda fan_in, fan_out: Integer(2) / fan_in))
#: LeCun et al. 1998, section 4.6.
lecun = _add(Initializer("lecun", lambda fan_in, fan_out: Integer(1) / fan_in))
zeros = _add(Initializer("zeros", lambda fan_in, fan_out: Integer(0)))
