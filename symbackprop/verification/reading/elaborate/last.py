r"""The letter of the last layer or time: the one number in what is given that nothing binds, ``L = \ell(h^{(N)})``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbackprop.verification.reading.elaborate.given import statements_of
from symbackprop.verification.reading.elaborate.walk import bound_letter, every, references, unbound_letters
from symbackprop.verification.reading.labels import letters_in, refer
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Big, Name, Node, Statement


def with_last(scope: Scope, given: tuple[str, ...]) -> Scope:
    """The scope with the last number, where a letter declared as an index is it and the usual one stands nowhere."""
    if not scope.running:
        return scope
    statements = statements_of(given, scope)
    sides = [side for statement in statements for side in statement.sides if side is not None]
    if any(scope.last in _numbers(side, scope) | _uppers(side, scope) for side in sides):
        return scope
    found = {x for statement in statements for x in _open(statement, scope) if x not in scope.running}
    declared = sorted(x for x in found if (s := scope.find(x)) is not None and s.kind == "index")
    uppers = frozenset().union(*(_uppers(side, scope) for side in sides))
    ends = declared or sorted(x for x in found & uppers if _is_open(x, scope))
    if len(ends) != 1:
        return scope
    symbols = {name: symbol for name, symbol in scope.symbols.items() if name != ends[0] or symbol.kind == "index"}
    return replace(scope, last=ends[0], symbols=symbols)


def _is_open(letter: str, scope: Scope) -> bool:
    """Whether nothing is known of a letter but that sums run up to it."""
    symbol = scope.find(letter)
    return symbol is None or symbol.kind == "size" and not symbol.declared


def _open(statement: Statement, scope: Scope) -> Iterator[str]:
    """The numbers of members on a right side that neither a sum there nor the left side binds, and upper bounds."""
    sides = [side for side in statement.sides if side is not None]
    if len(sides) < 2 or unbound_letters(sides[0]) & _numbers(sides[0], scope):
        return
    for side in sides[1:]:
        yield from (unbound_letters(side) & _numbers(side, scope)) | _uppers(side, scope)


def _numbers(node: Node, scope: Scope) -> frozenset[str]:
    """The letters that number members, alone in their place."""
    refs = [refer(name, scope) for name in references(node)]
    return frozenset(label.text for ref in refs if ref for label in ref.labels if isinstance(label, Name))


def _uppers(node: Node, scope: Scope) -> frozenset[str]:
    """The letters up to which sums over members run."""
    sums = [part for part in every(node) if isinstance(part, Big) and isinstance(part.upper, Name)]
    return frozenset(b.upper.text for b in sums if bound_letter(b) in _labels(b.body, scope))  # type: ignore[union-attr]


def _labels(node: Node, scope: Scope) -> set[str]:
    refs = [refer(name, scope) for name in references(node)]
    return {letter for ref in refs if ref for label in ref.labels for letter in letters_in(label)}
