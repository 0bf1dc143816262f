"""Source that takes the entries of an array at indices; outside of an axis there are zeros."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sympy import Expr

from symbackprop.kernels.axes import Axis, axis_of, clipped, numbers, subscript, taken_axes, widened
from symbackprop.kernels.program import Gather, Label, Operand, letter
from symbackprop.kernels.reshapes import counted
from symbackprop.kernels.writer import Writer, tuple_text


def gather_lines(writer: Writer, target: Operand, gather: Gather) -> Iterator[str]:
    """Slices, windows and padding where every axis has labels of its own, arrays of indices otherwise."""
    extents = dict(zip(target.axes, target.array.shape, strict=True))
    counts = counted(gather.indices, gather.source.array.shape, extents)
    if counts and any(len(labels) > 1 for labels in counts):
        yield _reshaped(writer, target, gather, [label for axis in counts for label in axis], extents)
        return
    axes = [
        axis_of(index, size, extents) for index, size in zip(gather.indices, gather.source.array.shape, strict=True)
    ]
    labels = [label for axis in axes if axis is not None for label in axis.labels]
    if None in axes or len(set(labels)) < len(labels) or set(labels) != set(target.axes):
        yield from _by_arrays(writer, target, gather, extents)
    else:
        yield from _by_slices(writer, target, gather, [axis for axis in axes if axis is not None], extents)


def _reshaped(
    writer: Writer, target: Operand, gather: Gather, labels: list[Label], extents: Mapping[Label, Expr]
) -> str:
    shape = tuple_text(writer.size(extents[label]) for label in labels)
    text = f"{writer.text(gather.source)}.reshape({shape})"
    return f"{writer.target} = {writer.library.transposed(text, [labels.index(label) for label in target.axes])}"


def _by_slices(
    writer: Writer, target: Operand, gather: Gather, axes: list[Axis], extents: Mapping[Label, Expr]
) -> Iterator[str]:
    text = writer.text(gather.source)
    if any(axis.left != 0 or axis.right != 0 for axis in axes):
        text = writer.library.padded(text, [(writer.size(axis.left), writer.size(axis.right)) for axis in axes])
    windows = [(number, axis) for number, axis in enumerate(axes) if len(axis.labels) == 2]
    if windows or any(factor < 0 for axis in axes for factor in axis.factors):
        text += subscript([_part(writer, axis, 1) for axis in axes])
        widths = [abs(axis.factors[1]) * (extents[axis.labels[1]] - 1) + 1 for _, axis in windows]
        if windows:
            text = writer.library.windows(text, list(map(writer.size, widths)), [number for number, _ in windows])
        steps = [_step(axis.factors[0]) if axis.labels else "0" for axis in axes]
        text, steps = writer.library.stepping(text, [*steps, *(_step(axis.factors[1]) for _, axis in windows)])
        text += subscript(steps)
    else:
        text += subscript([_part(writer, axis, axis.factors[0] if axis.labels else 0) for axis in axes])
    order = [axis.labels[0] for axis in axes if axis.labels] + [axis.labels[1] for _, axis in windows]
    turned = [order.index(label) for label in target.axes]
    yield f"{writer.target} = {writer.library.transposed(text, turned)}"


def _part(writer: Writer, axis: Axis, step: int) -> str:
    """The slice of an axis that is read; with step 0 the one entry."""
    if step == 0:
        return writer.size(axis.start)
    start = "" if axis.start == 0 else writer.size(axis.start)
    whole = (axis.stop - axis.left - axis.right - axis.size).expand() == 0
    stop = "" if whole else writer.size(axis.stop)
    return f"{start}:{stop}" + ("" if step == 1 else f":{step}")


def _step(factor: int) -> str:
    return ":" if factor == 1 else f"::{factor}"


def _by_arrays(writer: Writer, target: Operand, gather: Gather, extents: Mapping[Label, Expr]) -> Iterator[str]:
    """Entries at arrays of indices; axes that are read whole, one after the other, stay slices."""
    taken = taken_axes(gather.indices, dict(gather.bindings), gather.source.array.shape, extents)
    whole = [a for a in range(len(gather.indices)) if a not in taken]
    labels = [label for label in target.axes if letter(label) not in {gather.indices[a] for a in whole}]
    yield from numbers(writer, labels, [gather.indices[a] for a in taken], extents)
    texts, inside = yield from clipped(writer, gather, taken, labels, gather.source.array.shape, extents)
    source = writer.library.transposed(writer.text(gather.source), [*taken, *whole])
    text = f"{source}[{', '.join(texts)}]"
    if inside:
        yield f"{writer.stem}_in = {' & '.join(inside)}"
        text = f"{writer.library.name}.where({widened(f'{writer.stem}_in', len(whole))}, {text}, 0)"
    made = [*labels, *(str(gather.indices[a]) for a in whole)]
    turned = [made.index(label) for label in target.axes]
    yield f"{writer.target} = {writer.library.transposed(text, turned)}"
