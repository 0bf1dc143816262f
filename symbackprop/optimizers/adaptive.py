"""Optimizers that scale each step by the gradients seen so far: AdaGrad, RMSProp, Adam, AdamW."""

from __future__ import annotations

from sympy import Expr, Rational, Symbol, sqrt

from symbackprop.optimizers.base import GRADIENT, PARAMETER, STEP, Optimizer, optimizers

_ETA, _RHO, _DECAY = (Symbol(name, positive=True) for name in ("eta", "rho", "lamda"))
_BETA1, _BETA2, _SMALL = (Symbol(name, positive=True) for name in ("beta_1", "beta_2", "epsilon"))
_MEAN, _SQUARES = Symbol("m", real=True), Symbol("s", nonnegative=True)
_TINY = Rational(1, 10**8)


def _add(optimizer: Optimizer) -> Optimizer:
    return optimizers.register(optimizer.name, optimizer)


def _scaled(squares: Expr) -> Expr:
    return PARAMETER - _ETA * GRADIENT / (sqrt(squares) + _SMALL)


_summed = _SQUARES + GRADIENT**2
#: Duchi et al. 2011, with the diagonal alone.
adagrad = _add(Optimizer("adagrad", _scaled(_summed), {_SQUARES: _summed}, {_ETA: Rational(1, 100), _SMALL: _TINY}))

_averaged = _RHO * _SQUARES + (1 - _RHO) * GRADIENT**2
#: Tieleman and Hinton 2012, lecture 6.5.
rmsprop = _add(
    Optimizer(
        "rmsprop",
        _scaled(_averaged),
        {_SQUARES: _averaged},
        {_ETA: Rational(1, 1000), _RHO: Rational(9, 10), _SMALL: _TINY},
    )
)

_mean = _BETA1 * _MEAN + (1 - _BETA1) * GRADIENT
_squares = _BETA2 * _SQUARES + (1 - _BETA2) * GRADIENT**2
_direction = (_mean / (1 - _BETA1**STEP)) / (sqrt(_squares / (1 - _BETA2**STEP)) + _SMALL)
_usual = {_ETA: Rational(1, 1000), _BETA1: Rational(9, 10), _BETA2: Rational(999, 1000), _SMALL: _TINY}
#: Kingma & Ba 2015, algorithm 1.
adam = _add(Optimizer("adam", PARAMETER - _ETA * _direction, {_MEAN: _mean, _SQUARES: _squares}, _usual))
#: Loshchilov and Hutter 2019, algorithm 2: the decay is no part of the gradient that is averaged.
adamw = _add(
    Optimizer(
        "adamw",
        PARAMETER - _ETA * _direction - _ETA * _DECAY * PARAMETER,
        {_MEAN: _mean, _SQUARES: _squares},
        {**_usual, _DECAY: Rational(1, 100)},
    )
)
