"""a_i = (Σ_j W_ij x_j + b_i) h(Σ_j V_ij x_j + c_i): a gated linear unit; and maxout, the largest of several maps."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Sum

from symbackprop.activations import Activation, sigmoid, swish
from symbackprop.layers.base import CatalogueEntry, Layer, LayerEquations, layers, places
from symbackprop.model import Equation
from symbackprop.quantities import Apply, ArgMaximum, Quantity, Role, as_index, as_size


@dataclass(frozen=True)
class Gated(Layer):
    """A linear map times a gate of its own, on the last axis of its input.

    GLU with the sigmoid (Dauphin et al. 2017, eq. 1), SwiGLU with swish (Shazeer 2020, eq. 5).
    """

    width: int | str | Expr
    gate: Activation = sigmoid

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        size, fan_in = as_size(self.width), previous.axes[-1]
        *step, i = places(previous)
        j = as_index("j")
        axes = (*previous.axes[:-1], size)
        maps: list[Equation] = []
        parameters: list[Quantity] = []
        for weight, shift, label in (("W", "b", "u"), ("V", "c", "g")):
            w = Quantity(Role.WEIGHT, layer, (size, fan_in), name=weight)
            b = Quantity(Role.BIAS, layer, (size,), name=shift)
            z = Quantity(Role.PREACTIVATION, layer, axes, previous.batched, f"z_{label}")
            total = Sum(w[i, j] * previous[*step, j], (j, 1, fan_in)) + b[i]
            maps.append(Equation(z, (*step, i), total))
            parameters += [w, b]
        a = Quantity(Role.ACTIVATION, layer, axes, previous.batched)
        gated = maps[0].lhs * Apply(self.gate.name, 0, maps[1].lhs)
        return LayerEquations(
            (*maps, Equation(a, (*step, i), gated)), tuple(parameters), a, functions=self.gate.functions
        )


@dataclass(frozen=True)
class Maxout(Layer):
    """The largest of ``pieces`` linear maps, unit by unit; the gradient goes to the first that attains it.

    Goodfellow et al. 2013, eq. 1 and 2.
    """

    width: int | str | Expr
    pieces: int | str | Expr

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        size, count, fan_in = as_size(self.width), as_size(self.pieces), previous.axes[-1]
        *step, i = places(previous)
        j, k = as_index("j"), as_index("k")
        w = Quantity(Role.WEIGHT, layer, (size, count, fan_in))
        b = Quantity(Role.BIAS, layer, (size, count))
        axes = (*previous.axes[:-1], size)
        z = Quantity(Role.PREACTIVATION, layer, (*axes, count), previous.batched)
        first = Quantity(Role.POSITION, layer, axes, previous.batched, "m")
        a = Quantity(Role.ACTIVATION, layer, axes, previous.batched)
        total = Sum(w[i, k, j] * previous[*step, j], (j, 1, fan_in)) + b[i, k]
        return LayerEquations(
            equations=(
                Equation(z, (*step, i, k), total),
                Equation(first, (*step, i), ArgMaximum(z[*step, i, k], (k, 1, count))),
                Equation(a, (*step, i), z[*step, i, first[*step, i]]),
            ),
            parameters=(w, b),
            output=a,
        )


layers.register("glu", CatalogueEntry(Gated("m"), ("n",), ((Gated(3), (4,)), (Gated(2), (3, 2)), (Gated(1), (1,)))))
layers.register("swiglu", CatalogueEntry(Gated("m", swish), ("n",), ((Gated(3, swish), (4,)), (Gated(1, swish), (1,)))))
layers.register("maxout", CatalogueEntry(Maxout("m", "K"), ("n",), ((Maxout(3, 2), (4,)), (Maxout(1, 1), (1,)))))
