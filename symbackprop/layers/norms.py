"""a_i = γ_i (x_i - μ)/√(v + ε) + β_i with μ and v over the units (layer norm) or the samples (batch norm)."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Integer, Mul, Rational, Sum, Symbol, sqrt

from symbackprop.errors import InvalidSpec, ShapeMismatch
from symbackprop.layers.base import CatalogueEntry, Layer, LayerEquations, layers, places
from symbackprop.model import Claim, Equation
from symbackprop.quantities import OBJECTIVE, Partial, Quantity, Role


@dataclass(frozen=True)
class LayerNorm(Layer):
    """Every example (every place of a sequence) brought to mean 0 and variance 1 over its units, with gain and shift.

    The variance is that of the units themselves (divided by n). Ba, Kiros & Hinton 2016, eq. 4.

    >>> from symbackprop.derivation import layer_step
    >>> print(list(layer_step(LayerNorm(), "n").results)[:2])
    [Partial(J, gamma^1[i]), Partial(J, b^1[i])]
    """

    epsilon: Rational = Rational(1, 10**5)

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        return _normalised(layer, previous, places(previous)[-1], self.epsilon, "Ba et al. 2016, the three terms")


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Every unit brought to mean 0 and variance 1 over the samples of the batch, with gain and shift; training form.

    J depends on x through the mean and the variance of the batch too. Ioffe & Szegedy 2015, algorithm 1.
    Without a batch it raises :class:`~symbackprop.errors.InvalidSpec`.
    """

    epsilon: Rational = Rational(1, 10**5)

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        if batch is None:
            raise InvalidSpec(
                f"layer {layer}: batch norm is over the samples of a batch; give the network a batch size"
            )
        if len(previous.axes) != 2:
            raise ShapeMismatch(
                f"layer {layer}: BatchNorm takes one vector an example, {previous.label} has other axes"
            )
        return _normalised(layer, previous, places(previous)[0], self.epsilon, "Ioffe and Szegedy 2015, section 3")


@dataclass(frozen=True)
class Standardised:
    """The equations of a mean, a variance and what is brought to 0 and 1 by them; the derivative as it is known."""

    equations: tuple[Equation, ...]
    scaled: Quantity
    claim: Claim


def standardised(
    layer: Expr, x: Quantity, indices: tuple[Symbol, ...], over: tuple[Symbol, ...], epsilon: Rational, source: str
) -> Standardised:
    """x̂ = (x - μ)/√(v + ε) along the axes of the indices ``over``; mean and variance have the other axes."""
    sizes = dict(zip(indices, x.axes, strict=True))
    along, size = tuple((i, 1, sizes[i]) for i in over), Mul(*(sizes[i] for i in over))
    rest = tuple(i for i in indices if i not in over)
    kept, batched = tuple(sizes[i] for i in rest), x.batched and indices[0] in rest
    mean, variance = (Quantity(Role.INTERMEDIATE, layer, kept, batched, name) for name in ("mu", "v"))
    scaled = Quantity(Role.INTERMEDIATE, layer, x.axes, x.batched, "xhat")
    spread = sqrt(variance[rest] + epsilon)
    slope = Partial(OBJECTIVE[()], scaled[indices])
    centred = slope - Sum(slope, *along) / size - scaled[indices] * Sum(slope * scaled[indices], *along) / size
    return Standardised(
        equations=(
            Equation(mean, rest, Sum(x[indices], *along) / size),
            Equation(variance, rest, Sum((x[indices] - mean[rest]) ** 2, *along) / size),
            Equation(scaled, indices, (x[indices] - mean[rest]) / spread),
        ),
        scaled=scaled,
        claim=Claim(x, indices, centred / spread, source, through=(mean, variance, scaled)),
    )


def _normalised(layer: Expr, x: Quantity, over: Symbol, epsilon: Rational, source: str) -> LayerEquations:
    """A norm along the axis of the index ``over``, with gain and shift for every unit."""
    indices = places(x)
    standard = standardised(layer, x, indices, (over,), epsilon, source)
    gain, shift = Quantity(Role.PARAMETER, layer, x.axes[-1:], name="gamma"), Quantity(Role.BIAS, layer, x.axes[-1:])
    a = Quantity(Role.ACTIVATION, layer, x.axes, x.batched)
    unit = indices[-1]
    return LayerEquations(
        equations=(*standard.equations, Equation(a, indices, gain[unit] * standard.scaled[indices] + shift[unit])),
        parameters=(gain, shift),
        output=a,
        starts={gain.label: Integer(1)},
        claims=(standard.claim,),
    )


@dataclass(frozen=True)
class RMSNorm(Layer):
    """Every example divided by the root of the mean of its squares, with a gain. Zhang & Sennrich 2019, eq. 4."""

    epsilon: Rational = Rational(1, 10**5)

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        indices, size = places(previous), previous.axes[-1]
        rest, unit = indices[:-1], indices[-1]
        along = (unit, 1, size)
        square = Quantity(Role.INTERMEDIATE, layer, previous.axes[:-1], previous.batched, "v")
        scaled = Quantity(Role.INTERMEDIATE, layer, previous.axes, previous.batched, "xhat")
        gain = Quantity(Role.PARAMETER, layer, (size,), name="gamma")
        a = Quantity(Role.ACTIVATION, layer, previous.axes, previous.batched)
        spread = sqrt(square[rest] + self.epsilon)
        slope = Partial(OBJECTIVE[()], scaled[indices])
        centred = slope - scaled[indices] * Sum(slope * scaled[indices], along) / size
        return LayerEquations(
            equations=(
                Equation(square, rest, Sum(previous[indices] ** 2, along) / size),
                Equation(scaled, indices, previous[indices] / spread),
                Equation(a, indices, gain[unit] * scaled[indices]),
            ),
            parameters=(gain,),
            output=a,
            starts={gain.label: Integer(1)},
            claims=(
                Claim(previous, indices, centred / spread, "Zhang and Sennrich 2019, section 4", (square, scaled)),
            ),
        )


layers.register(
    "layer_norm", CatalogueEntry(LayerNorm(), ("n",), ((LayerNorm(), (5,)), (LayerNorm(), (3, 4)), (LayerNorm(), (1,))))
)
layers.register(
    "rms_norm", CatalogueEntry(RMSNorm(), ("n",), ((RMSNorm(), (5,)), (RMSNorm(), (3, 4)), (RMSNorm(), (1,))))
)
layers.register(
    "batch_norm", CatalogueEntry(BatchNorm(), ("n",), ((BatchNorm(), (5,)), (BatchNorm(), (1,))), batch="N")
)
