"""z_i = Σ_j w_ij a_j + b_i,  a_i = h(z_i): every unit sees every unit of the layer before."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Sum

from symbackprop.activations import Activation, identity, tanh, unknown
from symbackprop.errors import InvalidSpec, ShapeMismatch
from symbackprop.layers.base import Layer, LayerEquations, Sample, layers, sample_axis, sample_index
from symbackprop.model import Equation
from symbackprop.quantities import Quantity, Role, as_index, as_size


@dataclass(frozen=True)
class Dense(Layer):
    """A fully connected layer of ``width`` units (an integer or a symbol).

    Weights are (fan_out, fan_in), biases (fan_out,); an input of another rank than one vector an example raises
    :class:`~symbackprop.errors.ShapeMismatch`.

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
        if len(previous.axes) != 1 + previous.batched:
            raise ShapeMismatch(f"layer {layer}: Dense takes one vector an example, {previous.label} has other axes")
        i, j, size, fan_in = as_index("i"), as_index("j"), as_size(self.width), previous.axes[-1]
        sample, batched = sample_index(batch), batch is not None
        axes = (*sample_axis(batch), size)
        weight = Quantity(Role.WEIGHT, layer, (size, fan_in))
        bias = Quantity(Role.BIAS, layer, (size,))
        slopes = tuple(Quantity(Role.PARAMETER, layer, (), name=name) for name in self.activation.parameters)
        z = Quantity(Role.PREACTIVATION, layer, axes, batched)
        a = Quantity(Role.ACTIVATION, layer, axes, batched)
        weighted = Sum(weight[i, j] * previous[*sample, j], (j, 1, fan_in))
        activated = self.activation.value(lambda k: z[*sample, k], i, size, tuple(slope[()] for slope in slopes))
        return LayerEquations(
            equations=(
                Equation(z, (*sample, i), weighted + bias[i] if self.bias else weighted),
                Equation(a, (*sample, i), activated),
            ),
            parameters=(weight, *((bias,) if self.bias else ()), *slopes),
            output=a,
            functions=self.activation.functions,
        )


layers.register(
    "dense", Sample(Dense("m", unknown()), ("n",), ((Dense(4, tanh), (3,)), (Dense(1, tanh, bias=False), (1,))))
)
