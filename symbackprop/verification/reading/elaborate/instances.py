r"""Statements that say several things at once: ``…, l = 2, 1`` and ``a = b`` as the value of a case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from symbackprop.verification.reading.surface import (
    CaseRows,
    Comparison,
    Group,
    Name,
    Node,
    Number,
    Script,
    Statement,
    rebuilt,
)

Part = TypeVar("Part")
MAX_INSTANCES = 6


def one_by_one(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """The statements with one for every number of a list beside them, and values of cases in a chain as a chain."""
    return tuple(made for statement in statements for made in _instances(_chained(statement)))


def _instances(statement: Statement) -> Iterator[Statement]:
    listed = next((node for node in statement.conditions if _numbers(node)), None)
    if not isinstance(listed, Comparison) or not isinstance(listed.left, Name):
        yield statement
        return
    others = tuple(node for node in statement.conditions if node is not listed)
    for k, number in enumerate(_numbers(listed)):
        sides = _at(statement.sides, listed.left.text, number)
        connective = "and" if k else statement.connective
        yield replace(statement, sides=sides, conditions=_at(others, listed.left.text, number), connective=connective)


def _numbers(node: Node) -> tuple[Number, ...]:
    """The numbers of ``l = 2, 1``."""
    if not isinstance(node, Comparison) or node.relation != "=" or not isinstance(node.right, Group):
        return ()
    found = tuple(item for item in node.right.items if isinstance(item, Number))
    return found if node.right.bracket == "" and 1 < len(found) == len(node.right.items) <= MAX_INSTANCES else ()


def _at(part: Part, letter: str, number: Number) -> Part:
    """The tree with a number in place of a letter."""
    if isinstance(part, Name) and part.text == letter:
        return replace(number, span=part.span)  # type: ignore[return-value]
    made = rebuilt(part, lambda inner: _at(inner, letter, number))
    return replace(made, raw=str(number.value)) if isinstance(made, Script) and made.raw == letter else made


def _chained(statement: Statement) -> Statement:
    """``f = {a = b if …}`` is ``f = {a if …} = {b if …}``."""
    sides: list[Node | None] = []
    relations: list[str] = []
    for k, side in enumerate(statement.sides):
        values = _values(side) if isinstance(side, CaseRows) else ()
        sides += values or (side,)
        relations += ["="] * (len(values) - 1) + list(statement.relations[k : k + 1])
    return replace(statement, sides=tuple(sides), relations=tuple(relations))


def _values(cases: CaseRows) -> tuple[CaseRows, ...]:
    rows = [(_links(value), conditions) for value, conditions in cases.rows]
    count = max((len(links) for links, _ in rows), default=1)
    if count == 1:
        return ()
    return tuple(
        replace(cases, rows=tuple((links[min(k, len(links) - 1)], conditions) for links, conditions in rows))
        for k in range(count)
    )


def _links(value: Node) -> tuple[Node, ...]:
    if isinstance(value, Comparison) and value.relation == "=":
        return (*_links(value.left), value.right)
    return (value,)
