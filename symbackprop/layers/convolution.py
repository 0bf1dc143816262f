"""z_mi = Σ_c Σ_k w_mck x_{c, s(i-1) + d(k-1) + 1 - p} + b_m: the same small window of weights at every place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sympy import Expr, Integer, Sum, Symbol, floor

from symbackprop.activations import Activation, identity, tanh
from symbackprop.errors import InvalidSpec, ShapeMismatch
from symbackprop.layers.base import CatalogueEntry, Layer, LayerEquations, layers, sample_axis, sample_index
from symbackprop.model import Claim, Equation
from symbackprop.quantities import Quantity, Role, as_index, as_size

Size: TypeAlias = int | str | Expr

_NONE, _ONE = Integer(0), Integer(1)


@dataclass(frozen=True)
class Conv1d(Layer):
    """A convolution along one axis (a correlation, as networks use it): input (channels, length).

    ``kernel``, ``stride``, ``padding`` (zeros on both ends) and ``dilation`` are numbers or symbols. The output has
    ⌊(length + 2 padding - dilation (kernel - 1) - 1)/stride⌋ + 1 places; weights are (out, in, kernel). Dumoulin &
    Visin 2016, relationship 6 and 15.

    >>> from symbackprop.derivation import layer_step
    >>> results = layer_step(Conv1d("M", "K"), "C", "H").results
    >>> print(next(rhs for lhs, rhs in results.items() if "w^1" in str(lhs)))
    Sum(epsilon^1[m, j]*x^0[c, j + k - 1], (j, 1, H - K + 1))
    """

    channels: Size
    kernel: Size
    activation: Activation = identity
    stride: Size = 1
    padding: int | Expr = 0
    dilation: Size = 1
    bias: bool = True

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        return _convolved(self, layer, previous, batch, ((self.kernel, "i", "k"),))


@dataclass(frozen=True)
class Conv2d(Layer):
    """A convolution over two axes with a square window: input (channels, height, width), weights (out, in, k, k).

    ``stride``, ``padding`` and ``dilation`` are the same along both axes; ``kernel`` is a size or a pair of sizes.
    """

    channels: Size
    kernel: Size | tuple[Size, Size]
    activation: Activation = identity
    stride: Size = 1
    padding: int | Expr = 0
    dilation: Size = 1
    bias: bool = True

    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        first, second = self.kernel if isinstance(self.kernel, tuple) else (self.kernel, self.kernel)
        return _convolved(self, layer, previous, batch, ((first, "i", "k"), (second, "j", "q")))


def windows(length: Expr, kernel: Expr, stride: Expr, padding: Expr = _NONE, dilation: Expr = _ONE) -> Expr:
    """The number of places of a window along an axis.

    >>> windows(Integer(7), Integer(3), Integer(2), Integer(1))
    4
    """
    room = length + 2 * padding - dilation * (kernel - 1) - 1
    whole = room / stride if stride.is_number else (room / stride).expand()
    places = (room if stride == 1 else floor(whole)) + 1
    if places.is_Integer and places < 1:
        raise ShapeMismatch(f"a window of {kernel} does not fit on an axis of {length} with padding {padding}")
    return places


def _convolved(
    conv: Conv1d | Conv2d, layer: Expr, x: Quantity, batch: Expr | None, axes: tuple[tuple[Size, str, str], ...]
) -> LayerEquations:
    kind, sample = type(conv).__name__, sample_index(batch)
    if len(x.axes) != len(sample) + 1 + len(axes):
        raise ShapeMismatch(f"layer {layer}: {kind} takes (channels, {'size, ' * len(axes)}) an example, not {x.label}")
    stride, dilation, padding = as_size(conv.stride), as_size(conv.dilation), _padding(conv.padding)
    m, c = as_index("m"), as_index("c")
    at = tuple(as_index(name) for _, name, _ in axes)
    inside = tuple(as_index(name) for _, _, name in axes)
    kernel = tuple(as_size(size) for size, _, _ in axes)
    lengths = x.axes[len(sample) + 1 :]
    out = tuple(windows(n, k, stride, padding, dilation) for n, k in zip(lengths, kernel, strict=True))
    channels, fan_in = as_size(conv.channels), x.axes[len(sample)]
    shape = (*sample_axis(batch), channels, *out)
    w, b = Quantity(Role.WEIGHT, layer, (channels, fan_in, *kernel)), Quantity(Role.BIAS, layer, (channels,))
    z = Quantity(Role.PREACTIVATION, layer, shape, batch is not None)
    a = Quantity(Role.ACTIVATION, layer, shape, batch is not None)
    seen = tuple(stride * (i - 1) + dilation * (k - 1) + 1 - padding for i, k in zip(at, inside, strict=True))
    total = Sum(w[m, c, *inside] * x[*sample, c, *seen], (c, 1, fan_in), *_limits(inside, kernel))
    place = (*sample, m, *at)
    activated = conv.activation.value(lambda k: z[*place[:-1], k], place[-1], out[-1])
    claims: tuple[Claim, ...] = ()
    if stride == 1:
        back = tuple(i - dilation * (k - 1) - 1 + padding + 1 for i, k in zip(at, inside, strict=True))
        flipped = Sum(w[m, c, *inside] * z.error[*sample, m, *back], *_limits(inside, kernel), (m, 1, channels))
        claims = (Claim(x, (*sample, c, *at), flipped, "the full convolution of the error with the kernel", (z,)),)
    return LayerEquations(
        equations=(Equation(z, place, total + b[m] if conv.bias else total), Equation(a, place, activated)),
        parameters=(w, b) if conv.bias else (w,),
        output=a,
        functions=conv.activation.functions,
        claims=claims,
    )


def _limits(indices: tuple[Symbol, ...], sizes: tuple[Expr, ...]) -> tuple[tuple[Symbol, int, Expr], ...]:
    return tuple((index, 1, size) for index, size in zip(indices, sizes, strict=True))


def _padding(value: int | Expr) -> Expr:
    padding = value if isinstance(value, Expr) else Integer(value)
    if padding.is_number and (not padding.is_Integer or padding < 0):
        raise InvalidSpec(f"a padding is a whole number from 0 or a symbol, not {value!r}")
    return padding


layers.register(
    "conv1d",
    CatalogueEntry(
        Conv1d("M", "K", tanh),
        ("C", "H"),
        (
            (Conv1d(2, 3, tanh), (2, 6)),
            (Conv1d(2, 2, tanh, stride=2, padding=1), (1, 5)),
            (Conv1d(1, 3, tanh, stride=3, padding=2, dilation=2, bias=False), (2, 7)),
            (Conv1d(1, 1, tanh), (1, 1)),
        ),
    ),
)
layers.register(
    "conv2d",
    CatalogueEntry(
        Conv2d("M", "K", tanh),
        ("C", "H", "W"),
        (
            (Conv2d(2, 3, tanh), (2, 5, 4)),
            (Conv2d(2, (2, 3), tanh, stride=2, padding=1), (1, 5, 6)),
            (Conv2d(1, 2, tanh, dilation=2), (2, 4, 3)),
            (Conv2d(1, 1, tanh), (1, 1, 1)),
        ),
    ),
)
