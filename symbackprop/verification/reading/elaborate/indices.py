"""Indices and labels of one letter in one place, and the entries that they pick."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.composites import is_made
from symbackprop.verification.reading.elaborate.state import Env, NotUnderstood, Reader
from symbackprop.verification.reading.elaborate.windows import guarded, is_window, shifted_index, whole_index, words
from symbackprop.verification.reading.labels import Reference
from symbackprop.verification.reading.shapes import FIRST, ONE, Array, Indices
from symbackprop.verification.reading.surface import (
    Group,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Span,
    Times,
)
from symbackprop.verification.reading.symbols import undressed
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Axis, Range, Term

WHOLE = (":", r"\cdot", "*", "·")  #: what stands for all places along an axis


def label(reader: Reader, node: Node, env: Env) -> Affine:
    """The number of a member of a family, as it is written."""
    return _whole(reader, node, env, None, True)


def labels_of(reader: Reader, ref: Reference, env: Env) -> tuple[Affine, ...]:
    """The numbers inside of the member that a reference names."""
    written = tuple(label(reader, node, env) for node in ref.labels)
    ranges = [bound.over for bound in env.bound.values() if any(bound.name in item.symbols for item in written)]
    fixed = any(isinstance(over, Range) and None not in (over.lo.number, over.hi.number) for over in ranges)
    if fixed and reader.scope.counting.depth is not None:
        raise NotUnderstood("a sum over layers with numbers as bounds", ref.span)
    return reader.scope.counting.labels(ref.symbol.labels if ref.symbol else (), written)


def index(reader: Reader, node: Node, axis: Axis, env: Env, sure: bool = True) -> Affine:
    """An index along an axis."""
    return _whole(reader, node, env, axis, sure)


def _whole(reader: Reader, node: Node, env: Env, axis: Axis | None, sure: bool) -> Affine:
    match node:
        case Number() if axis is not None and (node.value < 1 or axis.size is not None and node.value > axis.size):
            raise NotUnderstood(f"there is no entry {node.value}: entries are numbered from 1", node.span)
        case Number() if node.value.denominator == 1:
            return Affine.of(int(node.value))
        case Name():
            if axis is None:
                return _label_letter(reader, node, env)
            return _index_letter(reader, node, axis, env, sure)
        case Negative():
            return -_whole(reader, node.operand, env, axis, sure)
        case Plus():
            total = Affine()
            for term in node.terms:
                total += _whole(reader, term, env, axis, sure)
            return total
        case Group() if len(node.items) == 1:
            return _whole(reader, node.items[0], env, axis, sure)
        case Times() if len(node.factors) == 2 and isinstance(node.factors[0], Number):
            part = _whole(reader, node.factors[1], env, axis, sure)
            count = int(node.factors[0].value)
            return Affine(tuple((name, c * count) for name, c in part.parts), part.constant * count)
    raise NotUnderstood("an index or a label must be a whole number or a letter", node.span)


def _label_letter(reader: Reader, node: Name, env: Env) -> Affine:
    bound = env.bound.get(node.text)
    if bound is not None:
        if isinstance(bound.over, Axis):
            raise NotUnderstood(f"{node.text} runs over entries and numbers a family as well", node.span)
        return Affine.symbol(bound.name)
    symbol = reader.scope.find(node.text)
    if symbol is not None and symbol.kind in ("quantity", "function") and node.text != reader.scope.last:
        raise NotUnderstood(f"{node.text} is a {symbol.kind} and cannot number a family", node.span)
    reader.running.add(node.text)
    return Affine.symbol(node.text)


def _index_letter(reader: Reader, node: Name, axis: Axis, env: Env, sure: bool) -> Affine:
    symbol = reader.scope.find(node.text)
    if node.text not in env.bound and symbol is not None and symbol.kind in ("quantity", "function"):
        raise NotUnderstood(f"{node.text} is a {symbol.kind} and cannot be an index", node.span)
    return reader.use_index(node.text, axis, node.span, env, sure)


def pick(reader: Reader, array: Array, nodes: tuple[Node, ...], env: Env, span: Span, leading: int = 0) -> Array:
    """The entry, or for the leading axes the member, that the index nodes pick.

    Raises:
        NotUnderstood: the number of indices is not that of the axes.
    """
    nodes = whole_index(_split_digits(nodes, len(array.axes)), len(array.axes))
    axes = array.axes
    if is_made(axes):
        raise NotUnderstood("an index into an array that is put together from others", span)
    if len(nodes) == len(axes) and any(isinstance(node, Name) and node.text in WHOLE for node in nodes):
        return _slice(reader, array, nodes, env)
    if len(nodes) == len(axes):
        shifted = tuple(is_window(node) for node in nodes)
        chosen = tuple(
            shifted_index(reader, node, axis, env) if moved else index(reader, node, axis, env, array.sure)
            for node, axis, moved in zip(nodes, axes, shifted, strict=True)
        )
        return guarded(reader, array, chosen, shifted, words(nodes, reader, env))
    if leading and len(nodes) == leading:
        first = tuple(index(reader, n, axis, env, array.sure) for n, axis in zip(nodes, axes, strict=False))
        return replace(array, axes=axes[leading:], at=lambda idx: array.at((*first, *idx)))
    if len(nodes) == 1 and len(axes) == 2 and ONE in axes:
        place = 1 if axes[0] == ONE else 0
        only = index(reader, nodes[0], axes[place], env, array.sure)
        both: Indices = (FIRST, only) if place else (only, FIRST)
        return replace(array, axes=(), at=lambda _: array.at(both))
    raise NotUnderstood(_count_words(len(nodes), axes), span)


def _slice(reader: Reader, array: Array, nodes: tuple[Node, ...], env: Env) -> Array:
    """``W_{:, j}``: all entries along the axes with a colon."""
    picked = {
        k: index(reader, node, array.axes[k], env, array.sure)
        for k, node in enumerate(nodes)
        if not (isinstance(node, Name) and node.text in WHOLE)
    }

    def at(idx: Indices) -> Term:
        rest = iter(idx)
        return array.at(tuple(picked[k] if k in picked else next(rest) for k in range(len(nodes))))

    word = "a row or column of a matrix is read as a vector"
    return replace(array, axes=tuple(a for k, a in enumerate(array.axes) if k not in picked), at=at).noted(word)


def completed(reader: Reader, ref: Reference, array: Array, env: Env) -> tuple[Node, ...] | None:
    r"""The indices of a matrix that stands with one of its two, where the formula tells the other without doubt.

    ``w_j`` is ``w_{ij}`` if j runs over the second axis only and i is the one letter over the first.
    """
    if len(array.axes) != 2 or len(ref.indices) != 1 or (ref.symbol and ref.symbol.leading) or ONE in array.axes:
        return None
    if ref.posts or undressed(ref.name)[:1].isupper() or ref.name.startswith(r"\mathbf"):
        return None  # X_i is a row of a matrix more likely than an entry with an index left out
    given = ref.indices[0]
    if not isinstance(given, Name) or array.axes[0] == array.axes[1]:
        return None
    places = [k for k, axis in enumerate(array.axes) if given.text in _over(reader, axis, env)]
    if not places:  # it runs over the axis that no other letter of the formula runs over
        taken = [_over(reader, axis, env) for axis in array.axes]
        places = [k for k in (0, 1) if not taken[k] and taken[1 - k]]
    if len(places) != 1:
        return None
    missing = array.axes[1 - places[0]]
    letters = _over(reader, missing, env)
    out_of_reach = reader.letters.get(missing, (frozenset(), frozenset()))[1] - set(env.bound)
    if len(letters) != 1 or out_of_reach:
        return None
    other = Name(min(letters), ref.span)
    return (other, given) if places[0] else (given, other)


def left_out(reader: Reader, ref: Reference, array: Array, env: Env) -> tuple[Node, ...] | None:
    r"""The indices of a matrix with one of its two where nothing tells the other: the same one everywhere.

    ``\frac{\partial J}{\partial w_k}`` is then read for every index that w may have before k. That is a guess.
    """
    known = ref.symbol is not None and ref.symbol.declared and not ref.symbol.leading
    if not known or len(array.axes) != 2 or len(ref.indices) != 1 or ONE in array.axes or ref.posts:
        return None
    given = ref.indices[0]
    if not isinstance(given, Name) or undressed(ref.name)[:1].isupper() or ref.name.startswith(r"\mathbf"):
        return None
    places = [k for k, axis in enumerate(array.axes) if given.text in _over(reader, axis, env)]
    if not places and given.text in env.bound or array.axes[0] == array.axes[1]:
        return None
    place = places[0] if places else 1
    member = ",".join(str(item) for item in labels_of(reader, ref, env))
    other = Name(f"\\cdot {ref.name}^{member}", ref.span)
    reader.use_index(other.text, array.axes[1 - place], ref.span, env)
    reader.doubt = f"{ref.name} stands with one of its two indices, and nothing tells the other: write both"
    return (other, given) if place else (given, other)


def row_or_column(reader: Reader, ref: Reference, array: Array, env: Env) -> Array | None:
    """``X_i`` as the row or column of a matrix, as a vector, if i is known to run over one of its axes only."""
    if len(array.axes) != 2 or len(ref.indices) != 1 or ONE in array.axes or array.axes[0] == array.axes[1]:
        return None
    given = ref.indices[0]
    if not isinstance(given, Name):
        return None
    places = [k for k, axis in enumerate(array.axes) if given.text in _over(reader, axis, env)]
    if len(places) != 1:
        return None
    return line(reader, array, places[0], given, env)


def line(reader: Reader, array: Array, place: int, node: Node, env: Env) -> Array:
    """The row (place 0) or column (place 1) of a matrix as a vector."""
    chosen = index(reader, node, array.axes[place], env, array.sure)
    word = f"a matrix with one index is its {'column' if place else 'row'}, read as a vector"
    part = replace(
        array, axes=(array.axes[1 - place],), at=lambda idx: array.at((idx[0], chosen) if place else (chosen, idx[0]))
    )
    return part.noted(word)


def _over(reader: Reader, axis: Axis, env: Env) -> set[str]:
    """The letters that run over an axis here: bound around this place, or free in the formula."""
    free = set(reader.letters.get(axis, (frozenset(), frozenset()))[0])
    return {x for x in free if x not in env.bound} | {x for x, bound in env.bound.items() if bound.over == axis}


def _count_words(count: int, axes: tuple[Axis, ...]) -> str:
    from_shape = {0: "a scalar", 1: "a vector", 2: "a matrix"}.get(len(axes), f"an array with {len(axes)} axes")
    return f"carries {count} {'index' if count == 1 else 'indices'} but is {from_shape}"


def _split_digits(nodes: tuple[Node, ...], rank: int) -> tuple[Node, ...]:
    """``W_{12}`` of a matrix has two indices."""
    if len(nodes) == 1 and rank > 1 and isinstance(nodes[0], Number) and nodes[0].value.denominator == 1:
        digits = str(nodes[0].value)
        if len(digits) == rank:
            return tuple(Number(type(nodes[0].value)(int(digit)), nodes[0].span) for digit in digits)
    return nodes


def is_label_letter(reader: Reader, letter: str, env: Env) -> bool:
    bound = env.bound.get(letter)
    if bound is not None:
        return isinstance(bound.over, Range)
    return letter in reader.scope.running
