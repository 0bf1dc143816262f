"""Source that adds the entries of an array to zeros at indices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sympy import Expr, Symbol

from symbackprop.kernels.affine import usual
from symbackprop.kernels.axes import Axis, axis_of, clipped, numbers, subscript, taken_axes, widened
from symbackprop.kernels.program import Label, Operand, Scatter
from symbackprop.kernels.reshapes import counted
from symbackprop.kernels.writer import IndexPrinter, Writer, tuple_text


def scatter_lines(writer: Writer, target: Operand, scatter: Scatter) -> Iterator[str]:
    """Windows added up where every index is one of a window's, one addition at arrays of indices otherwise."""
    extents = dict(zip(scatter.source.axes, scatter.source.array.shape, strict=True))
    counts = counted(scatter.indices, target.array.shape, extents)
    if counts:
        yield _reshaped(writer, target, scatter, [label for axis in counts for label in axis])
        return
    taken = taken_axes(scatter.indices, dict(scatter.bindings), target.array.shape, extents)
    axes = [axis_of(scatter.indices[a], target.array.shape[a], extents) for a in taken]
    windows = {a: axis for a, axis in zip(taken, axes, strict=True) if axis is not None}
    labels = [label for axis in windows.values() for label in axis.labels]
    steps = all(len(axis.labels) == 2 and min(axis.factors) > 0 for axis in windows.values())
    if len(windows) == len(taken) and steps and len(set(labels)) == len(labels):
        yield from _add_windows(writer, target, scatter, windows, extents)
    else:
        yield from _add_at(writer, target, scatter, taken, extents)


def _reshaped(writer: Writer, target: Operand, scatter: Scatter, labels: list[Label]) -> str:
    """The source in another shape; a copy where results are written over, as it may be needed later."""
    text = writer.aligned(scatter.source, labels)
    found = f"{text}.reshape({tuple_text(map(writer.size, target.array.shape))})"
    return f"{writer.target} = {found}{'.copy()' if writer.library.in_place else ''}"


def _add_windows(
    writer: Writer, target: Operand, scatter: Scatter, windows: Mapping[int, Axis], extents: Mapping[Label, Expr]
) -> Iterator[str]:
    """For every place in a window, all windows at once, into zeros that reach as far as the windows do."""
    reach = list(target.array.shape)
    within, parts = {}, [":"] * len(reach)
    indent, order = "", [str(index) for index in scatter.indices]
    loops = []
    for number, (a, axis) in enumerate(windows.items()):
        reach[a] = axis.size + axis.left + axis.right
        # The label with fewer values is looped over, the other is a slice.
        inner = min((0, 1), key=lambda place: (usual(extents[axis.labels[place]]), -place))
        label, step = axis.labels[1 - inner], axis.factors[1 - inner]
        within[axis.labels[inner]], order[a] = f"k{number}", label
        loops.append(f"{indent}for k{number} in range({writer.size(extents[axis.labels[inner]])}):")
        indent += "    "
        at = Symbol(f"k{number}", integer=True)
        start = axis.start + axis.factors[inner] * at
        stop = start + step * (extents[label] - 1) + 1
        text = IndexPrinter({**writer.sizes, at: at.name})
        parts[a] = f"{text.code(start)}:{text.code(stop)}" + ("" if step == 1 else f":{step}")
    yield f"{writer.target} = {writer.library.made('zeros', tuple_text(map(writer.size, reach)), writer.dtype)}"
    yield from loops
    left = [label for label in scatter.source.axes if label not in within]
    source = f"{writer.text(scatter.source)}{subscript([within.get(label, ':') for label in scatter.source.axes])}"
    turned = [left.index(label) for label in order]
    source = writer.library.transposed(source, turned)
    yield f"{indent}{writer.library.increased(writer.target, subscript(parts), source)}"
    cuts = [_cut(writer, windows[a]) if a in windows else ":" for a in range(len(reach))]
    if subscript(cuts):
        yield f"{writer.target} = {writer.target}{subscript(cuts)}"


def _cut(writer: Writer, axis: Axis) -> str:
    """The axis itself of what was padded."""
    start = "" if axis.left == 0 else writer.size(axis.left)
    return f"{start}:" + ("" if axis.right == 0 else writer.size(axis.left + axis.size))


def _add_at(
    writer: Writer, target: Operand, scatter: Scatter, taken: list[int], extents: Mapping[Label, Expr]
) -> Iterator[str]:
    whole = [a for a in range(len(scatter.indices)) if a not in taken]
    kept = [str(scatter.indices[a]) for a in whole]
    labels = [label for label in scatter.source.axes if label not in kept]
    shape = target.array.shape
    yield f"{writer.target} = {writer.library.made('zeros', tuple_text(map(writer.size, shape)), writer.dtype)}"
    yield from numbers(writer, labels, [scatter.indices[a] for a in taken], extents)
    texts, inside = yield from clipped(writer, scatter, taken, labels, shape, extents)
    source = writer.aligned(scatter.source, [*labels, *kept])
    if inside:
        yield f"{writer.stem}_in = {' & '.join(inside)}"
        source = f"{writer.library.name}.where({widened(f'{writer.stem}_in', len(whole))}, {source}, 0)"
    yield writer.library.scattered(writer.target, [*taken, *whole], tuple_text(texts), source)
