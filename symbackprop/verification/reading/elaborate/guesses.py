"""Letters that were guessed from one formula: open again in the next, and named where a verdict rests on them."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.usage import SCALAR_NAMES
from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.scope import Scope, reachable
from symbackprop.verification.reading.symbols import AS_USED, IN_NAME, NUMBERED, PLAIN, Symbol
from symbackprop.verification.terms.functions import is_known
from symbackprop.verification.terms.nodes import Fn, Term
from symbackprop.verification.terms.walk import entry_names, walk


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


def guess_words(scope: Scope, terms: tuple[Term, Term]) -> tuple[str, ...]:
    """Default meanings that nothing in the note states, of what the sides of a claim lead to."""
    names = entry_names(terms[0]) | entry_names(terms[1])
    reached = names.union(*(reachable(scope, name) for name in names))
    bodies = (*terms, *(d.body for d in scope.definitions if d.name in reached))
    met = {node.name for body in bodies for node in walk(body) if isinstance(node, Fn)}
    functions = [
        s
        for k, s in sorted(scope.symbols.items())
        if s.kind == "function" and not s.declared and s.function and k not in scope.bodies
        if s.function in met or not is_known(s.function)
    ]
    shown = [s for name in sorted(names) if (s := scope.symbols.get(name)) is not None and s.why.endswith(AS_USED)]
    numbers = [s.name for name in sorted(names) if (s := scope.symbols.get(name)) is not None and _is_plain(s)]
    return (
        *(f"{symbol.name} is the {symbol.function} function" for symbol in functions),
        *(f"{symbol.name} is {symbol.why}" for symbol in shown if symbol.kind == "quantity" and symbol.axes),
        *((f"read as numbers: {', '.join(numbers)}",) if numbers else ()),
    )


def _is_plain(symbol: Symbol) -> bool:
    """Whether a letter is a number because nothing says otherwise; a cost is one anyway."""
    return symbol.axes == () and symbol.why in (PLAIN, IN_NAME, NUMBERED) and symbol.name not in SCALAR_NAMES
