"""NumPy source that takes the entries of an array at indices, or adds to them; outside of an axis there are zeros."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Max, Symbol, floor, together
from sympy.printing.str import StrPrinter

from symbackprop.kernels.affine import affine, constant, extreme
from symbackprop.kernels.program import Gather, Label, Operand, Scatter, letter

Names = Mapping[Symbol, str]


class IndexPrinter(StrPrinter):
    """Whole-number arithmetic as Python source; ``names`` says what stands for each symbol.

    >>> i, n = Symbol("i"), Symbol("n")
    >>> IndexPrinter({i: "t", n: "n1"}).code(floor((n - i) / 2) + 1)
    '((-t + n1)//2) + 1'
    """

    def __init__(self, names: Names) -> None:
        super().__init__()
        self.names = names

    def code(self, index: Expr) -> str:
        return str(self.doprint(index))

    def _print_Symbol(self, symbol: Symbol) -> str:
        return self.names[symbol]

    def _print_floor(self, expression: floor) -> str:
        above, below = together(expression.args[0]).as_numer_denom()
        return f"(({self._print(above)})//{self._print(below)})"

    def _print_Mod(self, expression: Expr) -> str:
        one, other = (f"({self._print(argument)})" for argument in expression.args)
        return f"({one} % {other})"

    def _print_Max(self, expression: Expr) -> str:
        return f"max({', '.join(sorted(map(self._print, expression.args)))})"


@dataclass(frozen=True)
class Writer:
    """How to write source: ``target`` is the name to assign to, ``stem`` the beginning of names of helpers.

    ``sizes`` holds the text of every size, ``text`` gives that of an operand, and ``aligned`` that of an operand with
    its axes in the order of the labels asked for.
    """

    target: str
    stem: str
    sizes: Names
    text: Callable[[Operand], str]
    aligned: Callable[[Operand, Sequence[Label]], str]
    dtype: str

    def size(self, index: Expr) -> str:
        return IndexPrinter(self.sizes).code(index)


def gather_lines(writer: Writer, target: Operand, gather: Gather) -> Iterator[str]:
    """Slices, windows and padding where every axis has labels of its own, arrays of indices otherwise."""
    extents = dict(zip(target.axes, target.array.shape, strict=True))
    axes = [_axis(index, size, extents) for index, size in zip(gather.indices, gather.source.array.shape, strict=True)]
    labels = [label for axis in axes if axis is not None for label in axis.labels]
    if None in axes or len(set(labels)) < len(labels) or set(labels) != set(target.axes):
        yield from _by_arrays(writer, target, gather, extents)
    else:
        yield from _by_slices(writer, target, gather, [axis for axis in axes if axis is not None], extents)


@dataclass(frozen=True)
class _Axis:
    """c + Σ factor·label along an axis; the entries from ``start`` to ``stop`` of the axis padded with zeros."""

    labels: tuple[Label, ...]
    factors: tuple[int, ...]
    left: Expr
    right: Expr
    start: Expr
    stop: Expr
    size: Expr


def _axis(index: Expr, size: Expr, extents: Mapping[Label, Expr]) -> _Axis | None:
    """What an index with at most two labels reads of an axis of this size, ``None`` for any other index."""
    found = affine(index, extents)
    if found is None or len(found[1]) > 2 or any(not symbol.is_integer for symbol in found[0].free_symbols):
        return None
    low, high = extreme(index, extents, largest=False), extreme(index, extents, largest=True)
    left, right = Max(0, 1 - low), Max(0, high - size)
    labels = sorted(found[1], key=list(extents).index)
    factors = tuple(int(found[1][label]) for label in labels)
    return _Axis(tuple(labels), factors, left, right, low - 1 + left, high + left, size)


def _by_slices(
    writer: Writer, target: Operand, gather: Gather, axes: list[_Axis], extents: Mapping[Label, Expr]
) -> Iterator[str]:
    text = writer.text(gather.source)
    if any(axis.left != 0 or axis.right != 0 for axis in axes):
        pads = [f"({writer.size(axis.left)}, {writer.size(axis.right)})" for axis in axes]
        text = f"np.pad({text}, {tuple_text(pads)})"
    windows = [(number, axis) for number, axis in enumerate(axes) if len(axis.labels) == 2]
    if windows or any(factor < 0 for axis in axes for factor in axis.factors):
        text += _subscript([_part(writer, axis, 1) for axis in axes])
        widths = [abs(axis.factors[1]) * (extents[axis.labels[1]] - 1) + 1 for _, axis in windows]
        if windows:
            sizes, places = tuple_text(map(writer.size, widths)), tuple(number for number, _ in windows)
            text = f"sliding_window_view({text}, {sizes}, axis={places})"
        steps = [_step(axis.factors[0]) if axis.labels else "0" for axis in axes]
        text += _subscript([*steps, *(_step(axis.factors[1]) for _, axis in windows)])
    else:
        text += _subscript([_part(writer, axis, axis.factors[0] if axis.labels else 0) for axis in axes])
    order = [axis.labels[0] for axis in axes if axis.labels] + [axis.labels[1] for _, axis in windows]
    turned = [order.index(label) for label in target.axes]
    yield f"{writer.target} = {text}" + ("" if turned == sorted(turned) else f".transpose({turned})")


def _part(writer: Writer, axis: _Axis, step: int) -> str:
    """The slice of an axis that is read; with step 0 the one entry."""
    if step == 0:
        return writer.size(axis.start)
    start = "" if axis.start == 0 else writer.size(axis.start)
    whole = (axis.stop - axis.left - axis.right - axis.size).expand() == 0
    stop = "" if whole else writer.size(axis.stop)
    return f"{start}:{stop}" + ("" if step == 1 else f":{step}")


def _step(factor: int) -> str:
    return ":" if factor == 1 else f"::{factor}"


def _subscript(parts: list[str]) -> str:
    while parts and parts[-1] == ":":
        parts = parts[:-1]
    return f"[{', '.join(parts)}]" if parts else ""


def _by_arrays(writer: Writer, target: Operand, gather: Gather, extents: Mapping[Label, Expr]) -> Iterator[str]:
    """Entries at arrays of indices; axes that are read whole, one after the other, stay slices."""
    taken = _taken(gather.indices, dict(gather.bindings), gather.source.array.shape, extents)
    whole = [a for a in range(len(gather.indices)) if a not in taken]
    labels = [label for label in target.axes if letter(label) not in {gather.indices[a] for a in whole}]
    yield from _numbers(writer, labels, [gather.indices[a] for a in taken], extents)
    shape = gather.source.array.shape
    texts, inside = [], []
    for place, axis in enumerate(taken):
        name = f"{writer.stem}_at{place}"
        yield f"{name} = {_index(writer, gather.indices[axis] - 1, labels, dict(gather.bindings))}"
        if not _surely_inside(gather.indices[axis], shape[axis], extents):
            size = writer.size(shape[axis])
            inside.append(f"(0 <= {name}) & ({name} < {size})")
            name = f"np.clip({name}, 0, {writer.size(shape[axis] - 1)})"
        texts.append(name)
    source = writer.text(gather.source)
    order = [*taken, *whole]
    source += "" if order == sorted(order) else f".transpose({order})"
    text = f"{source}[{', '.join(texts)}]"
    if inside:
        mask = " & ".join(inside)
        more = ", ".join(["...", *["None"] * len(whole)])
        text = f"np.where(({mask}){f'[{more}]' if whole else ''}, {text}, 0)"
    made = [*labels, *(str(gather.indices[a]) for a in whole)]
    turned = [made.index(label) for label in target.axes]
    yield f"{writer.target} = {text}" + ("" if turned == sorted(turned) else f".transpose({turned})")


def _taken(
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


def _numbers(
    writer: Writer, labels: list[Label], indices: Sequence[Expr], extents: Mapping[Label, Expr]
) -> Iterator[str]:
    """The numbers 1, 2, … of every label that an index uses as a number, shaped to go along with the others."""
    for number, label in enumerate(labels):
        if any(not constant(index, {label}) for index in indices):
            after = ", ".join([":", *["None"] * (len(labels) - number - 1)])
            shaped = f"[{after}]" if number + 1 < len(labels) else ""
            yield f"{_name(writer, label)} = np.arange(1, {writer.size(extents[label] + 1)}){shaped}"


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


def scatter_lines(writer: Writer, target: Operand, scatter: Scatter) -> Iterator[str]:
    """Zeros, and ``np.add.at`` with an array of indices for each axis that is not taken over whole from the source."""
    places = dict(scatter.bindings)
    extents = dict(zip(scatter.source.axes, scatter.source.array.shape, strict=True))
    taken = _taken(scatter.indices, places, target.array.shape, extents)
    whole = [a for a in range(len(scatter.indices)) if a not in taken]
    kept = [str(scatter.indices[a]) for a in whole]
    labels = [label for label in scatter.source.axes if label not in kept]
    shape = target.array.shape
    yield f"{writer.target} = np.zeros({tuple_text(map(writer.size, shape))}, dtype=np.{writer.dtype})"
    yield from _numbers(writer, labels, [scatter.indices[a] for a in taken], extents)
    texts, inside = [], []
    for place, axis in enumerate(taken):
        name = f"{writer.stem}_at{place}"
        yield f"{name} = {_index(writer, scatter.indices[axis] - 1, labels, places)}"
        if not _surely_inside(scatter.indices[axis], shape[axis], extents):
            inside.append(f"(0 <= {name}) & ({name} < {writer.size(shape[axis])})")
            name = f"np.clip({name}, 0, {writer.size(shape[axis] - 1)})"
        texts.append(name)
    source = writer.aligned(scatter.source, [*labels, *kept])
    if inside:
        more = ", ".join(["...", *["None"] * len(whole)])
        source = f"np.where(({' & '.join(inside)}){f'[{more}]' if whole else ''}, {source}, 0)"
    order = [*taken, *whole]
    into = writer.target + ("" if order == sorted(order) else f".transpose({order})")
    yield f"np.add.at({into}, {tuple_text(texts)}, {source})"


def tuple_text(parts: Iterable[str]) -> str:
    """The source of a tuple."""
    texts = list(parts)
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"
