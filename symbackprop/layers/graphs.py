"""z_vi = Σ_u Â_vu Σ_j x_uj w_ji, a = h(z): every node of a graph takes the mean, or another mix, of its neighbours."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Sum

from symbackprop.activations import Activation, relu, tanh, unknown
from symbackprop.errors import ShapeMismatch
from symbackprop.layers.base import CatalogueEntry, Layer, LayerEquations, layers, places
from symbackprop.model import Equation
from symbackprop.quantities import Quantity, Role, as_index, as_size


@dataclass(frozen=True)
class GraphConvolution(Layer):
    """A graph convolution on nodes with features (nodes, n); the (normalised) adjacency matrix Â is given.

    Kipf & Welling 2017, eq. 2.
    """

    width: int | str | Expr
    activation: Activation = relu

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        if len(previous.axes) != 2 + previous.batched:
            raise ShapeMismatch(f"layer {layer}: a graph convolution takes (nodes, features), not {previous.label}")
        s = places(previous)[:-2]
        u, v, i, j = map(as_index, "uvij")
        nodes, fan_in, size = previous.axes[-2], previous.axes[-1], as_size(self.width)
        adjacency = Quantity(Role.GIVEN, layer, (nodes, nodes), name="A")
        w = Quantity(Role.WEIGHT, layer, (fan_in, size))
        axes = (*previous.axes[:-1], size)
        z = Quantity(Role.PREACTIVATION, layer, axes, previous.batched)
        a = Quantity(Role.ACTIVATION, layer, axes, previous.batched)
        total = Sum(adjacency[v, u] * previous[*s, u, j] * w[j, i], (u, 1, nodes), (j, 1, fan_in))
        activated = self.activation.value(lambda k: z[*s, v, k], i, size)
        return LayerEquations(
            equations=(Equation(z, (*s, v, i), total), Equation(a, (*s, v, i), activated)),
            parameters=(w,),
            output=a,
            functions=self.activation.functions,
            given=(adjacency,),
        )


layers.register(
    "graph_convolution",
    CatalogueEntry(
        GraphConvolution("m", unknown()),
        ("N", "n"),
        ((GraphConvolution(2, tanh), (4, 3)), (GraphConvolution(1, tanh), (1, 1))),
    ),
)
