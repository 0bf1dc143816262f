r"""A quantity at other arguments than those it is defined with: ``\zeta(-x)`` after ``\zeta(x) = \log(1 + e^x)``."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from symbackprop.verification.reading.elaborate.points import at_point
from symbackprop.verification.reading.elaborate.state import Env, NotUnderstood, Reader, ShapeConflict
from symbackprop.verification.reading.elaborate.walk import references, stands_in
from symbackprop.verification.reading.labels import Reference, refer
from symbackprop.verification.reading.scope import Scope, reachable
from symbackprop.verification.reading.shapes import Array, Misfit, multiplied, scalar
from symbackprop.verification.reading.surface import (
    Comparison,
    Derivative,
    EvaluatedAt,
    Group,
    Name,
    Node,
    Number,
    Scripted,
)
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Diff, Entry, Term
from symbackprop.verification.terms.walk import freshen, map_children, walk

AS_FACTOR = "a bracket behind a letter that is defined with arguments is a factor"


def with_arguments(scope: Scope, ref: Reference) -> Scope:
    """The scope with the letters that the definition of a quantity lists behind it; without a list it has none."""
    names = tuple(_plain_letter(item, scope) for item in ref.arguments)
    kept = {name: listed for name, listed in scope.arguments.items() if name != ref.name}
    if names and all(names):
        kept[ref.name] = names
    return replace(scope, arguments=MappingProxyType(kept))


def lists_others(ref: Reference, scope: Scope) -> bool:
    """Whether the bracket behind a quantity lists other letters than its definition: ``\\zeta(y)``."""
    listed = scope.arguments.get(ref.name)
    return bool(listed and ref.arguments) and tuple(_plain_letter(item, scope) for item in ref.arguments) != listed


def taken_elsewhere(reader: Reader, factor: Name | Scripted, group: Group, env: Env) -> list[Array] | None:
    """The readings of a quantity with a bracket that does not list the letters of its definition; ``None`` where it
    does, or where the bracket can only be a factor.

    Raises:
        NotUnderstood: the value there cannot be told.
    """
    ref = refer(factor, reader.scope)
    names = reader.scope.arguments.get(ref.name, ()) if ref is not None else ()
    if ref is None or not names or len(names) != len(group.items) or group.bracket not in ("(", "["):
        return None
    places = [(name, item) for name, item in zip(names, group.items, strict=True) if not _is(name, item, reader.scope)]
    if not ref.primes and (not places or not all(_is_place(name, item, ref, reader) for name, item in places)):
        return None
    body: Node = replace(factor, primes=0) if isinstance(factor, Scripted) else factor
    if ref.primes:
        body = _slope(reader, ref, body, names)
    called = _entry_by_entry(reader, ref, places, env)
    called = _at(reader, body, places, group, env) if called is None else called
    if ref.primes or not _may_be_factor(places):
        return called
    multiplied_by = _as_factor(reader, factor, group, env)
    here = names[0] in _letters(group, reader.scope)
    return [*called, *multiplied_by] if here else [*multiplied_by, *called]


def _at(reader: Reader, body: Node, places: list[tuple[str, Node]], group: Group, env: Env) -> list[Array]:
    items = tuple(Comparison(Name(name, group.span), "=", item, item.span) for name, item in places)
    if not items:
        return reader.read(body, env)
    return at_point(reader, EvaluatedAt(body, Group("(", items, group.span), None, group.span), env)


def _entry_by_entry(reader: Reader, ref: Reference, places: list[tuple[str, Node]], env: Env) -> list[Array] | None:
    """The value for a single number, of a quantity that is defined for arrays entry by entry."""
    name, item = places[0] if len(places) == 1 else ("", None)
    own, symbol = reader.scope.symbols.get(name), ref.symbol
    if item is None or own is None or symbol is None or not own.axes or own.axes != symbol.axes:
        return None
    numbers = [array for array in reader.read(item, env) if not array.axes]
    definition = next((d for d in reader.scope.definitions if d.name == ref.name), None)
    if not numbers or definition is None or ref.labels or ref.indices or ref.posts or ref.primes:
        return None
    entry = Entry(name, (), tuple(map(Affine.symbol, definition.indices)))
    body = freshen(definition.body, {}, reader.names())
    met = [node for node in walk(body) if isinstance(node, Entry | Diff)]
    through = [node for node in met if isinstance(node, Diff) or node.name != name]
    if any(node != entry for node in met if isinstance(node, Entry) and node.name == name) or any(
        isinstance(node, Diff) or node.indices or name in reachable(reader.scope, node.name) for node in through
    ):
        raise NotUnderstood(f"{ref.name} of a single number, which is not defined entry by entry", ref.span)
    return [scalar(_put(body, entry, number.at(()))) for number in numbers]


def _put(term: Term, entry: Entry, value: Term) -> Term:
    return value if term == entry else map_children(term, lambda child: _put(child, entry, value))


def _slope(reader: Reader, ref: Reference, body: Node, names: tuple[str, ...]) -> Node:
    """``\\zeta'`` of a quantity of one number."""
    symbol = reader.scope.symbols.get(names[0])
    if len(names) > 1 or symbol is None or symbol.axes:
        raise NotUnderstood(f"a prime on {ref.name}, which is no function of one number", ref.span)
    return Derivative("d", body, ((Name(names[0], ref.span), ref.primes),), ref.primes, ref.span)


def _is_place(name: str, item: Node, ref: Reference, reader: Reader) -> bool:
    r"""Whether an item says where a quantity is taken: a number, another free letter of the same shape, or a term that
    the letter of the definition stands in.
    """
    scope = reader.scope
    if isinstance(item, Number):
        return True
    if isinstance(item, Name | Scripted):
        other, own = scope.symbols.get(_plain_letter(item, scope)), scope.symbols.get(name)
        if (entry := refer(item, scope)) is not None and entry.name == name:
            same = own is not None and ref.symbol is not None and own.axes == ref.symbol.axes and not own.leading
            return same and bool(entry.indices)
        free = other is not None and other.declared and not scope.defined(other.name)
        return free and other is not None and own is not None and other.axes == own.axes and other.labels == ()
    return name in _letters(item, scope) or not stands_in(ref.name, Group("(", (item,), item.span))


def _may_be_factor(places: list[tuple[str, Node]]) -> bool:
    """Whether the bracket may as well be multiplied: ``a(1 - y)``, but not ``a(0)`` nor ``a(x, 2y)``."""
    return len(places) == 1 and not isinstance(places[0][1], Name | Scripted | Number)


def _as_factor(reader: Reader, factor: Name | Scripted, group: Group, env: Env) -> list[Array]:
    try:
        found = [
            array
            for left in reader.read(factor, env)
            for right in reader.read(group, env)
            for array in multiplied(left, right, "", reader.fresh)
        ]
    except (Misfit, ShapeConflict):
        return []
    return [array.noted(AS_FACTOR) for array in found]


def _is(name: str, item: Node, scope: Scope) -> bool:
    return _plain_letter(item, scope) == name


def _plain_letter(item: Node, scope: Scope) -> str:
    """The name of a quantity without labels, indices and powers; empty for anything else."""
    ref = refer(item, scope) if isinstance(item, Name | Scripted) else None
    if ref is None or ref.symbol is None or ref.symbol.kind != "quantity":
        return ""
    return "" if ref.labels or ref.indices or ref.posts or ref.primes else ref.name


def _letters(node: Node, scope: Scope) -> set[str]:
    return {ref.name for part in references(node) if (ref := refer(part, scope)) is not None}
