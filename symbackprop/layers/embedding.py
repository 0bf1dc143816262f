"""a_ti = E_{x_t, i}: a row of a table for every token; the gradient of a row is summed over the places of its token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sympy import Expr

from symbackprop.errors import ShapeMismatch
from symbackprop.layers.base import CatalogueEntry, Layer, LayerEquations, layers, places
from symbackprop.model import Equation
from symbackprop.quantities import Quantity, Role, as_index, as_size


@dataclass(frozen=True)
class Embedding(Layer):
    """Tokens 1 to ``words`` as vectors of ``width`` numbers; the first layer of a network on a sequence of tokens (T,).

    >>> from symbackprop.derivation import layer_step
    >>> layer_step(Embedding("V", "n"), "T").results
    {Partial(J, w^1[i, j]): Sum(KroneckerDelta(i, m^0[t])*Partial(J, a^1[t, j]), (t, 1, T))}
    """

    words: int | str | Expr
    width: int | str | Expr
    reads_positions: ClassVar[bool] = True

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        if previous.role is not Role.POSITION or len(previous.axes) != 1 + previous.batched:
            raise ShapeMismatch(f"layer {layer}: an embedding takes a sequence of tokens, the input of the network")
        table = Quantity(Role.WEIGHT, layer, (as_size(self.words), as_size(self.width)))
        a = Quantity(Role.ACTIVATION, layer, (*previous.axes, table.axes[-1]), previous.batched)
        place = (*places(previous)[:-1], as_index("t"))
        i = as_index("i")
        return LayerEquations((Equation(a, (*place, i), table[previous[place], i]),), (table,), a)


layers.register(
    "embedding", CatalogueEntry(Embedding("V", "n"), ("T",), ((Embedding(4, 3), (5,)), (Embedding(1, 1), (1,))))
)
