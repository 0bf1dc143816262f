"""Lists with dots, ``(x_1, …, x_n)``: vectors of numbers and matrices of vectors, from the expression of any member."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from symbackprop.verification.reading.elaborate.state import Env, NotUnderstood, Reader
from symbackprop.verification.reading.elaborate.walk import unbound_letters
from symbackprop.verification.reading.shapes import FIRST, ONE, Array, Indices
from symbackprop.verification.reading.surface import Big, Name, Node
from symbackprop.verification.terms.nodes import Axis, Term
from symbackprop.verification.terms.walk import freshen


def all_entries(
    reader: Reader, arguments: tuple[Node, ...], values: list[list[Array]], free: frozenset[str], env: Env
) -> Big | None:
    r"""The list that ``\mathrm{diag}(p_i (1 - p_i))`` shows by any of its entries: a number with an index of its own.

    ``free`` are the open indices that were met before it, which stay what they are.
    """
    if len(arguments) != 1 or any(array.axes for array in values[0]):
        return None
    letters = unbound_letters(arguments[0]) - free - reader.outer - env.bound.keys()
    own = sorted(letters & reader.free.keys())
    if len(own) != 1:
        return None
    del reader.free[own[0]]
    span = arguments[0].span
    return Big("column", (Name(own[0], span),), None, arguments[0], span)


def side_by_side(reader: Reader, body: Array, name: str, axis: Axis, node: Big) -> list[Array]:
    """Vectors in a row as the columns of a matrix; in a list also as its rows, as the shape of the matrix tells."""
    if body.axes[0] == axis:
        raise NotUnderstood("a list of arrays with dots, of which nothing says whether they are rows", node.span)

    def at(row: int, idx: Indices) -> Term:
        return freshen(body.at((idx[1 - row],)), {name: idx[row]}, reader.names())

    columns = replace(body, axes=(body.axes[0], axis), at=partial(at, 1), sure=False)
    rows = replace(body, axes=(axis, body.axes[0]), at=partial(at, 0), sure=False)
    return [columns] if node.kind == "row" else [columns, rows]


def stretched(reader: Reader, body: Array, name: str, axis: Axis, node: Big) -> Array:
    """Numbers in a list as a vector or a row, rows below each other as a matrix."""
    kind = node.kind
    row = len(body.axes) == 2 and body.axes[0] == ONE
    if body.axes and not (row and kind == "column"):
        raise NotUnderstood("a list of arrays with dots", node.span)
    axes = (axis, body.axes[1]) if row else (ONE, axis) if kind == "row" else (axis,)
    place = 1 if kind == "row" else 0

    def at(idx: Indices) -> Term:
        inner = (FIRST, idx[1]) if row else ()
        return freshen(body.at(inner), {name: idx[place]}, reader.names())

    return replace(body, axes=axes, at=at)
