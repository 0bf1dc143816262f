r"""Values at a point: ``\left. \frac{df}{dx} \right|_{x=0}``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from symbackprop.verification.reading.elaborate.indicators import OPERATORS
from symbackprop.verification.reading.elaborate.state import Env, NotUnderstood, Reader
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.scope import reachable
from symbackprop.verification.reading.shapes import Array, aligned
from symbackprop.verification.reading.surface import (
    Comparison,
    Derivative,
    EvaluatedAt,
    Group,
    Name,
    Node,
    Scripted,
    Times,
)
from symbackprop.verification.reading.symbols import Symbol
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Definition
from symbackprop.verification.terms.nodes import Diff, Entry, Term
from symbackprop.verification.terms.walk import entry_names, freshen, map_children


def at_point(reader: Reader, node: EvaluatedAt, env: Env) -> list[Array]:
    """What stands before the bar, with each letter below it in place of a new one that has the value written there.

    The new letter is a quantity with a definition, so a derivative by it is taken before its value is put in.
    """
    found = reader.read(node.body, env)
    moved: dict[str, str] = {}
    for letter, value in _places(node):
        symbol = _letter(reader, letter)
        moved[symbol.name] = _defined(reader, symbol, value, env)
    return [_moved_array(array, moved, reader, node) for array in found]


def _moved_array(array: Array, moved: Mapping[str, str], reader: Reader, node: EvaluatedAt) -> Array:
    return replace(array, at=lambda idx: _moved(array.at(idx), moved, reader, node))


def _places(node: EvaluatedAt) -> list[tuple[Node, Node]]:
    """The letters below the bar with their values; a value alone is that of what is differentiated by."""
    lower = node.lower
    items = lower.items if isinstance(lower, Group) and lower.bracket in ("", "(") else (lower,)
    found: list[tuple[Node, Node]] = []
    for item in items:
        if isinstance(item, Comparison) and OPERATORS.get(item.relation) == "=":
            found.append((item.left, item.right))
        elif isinstance(item, Comparison) or len(items) > 1 or not isinstance(node.body, Derivative):
            raise NotUnderstood("a value at a point needs a letter and what it is there", node.span)
        elif len(node.body.by) != 1:
            raise NotUnderstood("nothing says which letter has this value", node.span)
        else:
            found.append((node.body.by[0][0], item))
    return found


def _letter(reader: Reader, node: Node) -> Symbol:
    ref = refer(node, reader.scope) if isinstance(node, Name | Scripted) else None
    symbol = ref.symbol if ref is not None else None
    if ref is None or symbol is None or symbol.kind != "quantity" or symbol.labels or ref.indices or ref.posts:
        raise NotUnderstood("a value at a point is understood for plain letters only", node.span)
    return symbol


def _defined(reader: Reader, symbol: Symbol, value: Node, env: Env) -> str:
    """A new letter of the same shape that has this value."""
    name = reader.fresh(symbol.name)
    shape = Array(symbol.axes or (), lambda _: Entry(symbol.name))
    there = next((a for a in reader.read(value, env) if not a.axes or a.axes == shape.axes), None)
    if there is None:
        raise NotUnderstood("this value does not have the shape of the letter", value.span)
    _, there = aligned((shape, there), "a value at a point")
    indices = tuple(f"i{k}" for k, _ in enumerate(shape.axes))
    body = there.at(tuple(Affine.symbol(index) for index in indices))
    reader.scope = reader.scope.with_symbol(replace(symbol, name=name, why="a letter at a point"))
    reader.scope = reader.scope.with_definition(Definition(name, (), indices, body))
    return name


def _moved(term: Term, moved: Mapping[str, str], reader: Reader, node: EvaluatedAt) -> Term:
    opened = _opened(term, frozenset(moved), reader, node)
    missing = sorted(set(moved) - entry_names(opened))
    if missing and entry_names(opened):
        raise NotUnderstood(f"nothing says how this depends on {missing[0]}", node.span)
    return _renamed(opened, moved)


def _opened(term: Term, letters: frozenset[str], reader: Reader, node: EvaluatedAt) -> Term:
    """The term with everything that leads to these letters put in."""
    if isinstance(term, Entry):
        if term.name in letters or not letters & reachable(reader.scope, term.name):
            return term
        definition = next((d for d in reader.scope.definitions if d.name == term.name and not d.labels), None)
        if definition is None or term.labels:
            raise NotUnderstood("a value at a point, of a family", node.span)
        body = freshen(definition.body, dict(zip(definition.indices, term.indices, strict=True)), reader.names())
        return _opened(body, letters, reader, node)
    if isinstance(term, Diff):
        if term.by.name not in letters and letters & reachable(reader.scope, term.by.name):
            raise NotUnderstood("a derivative by what depends on the point", node.span)
        return replace(term, body=_opened(term.body, letters, reader, node))
    return map_children(term, lambda child: _opened(child, letters, reader, node))


def _renamed(term: Term, moved: Mapping[str, str]) -> Term:
    if isinstance(term, Entry):
        return replace(term, name=moved.get(term.name, term.name))
    if isinstance(term, Diff):
        by = replace(term.by, name=moved.get(term.by.name, term.by.name))
        return replace(term, body=_renamed(term.body, moved), by=by)
    return map_children(term, lambda child: _renamed(child, moved))


def at_another_point(reader: Reader, node: Derivative) -> EvaluatedAt | None:
    r"""``\nabla_w J(\hat{w})``: the derivative of a J of w at a point that has a name."""
    operand = node.operand
    if not isinstance(operand, Times) or len(operand.factors) != 2 or operand.operators != ("",) or len(node.by) != 1:
        return None
    cost, group = operand.factors
    point = group.items[0] if isinstance(group, Group) and len(group.items) == 1 else None
    refs = [refer(n, reader.scope) if isinstance(n, Name | Scripted) else None for n in (cost, point, node.by[0][0])]
    if any(ref is None or ref.symbol is None or ref.symbol.kind != "quantity" for ref in refs):
        return None
    names = [ref.name for ref in refs if ref is not None]
    defined = reader.scope.defined(names[0]) and reader.scope.defined(names[1])
    led_to = reachable(reader.scope, names[0]) if defined else set()
    if names[2] not in led_to or names[1] in {*led_to, *names[::2]} or point is None:
        return None
    where = Comparison(node.by[0][0], "=", point, point.span)
    return EvaluatedAt(replace(node, operand=cost), where, None, node.span)
