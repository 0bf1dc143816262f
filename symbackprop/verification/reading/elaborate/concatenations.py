r"""Arrays behind or below each other: ``[h_{t-1}, x_t]``, ``\begin{bmatrix} A & B \\ C & D \end{bmatrix}``, Concat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from symbackprop.verification.reading.composites import block_index, block_of, end_to_end
from symbackprop.verification.reading.shapes import FIRST, ONE, Array, Indices, Misfit, join
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Add, Axis, Delta, Mul, Num, Term

BELOW, BESIDE = 0, 1
STACKED = "vectors in one bracket stand below each other"


@dataclass(frozen=True)
class _Piece:
    """A part of an array that is put together: its length along the common axis, and its entries."""

    axis: Axis
    array: Array
    block: int = 0

    def entry(self, inner: Affine, rest: Indices, place: int) -> Term:
        index = block_index(self.block, inner) if self.block else inner
        return self.array.at((index, *rest) if place == BELOW else (*rest, index))


def put_together(arrays: Sequence[Array], place: int) -> Array:
    """The arrays below each other (vectors stay vectors) or beside each other (a vector is a column).

    Raises:
        Misfit: they differ along the other axis.
    """
    if place == BELOW and all(len(a.axes) < 2 for a in arrays):
        return _joined([_as_list(a) for a in arrays], BELOW)
    wide = [_as_matrix(array, place) for array in arrays]
    other = 1 - place
    for array in wide[1:]:
        if array.axes[other] != wide[0].axes[other]:
            raise Misfit(wide[0].axes, array.axes, "what stands in one bracket", wide[0].sure and array.sure)
    return _joined(wide, place)


def _as_list(array: Array) -> Array:
    """A number as a vector of one entry."""
    return array if array.axes else replace(array, axes=(ONE,), at=lambda _: array.at(()))


def _as_matrix(array: Array, place: int) -> Array:
    if len(array.axes) == 2:
        return array
    if len(array.axes) > 2:
        raise Misfit(array.axes, (), "what stands in one bracket", array.sure)
    if not array.axes:
        return replace(array, axes=(ONE, ONE), at=lambda _: array.at(()))
    return replace(array, axes=(array.axes[0], ONE), at=lambda idx: array.at(idx[:1]))


def _joined(arrays: Sequence[Array], place: int) -> Array:
    if len(arrays) == 1:
        return arrays[0]
    pieces = [piece for array in arrays for piece in _pieces(array, place)]
    rest = arrays[0].axes[1:] if place == BELOW else arrays[0].axes[:-1]

    def split(idx: Indices) -> tuple[Affine, Indices]:
        return (idx[0], idx[1:]) if place == BELOW else (idx[-1], idx[:-1])

    def at(idx: Indices) -> Term:
        index, others = split(idx)
        if numbered:
            return _numbered(pieces, index, others, place)
        found = block_of(index)
        assert found is not None
        return pieces[found[0] - 1].entry(found[1], others, place)

    numbered = all(piece.axis == ONE for piece in pieces)
    axis = Axis(str(len(pieces)), (), len(pieces)) if numbered else end_to_end(tuple(p.axis for p in pieces))
    return join(tuple(arrays), (axis, *rest) if place == BELOW else (*rest, axis), at)


def _pieces(array: Array, place: int) -> list[_Piece]:
    axis = array.axes[place if len(array.axes) > 1 else 0]
    if axis.parts and not axis.pairs:
        return [_Piece(part, array, k) for k, part in enumerate(axis.parts, 1)]
    return [_Piece(axis, array)]


def _numbered(pieces: Sequence[_Piece], index: Affine, rest: Indices, place: int) -> Term:
    """Single rows or columns, the one that a number picks."""
    if index.number is not None:
        return (
            pieces[index.number - 1].entry(FIRST, rest, place) if 1 <= index.number <= len(pieces) else Num(Fraction(0))
        )
    chosen = (Mul((Delta(index, Affine.of(k)), p.entry(FIRST, rest, place))) for k, p in enumerate(pieces, 1))
    return Add(tuple(chosen))


def in_one_bracket(arrays: Sequence[Array]) -> list[Array]:
    """Every reading of arrays between brackets: vectors below each other, matrices beside each other first.

    Raises:
        Misfit: there is none.
    """
    if all(len(array.axes) < 2 for array in arrays):
        return [put_together(arrays, BELOW).noted(STACKED)]
    found: list[Array] = []
    objection: Misfit | None = None
    for place in (BESIDE, BELOW):
        try:
            found.append(put_together(arrays, place).noted(cost=int(place == BELOW)))
        except Misfit as misfit:
            objection = objection or misfit
    if not found:
        assert objection is not None
        raise objection
    return found


def block_matrix(rows: Sequence[Sequence[Array]]) -> Array:
    """A matrix of arrays, row by row."""
    if all(len(row) == 1 for row in rows):
        return put_together([row[0] for row in rows], BELOW)
    return put_together([put_together(row, BESIDE) for row in rows], BELOW)
