r"""Entries whose indices stand above: ``O^{ib} = \sum_j A^{ij} V^{jb}`` of letters that are declared as matrices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from symbackprop.verification.reading.elaborate.usage import INDEX_LETTERS
from symbackprop.verification.reading.elaborate.walk import bound_letter
from symbackprop.verification.reading.labels import script_items
from symbackprop.verification.reading.scope import LAYER_LETTERS, TIME_LETTERS, Scope
from symbackprop.verification.reading.surface import (
    Big,
    Name,
    Node,
    Script,
    Scripted,
    Statement,
    is_part,
    parts_of,
    rebuilt,
)

Part = TypeVar("Part")


def with_upper_indices(statements: tuple[Statement, ...], scope: Scope) -> tuple[Statement, ...]:
    """The statements with such indices below their letters.

    What has two of them above a matrix has single ones above its vectors as well, and a Kronecker delta with one above.
    """
    return tuple(_lowered(statement, scope) for statement in statements)


def _lowered(statement: Statement, scope: Scope) -> Statement:
    parts = list(_all(statement))
    if not any(isinstance(part, Scripted) and len(part.sups) == 1 and not part.subs for part in parts):
        return statement
    bound = frozenset(x for part in parts if isinstance(part, Big) and (x := bound_letter(part)) is not None)
    pairs = _mapped(statement, scope, bound, 2)
    return statement if pairs == statement else _mapped(pairs, scope, bound, 1)


def _all(part: object) -> Iterator[object]:
    yield part
    for inner in parts_of(part) if is_part(part) else ():
        yield from _all(inner)


def _mapped(part: Part, scope: Scope, bound: frozenset[str], count: int) -> Part:
    made: object = part
    if isinstance(part, Scripted) and isinstance(part.base, Name) and len(part.sups) == 1:
        made = _entry(part, part.base.text, scope, bound, count) or part
    return rebuilt(made, lambda inner: _mapped(inner, scope, bound, count))  # type: ignore[return-value]


def _entry(node: Scripted, letter: str, scope: Scope, bound: frozenset[str], count: int) -> Scripted | None:
    """The entry that a declared array of at least ``count`` axes with as many indices above it is."""
    (above,) = node.sups
    items = script_items(above)
    if node.primes and items and isinstance(items[-1], Name):  # a prime at the end of a script is read as the letter's
        last = Name(items[-1].text + "'" * node.primes, items[-1].span)
        items = (*items[:-1], last) if last.text in bound else ()
    symbol = scope.find(letter)
    if count == 1 and symbol is None and letter == r"\delta" and len(node.subs) == 1:
        below = script_items(node.subs[0])
        both = (*items, *below)
        kronecker = len(items) == len(below) == 1 and all(_is_index(item, scope) for item in both)
        return _written(node, both, above) if kronecker else None
    declared = symbol is not None and symbol.kind == "quantity" and symbol.declared and not symbol.labels
    axes = symbol.axes if symbol is not None and declared and not symbol.leading else None
    if above.bracket or node.subs or axes is None or not count <= len(axes) == len(items):
        return None
    return _written(node, items, above) if all(_is_index(item, scope) for item in items) else None


def _written(node: Scripted, items: tuple[Node, ...], above: Script) -> Scripted:
    raw = ",".join(item.text for item in items if isinstance(item, Name))
    return replace(node, subs=(Script(items, "", raw, above.span),), sups=(), primes=0)


def _is_index(item: Node, scope: Scope) -> bool:
    """A letter that is declared as an index, or that nobody takes for anything else."""
    if not isinstance(item, Name):
        return False
    symbol = scope.find(item.text)
    if symbol is not None:
        return symbol.kind == "index"
    return item.text in INDEX_LETTERS and item.text not in (*LAYER_LETTERS, *TIME_LETTERS)
