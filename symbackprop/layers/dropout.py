"""a_i = m_i x_i / (1 - p): dropout, the mask m of zeros and ones being given and each of mean 1 - p."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Rational

from symbackprop.errors import InvalidSpec
from symbackprop.layers.base import CatalogueEntry, Layer, LayerEquations, layers, places
from symbackprop.model import Equation
from symbackprop.quantities import Quantity, Role


@dataclass(frozen=True)
class Dropout(Layer):
    """Inverted dropout with probability ``p`` of a unit to be dropped (an exact number); the mask is given.

    The mean of what is handed on is x. Srivastava et al. 2014, section 10 (there the weights are scaled instead).

    >>> from symbackprop.derivation import layer_step
    >>> layer_step(Dropout(Rational(1, 4)), "n").results
    {Partial(J, x^0[i]): 4*mask^1[i]*Partial(J, a^1[i])/3}
    """

    p: Rational = Rational(1, 2)

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        if not (isinstance(self.p, Rational) and 0 <= self.p < 1):
            raise InvalidSpec(f"dropout needs an exact probability from 0 to less than 1, not {self.p!r}")
        mask = Quantity(Role.GIVEN, layer, previous.axes, previous.batched, "mask")
        a = Quantity(Role.ACTIVATION, layer, previous.axes, previous.batched)
        indices = places(previous)
        kept = mask[indices] * previous[indices] / (1 - self.p)
        return LayerEquations((Equation(a, indices, kept),), (), a, given=(mask,))


layers.register("dropout", CatalogueEntry(Dropout(), ("n",), ((Dropout(), (5,)), (Dropout(Rational(1, 5)), (2, 3)))))
