"""An activation alone, as a vectorised pair (h, h′)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special
from sympy import Expr, Symbol, lambdify

from symbackprop.activations import Activation
from symbackprop.errors import NotDerivable
from symbackprop.kernels.arguments import Array
from symbackprop.kernels.masks import masked
from symbackprop.kernels.printing import KernelPrinter
from symbackprop.kernels.stable import stable
from symbackprop.quantities import ARGUMENT

_MODULES = {"np": np, "special": special}


def lambdify_elementwise(
    activation: Activation, dtype: str = "float64"
) -> tuple[Callable[..., Array], Callable[..., Array]]:
    """The vectorised pair (h, h′) of an elementwise activation, in stable forms; learnt parameters follow z.

    >>> from symbackprop.activations import tanh
    >>> h, slope = lambdify_elementwise(tanh)
    >>> float(slope(np.array([0.0]))[0])
    1.0
    """
    form = _form(activation)
    letters = (ARGUMENT, *_letters(activation))
    printer = KernelPrinter({letter: letter.name for letter in letters}, dtype)
    value, slope = (
        lambdify(letters, masked(stable(part)), modules=[_MODULES], printer=printer, cse=True)
        for part in (form, form.diff(ARGUMENT))
    )
    return _elementwise(value, dtype), _elementwise(slope, dtype)


def _form(activation: Activation) -> Expr:
    """The stable closed form of an elementwise activation in ``ARGUMENT`` and its parameters p1, p2, …"""
    if activation.closed_form is None or not activation.elementwise:
        raise NotDerivable(f"{activation.name} has no closed form in one variable; compile a network with it instead")
    return stable(activation.closed_form(ARGUMENT, *_letters(activation)))


def _letters(activation: Activation) -> list[Symbol]:
    return [Symbol(f"p{k}", real=True) for k, _ in enumerate(activation.parameters, start=1)]


def _elementwise(function: Callable[..., Any], dtype: str) -> Callable[..., Array]:
    def apply(z: Array, *parameters: float) -> Array:
        z = np.asarray(z, dtype=dtype)
        values = function(z, *(np.asarray(p, dtype=dtype) for p in parameters))
        return np.array(np.broadcast_to(values, z.shape), dtype=dtype)

    return apply
