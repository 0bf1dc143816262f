r"""Integrals without bounds: ``\int x^2 \, dx = \frac{x^3}{3} + C`` says that the right side has the slope x²."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import (
    Big,
    Derivative,
    Group,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Statement,
)

CONSTANTS = ("C", "c", "K", "const", "constant")


def with_antiderivatives(statements: tuple[Statement, ...], scope: Scope) -> tuple[Statement, ...]:
    """The statements that begin with such an integral as ones about the derivatives of their sides."""
    return tuple(_derived(statement, scope) for statement in statements)


def _derived(statement: Statement, scope: Scope) -> Statement:
    variable = _variable(statement.sides[0])
    if variable is None or set(statement.relations) != {"="}:
        return statement
    sides = tuple(side and _slope(side, variable, scope) for side in statement.sides)
    return statement if any(side is None for side in sides) else replace(statement, sides=sides)


def _variable(node: Node | None) -> Name | None:
    """The letter over which an integral without bounds runs."""
    if not isinstance(node, Big) or node.kind.lstrip("\\") != "int" or node.lower or node.upper is not None:
        return None
    return node.variable if isinstance(node.variable, Name) else None


def _slope(side: Node, variable: Name, scope: Scope) -> Node | None:
    """The derivative of a side, in which constants of integration vanish; ``None`` if another letter is integrated."""
    own = _variable(side)
    if own is not None:
        inside = side.body if own.text == variable.text and isinstance(side, Big) else None
        return inside and Group("(", (inside,), side.span)  # in brackets, as nothing of it is defined
    if isinstance(side, Negative):
        inner = _slope(side.operand, variable, scope)
        return None if inner is None else replace(side, operand=inner)
    if isinstance(side, Plus):
        terms = [_slope(term, variable, scope) for term in side.terms if not _is_constant(term, scope)]
        if any(term is None for term in terms):
            return None
        return replace(side, terms=tuple(term for term in terms if term is not None)) if terms else None
    return Derivative("d", side, ((variable, 1),), 1, side.span, written_apart=True)


def _is_constant(term: Node, scope: Scope) -> bool:
    return isinstance(term, Number) or isinstance(term, Name) and term.text in CONSTANTS and not scope.knows(term.text)
