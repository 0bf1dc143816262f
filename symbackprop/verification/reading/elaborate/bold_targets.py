r"""Undeclared letters in bold that an equation defines: bold type says the rank, the right side says the sizes."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.axes import OWN_AXIS
from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.shapes import Array
from symbackprop.verification.reading.surface import Node
from symbackprop.verification.reading.symbols import Symbol
from symbackprop.verification.terms.walk import entry_names

SET_IN_BOLD = "set in bold"


def without_own_sizes(symbol: Symbol, array: Array, right: Node, scope: Scope) -> Symbol:
    r"""The letter without its axes where the right side may say them: ``\mathbf{g} = 2 \mathbf{x}`` defines a g.

    It keeps them if something that is known counts with them already, or if an unknown function stands on the right,
    the value of which has the shape of the left side.
    """
    opened = symbol.why == SET_IN_BOLD and not symbol.declared and symbol.axes is not None
    if not opened or len(array.axes) != len(symbol.axes or ()) or _is_used(symbol.name, scope):
        return symbol
    own = all(axis.name.startswith(("dim2(", OWN_AXIS)) for axis in symbol.axes or ())
    return replace(symbol, axes=()) if own and not _has_open_function(right, scope) else symbol


def _is_used(name: str, scope: Scope) -> bool:
    bodies = [definition.body for definition in scope.definitions]
    bodies += [side for _, relation in scope.assumptions for side in (relation.left, relation.right)]
    return any(name in entry_names(body) for body in bodies)


def _has_open_function(right: Node, scope: Scope) -> bool:
    symbols = (ref.symbol for node in references(right) if (ref := refer(node, scope)) is not None)
    functions = (symbol for symbol in symbols if symbol is not None and symbol.kind == "function")
    return any(not f.function and f.name not in scope.bodies and f.result is None for f in functions)
