"""What emitted kernels lose beside what SymPy's derivative and printer lose: activations, and losses with an output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np
from sympy import Expr, Rational, Symbol, lambdify

from symbackprop.activations import Activation
from symbackprop.activations.pieces import pieces
from symbackprop.errors import NotDerivable
from symbackprop.kernels.arguments import Array
from symbackprop.kernels.compilation import Precision, compile_kernels
from symbackprop.kernels.digits import points, truth
from symbackprop.kernels.functions import Accuracy
from symbackprop.layers import Dense
from symbackprop.losses import losses
from symbackprop.network import Network
from symbackprop.quantities import ARGUMENT

#: What a learnt parameter of an activation is here.
PARAMETER = Rational(1, 4)
#: The columns of a report: SymPy's own form, and the kernel in each mode.
FORMS = ("naive", *get_args(Accuracy))


@dataclass(frozen=True)
class Measured:
    """A function at the points ``z``: what it is, and what each of :data:`FORMS` computes."""

    name: str
    z: Array
    wanted: Array
    computed: Mapping[str, Array]


def measure_activation(
    activation: Activation, dtype: Precision = "float64", density: int = 6
) -> tuple[Measured, Measured]:
    """An elementwise activation and its derivative at :func:`points`, in each form.

    >>> from symbackprop.activations import tanh
    >>> from symbackprop.kernels.digits import digits
    >>> _, slope = measure_activation(tanh, density=1)
    >>> [digits(slope.computed[form], slope.wanted).bits < 1 for form in FORMS]
    [False, False, True]
    """
    if activation.closed_form is None or not activation.elementwise:
        raise NotDerivable(f"{activation.name} has no closed form in one variable; measure it with a loss: --loss NAME")
    form = activation.closed_form(ARGUMENT, *(PARAMETER for _ in activation.parameters))
    z = points(dtype, [float(piece.low) for piece in pieces(form)[1:]], density)
    slope = form.diff(ARGUMENT)
    found = {accuracy: _of_kernel(activation, z, dtype, accuracy) for accuracy in get_args(Accuracy)}
    value, of_slope = ({accuracy: pair[k] for accuracy, pair in found.items()} for k in range(2))
    return (_beside(activation.name, form, z, value), _beside(f"{activation.name}'", slope, z, of_slope))


def _beside(name: str, form: Expr, z: Array, computed: Mapping[str, Array]) -> Measured:
    return Measured(name, z, truth(form, [ARGUMENT], [z]), {"naive": naive(form, [ARGUMENT], z)} | dict(computed))


def naive(expression: Expr, letters: list[Symbol], *values: Array) -> Array:
    """What SymPy's printer for NumPy and SciPy makes of an expression."""
    with np.errstate(all="ignore"):
        computed = lambdify(letters, expression, modules=["scipy", "numpy"])(*values)
    return np.broadcast_to(np.asarray(computed, values[0].dtype), values[0].shape)


def _of_kernel(activation: Activation, z: Array, dtype: Precision, accuracy: Accuracy) -> tuple[Array, Array]:
    """(h, h') of a layer with a unit for each point: its biases are the points, and J is the sum of its outputs."""
    net = Network(1, Dense(len(z), activation), loss=losses["negative_log_likelihood"])
    kernels = compile_kernels(net, dtype, accuracy)
    parameters = {label: np.full_like(value, PARAMETER) for label, value in kernels.init().items()}
    parameters |= {"w^1": np.zeros((len(z), 1), z.dtype), "b^1": z}
    X, Y = np.zeros((1, 1), z.dtype), np.full((1, len(z)), -1, z.dtype)
    with np.errstate(all="ignore"):
        return kernels.forward(parameters, X)[0], kernels.gradients(parameters, X, Y)[1]["b^1"]
