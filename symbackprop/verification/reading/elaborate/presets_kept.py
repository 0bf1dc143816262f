"""What holds of a preset when the note says a part of it in its own way."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.results import Choice
from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.labels import Reference, plain_affine, refer
from symbackprop.verification.reading.scope import Scope, reachable
from symbackprop.verification.reading.surface import Applied, Group, Name, Node, Scripted, Times
from symbackprop.verification.reading.symbols import known_function
from symbackprop.verification.terms.context import Definition
from symbackprop.verification.terms.functions import KNOWN
from symbackprop.verification.terms.nodes import Entry, Fn
from symbackprop.verification.terms.walk import entry_names, walk

#: Functions that stand in losses and closed forms; every other one is the activation of somebody.
_PLAIN = frozenset({"log", "exp", "abs", "sign", "sin", "cos", "erf"})


def inner_definition(ref: Reference, right: Node, scope: Scope) -> tuple[Reference, Node] | None:
    r"""For ``a^0 = h(\sum w a)`` where the preset says a = h(z): that z^0 is the sum."""
    body = next((d.body for d in scope.definitions if d.name == ref.name and ref.name in scope.soft), None)
    if not isinstance(body, Fn) or body.order or not isinstance(body.argument, Entry):
        return None
    function, argument = _call(right)
    named = refer(function, scope) if isinstance(function, Name | Scripted) else None
    if named is None or argument is None or named.primes:
        return None
    name = known_function(named.name) if named.symbol is None else named.symbol.function or named.name
    symbol = scope.find(body.argument.name)
    if name != body.name or symbol is None or symbol.name not in scope.soft:
        return None
    return Reference(symbol.name, symbol, ref.labels, ref.indices, (), 0, ref.span), argument


def introduced(ref: Reference, right: Node, scope: Scope) -> Scope | None:
    r"""For ``a^l = \sigma(z^l)`` after ``a^l = \sigma(w^l a^{l-1} + b^l)``: that z^l is what σ is applied to."""
    made = next((d for d in scope.definitions if d.name == ref.name and ref.name not in scope.soft), None)
    function, argument = _call(right)
    if made is None or not isinstance(made.body, Fn) or made.body.order or isinstance(made.body.argument, Entry):
        return None
    named = refer(function, scope) if isinstance(function, Name | Scripted) else None
    new = refer(argument, scope) if isinstance(argument, Name | Scripted) else None
    if named is None or new is None or new.symbol is None or ref.symbol is None or named.primes or new.posts:
        return None
    name = known_function(named.name) if named.symbol is None else named.symbol.function or named.name
    known = new.symbol.declared or scope.defined(new.name) or len(ref.symbol.labels) != len(new.labels)
    if name != made.body.name or known or _texts(new) != _texts(ref):
        return None
    why = f"what {named.name} is applied to"
    symbol = replace(ref.symbol, name=new.name, labels=ref.symbol.labels, declared=True, why=why)
    return scope.with_symbol(symbol).with_definition(replace(made, name=new.name, body=made.body.argument))


def _texts(ref: Reference) -> tuple[str, ...]:
    """The labels and indices as letters and numbers, wherever they stand."""
    parts = [plain_affine(node) for node in (*ref.labels, *ref.indices)]
    return tuple(str(part) for part in parts)


def _call(node: Node) -> tuple[Node | None, Node | None]:
    """The function and the one argument of a side that is a call."""
    if isinstance(node, Applied):
        function, group = node.function, node.argument
    elif isinstance(node, Times) and len(node.factors) == 2 and node.operators == ("",):
        function, group = node.factors
    else:
        return None, None
    if isinstance(group, Group):
        return (function, group.items[0]) if len(group.items) == 1 else (None, None)
    return function, group


def left_behind(before: Scope, after: Scope, name: str) -> tuple[str, ...]:
    """The letters that a preset put between ``name`` and the rest and that the note's own definition passes by."""
    if name not in before.soft:
        return ()
    known = set(map(id, before.definitions))
    made = [d for d in after.definitions if d.name == name and id(d) not in known]
    used = {other for d in made for other in entry_names(d.body)}
    used |= {far for other in used for far in reachable(after, other)}
    old = {other for d in before.definitions if d.name == name for other in entry_names(d.body)}
    return tuple(sorted((old & before.soft) - used - {name}))


def foreign_activation(nodes: tuple[Node, ...], choice: Choice, scope: Scope) -> str:
    """Why a formula with a function of its own is no ground to object: the preset calls the activation otherwise."""
    reached = entry_names(choice.claim.left) | entry_names(choice.claim.right)
    reached = reached.union(*(reachable(scope, name) for name in reached))
    usual = {f for d in scope.definitions if d.name in reached & scope.soft for f in _unknown(d, scope)}
    for node in nodes:
        for letter in references(node):
            ref = refer(letter, scope)
            if ref is None or not usual:
                continue
            name = known_function(ref.name) if ref.symbol is None else ref.symbol.function or ref.name
            function = ref.symbol.kind == "function" if ref.symbol else name in KNOWN
            if function and name not in usual | _PLAIN and ref.name not in scope.declared:
                return f"nothing says that the activation {sorted(usual)[0]} of this notation is {ref.name} here"
    return ""


def _unknown(definition: Definition, scope: Scope) -> set[str]:
    unknown = {s.name for s in scope.symbols.values() if s.kind == "function" and not s.function}
    return {node.name for node in walk(definition.body) if isinstance(node, Fn)} & unknown
