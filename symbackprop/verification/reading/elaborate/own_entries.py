"""Whether an equation only lists the entries of the letter on its left, ``x = (x_1, …, x_n)``."""

from __future__ import annotations

from symbackprop.verification.reading.labels import Reference, refer
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Big, Matrix, Node, Number, Scripted


def lists_own_entries(ref: Reference, right: Node, scope: Scope) -> bool:
    """``x = (x_1, …, x_n)``: nothing but the entries of the letter, which is no assignment."""
    while isinstance(right, Big) and right.kind in ("column", "row"):
        right = right.body
        inner = refer(right, scope) if isinstance(right, Scripted) else None
        if inner is not None:
            return inner.name == ref.name and bool(inner.indices) and not (inner.posts or ref.indices)
    rows = right.rows if isinstance(right, Matrix) and not ref.indices else ()
    cells = [
        ((i, j), refer(cell, scope))
        for i, row in enumerate(rows, 1)
        for j, cell in enumerate(row, 1)
        if isinstance(cell, Scripted)
    ]
    column = bool(rows) and len(rows[0]) == 1
    found = [
        cell is not None and cell.name == ref.name and _numbers(cell) in (place, place[:1] if column else place)
        for place, cell in cells
    ]
    return bool(found) and all(found) and len(found) == sum(map(len, rows))


def _numbers(ref: Reference) -> tuple[int, ...]:
    """The numbers of the entry that a reference names; nothing where it names none, or more than that."""
    values = [index.value for index in ref.indices if isinstance(index, Number)]
    found = tuple(int(value) for value in values if value.denominator == 1)
    whole = len(found) == len(ref.indices) and not (ref.posts or ref.labels)
    if whole and len(found) == 1 and len(ref.symbol.axes or () if ref.symbol else ()) == 2:
        found = tuple(map(int, str(found[0])))
    return found if whole else ()
