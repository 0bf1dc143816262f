"""An activation alone, as a vectorised pair (h, h′)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special
from sympy import Expr, Symbol, cse, lambdify

from symbackprop.activations import Activation
from symbackprop.errors import NotDerivable
from symbackprop.kernels.arguments import Array
from symbackprop.kernels.functions import WRITTEN, Accuracy
from symbackprop.kernels.masks import Mask, masked
from symbackprop.kernels.printing import KernelPrinter
from symbackprop.kernels.stable import stable
from symbackprop.quantities import ARGUMENT

_MODULES = {"np": np, "special": special}


def lambdify_elementwise(
    activation: Activation, dtype: str = "float64", accuracy: Accuracy = "accurate"
) -> tuple[Callable[..., Array], Callable[..., Array]]:
    """The vectorised pair (h, h′) of an elementwise activation, in stable forms; learnt parameters follow z.

    ``accuracy="fast"`` leaves out the forms that cost more, which keep all digits.

    >>> from symbackprop.activations import tanh
    >>> h, slope = lambdify_elementwise(tanh)
    >>> float(slope(np.array([0.0]))[0])
    1.0
    """
    form = _form(activation)
    letters = (ARGUMENT, *_letters(activation))
    printer = KernelPrinter({letter: letter.name for letter in letters}, dtype)
    value, slope = (
        lambdify(letters, masked(WRITTEN[accuracy](part)), modules=[_MODULES], printer=printer, cse=_shared)
        for part in (form, form.diff(ARGUMENT))
    )
    return _elementwise(value, dtype), _elementwise(slope, dtype)


def _shared(expression: Expr) -> tuple[list[tuple[Symbol, Expr]], Expr]:
    """Common parts under names of their own, but for masks, which are numbers only where they stand."""
    replaced, (found,) = cse([expression])
    masks: dict[Expr, Expr] = {}
    kept = []
    for symbol, part in replaced:
        part = part.xreplace(masks)
        if isinstance(part, Mask):
            masks[symbol] = part
        else:
            kept.append((symbol, part))
    return kept, found.xreplace(masks)


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
