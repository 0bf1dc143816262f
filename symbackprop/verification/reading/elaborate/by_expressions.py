r"""Derivatives by the argument of a function as written: ``\frac{\partial}{\partial (\beta x)} \sigma(\beta x)``."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from symbackprop.verification.reading.elaborate.state import Env, Reader
from symbackprop.verification.reading.elaborate.walk import references, unbound_letters
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.scope import reachable
from symbackprop.verification.reading.surface import (
    Comparison,
    Derivative,
    EvaluatedAt,
    Group,
    Name,
    Node,
    Plus,
    Scripted,
    Span,
    Times,
    written,
)
from symbackprop.verification.reading.symbols import Symbol

Part = TypeVar("Part")
ARGUMENT = "(∗)"
"""The letter that stands for the argument; no author writes it."""


def by_an_expression(reader: Reader, node: Derivative, env: Env) -> EvaluatedAt | None:
    """The derivative by a new letter in place of the expression, taken where it has that value.

    The expression stands in what is differentiated just so, and its letters nowhere else.
    """
    by = _inside(node.by[0][0]) if len(node.by) == 1 else None
    if not isinstance(by, Plus | Times) or isinstance(by, Times) and isinstance(by.factors[-1], Group):
        return None
    inside = unbound_letters(by) & (reader.indices | set(env.bound))
    letter = Name(ARGUMENT, by.span)
    operand = _with(node.operand, written(by), letter)
    if inside or operand is node.operand or _letters(reader, by) & _letters(reader, operand):
        return None
    axes = reader.read(by, env)[0].axes
    reader.scope = reader.scope.with_symbol(Symbol(ARGUMENT, "quantity", axes, why="the argument of a function"))
    slope = replace(node, operand=operand, by=((letter, node.by[0][1]),))
    return EvaluatedAt(slope, Comparison(letter, "=", by, by.span), None, node.span)


def _inside(node: Node) -> Node:
    while isinstance(node, Group) and len(node.items) == 1:
        node = node.items[0]
    return node


def _with(part: Part, expression: object, letter: Name) -> Part:
    """The tree with the letter wherever the expression stands."""
    if isinstance(part, tuple):
        items = tuple(_with(item, expression, letter) for item in part)
        return part if all(a is b for a, b in zip(items, part, strict=True)) else items  # type: ignore[return-value]
    if not is_dataclass(part) or isinstance(part, type | Span):
        return part
    if written(part) == expression:
        return letter  # type: ignore[return-value]
    old = {f.name: getattr(part, f.name) for f in fields(part)}
    new = {name: _with(value, expression, letter) for name, value in old.items()}
    return part if all(new[name] is old[name] for name in old) else replace(part, **new)


def _letters(reader: Reader, node: Node) -> set[str]:
    """The quantities that an expression speaks of or leads to."""
    refs = [refer(name, reader.scope) for name in references(node) if isinstance(name, Name | Scripted)]
    names = {r.name for r in refs if r is not None and r.symbol is not None and r.symbol.kind == "quantity"}
    return names.union(*(reachable(reader.scope, name) for name in sorted(names)))
