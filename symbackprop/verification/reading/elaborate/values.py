r"""Unknown functions whose value is a number: one that an order says so of (``f(x) > 0``), or of which ∇ is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbackprop.verification.reading.block import Block
from symbackprop.verification.reading.elaborate.walk import every, references
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.plain_text import read_typed
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import (
    Derivative,
    Group,
    Name,
    Node,
    NotRead,
    Number,
    Scripted,
    Statement,
    Times,
    written,
)
from symbackprop.verification.reading.symbols import Symbol
from symbackprop.verification.terms.nodes import Fn
from symbackprop.verification.terms.walk import walk

_ORDERS = frozenset("<≤>≥")


def with_ordered_values(scope: Scope, block: Block) -> Scope:
    """The scope in which an unknown function that gives what is compared with a number has numbers as values."""
    ordered = {
        written(side)
        for statement in _statements(block.assume, scope)
        if set(statement.relations) & _ORDERS and any(isinstance(side, Number) for side in statement.sides)
        for side in statement.sides
    }
    for statement in _statements(block.given, scope):
        left, right = statement.sides[0], statement.sides[-1]
        if len(statement.sides) == 2 and right is not None and {written(left), written(right)} & ordered:
            scope = _with_numbers(_called(right), scope)
    return scope


def with_gradients_of_numbers(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """The scope in which an unknown function of a vector with a ∇ before it, and nowhere a prime, gives a number."""
    refs = [ref for node in nodes for ref in references(node) if isinstance(ref, Scripted) and ref.primes]
    primed = {ref.base.text for ref in refs if isinstance(ref.base, Name)}
    for part in (part for node in nodes for part in every(node)):
        if isinstance(part, Derivative) and part.sign == "∇" and _takes_array(part, scope):
            name = _called(part.operand)
            scope = _with_numbers(name, scope, False) if name is not None and name.text not in primed else scope
    return scope


def _statements(lines: tuple[str, ...], scope: Scope) -> Iterator[Statement]:
    for latex in lines:
        surface = read_typed(latex, scope.macros)
        yield from () if isinstance(surface, NotRead) else surface


def _called(node: Node) -> Name | None:
    """The letter of which a side is nothing but a call."""
    if not isinstance(node, Times) or len(node.factors) != 2 or node.operators != ("",):
        return None
    head, group = node.factors
    return head if isinstance(head, Name) and isinstance(group, Group) else None


def _takes_array(part: Derivative, scope: Scope) -> bool:
    """Whether the one argument of a call is a letter that is declared as a vector or matrix."""
    group = part.operand.factors[1] if isinstance(part.operand, Times) else None
    only = group.items[0] if isinstance(group, Group) and len(group.items) == 1 else None
    ref = refer(only, scope) if isinstance(only, Name | Scripted) else None
    return ref is not None and ref.symbol is not None and ref.symbol.declared and bool(ref.symbol.axes)


def _with_numbers(name: Name | None, scope: Scope, certain: bool = True) -> Scope:
    symbol: Symbol | None = scope.find(name.text) if name is not None else None
    if symbol is None or symbol.kind != "function" or symbol.function or symbol.result is not None or symbol.labels:
        return scope
    used = any(isinstance(n, Fn) and n.name == symbol.name for d in scope.definitions for n in walk(d.body))
    if not symbol.declared or used or symbol.name in scope.bodies:
        return scope
    return scope.with_symbol(replace(symbol, result=(), certain=certain))
