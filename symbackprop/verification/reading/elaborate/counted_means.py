r"""Means of which only the factor says how many they are of: ``\frac{1}{m} \sum_i x_i`` runs up to m."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from symbackprop.verification.reading.elaborate.usage import INDEX_LETTERS
from symbackprop.verification.reading.elaborate.walk import every, references
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Big, Name, Node, Number, Quotient, Statement, Times, rebuilt

Part = TypeVar("Part")
COUNTS = ("n", "N", "m", "M")


def with_counted_means(statements: tuple[Statement, ...], scope: Scope) -> tuple[Statement, ...]:
    """The statements with the count of a mean as the upper end of its sum, where nothing says what else it is."""
    sides = (side for statement in statements for side in statement.sides if side is not None)
    if not any(isinstance(part, Big) and part.upper is None for side in sides for part in every(side)):
        return statements
    return _mapped(statements, scope)


def _mapped(part: Part, scope: Scope) -> Part:
    counted: object = part
    if isinstance(part, Times):
        counted = _product(part, scope)
    elif isinstance(part, Quotient) and (count := _count(part.denominator, scope)) is not None:
        counted = replace(part, numerator=_summed(part.numerator, count))
    return rebuilt(counted, lambda inner: _mapped(inner, scope))  # type: ignore[return-value]


def _product(node: Times, scope: Scope) -> Times:
    """The factor before a sum and the sum."""
    factors = list(node.factors)
    for k, factor in enumerate(factors[:-1]):
        if isinstance(factor, Quotient) and isinstance(factor.numerator, Number):
            count = _count(factor.denominator, scope)
            factors[k + 1] = factors[k + 1] if count is None else _summed(factors[k + 1], count)
    return replace(node, factors=tuple(factors))


def _count(node: Node, scope: Scope) -> Name | None:
    """The m of ``m`` and of ``2m``, if it is a letter for a number of things and nothing knows it as another."""
    names = [ref for ref in references(node) if isinstance(ref, Name)]
    plain = isinstance(node, Name) or isinstance(node, Times) and isinstance(node.factors[0], Number)
    if not plain or len(names) != 1 or names[0].text not in COUNTS:
        return None
    known = scope.find(names[0].text)
    others = (s for letter in COUNTS if letter != names[0].text and (s := scope.symbols.get(letter)) is not None)
    if known is None and any(other.kind == "size" and not other.declared for other in others):
        return None  # n is not N
    return names[0] if known is None or known.kind == "size" and not known.labels else None


def _summed(node: Node, count: Name) -> Node:
    letter = node.lower[0] if isinstance(node, Big) and len(node.lower) == 1 else None
    if not isinstance(node, Big) or node.kind.lstrip("\\") != "sum" or node.upper is not None:
        return node
    inside = {ref.text for ref in references(node.body) if isinstance(ref, Name)}
    index = isinstance(letter, Name) and letter.text in INDEX_LETTERS
    return replace(node, upper=count) if index and count.text not in inside else node
