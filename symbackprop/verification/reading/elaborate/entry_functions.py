r"""Functions of which a note defines the entries: ``\sigma_i(z) = \frac{e^{z_i}}{\sum_k e^{z_k}}`` is a vector."""

from __future__ import annotations

from symbackprop.verification.reading.elaborate.axes import Placeholders
from symbackprop.verification.reading.elaborate.walk import references, unbound_letters
from symbackprop.verification.reading.scope import LAYER_LETTERS, TIME_LETTERS, Scope
from symbackprop.verification.reading.surface import Group, Name, Node, Scripted, Times
from symbackprop.verification.reading.symbols import Symbol, head_name

_NUMBERS = frozenset("ijkmncpqrs")


def with_entry_functions(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """The scope with a vector for each letter with an index and arguments that a side with that index follows."""
    for left, right in zip(nodes, nodes[1:], strict=False):
        name = _entry_of(left, right)
        if name and scope.find(name) is None and name not in scope.bodies:
            axes = Placeholders.axes(name, 1, ())
            why = "a function whose entries are defined"
            scope = scope.with_symbol(Symbol(name, "quantity", axes, declared=False, why=why))
    return scope


def _entry_of(left: Node, right: Node) -> str:
    """The letter of ``f_i(x)`` before a side in which i is an index, and which has no f; else nothing."""
    if not isinstance(left, Times) or len(left.factors) != 2 or left.operators != ("",):
        return ""
    head, group = left.factors
    if not isinstance(head, Scripted) or not isinstance(head.base, Name) or head.sups or head.primes:
        return ""
    if not isinstance(group, Group) or group.bracket != "(" or not all(isinstance(x, Name) for x in group.items):
        return ""
    items = head.subs[0].items if len(head.subs) == 1 else ()
    index = items[0].text if len(items) == 1 and isinstance(items[0], Name) else ""
    numbers = index in _NUMBERS and index not in (*LAYER_LETTERS, *TIME_LETTERS) and index in unbound_letters(right)
    again = any((other := head_name(ref)) is not None and other.text == head.base.text for ref in references(right))
    return head.base.text if numbers and not again and not head.base.upright else ""
