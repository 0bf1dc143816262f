r"""A divergence ``D_{KL}(q_\phi(z|x) \| p(z))`` is one number, another one than of p from q or ``D_{JS}``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbackprop.verification.reading.elaborate.usage import INDEX_LETTERS
from symbackprop.verification.reading.elaborate.walk import every, references, scripts_of
from symbackprop.verification.reading.labels import letters_in, script_items
from symbackprop.verification.reading.scope import LAYER_LETTERS, TIME_LETTERS, Scope
from symbackprop.verification.reading.surface import (
    Big,
    Comparison,
    Group,
    Name,
    Node,
    Scripted,
    Span,
    Statement,
    Times,
    rebuilt,
)
from symbackprop.verification.reading.symbols import spelled, undressed
from symbackprop.verification.reading.write import write


def with_divergences(statements: tuple[Statement, ...], scope: Scope) -> tuple[Statement, ...]:
    """The statements with each divergence as one letter.

    One of more than two plain letters only where it is defined, here or above: what it depends on is known then. And
    none with an index or a letter that something in the statement runs over: it would be another number each time.
    """
    for statement in statements:
        sides = [side for side in statement.sides if side is not None]
        parts = [part for side in sides for part in every(side)]
        if not any(isinstance(part, Comparison) and part.relation == "‖" for part in parts):
            continue
        head = sides[0] if len(sides) > 1 and statement.relations[0] in ("=", ":=") else None
        own = {name.text for name, _ in _divergences(head)} if _is_divergence(head) else set()
        bound = {letter for part in parts for letter in _bound(part)}
        known = {
            name.text
            for side in sides
            for part in every(side)
            for name, pair in _divergences(part)
            if _is_plain(pair) or (name.text in own or scope.defined(name.text)) and not _varies(pair, bound, scope)
        }
        merged = tuple(_merged(side, known) for side in statement.sides)
        statements = tuple(replace(s, sides=merged) if s is statement else s for s in statements)
    return statements


def _is_divergence(node: Node | None) -> bool:
    return isinstance(node, Times) and len(node.factors) == 2 and any(True for _ in _divergences(node))


def _divergences(node: Node | None) -> Iterator[tuple[Name, Comparison]]:
    """The divergences among the factors of a product as letters, and what each is of."""
    factors = node.factors if isinstance(node, Times) else ()
    for k in range(1, len(factors)):
        if node.operators[k - 1] == "" and (made := _letter(factors[k - 1], factors[k])) is not None:  # type: ignore[union-attr]
            yield made


def _letter(head: Node, group: Node) -> tuple[Name, Comparison] | None:
    only = group.items[0] if isinstance(group, Group) and len(group.items) == 1 else None
    base = head.base if isinstance(head, Scripted) else head
    powered = isinstance(head, Scripted) and (head.sups or head.primes)
    if not isinstance(base, Name) or powered or not isinstance(only, Comparison) or only.relation != "‖":
        return None
    name = spelled(base.text, head.subs, ()) if isinstance(head, Scripted) else base.text
    text = f"{name}({write(only.left)}‖{write(only.right)})"
    return Name(text, Span(head.span.start, group.span.end)), only


def _is_plain(pair: Comparison) -> bool:
    return isinstance(pair.left, Name) and isinstance(pair.right, Name)


def _merged(part: Node | None, known: set[str]) -> Node | None:
    made = rebuilt(part, lambda inner: _merged(inner, known))
    if not isinstance(made, Times):
        return made
    factors, operators = list(made.factors), list(made.operators)
    k = 1
    while k < len(factors):
        found = _letter(factors[k - 1], factors[k]) if operators[k - 1] == "" else None
        if found is not None and found[0].text in known:
            factors[k - 1 : k + 1] = [found[0]]
            del operators[k - 1]
        k += 1
    return replace(made, factors=tuple(factors), operators=tuple(operators)) if len(factors) > 1 else factors[0]


def _bound(part: Node) -> set[str]:
    """The letters that a sum, an integral or a mean runs over, or that stand in its bounds."""
    if isinstance(part, Big):
        return {undressed(ref.text) for item in part.lower for ref in map(_base, references(item)) if ref is not None}
    if isinstance(part, Scripted) and isinstance(part.base, Name) and undressed(part.base.text) == "E":
        items = [item for script in scripts_of(part) for item in script_items(script)]
        return {undressed(ref.text) for item in items for ref in map(_base, references(item)) if ref is not None}
    return set()


def _base(ref: Name | Scripted) -> Name | None:
    base = ref.base if isinstance(ref, Scripted) else ref
    return base if isinstance(base, Name) else None


def _varies(node: Node, bound: set[str], scope: Scope) -> bool:
    """Whether something in a part has an index or a letter that is bound somewhere."""
    running = {*INDEX_LETTERS, *LAYER_LETTERS, *TIME_LETTERS, *scope.running}
    running |= {name for name, symbol in scope.symbols.items() if symbol.kind == "index"}
    for ref in (part for part in every(node) if isinstance(part, Name | Scripted)):
        base = _base(ref)
        inside = {x for script in scripts_of(ref) for item in script_items(script) for x in letters_in(item)}
        if inside & running or base is not None and undressed(base.text) in bound:
            return True
    return False
