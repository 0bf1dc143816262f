"""Letters of which a line of a block shows the shape only after another one has taken them for single numbers."""

from __future__ import annotations

from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.terms.nodes import Entry
from symbackprop.verification.terms.walk import walk


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
