r"""A d before a letter: ``d\theta`` is one name, and a product where the note has a number d."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import (
    Matrix,
    Name,
    Node,
    Scripted,
    Span,
    Statement,
    Times,
    is_part,
    parts_of,
    rebuilt,
)
from symbackprop.verification.reading.symbols import Symbol

Part = TypeVar("Part")


def without_differentials(part: Part, scope: Scope) -> Part:
    r"""The tree with ``d\epsilon`` as d times ε where a block declares d as a quantity and no ``d\epsilon``.

    The same goes for ``cx + dy`` beside a matrix of which d is an entry.
    """
    symbol = scope.symbols.get("d") or scope.symbols.get(r"\mathbf{d}")
    if symbol is not None and symbol.kind == "quantity" and symbol.declared:
        return _split(part, scope)
    parts = list(_all(part))
    cells = {
        cell.text for m in parts if isinstance(m, Matrix) for row in m.rows for cell in row if isinstance(cell, Name)
    }
    if not {"c", "d"} <= cells:
        return part
    names = {name.text for name in parts if isinstance(name, Name)}
    symbols = {name: Symbol(name, "quantity") for name in names if len(name) == 1 and not scope.knows(name)}
    return _split(part, replace(scope, symbols={**scope.symbols, **symbols}))


def _all(part: object) -> Iterator[object]:
    yield part
    for inner in parts_of(part) if is_part(part) else ():
        yield from _all(inner)


def _split(part: Part, scope: Scope) -> Part:
    made: object = part
    if isinstance(part, Statement):  # alone on a side it is a gradient
        sides = tuple(s if isinstance(s, Name | Scripted) else _split(s, scope) for s in part.sides)
        made = replace(part, sides=sides, conditions=_split(part.conditions, scope))
    elif isinstance(part, Times):
        made = _flattened(part, scope)
    elif isinstance(part, Name | Scripted):
        made = _product(part, scope) or part
    if made is not part:
        return made  # type: ignore[return-value]
    return rebuilt(part, lambda inner: _split(inner, scope))


def _flattened(node: Times, scope: Scope) -> Times:
    """The product with both factors of a name in its row, so that what follows it stays beside the last."""
    factors: list[Node] = []
    operators: list[str] = []
    for k, factor in enumerate(node.factors):
        made = _product(factor, scope) if isinstance(factor, Name | Scripted) else None
        row = made.factors if made is not None else (_split(factor, scope),)
        operators += ([node.operators[k - 1]] if k else []) + [""] * (len(row) - 1)
        factors += row
    return replace(node, factors=tuple(factors), operators=tuple(operators))


def _product(node: Name | Scripted, scope: Scope) -> Times | None:
    base = node.base if isinstance(node, Scripted) else node
    if not isinstance(base, Name) or base.upright or len(base.text) < 2 or base.text[0] != "d":
        return None
    rest = base.text[1:].lstrip()
    first = "d" if "d" in scope.symbols or "{" not in rest else r"\mathbf{d}"
    if scope.knows(base.text) or not scope.knows(rest) or first != "d" and first not in scope.symbols:
        return None
    at = base.span.start
    other = Name(rest, Span(at + 1, base.span.end))
    second = replace(node, base=other, span=Span(at + 1, node.span.end)) if isinstance(node, Scripted) else other
    return Times((Name(first, Span(at, at + 1)), second), ("",), node.span)
