"""a_i = g_i x_i and a_i = x_i + b_i: a gain or a shift for every unit, the two halves of what follows a norm."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer

from symbackprop.layers.base import CatalogueEntry, Layer, LayerEquations, layers, places
from symbackprop.model import Equation
from symbackprop.quantities import Quantity, Role


@dataclass(frozen=True)
class Scale(Layer):
    """Every unit times a gain of its own, the same at every place of a sequence; it starts at 1.

    >>> from symbackprop.derivation import layer_step
    >>> layer_step(Scale(), "n").results
    {Partial(J, g^1[i]): x^0[i]*Partial(J, a^1[i]), Partial(J, x^0[i]): g^1[i]*Partial(J, a^1[i])}
    """

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        indices = places(previous)
        gain = Quantity(Role.PARAMETER, layer, previous.axes[-1:], name="g")
        a = Quantity(Role.ACTIVATION, layer, previous.axes, previous.batched)
        stated = Equation(a, indices, gain[indices[-1]] * previous[indices])
        return LayerEquations((stated,), (gain,), a, starts={gain.label: Integer(1)})


@dataclass(frozen=True)
class Bias(Layer):
    """Every unit plus a bias of its own, the same at every place of a sequence; it starts at 0."""

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        indices = places(previous)
        shift = Quantity(Role.BIAS, layer, previous.axes[-1:])
        a = Quantity(Role.ACTIVATION, layer, previous.axes, previous.batched)
        stated = Equation(a, indices, previous[indices] + shift[indices[-1]])
        return LayerEquations((stated,), (shift,), a)


layers.register("scale", CatalogueEntry(Scale(), ("T", "n"), ((Scale(), (3,)), (Scale(), (4, 2)), (Scale(), (1,)))))
layers.register("bias", CatalogueEntry(Bias(), ("T", "n"), ((Bias(), (3,)), (Bias(), (4, 2)), (Bias(), (1,)))))
