"""a_{(j-1)n + k} = x_jk: the axes of an example one after the other, the last one running fastest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr, Integer, Mul, Sum

from symbackprop.layers.base import CatalogueEntry, Layer, LayerEquations, layers, sample_axis, sample_index
from symbackprop.model import Equation
from symbackprop.quantities import Quantity, Role, as_index


@dataclass(frozen=True)
class Flatten(Layer):
    """Every entry of an example in one vector, row by row, as ``reshape(-1)`` does it.

    Stated by the convention that an entry outside of its axis is zero: of the sum over rows one term is left.

    >>> from symbackprop.derivation import layer_step
    >>> step = layer_step(Flatten(), 3, 2)
    >>> print(step.model.equations[0].expression, "|", step.results)
    Sum(x^0[j, i - 2*j + 2], (j, 1, 3)) | {Partial(J, x^0[i, j]): Partial(J, a^1[2*i + j - 2])}
    """

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        sample, i = sample_index(batch), as_index("i")
        own = previous.axes[len(sample) :]
        a = Quantity(Role.ACTIVATION, layer, (*sample_axis(batch), Mul(*own)), batch is not None)
        merged = row_after_row(lambda *at: previous[*sample, *at], own, i)
        return LayerEquations((Equation(a, (*sample, i), merged),), (), a)


def row_after_row(entry: Callable[..., Expr], axes: tuple[Expr, ...], place: Expr) -> Expr:
    """The entry at ``place`` of the array with these axes written in one row.

    >>> from sympy import IndexedBase
    >>> x = IndexedBase("x")
    >>> row_after_row(lambda *at: x[at], (Integer(3), Integer(2)), as_index("i"))
    Sum(x[j, i - 2*j + 2], (j, 1, 3))
    """
    outer = tuple(as_index(letter) for letter in "jkpq"[: len(axes) - 1])
    before: Expr = Integer(0)
    for index, size in zip(outer, axes[:-1], strict=True):
        before = before * size + index - 1
    found = entry(*outer, place - before * axes[-1])
    return Sum(found, *((index, 1, size) for index, size in zip(outer, axes[:-1], strict=True))) if outer else found


layers.register(
    "flatten", CatalogueEntry(Flatten(), ("T", "n"), ((Flatten(), (3, 2)), (Flatten(), (2, 3, 2)), (Flatten(), (1, 1))))
)
