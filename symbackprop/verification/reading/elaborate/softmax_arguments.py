r"""An open letter of which a softmax is taken, ``p = \mathrm{softmax}(z)``: a vector, of a size that nothing says."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.axes import Placeholders
from symbackprop.verification.reading.elaborate.occurrences import calls
from symbackprop.verification.reading.elaborate.walk import every
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Name, Node, Times
from symbackprop.verification.reading.symbols import known_function


def with_vectors(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """The scope in which small letters that are read as numbers for want of anything else are vectors there."""
    products = (part for node in nodes for part in every(node) if isinstance(part, Times))
    for head, group in (call for product in products for call in calls(product)):
        item = group.items[0] if len(group.items) == 1 else None
        taken = isinstance(head, Name) and known_function(head.text) == "softmax" and not scope.knows(head.text)
        if not taken or not isinstance(item, Name) or not (len(item.text) == 1 and item.text.islower()):
            continue
        symbol = scope.symbols.get(item.text)
        plain = symbol is not None and symbol.kind == "quantity" and not symbol.declared and symbol.axes == ()
        if symbol is not None and plain and not symbol.labels and not scope.defined(symbol.name):
            axes = Placeholders.axes(symbol.name, 1, ())
            scope = scope.with_symbol(replace(symbol, axes=axes, why="the argument of a softmax"))
    return scope
