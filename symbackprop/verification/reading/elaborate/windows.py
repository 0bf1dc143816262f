r"""Shifted and affine indices of entries, ``x_{i+j-1}``, ``X_{i+m,j+n}``, ``x_{2i}``: windows on an array.

The letters of such an index run over axes of their own; where it leaves the axis of the array, the entry counts as 0.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.state import Env, NotUnderstood, Reader
from symbackprop.verification.reading.labels import letters_in, plain_affine
from symbackprop.verification.reading.shapes import Array, number
from symbackprop.verification.reading.surface import Big, Comparison, Group, Name, Negative, Node, Number, Plus, Times
from symbackprop.verification.reading.symbols import Symbol
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Axis, Cases, Relation, Size, Term, Whole
from symbackprop.verification.terms.sizes import made_of

OUTSIDE = "an entry outside of its axis is 0"
FROM_ZERO = "indices count from 0"
BASES = "indices count from 0 in one place and from 1 in another"


def is_window(node: Node) -> bool:
    """Whether an index is more than a letter or a number."""
    if isinstance(node, Group) and len(node.items) == 1:
        return is_window(node.items[0])
    return not isinstance(node, Name | Number) and bool(letters_in(node))


def whole_index(nodes: tuple[Node, ...], rank: int) -> tuple[Node, ...]:
    """``x_{2i}`` of a vector has one index."""
    if rank == 1 and len(nodes) == 2 and isinstance(nodes[0], Number) and isinstance(nodes[1], Name):
        return (Times(nodes, ("",), nodes[0].span),)
    return nodes


def shifted_index(reader: Reader, node: Node, axis: Axis, env: Env) -> Affine:
    """A shifted index as an index expression of the array, whose entries are numbered from 1."""
    parts = _parts(node)
    letters = [letter for letter, _ in parts if letter]
    starts = {env.bound[letter].start for letter in letters if letter in env.bound}
    zero = 0 in starts or FROM_ZERO in reader.scope.words
    if zero and (1 in starts or OUTSIDE in reader.scope.words and FROM_ZERO not in reader.scope.words):
        raise NotUnderstood(BASES, node.span)
    total = Affine()
    for letter, count in parts:
        part = _letter(reader, letter, axis, node, env) if letter else Affine.of(1)
        total += Affine(tuple((name, c * count) for name, c in part.parts), part.constant * count)
    return total + (1 - sum(count for letter, count in parts if letter)) if zero else total


def words(nodes: tuple[Node, ...], reader: Reader, env: Env) -> tuple[str, ...]:
    """Under what an array with such indices is read."""
    letters = {letter for node in nodes if is_window(node) for letter in letters_in(node)}
    if not letters:
        return ()
    zero = any(env.bound[letter].start == 0 for letter in letters if letter in env.bound)
    return (OUTSIDE, FROM_ZERO) if zero or FROM_ZERO in reader.scope.words else (OUTSIDE,)


def guarded(
    reader: Reader, array: Array, chosen: tuple[Affine, ...], shifted: tuple[bool, ...], notes: tuple[str, ...]
) -> Array:
    """The entry at the chosen indices, 0 where one of those that are shifted leaves its axis.

    What a formula says of ``x_{2i}`` it says where there is such an entry, if i is no index of a sum.
    """
    inside: list[Relation] = []
    for index, axis, moved in zip(chosen, array.axes, shifted, strict=True):
        if moved:
            last = number(axis.size) if axis.size is not None else Size(axis)
            inside += [Relation(number(1), "<=", Whole(index)), Relation(Whole(index), "<=", last)]
            if index.symbols <= set(reader.free):
                reader.existing += inside[-2:]

    def at(_: tuple[Affine, ...]) -> Term:
        entry = array.at(chosen)
        return Cases(((tuple(inside), entry),), number(0)) if inside else entry

    found = replace(array, axes=(), at=at)
    for note in notes:
        found = found.noted(note)
    return found


def start_of(node: Big) -> int | None:
    """The number at which a sum says that it starts."""
    lower = node.lower[0] if len(node.lower) == 1 else None
    first = lower.right if isinstance(lower, Comparison) and lower.relation == "=" else None
    return int(first.value) if isinstance(first, Number) else None


def runs_through(node: Big, axis: Axis | None) -> Axis | None:
    """The axis if the bounds of a sum run through it, its size written as a sum of others: ``1 … n - k + 1``."""
    last, start = plain_affine(node.upper) if node.upper else None, start_of(node)
    if axis is None or last is None or start not in (0, 1):
        return None
    return axis if made_of(axis.name) == last + (1 - start) else None


def unguarded(term: Term) -> tuple[tuple[Relation, ...], Term] | None:
    """The conditions under which a guarded entry exists, and the entry."""
    if isinstance(term, Cases) and len(term.cases) == 1 and term.otherwise == number(0):
        relations, entry = term.cases[0]
        if all(isinstance(r.left, Whole) or isinstance(r.right, Whole) for r in relations):
            return relations, entry
    return None


def _parts(node: Node, sign: int = 1) -> list[tuple[str, int]]:
    """The letters of an index with their counts; the number in it counts the letter without a name."""
    match node:
        case Name():
            return [(node.text, sign)]
        case Number() if node.value.denominator == 1:
            return [("", sign * int(node.value))]
        case Negative():
            return _parts(node.operand, -sign)
        case Plus():
            return [part for term in node.terms for part in _parts(term, sign)]
        case Group() if len(node.items) == 1:
            return _parts(node.items[0], sign)
        case Times() if len(node.factors) == 2 and isinstance(node.factors[0], Number):
            count = node.factors[0].value
            if count.denominator == 1:
                return _parts(node.factors[1], sign * int(count))
    raise NotUnderstood("an index must be a whole number, a letter, or a sum of whole multiples of these", node.span)


def _letter(reader: Reader, letter: str, axis: Axis, node: Node, env: Env) -> Affine:
    """A letter of a shifted index: its own axis is where it stands alone, and that of the array if it does nowhere."""
    if letter in env.bound:
        return Affine.symbol(env.bound[letter].name)
    symbol: Symbol | None = reader.scope.find(letter)
    if symbol is not None and symbol.kind in ("quantity", "function", "size"):
        raise NotUnderstood(f"{letter} is a {symbol.kind} and cannot be part of an index", node.span)
    if symbol is not None and symbol.kind == "index" and letter not in reader.free and not _alone(reader, letter):
        raise NotUnderstood(f"nothing says what {letter} runs over", node.span)
    if letter not in reader.free:
        reader.free[letter] = next(iter(_alone(reader, letter)), axis)
    return Affine.symbol(letter)


def _alone(reader: Reader, letter: str) -> list[Axis]:
    """The axes over which a free letter runs in this formula."""
    return [axis for axis, (free, _) in reader.letters.items() if letter in free]
