"""Gradient descent, with momentum, and Adam."""

from __future__ import annotations

from sympy import Rational, Symbol, sqrt

from symbackprop.optimizers.base import GRADIENT, PARAMETER, STEP, Optimizer, optimizers

_ETA, _MU = Symbol("eta", positive=True), Symbol("mu", positive=True)
_BETA1, _BETA2, _SMALL = (Symbol(name, positive=True) for name in ("beta_1", "beta_2", "epsilon"))
_VELOCITY, _MEAN, _SQUARES = (Symbol(name, real=True) for name in ("v", "m", "s"))

sgd = optimizers.register("sgd", Optimizer("sgd", PARAMETER - _ETA * GRADIENT, {}, {_ETA: Rational(1, 10)}))

_faster = _MU * _VELOCITY + GRADIENT
#: Polyak's heavy ball, v ← μ v + g.
momentum = optimizers.register(
    "momentum",
    Optimizer(
        "momentum",
        PARAMETER - _ETA * _faster,
        {_VELOCITY: _faster},
        {_ETA: Rational(1, 10), _MU: Rational(9, 10)},
    ),
)

_mean = _BETA1 * _MEAN + (1 - _BETA1) * GRADIENT
_squares = _BETA2 * _SQUARES + (1 - _BETA2) * GRADIENT**2
#: Kingma & Ba 2015, algorithm 1.
adam = optimizers.register(
    "adam",
    Optimizer(
        "adam",
        PARAMETER - _ETA * (_mean / (1 - _BETA1**STEP)) / (sqrt(_squares / (1 - _BETA2**STEP)) + _SMALL),
        {_MEAN: _mean, _SQUARES: _squares},
        {
            _ETA: Rational(1, 1000),
            _BETA1: Rational(9, 10),
            _BETA2: Rational(999, 1000),
            _SMALL: Rational(1, 10**8),
        },
    ),
)
