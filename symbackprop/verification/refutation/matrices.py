"""Determinants and inverses of matrices of values that may carry perturbations."""

from __future__ import annotations

from fractions import Fraction

from symbackprop.verification.refutation.duals import Duals, Value
from symbackprop.verification.refutation.rings import Undefined


def determinant(rows: list[list[Value]], duals: Duals) -> Value:
    """The determinant along the first row, without a division: it may be 0."""
    if not rows:
        return duals.ring.one
    total = duals.ring.zero
    for k, value in enumerate(rows[0]):
        minor = determinant([row[:k] + row[k + 1 :] for row in rows[1:]], duals)
        total = duals.add(total, duals.scale(Fraction((-1) ** k), duals.mul(value, minor)))
    return total


def invert(rows: list[list[Value]], duals: Duals) -> list[list[Value]]:
    """The inverse matrix by elimination, pivots chosen among the plain parts."""
    size, ring = len(rows), duals.ring
    work = [row + [ring.one if i == j else ring.zero for j in range(size)] for i, row in enumerate(rows)]
    for column in range(size):
        able = [r for r in range(column, size) if ring.differ(duals.primal(work[r][column]), ring.zero)]
        if not able:
            raise Undefined("a matrix without inverse")
        work[column], work[able[0]] = work[able[0]], work[column]
        factor = duals.inverse(work[column][column])
        work[column] = [duals.mul(factor, value) for value in work[column]]
        for row in range(size):
            if row != column:
                lead = work[row][column]
                pairs = zip(work[row], work[column], strict=True)
                work[row] = [duals.sub(value, duals.mul(lead, pivot)) for value, pivot in pairs]
    return [row[size:] for row in work]
