"""``symbackprop derive --accuracy``: what a kernel loses of an activation, or of a loss, beside SymPy's own form."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import get_args

import numpy as np

from symbackprop.activations import activations
from symbackprop.errors import InvalidSpec
from symbackprop.kernels.accuracy import FORMS, Measured, measure_activation
from symbackprop.kernels.compilation import Precision
from symbackprop.kernels.digits import DIGITS, Digits, digits, scale_at_zeros
from symbackprop.kernels.pairs import OUTPUTS, measure_pair, possible_outputs
from symbackprop.losses import losses

#: Where one row of a table ends and the next begins.
_ENDS = (-1e3, -40.0, -1.0, -1e-12, 1.0, 40.0, 1e3)
_INTRODUCTION = f"""\
Error in bits, mean and worst: log2(1 + error in units of the last place), against {DIGITS} digits.
naive is SymPy's derivative and printer, fast and accurate are the kernels of these modes; nan counts
values that are not finite and should be.
"""


def accuracy_report(activation: str | None, loss: str | None) -> str:
    """The tables for an activation, for a loss with each of its outputs, or with the one that is named."""
    if loss is None and activation is None:
        raise InvalidSpec("--accuracy measures an --activation, or a --loss with its outputs")
    names = (activation,) if activation is not None else OUTPUTS.get(losses[loss].name, ()) if loss else ()
    parts = [_INTRODUCTION]
    for name in names:
        for dtype in get_args(Precision):
            if loss is None:
                measured = measure_activation(activations[name], dtype)
            else:
                measured = measure_pair(losses[loss], activations[name], dtype)
            parts += ["\n".join(_table(one, dtype)) + "\n" for one in measured]
    return "\n".join(parts)


def _table(measured: Measured, dtype: str) -> Iterator[str]:
    yield f"{measured.name}, {dtype}, {len(measured.z)} points"
    yield f"{'z':>18}" + "".join(f"{form:>17}" for form in FORMS)
    for low, high in pairwise(_ENDS):
        inside = (measured.z >= low) & ((measured.z < high) | (high == _ENDS[-1]))
        yield _row(f"{low:g} to {high:g}", [digits(measured.computed[f], measured.wanted, inside) for f in FORMS])
    scale = scale_at_zeros(measured.z, measured.wanted)
    whole = [digits(measured.computed[form], measured.wanted, scale=scale) for form in FORMS]
    yield _row("all", whole)
    yield f"{'relative error':>18}" + "".join(f"{_number(one.relative):>17}" for one in whole)


def _row(name: str, found: list[Digits]) -> str:
    cells = [f"{one.bits:.2f} {one.worst:.1f}" + (f" nan {one.broken}" if one.broken else "") for one in found]
    return f"{name:>18}" + "".join(f"{cell:>17}" for cell in cells)


def _number(value: float) -> str:
    return f"{value:.1e}" if np.isfinite(value) else "-"


def summary(density: int) -> Iterator[str]:
    """A Markdown table over all activations and losses: mean bits naive, fast and accurate, and the relative error."""
    yield "| | float64: naive | fast | accurate | relative | float32: naive | fast | accurate | relative |"
    yield "|---|" + "---|" * 8
    alone = [activation for activation in activations.values() if activation.elementwise]
    for activation in dict.fromkeys(alone):  # silu is swish
        yield from _lines([measure_activation(activation, dtype, density) for dtype in ("float64", "float32")])
    for loss, outputs in OUTPUTS.items():
        for name in outputs:
            pairs = [
                measure_pair(losses[loss], activations[name], d, density // 2 or 1) for d in ("float64", "float32")
            ]
            yield from _lines(pairs)


def every_output(loss: str, density: int = 1) -> Iterator[str]:
    """A Markdown row for a loss on every activation of the registry that it can stand on, J and its error each.

    How many activations; in each dtype the mean of the bits of accurate mode, the output with the largest mean and what
    it is, and the largest relative error; then how many values of either mode are not finite and should be.
    """
    outputs, broken, cells = possible_outputs(losses[loss]), 0, list[str]()
    for dtype in get_args(Precision)[::-1]:
        bits, relative = dict[str, float](), 0.0
        for activation in outputs:
            for one in measure_pair(losses[loss], activation, dtype, density, ("fast", "accurate")):
                found = digits(one.computed["accurate"], one.wanted, scale=scale_at_zeros(one.z, one.wanted))
                name = activation.name + ", error" * one.name.endswith("error")
                bits[name], relative = found.bits, max(relative, found.relative)
                broken += found.broken + digits(one.computed["fast"], one.wanted).broken
        worst = max(bits, key=lambda name: bits[name])
        shown = f"{worst} {bits[worst]:.2f}" if bits[worst] else "–"
        cells.append(f"{np.mean(list(bits.values())):.2f} | {shown} | {_number(relative)}")
    yield f"| {loss} | {len(outputs)} | {' | '.join(cells)} | {broken} |"


def every_pair(names: Iterable[str] = ()) -> Iterator[str]:
    """A Markdown table with :func:`every_output` of the losses that are named, or of all."""
    dtypes = "".join(f" {dtype}: mean | worst | relative |" for dtype in get_args(Precision)[::-1])
    yield f"| loss | activations |{dtypes} nan |"
    yield "|---|" + "---|" * 8
    for name in names or losses:
        yield from every_output(name)


def _lines(both: list[tuple[Measured, Measured]]) -> Iterator[str]:
    for measured in zip(*both, strict=True):
        cells = [measured[0].name]
        for one in measured:
            scale = scale_at_zeros(one.z, one.wanted)
            found = [digits(one.computed[form], one.wanted, scale=scale) for form in FORMS]
            cells += [f"{d.bits:.2f}" + (f", {d.broken} nan" if d.broken else "") for d in found]
            cells.append(_number(found[-1].relative))
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    for line in every_pair(sys.argv[1:]) if len(sys.argv) > 1 else chain(summary(density=4), [""], every_pair()):
        print(line, flush=True)
