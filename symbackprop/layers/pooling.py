"""a_ci = (1/K) Σ_k x_{c, s(i-1) + k}, or the largest of these: a window of each channel made one number."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Mul, Sum, Symbol

from symbackprop.errors import ShapeMismatch
from symbackprop.layers.base import CatalogueEntry, Layer, LayerEquations, layers, sample_index
from symbackprop.layers.convolution import Size, windows
from symbackprop.model import Equation
from symbackprop.quantities import ArgMaximum, Quantity, Role, as_index, as_size

Sizes = Size | tuple[Size, Size]


@dataclass(frozen=True)
class AveragePool(Layer):
    """The mean of every window of ``kernel`` places, ``stride`` apart (else side by side).

    Takes (channels, length) or (channels, height, width); one size is meant for both axes of an image.

    >>> from symbackprop.derivation import layer_step
    >>> print(layer_step(AveragePool(2), "C", 6).model.equations[0].expression)
    Sum(x^0[c, 2*i + k - 2], (k, 1, 2))/2
    """

    kernel: Sizes
    stride: Sizes | None = None

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        window = _Window(self, layer, previous, batch)
        inside = tuple(as_index(letter) for letter in "km"[: len(window.kernel)])
        seen = window.entry(previous, dict(enumerate(inside)))
        limits = ((index, 1, size) for index, size in zip(inside, window.kernel, strict=True))
        a = Quantity(Role.ACTIVATION, layer, window.axes(len(inside)), batch is not None)
        return LayerEquations((Equation(a, window.place, Sum(seen, *limits) / Mul(*window.kernel)),), (), a)


@dataclass(frozen=True)
class MaxPool(Layer):
    """The largest of every window; the gradient goes to the first place that attains it.

    Takes (channels, length) or (channels, height, width). In an image the largest of a window is that of its columns'
    largest.
    """

    kernel: Sizes
    stride: Sizes | None = None

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        window = _Window(self, layer, previous, batch)
        stated: list[Equation] = []
        current, k = previous, as_index("k")
        for axis, size in enumerate(window.kernel):
            last = axis == len(window.kernel) - 1
            axes = window.axes(axis + 1)
            m = Quantity(
                Role.POSITION, layer, axes, current.batched, "m" if len(window.kernel) == 1 else f"m_{axis + 1}"
            )
            role, name = (Role.ACTIVATION, "") if last else (Role.INTERMEDIATE, "r")
            largest = Quantity(role, layer, axes, current.batched, name)
            stated.append(Equation(m, window.place, ArgMaximum(window.entry(current, {axis: k}), (k, 1, size))))
            stated.append(Equation(largest, window.place, window.entry(current, {axis: m[window.place]})))
            current = largest
        return LayerEquations(tuple(stated), (), current)


class _Window:
    """The window at place i (and j) of channel c and what it sees."""

    def __init__(self, pool: AveragePool | MaxPool, layer: Expr, x: Quantity, batch: Expr | None) -> None:
        sample = sample_index(batch)
        count = len(x.axes) - len(sample) - 1
        if count not in (1, 2):
            takes = "(channels, length) or (channels, height, width)"
            raise ShapeMismatch(f"layer {layer}: {type(pool).__name__} takes {takes}, not {x.label}")
        self.x, self.lead = x, (*sample, as_index("c"))
        self.kernel = _each(pool.kernel, count)
        self.stride = self.kernel if pool.stride is None else _each(pool.stride, count)
        self.at = tuple(as_index(letter) for letter in "ij"[:count])
        self.place: tuple[Symbol, ...] = (*self.lead, *self.at)

    def axes(self, pooled: int) -> tuple[Expr, ...]:
        """The sizes when so many axes have been made shorter."""
        lengths = self.x.axes[len(self.lead) :]
        short = map(windows, lengths, self.kernel, self.stride)
        return (*self.x.axes[: len(self.lead)], *list(short)[:pooled], *lengths[pooled:])

    def entry(self, array: Quantity, inside: dict[int, Expr]) -> Expr:
        """The entry at a place inside of the window along some axes, and at the same place along the others."""
        seen = [
            stride * (i - 1) + inside[axis] if axis in inside else i
            for axis, (i, stride) in enumerate(zip(self.at, self.stride, strict=True))
        ]
        return array[(*self.lead, *seen)]


def _each(value: Sizes, count: int) -> tuple[Expr, ...]:
    """A size for each of so many axes."""
    given = value if isinstance(value, tuple) else (value,) * count
    if len(given) != count:
        raise ShapeMismatch(f"a window along {count} axes has {count} sizes, not {value!r}")
    return tuple(map(as_size, given))


layers.register(
    "average_pool",
    CatalogueEntry(
        AveragePool("K", 2),
        ("C", "H"),
        (
            (AveragePool(2), (2, 6)),
            (AveragePool(3, 2), (1, 8)),
            (AveragePool(1), (1, 1)),
            (AveragePool((2, 3), 1), (2, 3, 4)),
        ),
    ),
)
layers.register(
    "max_pool",
    CatalogueEntry(
        MaxPool("K", 2),
        ("C", "H"),
        ((MaxPool(2), (2, 6)), (MaxPool(3, 2), (1, 8)), (MaxPool(1), (1, 1)), (MaxPool((2, 3), 1), (2, 3, 4))),
    ),
)
