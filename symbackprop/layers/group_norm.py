"""a_cp = γ_c (x_cp - μ_g)/√(v_g + ε) + β_c, μ_g and v_g over the channels of a group g and all their places."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer, Rational

from symbackprop.errors import ShapeMismatch
from symbackprop.layers.base import CatalogueEntry, Layer, LayerEquations, layers, sample_axis, sample_index
from symbackprop.layers.norms import standardised
from symbackprop.layers.reshaping import row_after_row
from symbackprop.model import Equation
from symbackprop.quantities import Quantity, Role, as_index, as_size

_SOURCE = "the three terms of Ba et al. 2016, over a group"


@dataclass(frozen=True)
class GroupNorm(Layer):
    """The channels in ``groups`` groups, each of mean 0 and variance 1 over its channels and places.

    Takes (channels, places …) an example, with gain and shift for every channel. One group is layer norm over all of
    an example, as many groups as channels is instance norm. Wu & He 2018, eq. 2 and 7.

    >>> from symbackprop.network import Network
    >>> Network((4, 5), GroupNorm(3)).model
    Traceback (most recent call last):
        ...
    symbackprop.errors.ShapeMismatch: layer 1: 4 channels do not go into 3 groups of one size
    """

    groups: int | str | Expr
    epsilon: Rational = Rational(1, 10**5)

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        sample, groups = sample_index(batch), as_size(self.groups)
        channels, *places = previous.axes[len(sample) :]
        members = channels / groups
        if members.is_number and not members.is_Integer:
            raise ShapeMismatch(f"layer {layer}: {channels} channels do not go into {groups} groups of one size")
        g, k, c = map(as_index, "gkc")
        at = tuple(as_index(letter) for letter in "pquv"[: len(places)])
        axes = (*sample_axis(batch), groups, members, *places)
        split = Quantity(Role.INTERMEDIATE, layer, axes, previous.batched, "u")
        member = (*sample, g, k, *at)
        standard = standardised(layer, split, member, (k, *at), self.epsilon, _SOURCE)
        scaled = standard.scaled
        gain = Quantity(Role.PARAMETER, layer, (channels,), name="gamma")
        shift = Quantity(Role.BIAS, layer, (channels,))
        a = Quantity(Role.ACTIVATION, layer, previous.axes, previous.batched)
        of_channel = row_after_row(lambda group, k: scaled[*sample, group, k, *at], (groups, members), c)
        return LayerEquations(
            equations=(
                Equation(split, member, previous[*sample, (g - 1) * members + k, *at]),
                *standard.equations,
                Equation(a, (*sample, c, *at), gain[c] * of_channel + shift[c]),
            ),
            parameters=(gain, shift),
            output=a,
            starts={gain.label: Integer(1)},
            claims=(standard.claim,),
        )


layers.register(
    "group_norm",
    CatalogueEntry(
        GroupNorm("G"),
        (as_size("G") * as_size("M"), "T"),
        (
            (GroupNorm(2), (4, 3)),
            (GroupNorm(3), (3, 2, 2)),
            (GroupNorm(1), (3,)),
            (GroupNorm(1), (1, 1)),
        ),
    ),
)
