"""How an index runs along an axis: as slices and windows, or as arrays of indices."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Max, Symbol

from symbackprop.kernels.affine import affine, constant, extreme
from symbackprop.kernels.program import Gather, Label, Operand, Scatter, letter
from symbackprop.kernels.writer import IndexPrinter, Writer


@dataclass(frozen=True)
class Axis:
    """c + Σ factor·label along an axis; the entries from ``start`` to ``stop`` of the axis padded with zeros."""

    labels: tuple[Label, ...]
    factors: tuple[int, ...]
    left: Expr
    right: Expr
    start: Expr
    stop: Expr
    size: Expr


def axis_of(index: Expr, size: Expr, extents: Mapping[Label, Expr]) -> Axis | None:
    """What an index with at most two labels reads of an axis of this size, ``None`` for any other index."""
    found = affine(index, extents)
    if found is None or len(found[1]) > 2 or any(not symbol.is_integer for symbol in found[0].free_symbols):
        return None
    low, high = extreme(index, extents, largest=False), extreme(index, extents, largest=True)
    left, right = Max(0, 1 - low), Max(0, high - size)
    labels = sorted(found[1], key=list(extents).index)
    factors = tuple(int(found[1][label]) for label in labels)
    return Axis(tuple(labels), factors, left, right, low - 1 + left, high + left, size)


def subscript(parts: list[str]) -> str:
    """``[…]``, or nothing where all of every axis is meant.

    >>> subscript(["1:", ":"]), subscript([":", ":"])
    ('[1:]', '')
    """
    while parts and parts[-1] == ":":
        parts = parts[:-1]
    return f"[{', '.join(parts)}]" if parts else ""


def taken_axes(
    indices: Sequence[Expr], places: Mapping[Symbol, Operand], shape: Sequence[Expr], extents: Mapping[Label, Expr]
) -> list[int]:
    """The axes whose index is no letter of its own that runs along all of the axis."""
    reached = [
        {name for s in index.free_symbols for name in (places[s].axes if s in places else (s.name,))}
        for index in indices
    ]
    taken: list[int] = []
    for axis, index in enumerate(indices):
        others = {name for other, names in enumerate(reached) if other != axis for name in names}
        plain = isinstance(index, Symbol) and index not in places and index == letter(index.name)
        if not plain or index.name in others or extents[index.name] != shape[axis]:
            taken.append(axis)
    return taken


def numbers(
    writer: Writer, labels: list[Label], indices: Sequence[Expr], extents: Mapping[Label, Expr]
) -> Iterator[str]:
    """The numbers 1, 2, … of every label that an index uses as a number, shaped to go along with the others."""
    for number, label in enumerate(labels):
        if any(not constant(index, {label}) for index in indices):
            after = ", ".join([":", *["None"] * (len(labels) - number - 1)])
            shaped = f"[{after}]" if number + 1 < len(labels) else ""
            along = writer.library.whole_numbers("1", writer.size(extents[label] + 1))
            yield f"{_name(writer, label)} = {along}{shaped}"


def _name(writer: Writer, label: Label) -> str:
    return f"{writer.stem}_{label}"


def _index(writer: Writer, index: Expr, labels: list[Label], places: Mapping[Symbol, Operand]) -> str:
    names = {symbol: writer.aligned(operand, labels) for symbol, operand in places.items()}
    letters = {letter(label): _name(writer, label) for label in labels}
    return IndexPrinter({**writer.sizes, **letters, **names}).code(index)


def _surely_inside(index: Expr, size: Expr, extents: Mapping[Label, Expr]) -> bool:
    found = affine(index, extents)
    if found is None or any(not s.is_integer for s in found[0].free_symbols):
        return False
    low, high = extreme(index, extents, largest=False), extreme(index, extents, largest=True)
    return bool((low - 1).is_nonnegative and (size - high).is_nonnegative)


def clipped(
    writer: Writer,
    operation: Gather | Scatter,
    taken: list[int],
    labels: list[Label],
    shape: Sequence[Expr],
    extents: Mapping[Label, Expr],
) -> Generator[str, None, tuple[list[str], list[str]]]:
    """The texts of the indices of the axes taken, held inside, and of the conditions for being there."""
    texts, inside = [], []
    known = [(s, writer.ranges[o.array.name]) for s, o in operation.bindings if o.array.name in writer.ranges]
    letters = {symbol: letter(f"at{number}") for number, (symbol, _) in enumerate(known)}
    reached = {**extents, **{f"at{number}": size for number, (_, size) in enumerate(known)}}
    for place, axis in enumerate(taken):
        name = f"{writer.stem}_at{place}"
        yield f"{name} = {_index(writer, operation.indices[axis] - 1, labels, dict(operation.bindings))}"
        if not _surely_inside(operation.indices[axis].xreplace(letters), shape[axis], reached):
            inside.append(f"(0 <= {name}) & ({name} < {writer.size(shape[axis])})")
            name = f"{writer.library.name}.clip({name}, 0, {writer.size(shape[axis] - 1)})"
        texts.append(name)
    return texts, inside


def widened(mask: str, more: int) -> str:
    """A mask over the first axes, for an array with so many more."""
    return f"{mask}[{', '.join(['...', *['None'] * more])}]" if more else mask
