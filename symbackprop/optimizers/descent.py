"""Gradient descent, plain, with momentum, with Nesterov's, and with a gradient that is clipped."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Max, Min, Rational, Symbol

from symbackprop.optimizers.base import GRADIENT, NORM, PARAMETER, Optimizer, optimizers

_ETA, _MU, _MOST = (Symbol(name, positive=True) for name in ("eta", "mu", "c"))
_VELOCITY = Symbol("v", real=True)


def _with_gradient(optimizer: Optimizer, gradient: Expr, name: str) -> Optimizer:
    """The same rule on another gradient, made of g and the threshold c."""
    swap = {GRADIENT: gradient}
    memory = {symbol: rule.xreplace(swap) for symbol, rule in optimizer.memory.items()}
    settings = {**optimizer.settings, _MOST: Rational(1)}
    return replace(optimizer, name=name, parameter=optimizer.parameter.xreplace(swap), memory=memory, settings=settings)


def clipped_by_norm(optimizer: Optimizer, name: str = "") -> Optimizer:
    """The rule with g scaled to the length c where the whole gradient is longer (Pascanu et al. 2013, algorithm 1)."""
    return _with_gradient(optimizer, GRADIENT * Min(1, _MOST / NORM), name or f"{optimizer.name}, clipped")


def clipped_by_value(optimizer: Optimizer, name: str = "") -> Optimizer:
    """The rule with each entry of g held between -c and c, which may turn the direction of the step."""
    return _with_gradient(optimizer, Max(Min(GRADIENT, _MOST), -_MOST), name or f"{optimizer.name}, clipped by value")


sgd = optimizers.register("sgd", Optimizer("sgd", PARAMETER - _ETA * GRADIENT, {}, {_ETA: Rational(1, 10)}))

_faster = _MU * _VELOCITY + GRADIENT
_usual = {_ETA: Rational(1, 10), _MU: Rational(9, 10)}
#: Polyak's heavy ball, v ← μ v + g.
momentum = optimizers.register(
    "momentum", Optimizer("momentum", PARAMETER - _ETA * _faster, {_VELOCITY: _faster}, _usual)
)
#: Nesterov's momentum in the variables of Sutskever et al. 2013 after a shift: g is taken where the step begins.
nesterov = optimizers.register(
    "nesterov",
    Optimizer("nesterov", PARAMETER - _ETA * (GRADIENT + _MU * _faster), {_VELOCITY: _faster}, _usual),
)
clipped_sgd = optimizers.register("clipped_sgd", clipped_by_norm(sgd, "clipped_sgd"))
clipped_sgd_by_value = optimizers.register("clipped_sgd_by_value", clipped_by_value(sgd, "clipped_sgd_by_value"))
