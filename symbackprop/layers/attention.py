"""A = Σ_h P_h V_h W_O with P = softmax over j of Q_i·K_j/√d: every place of a sequence looks at every other."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Sum, exp, sqrt

from symbackprop.activations import gelu
from symbackprop.errors import ShapeMismatch
from symbackprop.layers.base import CatalogueEntry, Layer, LayerEquations, layers, places
from symbackprop.layers.dense import Dense
from symbackprop.layers.norms import LayerNorm
from symbackprop.layers.stacking import Residual, Stack
from symbackprop.model import Claim, Equation
from symbackprop.quantities import OBJECTIVE, Partial, Quantity, Role, as_index, as_size


@dataclass(frozen=True)
class Attention(Layer):
    """Scaled dot-product self-attention with ``heads`` heads of width ``key`` on a sequence (T, n); hands on (T, n).

    With ``masked`` a given mask of zeros and ones, (T, T), says what each place may look at. A row of zeros, in which
    the quotient is 0/0, has shares of 0 in a kernel: a place that may look nowhere hands on 0 and gets no gradient.
    Vaswani et al. 2017, eq. 1 and section 3.2.2; the form of ∂J/∂S is that of Dao et al. 2022, appendix B.
    """

    heads: int | str | Expr
    key: int | str | Expr
    masked: bool = False

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        if len(previous.axes) != 2 + previous.batched:
            raise ShapeMismatch(f"layer {layer}: attention takes a sequence (T, n) an example, not {previous.label}")
        return _Heads(self, layer, previous).equations()


class _Heads:
    """The quantities of one attention layer, and its equations."""

    def __init__(self, attention: Attention, layer: Expr, x: Quantity) -> None:
        self.layer, self.x, self.masked = layer, x, attention.masked
        self.sample = places(x)[:-2]
        self.heads, self.key = as_size(attention.heads), as_size(attention.key)
        self.length, self.width = x.axes[-2], x.axes[-1]
        self.h, self.i, self.j, self.k, self.d = map(as_index, ("h", "i", "j", "k", "d"))
        self.mask = Quantity(Role.GIVEN, layer, (self.length, self.length), name="M")

    def named(self, name: str, *axes: Expr) -> Quantity:
        lead = self.x.axes[: len(self.sample)]
        return Quantity(Role.INTERMEDIATE, self.layer, (*lead, self.heads, *axes), self.x.batched, name)

    def equations(self) -> LayerEquations:
        s, h, i, j, k, d = self.sample, self.h, self.i, self.j, self.k, self.d
        maps, weights = zip(*(self.projected(name) for name in "QKV"), strict=True)
        q, key, value = (equation.quantity for equation in maps)
        scores, shares = self.named("S", self.length, self.length), self.named("P", self.length, self.length)
        seen = self.named("O", self.length, self.key)
        out = Quantity(Role.WEIGHT, self.layer, (self.heads, self.key, self.width), name="W_O")
        a = Quantity(Role.ACTIVATION, self.layer, self.x.axes, self.x.batched)
        dot = Sum(q[*s, h, i, d] * key[*s, h, j, d], (d, 1, self.key)) / sqrt(self.key)
        mixed = Sum(seen[*s, h, i, d] * out[h, d, k], (h, 1, self.heads), (d, 1, self.key))
        stated = (
            *maps,
            Equation(scores, (*s, h, i, j), dot),
            Equation(shares, (*s, h, i, j), self.softmax(scores)),
            Equation(seen, (*s, h, i, d), Sum(shares[*s, h, i, j] * value[*s, h, j, d], (j, 1, self.length))),
            Equation(a, (*s, i, k), mixed),
        )
        given = (self.mask,) if self.masked else ()
        claims = (self.literature(scores, shares),)
        return LayerEquations(stated, (*weights, out), a, given=given, claims=claims)

    def projected(self, name: str) -> tuple[Equation, Quantity]:
        """Q, K or V of each head: the sequence times a weight."""
        weight = Quantity(Role.WEIGHT, self.layer, (self.heads, self.width, self.key), name=f"W_{name}")
        found = self.named(name, self.length, self.key)
        product = self.x[*self.sample, self.i, self.k] * weight[self.h, self.k, self.d]
        return Equation(found, (*self.sample, self.h, self.i, self.d), Sum(product, (self.k, 1, self.width))), weight

    def softmax(self, scores: Quantity) -> Expr:
        """The share of place j in what place i looks at."""

        def weighted(j: Expr) -> Expr:
            power = exp(scores[*self.sample, self.h, self.i, j])
            return self.mask[self.i, j] * power if self.masked else power

        return weighted(self.j) / Sum(weighted(self.k), (self.k, 1, self.length))

    def literature(self, scores: Quantity, shares: Quantity) -> Claim:
        """∂J/∂S = P ⊙ (∂J/∂P - rowsum(P ⊙ ∂J/∂P))."""
        lead = (*self.sample, self.h, self.i)
        slope = Partial(OBJECTIVE[()], shares[*lead, self.j])
        row = Sum(shares[*lead, self.k] * Partial(OBJECTIVE[()], shares[*lead, self.k]), (self.k, 1, self.length))
        return Claim(scores, (*lead, self.j), shares[*lead, self.j] * (slope - row), "Dao et al. 2022, appendix B")


def transformer_block(
    heads: int | str | Expr, key: int | str | Expr, width: int | str | Expr, inner: int | str
) -> Layer:
    """A block with its norms inside of the residual connections: x + attention(norm x), then x + dense(dense(norm x)).

    Xiong et al. 2020, figure 1 (b).
    """
    attention = Residual(Stack(LayerNorm(), Attention(heads, key)))
    forward = Residual(Stack(LayerNorm(), Dense(inner, gelu), Dense(width)))
    return Stack(attention, forward)


layers.register(
    "attention",
    CatalogueEntry(Attention("H", "d_k"), ("T", "n"), ((Attention(2, 3), (4, 3)), (Attention(1, 1), (1, 1)))),
)
layers.register(
    "masked_attention",
    CatalogueEntry(Attention("H", "d_k", masked=True), ("T", "n"), ((Attention(2, 3, masked=True), (4, 3)),)),
)
layers.register(
    "transformer_block",
    CatalogueEntry(transformer_block("H", "d_k", "n", "m"), ("T", "n"), ((transformer_block(2, 2, 3, 4), (3, 3)),)),
)
