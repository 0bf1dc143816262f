r"""The direct path in a recurrent net: a letter with what is of the same time put in, all else held fixed.

``h_t = \tanh(z_t)`` with ``z_t = W h_{t-1} + U x_t`` depends on W directly, through z_t, and through ``h_{t-1}``.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.state import NotUnderstood, Reader
from symbackprop.verification.reading.labels import plain_affine, refer
from symbackprop.verification.reading.scope import Scope, mentions, reachable
from symbackprop.verification.reading.surface import Derivative, Name, Scripted, Span
from symbackprop.verification.reading.symbols import Symbol
from symbackprop.verification.terms.context import DIRECT, Definition
from symbackprop.verification.terms.differentiate import replace_entries
from symbackprop.verification.terms.nodes import Entry, Term
from symbackprop.verification.terms.walk import Names, entry_names, freshen

DEPTH = 8


def of_copy(node: Derivative, scope: Scope) -> Derivative:
    r"""``\frac{\partial h^{(t)}}{\partial W^{(t)}}``, by the copy of a shared W that is used at time t alone.

    Raises:
        NotUnderstood: what is differentiated is of another time.
    """
    if len(node.by) != 1 or not isinstance(by := node.by[0][0], Scripted) or len(by.sups) != 1 or by.subs:
        return node
    (script,) = by.sups
    number = plain_affine(script.items[0]) if script.bracket == "(" and len(script.items) == 1 else None
    symbol = scope.find(by.base.text) if isinstance(by.base, Name) else None
    if number is None or not number.symbols & scope.running or symbol is None or symbol.labels:
        return node
    of = refer(node.operand, scope) if isinstance(node.operand, Name | Scripted) else None
    if of is None or [plain_affine(label) for label in of.labels] != [number]:
        raise NotUnderstood("a derivative by the copy of a letter that is used at another time", by.span)
    return replace(node, by=((by.base, 1),), plus=True)


def with_its_time(reader: Reader, body: Term, by: Entry, span: Span) -> Term:
    """The entry of a family of its own whose members are those of ``body`` with what is of their time put in.

    Raises:
        NotUnderstood: nothing of that time leads to ``by``.
    """
    if not isinstance(body, Entry):
        return body
    found = _opened(reader.scope, body, by)
    if not any(by.name in entry_names(definition.body) for definition in found):
        raise NotUnderstood(f"nothing says how {body.name} depends on {by.name} directly", span)
    plain = [d for d in reader.scope.definitions if d.name == body.name]
    if list(found) == plain:
        return body
    name, symbol = f"{DIRECT}{body.name}, {by.name}", reader.scope.symbols[body.name]
    scope = reader.scope.without(name)
    scope = scope.with_symbol(Symbol(name, "quantity", symbol.axes, symbol.labels, why="with its time put in"))
    for d in found:
        scope = scope.with_definition(Definition(name, d.labels, d.indices, d.body))
    reader.scope = scope
    return Entry(name, body.labels, body.indices)


def has_both_paths(reader: Reader, body: Entry, by: Entry) -> bool:
    """Whether a letter depends on another directly and through quantities of other times as well."""
    for definition in _opened(reader.scope, body, by):
        names = entry_names(definition.body)
        others = sorted(names - {by.name})
        if by.name in names and any(by.name in reachable(reader.scope, other) for other in others):
            return True
    return False


def _opened(scope: Scope, body: Entry, by: Entry) -> list[Definition]:
    """The definitions of a letter with those of the same time put in, as far as they lead to ``by``."""
    found = [d for d in scope.definitions if d.name == body.name]
    if by.name in mentions(scope, body.name) or not body.labels:
        return found
    at_once = by.labels == body.labels
    return [Definition(d.name, d.labels, d.indices, _put_in(scope, d, d.body, by.name, at_once)) for d in found]


def _put_in(scope: Scope, at: Definition, body: Term, by: str, at_once: bool, depth: int = DEPTH) -> Term:
    names = Names(f"d{depth}.")

    def change(entry: Entry) -> Term:
        if entry.labels != at.labels or not depth or entry.name == by and at_once:
            return entry
        bodies = [d for d in scope.definitions if d.name == entry.name]
        if len(bodies) != 1 or len(bodies[0].labels) != 1 or by not in reachable(scope, entry.name):
            return entry
        (inner,) = bodies
        env = dict(zip(inner.indices, entry.indices, strict=True))
        opened = freshen(inner.body, {str(inner.labels[0].name): at.labels[0], **env}, names)
        return _put_in(scope, at, opened, by, at_once, depth - 1)

    return replace_entries(body, change)
