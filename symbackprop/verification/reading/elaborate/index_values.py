"""Equations that say which member or entry is meant, and define nothing: ``i = j``, ``k = 1``, ``t = T``."""

from __future__ import annotations

from symbackprop.verification.reading.elaborate.usage import INDEX_LETTERS
from symbackprop.verification.reading.scope import LAST, LAYER_LETTERS, TIME_LETTERS, Scope
from symbackprop.verification.reading.surface import Name, Node, Number
from symbackprop.verification.terms.walk import entry_names

#: Letters that count when they stand alone; others of the alphabet of indices are as often numbers.
_COUNT = frozenset("ijklt")
_ENDS = frozenset({*INDEX_LETTERS, *LAYER_LETTERS, *TIME_LETTERS, *LAST, "N", "M", "K"})


def index_said(left: Node, right: Node, scope: Scope) -> str:
    """The index letter on the left of such an equation; empty for every other one."""
    if not isinstance(left, Name) or left.text not in _COUNT | scope.running or _is_quantity(left.text, scope):
        return ""
    if isinstance(right, Number):
        return left.text if right.value.denominator == 1 else ""
    ends = isinstance(right, Name) and right.text in _ENDS and not _is_quantity(right.text, scope)
    return left.text if ends else ""


def _is_quantity(letter: str, scope: Scope) -> bool:
    """Whether a letter is declared or defined as a number or array, or stands as one in what is defined."""
    symbol = scope.find(letter)
    if symbol is None or symbol.kind != "quantity":
        return False
    return symbol.declared or symbol.axes != () or any(symbol.name in entry_names(d.body) for d in scope.definitions)
