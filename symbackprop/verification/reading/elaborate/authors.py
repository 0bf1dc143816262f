"""What authors write in a block in their own way: words as letters, a letter by its square, the names of entries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from symbackprop.verification.reading.block import Block
from symbackprop.verification.reading.elaborate.walk import every
from symbackprop.verification.reading.macros import WORD
from symbackprop.verification.reading.plain_text import read_typed
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Big, Matrix, Name, Node, NotRead, Root, Scripted, Statement
from symbackprop.verification.reading.symbols import head_name

Surface: TypeAlias = tuple[Statement, ...] | NotRead

_SIZES = re.compile(r"(?:vector|matrix|tensor)\((.*)\)")
_KEY = re.compile(r"([A-Za-z]{3,}|[A-Za-z]\d+)(?:_|\^|$)")


def words_of(block: Block) -> dict[str, tuple[int, str]]:
    """The words that are declared as letters (``target_{o1}``), so that they are read as words."""
    found = (_KEY.match(key) for key, _ in block.symbols)
    return {match[1]: (WORD, "") for match in found if match is not None}


def without_sizes(block: Block) -> Block:
    r"""The block without the scalars that it uses as sizes: ``n: scalar`` beside ``vector(n)`` or ``\sum_{i=1}^n``."""
    named = (
        size.strip() for _, words in block.symbols for inside in _SIZES.findall(words) for size in inside.split(",")
    )
    sizes = frozenset(named) | frozenset(_last_numbers(block.given))
    return replace(block, symbols=tuple((k, w) for k, w in block.symbols if w.strip() != "scalar" or k not in sizes))


def with_named_entries(block: Block) -> Block:
    r"""With ``C = \begin{bmatrix} c_1 & c_2 \end{bmatrix}`` as ``c_1 = C_{1,1}``, …, where another line says C.

    The letters are nothing but names of the entries then: no other line defines or declares them.
    """
    sides = [(latex, *_equation(latex)) for latex in block.given]
    heads = [head_name(left) for _, left, _ in sides if left is not None]
    known = {head.text for head in heads if head is not None} | {
        read.text for key, _ in block.symbols for read in _letter(key)
    }
    lines: list[str] = []
    for latex, left, right in sides:
        others = [latex for latex, other, _ in sides if _same(left, other)]
        cells = _cells(right) if isinstance(left, Name) and len(others) > 1 else ()
        named = [head_name(cell) for _, cell in cells]
        if not cells or any(head is None or head.text in known for head in named):
            lines.append(latex)
        else:
            text = latex[left.span.start : left.span.end]  # type: ignore[union-attr]
            lines += [f"{latex[c.span.start : c.span.end]} = {text}_{{{place}}}" for place, c in cells]
    return replace(block, given=tuple(lines))


def _equation(latex: str) -> tuple[Node | None, Node | None]:
    surface = read_typed(latex)
    only = None if isinstance(surface, NotRead) or len(surface) != 1 else surface[0]
    return (None, None) if only is None or only.relations != ("=",) else (only.sides[0], only.sides[1])


def _letter(key: str) -> Iterator[Name]:
    surface = read_typed(key)
    side = None if isinstance(surface, NotRead) else surface[0].sides[0]
    head = head_name(side) if side is not None else None
    if head is not None:
        yield head


def _same(left: Node | None, right: Node | None) -> bool:
    return isinstance(left, Name) and isinstance(right, Name) and left.text == right.text


def _cells(node: Node | None) -> tuple[tuple[str, Node], ...]:
    """The cells of a written matrix or column, each with its indices."""
    if not isinstance(node, Matrix):
        return ()
    column = len(node.rows[0]) == 1
    return tuple(
        (f"{i}" if column else f"{i},{j}", cell) for i, row in enumerate(node.rows, 1) for j, cell in enumerate(row, 1)
    )


def _last_numbers(given: tuple[str, ...]) -> Iterator[str]:
    """What sums that start at 1 run to, as it is written."""
    for latex in given:
        surface = read_typed(latex)
        sides = () if isinstance(surface, NotRead) else (side for s in surface for side in s.sides if side is not None)
        for part in (part for side in sides for part in every(side)):
            if isinstance(part, Big) and part.kind.lstrip("\\") == "sum" and isinstance(part.upper, Name | Scripted):
                yield latex[part.upper.span.start : part.upper.span.end]


def with_roots(surface: Surface, scope: Scope) -> tuple[Surface, dict[str, str]]:
    """A line with its squares resolved, and for each letter so defined the words that say which root it is."""
    if isinstance(surface, NotRead):
        return surface, {}
    resolved = tuple(_rooted(statement, scope) for statement in surface)
    letters = [new.sides[0] for new, old in zip(resolved, surface, strict=True) if new is not old]
    names = [letter.text for letter in letters if isinstance(letter, Name)]
    return resolved, {name: f"{name} is taken as the root that is not negative" for name in names}


def _rooted(statement: Statement, scope: Scope) -> Statement:
    r"""``\sigma^2 = v`` for a declared scalar that nothing defines yet: ``\sigma = \sqrt{v}``."""
    left, *rest = statement.sides
    if statement.relations != ("=",) or not isinstance(left, Scripted) or left.subs or left.primes:
        return statement
    squared = len(left.sups) == 1 and left.sups[0].raw.strip("{} ") == "2" and not left.sups[0].bracket
    symbol = scope.find(left.base.text) if squared and isinstance(left.base, Name) else None
    plain = symbol is not None and symbol.kind == "quantity" and symbol.axes == () and not symbol.labels
    if symbol is None or not plain or not symbol.declared or symbol.is_random or scope.defined(symbol.name):
        return statement
    (right,) = rest
    if right is None or any(isinstance(n, Name) and n.text == symbol.name for n in every(right)):
        return statement
    return replace(statement, sides=(left.base, Root(right, 2, right.span)))
