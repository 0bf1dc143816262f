r"""What a linear recurrence does to a gradient: W^n = V Λ^n V⁻¹, which vanishes or explodes with the eigenvalues."""

from __future__ import annotations

from sympy import (
    Abs,
    Dummy,
    Expr,
    Indexed,
    IndexedBase,
    KroneckerDelta,
    Matrix,
    Mul,
    Pow,
    Sum,
    Symbol,
    eye,
    factor,
    powsimp,
    radsimp,
)

from symbackprop.derivation.argument import Argument, Part, chain
from symbackprop.derivation.contract import contract
from symbackprop.derivation.step import Step
from symbackprop.errors import NotDerivable, ShapeMismatch
from symbackprop.quantities import as_index, as_size

_N, _SIZE = as_size("n"), as_size("m")
_I, _J, _K, _P, _Q = map(as_index, "ijkpq")
#: Letters that mean something here: the number of steps, the size, and the arrays.
TAKEN = ("n", "m", "h", "t", "k", "lamda", "A", "U", "V", "W")
_LARGEST = 4
_SOLVED = 2
_WORDS = (
    "For $h_{t} = W h_{t-1}$ the state after $n$ steps is $W^{n} h_{0}$, and an error goes back by its transpose. "
    "The columns of $V$ are eigenvectors, $U = V^{-1}$, $\\lambda_{k}$ the eigenvalues; $A_{n}$ is the power $W^{n}$."
)


def linear_recurrence(matrix: Matrix | None = None) -> Argument:
    """W^n entry by entry: the induction for any W with a basis of eigenvectors, and all of it for a given matrix.

    A matrix is square, of 1 to 4 rows, with exact numbers or symbols; one without a basis of eigenvectors raises
    :class:`~symbackprop.errors.NotDerivable`. Bengio, Simard and Frasconi 1994; Goodfellow et al. 2016, section 10.7.

    >>> from sympy import Rational, symbols
    >>> a, b = symbols("a b", positive=True)
    >>> argument = linear_recurrence(Matrix([[a, b], [b, a]]))
    >>> list(argument.results.values())[-1]
    (a - b)**n/2 + (a + b)**n/2
    >>> linear_recurrence(Matrix([[Rational(1, 2), 0], [0, 2]])).parts[-1].words
    'An eigenvalue has a modulus above 1: along its vector the state and the gradient explode.'
    """
    parts = [Part("Induction", (_first(), _induction()))]
    if matrix is not None:
        values, vectors = _basis(matrix)
        shown = tuple(chain(IndexedBase("lamda")[k], (v, "eigenvalue")) for k, v in enumerate(values, start=1))
        entries = _powers(values, vectors)
        parts += [Part("Eigenvalues", shown), Part("The power", entries, verdict(values))]
    return Argument("A linear recurrence", tuple(parts), _WORDS)


def verdict(values: list[Expr]) -> str:
    """What becomes of W^n, from the moduli of the eigenvalues of a W with a basis of eigenvectors."""
    sizes = [Abs(value) - 1 for value in values]
    if any(size.is_positive for size in sizes):
        return "An eigenvalue has a modulus above 1: along its vector the state and the gradient explode."
    if all(size.is_negative for size in sizes):
        return "All eigenvalues have a modulus below 1: state and gradient vanish."
    if all(size.is_nonpositive for size in sizes):
        return "No eigenvalue has a modulus above 1: nothing explodes, and what belongs to modulus 1 stays."
    return "It explodes where an eigenvalue has a modulus above 1, and vanishes where all are below 1."


def _w(i: Expr, j: Expr) -> Indexed:
    return IndexedBase("W")[i, j]


def _spectral(i: Expr, j: Expr, over: Symbol, power: Expr) -> Expr:
    """Σ_k V_ik λ_k^n U_kj."""
    v, u, eigenvalue = IndexedBase("V"), IndexedBase("U"), IndexedBase("lamda")[over]
    return Sum(v[i, over] * Pow(eigenvalue, power) * u[over, j], (over, 1, _SIZE))


def _first() -> tuple[Step, ...]:
    return chain(_w(_I, _J), (_spectral(_I, _J, _K, as_size(1)), "an eigenvector is only stretched"))


def _induction() -> tuple[Step, ...]:
    """A_{n+1} from A_n: the product of two sums, in which U V is the identity."""
    later, now = IndexedBase("A")[_N + 1, _I, _J], IndexedBase("A")[_N, _P, _J]
    one, other = _spectral(_I, _P, _K, as_size(1)), _spectral(_P, _J, _Q, _N)
    u, v = IndexedBase("U"), IndexedBase("V")
    inner = Mul(one.function, other.function)
    whole = Sum(inner, (_Q, 1, _SIZE), (_K, 1, _SIZE), (_P, 1, _SIZE))
    met = inner / (u[_K, _P] * v[_P, _Q]) * KroneckerDelta(_K, _Q)
    deltas = Sum(met, (_Q, 1, _SIZE), (_K, 1, _SIZE))
    met_again = contract(deltas, {_I: _SIZE, _J: _SIZE})
    power = _spectral(_I, _J, _K, _N + 1)
    assert powsimp(met_again.function) == powsimp(power.function)
    return chain(
        later,
        (Sum(_w(_I, _P) * now, (_P, 1, _SIZE)), "one step more"),
        (whole, "both put in"),
        (deltas, "U V is the identity"),
        (met_again, "only equal indices survive"),
        (power, "the form of $A_{n}$, one step further"),
    )


def _basis(matrix: Matrix) -> tuple[list[Expr], Matrix]:
    """The eigenvalues, each as often as it counts, and their vectors as columns; W V = V Λ is checked."""
    rows = matrix.shape[0]
    if matrix.shape != (rows, rows) or not 0 < rows <= _LARGEST:
        raise ShapeMismatch(f"a square matrix of 1 to {_LARGEST} rows is raised to a power, not one of {matrix.shape}")
    _check_solvable(matrix)
    found = [(value, vector) for value, _, vectors in matrix.eigenvects() for vector in vectors]
    if len(found) < rows:
        raise NotDerivable(f"the matrix has {len(found)} independent eigenvectors and {rows} rows: no basis of them")
    values, basis = [factor(value) for value, _ in found], Matrix.hstack(*(vector for _, vector in found))
    left = matrix * basis - basis * Matrix.diag(*values)
    if any(factor(entry) != 0 for entry in left):
        raise NotDerivable("the eigenvectors that were found are not seen to be any")
    return values, basis


def _check_solvable(matrix: Matrix) -> None:
    """Roots of a cubic would fill pages; a quadratic factor is the most that is solved."""
    mark = Dummy("mark")
    degrees = [poly.degree() for poly, _ in matrix.charpoly(mark).factor_list()[1]]
    if max(degrees) > _SOLVED:
        raise NotDerivable(f"the eigenvalues are roots of a factor of degree {max(degrees)}; {_SOLVED} is the most")


def _powers(values: list[Expr], vectors: Matrix) -> tuple[tuple[Step, ...], ...]:
    """Every entry of V Λ^n V⁻¹."""
    inverse = vectors.LUsolve(eye(len(values)))
    chains = []
    for i in range(len(values)):
        for j in range(len(values)):
            terms = (factor(radsimp(vectors[i, k] * inverse[k, j])) * Pow(value, _N) for k, value in enumerate(values))
            chains.append(chain(IndexedBase("A")[_N, i + 1, j + 1], (sum(terms), "the sum over the eigenvalues")))
    return tuple(chains)
