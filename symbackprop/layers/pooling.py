"""a_ci = (1/K) Σ_k x_{c, s(i-1) + k}, or the largest of these: a window of each channel made one number."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Sum

from symbackprop.errors import ShapeMismatch
from symbackprop.layers.base import CatalogueEntry, Layer, LayerEquations, layers, sample_axis, sample_index
from symbackprop.layers.convolution import Size, windows
from symbackprop.model import Equation
from symbackprop.quantities import ArgMaximum, Quantity, Role, as_index, as_size


@dataclass(frozen=True)
class AveragePool(Layer):
    """The mean of every window of ``kernel`` places, ``stride`` apart (else side by side); input (channels, length).

    >>> from symbackprop.derivation import layer_step
    >>> print(layer_step(AveragePool(2), "C", 6).model.equations[0].expression)
    Sum(x^0[c, 2*i + k - 2], (k, 1, 2))/2
    """

    kernel: Size
    stride: Size | None = None

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        window = _Window(self, layer, previous, batch)
        mean = Sum(window.value(window.inside), (window.inside, 1, window.kernel)) / window.kernel
        return LayerEquations((Equation(window.output, window.place, mean),), (), window.output)


@dataclass(frozen=True)
class MaxPool(Layer):
    """The largest of every window; the gradient goes to the first place that attains it. Input (channels, length)."""

    kernel: Size
    stride: Size | None = None

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        window = _Window(self, layer, previous, batch)
        first = Quantity(Role.POSITION, layer, window.output.axes, window.output.batched, "m")
        chosen = ArgMaximum(window.value(window.inside), (window.inside, 1, window.kernel))
        return LayerEquations(
            equations=(
                Equation(first, window.place, chosen),
                Equation(window.output, window.place, window.value(first[window.place])),
            ),
            parameters=(),
            output=window.output,
        )


class _Window:
    """The window at place i of channel c and what it sees."""

    def __init__(self, pool: AveragePool | MaxPool, layer: Expr, x: Quantity, batch: Expr | None) -> None:
        sample = sample_index(batch)
        if len(x.axes) != len(sample) + 2:
            raise ShapeMismatch(f"layer {layer}: {type(pool).__name__} takes (channels, length), not {x.label}")
        self.x, self.kernel, self.inside = x, as_size(pool.kernel), as_index("k")
        self.stride = self.kernel if pool.stride is None else as_size(pool.stride)
        places = windows(x.axes[-1], self.kernel, self.stride)
        self.place = (*sample, as_index("c"), as_index("i"))
        axes = (*sample_axis(batch), x.axes[-2], places)
        self.output = Quantity(Role.ACTIVATION, layer, axes, batch is not None)

    def value(self, inside: Expr) -> Expr:
        """The input at place ``inside`` of the window."""
        return self.x[*self.place[:-1], self.stride * (self.place[-1] - 1) + inside]


layers.register(
    "average_pool",
    CatalogueEntry(
        AveragePool("K", 2),
        ("C", "H"),
        ((AveragePool(2), (2, 6)), (AveragePool(3, 2), (1, 8)), (AveragePool(1), (1, 1))),
    ),
)
layers.register(
    "max_pool",
    CatalogueEntry(MaxPool("K", 2), ("C", "H"), ((MaxPool(2), (2, 6)), (MaxPool(3, 2), (1, 8)), (MaxPool(1), (1, 1)))),
)
