r"""Axes that are made of others: end to end (``[h; x]``, ``[W_h, W_x]``) or as pairs (``vec(X)``, ``A \otimes B``).

The language of terms knows plain axes only. An index along a made axis is one expression that says which part it is in
and where; sums over such an axis are sums over its parts, and a letter with one is as many letters as it has parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Add, Axis, Delta, Mul, Num, Size, Sum, Term

ONE = Axis("1", (), 1)
FIRST = Affine.of(1)
BLOCK, PAIR = "⊕", "⊗"  #: how the symbols in an index along a made axis begin


def end_to_end(parts: tuple[Axis, ...]) -> Axis:
    """The axis of parts behind each other.

    >>> end_to_end((Axis("m"), end_to_end((Axis("n"), ONE)))).name
    'm+n+1'
    """
    flat = tuple(inner for part in parts for inner in (part.parts if part.parts and not part.pairs else (part,)))
    return flat[0] if len(flat) == 1 else Axis("+".join(part.name for part in flat), parts=flat)


def of_pairs(first: Axis, second: Axis) -> Axis:
    """The axis of all pairs; a single entry on one side leaves the other axis as it is."""
    if ONE in (first, second):
        return second if first == ONE else first
    return Axis(f"{first.name}*{second.name}", parts=(first, second), pairs=True)


def block_index(part: int, inner: Affine) -> Affine:
    """The index of a place in a part, counted from 1."""
    return inner + Affine.symbol(f"{BLOCK}{part}")


def block_of(index: Affine) -> tuple[int, Affine] | None:
    """The part that an index is in, and where; ``None`` for an index along a plain axis.

    >>> block_of(block_index(2, Affine.symbol("i")))[0]
    2
    """
    mark = next((name for name, _ in index.parts if name.startswith(BLOCK)), None)
    return None if mark is None else (int(mark[1:]), index - Affine.symbol(mark))


def pair_index(first: Affine, second: Affine) -> Affine:
    """The index of a pair."""
    parts = [(f"{PAIR}{k}{n}", c) for k, i in enumerate((first, second)) for n, c in (*i.parts, ("", i.constant))]
    return Affine(tuple(sorted((name, count) for name, count in parts if count)))


def pair_of(index: Affine) -> tuple[Affine, Affine]:
    """The two indices of a pair.

    >>> [str(i) for i in pair_of(pair_index(Affine.symbol("i") + 1, Affine.of(3)))]
    ['i + 1', '3']
    """
    found = []
    for k in (0, 1):
        start = f"{PAIR}{k}"
        own = [(name.removeprefix(start), count) for name, count in index.parts if name.startswith(start)]
        parts = tuple((name, count) for name, count in own if name)
        found.append(Affine(parts, sum(count for name, count in own if not name)))
    return found[0], found[1]


def split_pair(index: Affine, first: Axis, second: Axis) -> tuple[Affine, Affine]:
    """The two indices of a place along ``of_pairs(first, second)``."""
    if first == ONE:
        return FIRST, index
    return (index, FIRST) if second == ONE else pair_of(index)


def joined_pair(first: Affine, second: Affine, axes: tuple[Axis, Axis]) -> Affine:
    """The place of a pair along ``of_pairs`` of two axes."""
    if axes[0] == ONE:
        return second
    return first if axes[1] == ONE else pair_index(first, second)


def summed(axis: Axis, fresh: Callable[[str], str], body: Callable[[Affine], Term]) -> Term:
    """The sum of ``body`` along any axis."""
    if axis == ONE:
        return body(FIRST)
    if axis.pairs:
        first, second = axis.parts
        return summed(first, fresh, lambda a: summed(second, fresh, lambda b: body(pair_index(a, b))))
    if axis.parts:
        return Add(tuple(_part_sum(part, k, fresh, body) for k, part in enumerate(axis.parts, 1)))
    name = fresh("s")
    return Sum(name, axis, body(Affine.symbol(name)))


def _part_sum(part: Axis, place: int, fresh: Callable[[str], str], body: Callable[[Affine], Term]) -> Term:
    return summed(part, fresh, lambda k: body(block_index(place, k)))


def length(axis: Axis) -> Term:
    """The number of entries along any axis."""
    if axis == ONE:
        return Num(Fraction(1))
    if axis.parts:
        lengths = tuple(length(part) for part in axis.parts)
        return Mul(lengths) if axis.pairs else Add(lengths)
    return Size(axis)


def same(left: Affine, right: Affine, axis: Axis) -> Term:
    """1 where two indices along one axis are equal, else 0."""
    if axis.pairs:
        pairs = zip(pair_of(left), pair_of(right), axis.parts, strict=True)
        return Mul(tuple(same(a, b, part) for a, b, part in pairs))
    if axis.parts:
        one, other = block_of(left), block_of(right)
        assert one is not None and other is not None
        return same(one[1], other[1], axis.parts[one[0] - 1]) if one[0] == other[0] else Num(Fraction(0))
    return Delta(left, right)


def part_name(name: str, parts: tuple[int, ...]) -> str:
    """The name of the letter that a part of a letter is."""
    return f"part {', '.join(map(str, parts))} of {name}" if parts else name


def whole_name(name: str) -> str:
    """The letter of which this is a part, or the letter itself.

    >>> whole_name(part_name("W", (1, 2))), whole_name("W")
    ('W', 'W')
    """
    return name.partition(" of ")[2] if name.startswith("part ") else name


def part_entry(name: str, axes: tuple[Axis, ...], indices: tuple[Affine, ...]) -> tuple[str, tuple[Affine, ...]]:
    """The letter and its indices that an entry of a letter with made axes is; a pair is two indices."""
    numbers: list[int] = []
    inner: list[Affine] = []
    for axis, index in zip(axes, indices, strict=True):
        block = block_of(index) if axis.parts and not axis.pairs else None
        numbers += [block[0]] if block is not None else []
        inner += pair_of(index) if axis.pairs else [index if block is None else block[1]]
    return part_name(name, tuple(numbers)), tuple(inner)


@dataclass(frozen=True)
class Part:
    """A part of an array: its number along each axis that is made end to end, its own axes, and how an index into
    these is one into the array."""

    numbers: tuple[int, ...]
    axes: tuple[Axis, ...]
    pairs: tuple[bool, ...]
    made: tuple[int, ...]

    def indices(self, own: tuple[Affine, ...]) -> tuple[Affine, ...]:
        """Indices into the array, of plain indices along the axes of the part."""
        rest, found = list(own), []
        for pair, number in zip(self.pairs, self.made, strict=True):
            index = pair_index(rest.pop(0), rest.pop(0)) if pair else rest.pop(0)
            found.append(block_index(number, index) if number else index)
        return tuple(found)


def parts_of(axes: tuple[Axis, ...]) -> Iterator[Part]:
    """Every part of an array with these axes; one that is the whole where no axis is made end to end."""
    choices = [[*enumerate(a.parts, 1)] if a.parts and not a.pairs else [(0, a)] for a in axes]
    for chosen in product(*choices):
        plain = tuple(inner for _, axis in chosen for inner in (axis.parts if axis.pairs else (axis,)))
        made = tuple(number for number, _ in chosen)
        yield Part(tuple(n for n in made if n), plain, tuple(axis.pairs for _, axis in chosen), made)


def is_made(axes: tuple[Axis, ...]) -> bool:
    return any(axis.parts for axis in axes)
