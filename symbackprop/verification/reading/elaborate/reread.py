"""Letters of which a line of a block shows the shape only after another one has taken them for single numbers."""

from __future__ import annotations

from symbackprop.verification.reading.elaborate.given import sides_of
from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.symbols import head_name
from symbackprop.verification.terms.nodes import Entry
from symbackprop.verification.terms.walk import walk


def declared_first(given: tuple[str, ...], scope: Scope) -> tuple[str, ...]:
    r"""The lines in which a declared array stands before the others, as it tells the sizes of what stands beside it.

    ``z_j = h(a_j)`` says nothing of how many there are, ``c_k = \sum_j w_{kj} z_j`` with a declared w does.
    """

    def tells(latex: str) -> bool:
        heads = (head_name(ref) for side in sides_of((latex,), scope) for ref in references(side))
        found = (scope.find(head.text) for head in heads if head is not None)
        return any(symbol is not None and symbol.declared and bool(symbol.axes) for symbol in found)

    return tuple(sorted(given, key=lambda latex: not tells(latex)))


def with_later_shapes(before: Scope, after: Scope) -> Scope | None:
    r"""The scope before the lines with the shapes that they give, if a line must be read again; else ``None``.

    ``J = \|y - a^{(2)}\|^2`` stands above ``a^{(2)} = f(z^{(2)})``, which tells that a is a vector.
    """
    used = {n.name for d in after.definitions for n in walk(d.body) if isinstance(n, Entry) and not n.indices}
    late = [s for name in sorted(used) if (s := after.symbols.get(name)) is not None and s.axes and not s.fixed]
    late = [s for s in late if s.kind == "quantity" and not before.knows(s.name)]
    for symbol in late:
        before = before.with_symbol(symbol)
    return before if late else None
