"""z_i = Σ_j w_ij a_j + b_i,  a_i = h(z_i): every unit sees every unit of the layer before."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Sum, Symbol

from symbackprop.activations import Activation, identity, tanh, unknown
from symbackprop.errors import InvalidSpec, ShapeMismatch
from symbackprop.layers.base import CatalogueEntry, Layer, LayerEquations, layers, places, sample_axis, sample_index
from symbackprop.model import Equation
from symbackprop.quantities import Quantity, Role, as_index, as_size


@dataclass(frozen=True)
class Dense(Layer):
    """A fully connected layer of ``width`` units (an integer or a symbol).

    Weights are (fan_out, fan_in), biases (fan_out,). On a sequence (T, fan_in) it acts at every place; an input of
    another rank raises :class:`~symbackprop.errors.ShapeMismatch`.

    >>> from symbackprop.activations import tanh
    >>> from sympy import Integer
    >>> x = Quantity(Role.INPUT, Integer(0), (Integer(3),))
    >>> stated = Dense(4, tanh).equations(Integer(1), x, None)
    >>> for equation in stated.equations:
    ...     print(equation.lhs, "=", equation.expression)
    z^1[i] = b^1[i] + Sum(w^1[i, j]*x^0[j], (j, 1, 3))
    a^1[i] = Apply(tanh, 0, z^1[i])
    """

    width: int | str | Expr
    activation: Activation = identity
    bias: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.activation, Activation):
            raise InvalidSpec(f"an activation is one of symbackprop.activations, such as tanh, not {self.activation!r}")

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        if len(previous.axes) - previous.batched not in (1, 2):
            raise ShapeMismatch(
                f"layer {layer}: Dense takes a vector, or a sequence of vectors, an example; "
                f"{previous.label} has other axes (Readout takes them all at once)"
            )
        return _affine(self, layer, previous, places(previous)[:-1], previous.axes[:-1], previous.axes[-1:])


@dataclass(frozen=True)
class Readout(Layer):
    """A dense layer on all entries of an example at once, an image or a sequence flattened: weights (width, *axes).

    >>> from sympy import Integer
    >>> x = Quantity(Role.INPUT, Integer(0), (Integer(3), Integer(5)))
    >>> print(Readout(4).equations(Integer(1), x, None).equations[0].expression)
    b^1[i] + Sum(w^1[i, j, k]*x^0[j, k], (j, 1, 3), (k, 1, 5))
    """

    width: int | str | Expr
    activation: Activation = identity
    bias: bool = True

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        return _affine(
            self, layer, previous, sample_index(batch), sample_axis(batch), previous.axes[len(sample_axis(batch)) :]
        )


def _affine(
    dense: Dense | Readout,
    layer: Expr,
    previous: Quantity,
    kept: tuple[Symbol, ...],
    kept_axes: tuple[Expr, ...],
    fan_in: tuple[Expr, ...],
) -> LayerEquations:
    """z_i = Σ w_i… x_… + b_i over the axes ``fan_in``, at every place of the others, and a_i = h(z_i)."""
    i, size = as_index("i"), as_size(dense.width)
    inner = tuple(as_index(name) for name in "jkmpq"[: len(fan_in)])
    weight = Quantity(Role.WEIGHT, layer, (size, *fan_in))
    bias = Quantity(Role.BIAS, layer, (size,))
    slopes = tuple(Quantity(Role.PARAMETER, layer, (), name=name) for name in dense.activation.parameters)
    z = Quantity(Role.PREACTIVATION, layer, (*kept_axes, size), previous.batched)
    a = Quantity(Role.ACTIVATION, layer, (*kept_axes, size), previous.batched)
    limits = [(index, 1, axis) for index, axis in zip(inner, fan_in, strict=True)]
    weighted = Sum(weight[i, *inner] * previous[*kept, *inner], *limits)
    activated = dense.activation.value(lambda k: z[*kept, k], i, size, tuple(slope[()] for slope in slopes))
    return LayerEquations(
        equations=(
            Equation(z, (*kept, i), weighted + bias[i] if dense.bias else weighted),
            Equation(a, (*kept, i), activated),
        ),
        parameters=(weight, *((bias,) if dense.bias else ()), *slopes),
        output=a,
        functions=dense.activation.functions,
    )


layers.register(
    "dense", CatalogueEntry(Dense("m", unknown()), ("n",), ((Dense(4, tanh), (3,)), (Dense(1, tanh, bias=False), (1,))))
)
layers.register(
    "readout",
    CatalogueEntry(Readout("m", unknown()), ("T", "n"), ((Readout(4, tanh), (3, 2)), (Readout(1, tanh), (1, 1)))),
)
