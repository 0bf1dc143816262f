"""Letters that were guessed from one formula and are open again in the next."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.terms.walk import entry_names


def forget_guesses(scope: Scope) -> Scope:
    """Letters that were only guessed from an earlier formula and that no definition uses are open again."""
    anchored = {d.name for d in scope.definitions}
    for symbol in scope.symbols.values():
        anchored |= {
            name for moment in (symbol.mean, symbol.variance) if moment is not None for name in entry_names(moment)
        }
    for _, relation in scope.assumptions:
        anchored |= entry_names(relation.left) | entry_names(relation.right)
    for definition in scope.definitions:
        anchored |= entry_names(definition.body)
    for body in scope.bodies.values():
        refs = [refer(name, scope) for name in references(body.body)]
        found = [ref.symbol for ref in refs if ref is not None and ref.name not in body.parameters]
        anchored |= {symbol.name for symbol in found if symbol is not None and not symbol.certain}
    kept = {
        k: s
        for k, s in scope.symbols.items()
        if s.declared or k in anchored or k in scope.bodies or s.kind in ("function", "size")
    }
    return replace(scope, symbols=kept)
