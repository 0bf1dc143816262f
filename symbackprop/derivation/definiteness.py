"""Whether a small symmetric matrix is definite, decided exactly from the signs of its principal minors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from sympy import Expr, IndexedBase, Matrix, factor, latex

from symbackprop.derivation.argument import Argument, Part, chain
from symbackprop.errors import ShapeMismatch

#: Above it the minors of a symbolic matrix get too large.
LARGEST = 5


class Definiteness(StrEnum):
    """What the values of xᵀHx are; at a stationary point a minimum, a maximum or a saddle."""

    POSITIVE = "positive definite"
    NEGATIVE = "negative definite"
    POSITIVE_SEMI = "positive semidefinite"
    NEGATIVE_SEMI = "negative semidefinite"
    INDEFINITE = "indefinite"
    ZERO = "zero"
    NOT_DETERMINED = "not determined"


#: What a point is at which the gradient is 0 and the Hessian of this kind.
POINTS = {
    Definiteness.POSITIVE: "a minimum",
    Definiteness.NEGATIVE: "a maximum",
    Definiteness.INDEFINITE: "a saddle point: J falls along one direction and rises along another",
}


@dataclass(frozen=True)
class Judgement:
    """The kind, and the minor (as a product of factors) from which it follows, in words and formulas."""

    kind: Definiteness
    because: str


def definiteness(matrix: Matrix) -> Judgement:
    """The kind of a symmetric matrix, for all values that the assumptions on its letters allow.

    Definite by Sylvester's leading minors, semidefinite if no principal minor is negative, indefinite if one of even
    order is negative or two on the diagonal differ in sign. What the signs of the minors leave open is not determined.
    A matrix that is not symmetric or larger than 5 x 5 raises :class:`~symbackprop.errors.ShapeMismatch`.

    >>> from sympy import symbols
    >>> p, q = symbols("p q", positive=True)
    >>> definiteness(Matrix([[p * q, -p * q], [-p * q, p * q]])).kind.value
    'positive semidefinite'
    >>> definiteness(Matrix([[0, p], [p, 0]])).kind.value
    'indefinite'
    """
    size = matrix.shape[0]
    if matrix.shape != (size, size) or not size or size > LARGEST:
        raise ShapeMismatch(f"a square matrix of 1 to {LARGEST} rows is judged, not one of shape {matrix.shape}")
    if any(_known(matrix[i, j] - matrix[j, i]) != 0 for i, j in combinations(range(size), 2)):
        raise ShapeMismatch("the matrix is not symmetric, or not seen to be")
    minors = _minors(matrix)
    for decide in (_zero, _definite, _indefinite, _semidefinite):
        found = decide(matrix, minors)
        if found is not None:
            return found
    open_ones = [rows for rows, minor in minors.items() if sign(minor) in (None, ">=", "<=")]
    return Judgement(Definiteness.NOT_DETERMINED, f"the sign of {_shown(minors[open_ones[0]])} is not known")


def definiteness_argument(matrix: Matrix) -> Argument:
    """The entries of a symmetric matrix, its principal minors, and what kind of matrix that makes it.

    >>> from sympy import Symbol
    >>> p = Symbol("p", positive=True)
    >>> definiteness_argument(Matrix([[0, -p], [-p, 0]])).parts[-1].words
    'The matrix is indefinite: the principal minor $- p^{2}$ of even order is negative. Where the gradient is 0 and \
this is the Hessian, the point is a saddle point: J falls along one direction and rises along another.'
    """
    found = definiteness(matrix)
    entries = [
        chain(IndexedBase("H")[i + 1, j + 1], (matrix[i, j], ""))
        for i in range(matrix.shape[0])
        for j in range(matrix.shape[0])
    ]
    minors = [
        chain(IndexedBase("M")[tuple(n + 1 for n in rows)], (minor, "")) for rows, minor in _minors(matrix).items()
    ]
    kind = POINTS.get(found.kind)
    then = f"the point is {kind}" if kind else "that does not decide what the point is"
    words = f"{sentence(found)} Where the gradient is 0 and this is the Hessian, {then}."
    parts = (Part("The matrix", tuple(entries)), Part("Principal minors", tuple(minors), words))
    return Argument(
        "Is the matrix definite?", parts, "$M$ is the minor of $H$ with the rows and columns of its indices."
    )


def sentence(found: Judgement) -> str:
    """A judgement in words, with its minors as formulas."""
    if found.kind is Definiteness.NOT_DETERMINED:
        return f"Whether the matrix is definite is not determined: {found.because}."
    return f"The matrix is {found.kind.value}: {found.because}."


def sign(e: Expr) -> str | None:
    """``+``, ``-``, ``0``, ``>=`` or ``<=`` where it follows from the assumptions on the letters, else None.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> sign(x**2 + y**2), sign(-(x**2) - 1), sign(x)
    ('>=', '-', None)
    """
    for mark, holds in (
        ("0", e.is_zero),
        ("+", e.is_positive),
        ("-", e.is_negative),
        (">=", e.is_nonnegative),
        ("<=", e.is_nonpositive),
    ):
        if holds:
            return mark
    return None


Minors = dict[tuple[int, ...], Expr]


def _minors(matrix: Matrix) -> Minors:
    choices = _choices(matrix.shape[0])
    return {rows: _known(matrix.extract(rows, rows).det(method="berkowitz")) for rows in choices}


def _zero(matrix: Matrix, minors: Minors) -> Judgement | None:
    zero = all(_known(entry) == 0 for entry in matrix)
    return Judgement(Definiteness.ZERO, "every entry is 0") if zero else None


def _definite(matrix: Matrix, minors: Minors) -> Judgement | None:
    leading = [minors[tuple(range(n))] for n in range(1, matrix.shape[0] + 1)]
    if all(sign(minor) == "+" for minor in leading):
        return Judgement(Definiteness.POSITIVE, f"the leading minors {_listed(leading)} are positive")
    if all(sign(minor * (-1) ** n) == "+" for n, minor in enumerate(leading, start=1)):
        return Judgement(Definiteness.NEGATIVE, f"the leading minors {_listed(leading)} alternate, the first negative")
    return None


def _indefinite(matrix: Matrix, minors: Minors) -> Judgement | None:
    for rows, minor in minors.items():
        if len(rows) % 2 == 0 and sign(minor) == "-":
            return Judgement(Definiteness.INDEFINITE, f"the principal minor {_shown(minor)} of even order is negative")
    for odd in (rows for rows in minors if len(rows) % 2):
        for other in (rows for rows in minors if len(rows) % 2):
            if sign(minors[odd]) == "+" and sign(minors[other]) == "-":
                pair = f"{_shown(minors[odd])} and {_shown(minors[other])}"
                said = f"the principal minors {pair} of odd order differ in sign"
                return Judgement(Definiteness.INDEFINITE, said)
    return None


def _semidefinite(matrix: Matrix, minors: Minors) -> Judgement | None:
    if all(sign(minor) in ("+", "0", ">=") for minor in minors.values()):
        return Judgement(Definiteness.POSITIVE_SEMI, "no principal minor is negative")
    if all(sign(minor * (-1) ** len(rows)) in ("+", "0", ">=") for rows, minor in minors.items()):
        return Judgement(Definiteness.NEGATIVE_SEMI, "no principal minor of -H is negative")
    return None


def _choices(size: int) -> list[tuple[int, ...]]:
    return [rows for n in range(1, size + 1) for rows in combinations(range(size), n)]


def _known(e: Expr) -> Expr:
    """An entry or minor as a product of factors, whose signs are looked up; numbers stay exact."""
    return factor(e)


def _listed(minors: list[Expr]) -> str:
    return ", ".join(map(_shown, minors))


def _shown(minor: Expr) -> str:
    return f"${latex(minor)}$"
