"""What authors write in a block in their own way: words as letters, and a letter defined by its square."""

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
from symbackprop.verification.reading.surface import Big, Name, NotRead, Root, Scripted, Statement

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
