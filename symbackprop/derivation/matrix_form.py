"""Reading index form back as matrices: Σ_i w_ij ε_i is Wᵀε, ε_i a_j is εaᵀ, and rows are samples in a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import (
    Abs,
    Add,
    Expr,
    Function,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Piecewise,
    Pow,
    Sum,
    Symbol,
    preorder_traversal,
)

from symbackprop.derivation.chain import Edge, Index, MatrixChain, Unreadable, scaled
from symbackprop.derivation.matrices import (
    Added,
    Applied,
    Array,
    Gradient,
    MatrixStep,
    MatrixTerm,
    Ones,
    Product,
    Scaled,
)
from symbackprop.derivation.step import Derivation, NotDerived, Step
from symbackprop.model import Model
from symbackprop.quantities import Apply, Partial, Quantity, Role


def matrix_form(step: Step, quantities: Mapping[str, Quantity]) -> MatrixStep | NotDerived:
    """One step in matrix notation, or why it cannot be written so. ``quantities`` are those of its derivation.

    A vector is a column; in a batch a quantity has one sample a row.
    """
    return _read(step.lhs, step.rhs, quantities, step.because, step.provided)


def matrix_steps(derivation: Derivation) -> tuple[MatrixStep | NotDerived, ...]:
    """Every step of a derivation in matrix notation, in order.

    >>> from symbackprop.derivation.general import general_step
    >>> steps = [s for s in matrix_steps(general_step()) if isinstance(s, MatrixStep)]
    >>> print(type(steps[-1].lhs).__name__, steps[-1].lhs.quantity.label)
    Gradient b^l
    """
    return tuple(matrix_form(step, derivation.quantities) for step in derivation.steps)


def matrix_equations(model: Model) -> tuple[MatrixStep | NotDerived, ...]:
    """The forward equations in matrix notation, in order."""
    return tuple(_read(e.lhs, e.expression, model.quantities, "forward equation", ()) for e in model.equations)


def _read(
    lhs: Expr, rhs: Expr, quantities: Mapping[str, Quantity], because: str, provided: tuple[str, ...]
) -> MatrixStep | NotDerived:
    reader = _Reader(quantities)
    try:
        head, (row, column) = reader.entry(lhs)
        sizes = reader.sizes(lhs)
        return MatrixStep(head, reader.read(rhs, row, column, sizes), because, provided)
    except Unreadable as reason:
        return NotDerived(lhs, f"not a matrix formula: {reason}")


@dataclass(frozen=True)
class _Reader:
    quantities: Mapping[str, Quantity]

    def quantity(self, leaf: Expr) -> Quantity:
        label = str(leaf.base.label) if isinstance(leaf, Indexed) else str(leaf)
        if label not in self.quantities:
            raise Unreadable(f"{leaf} is no entry of a known quantity")
        return self.quantities[label]

    def entry(self, leaf: Expr) -> tuple[MatrixTerm, tuple[Index, Index]]:
        """The array (or gradient) that an entry belongs to, with the indices of its row and column."""
        if isinstance(leaf, Partial):
            inner = self.quantity(leaf.denominator)
            if not isinstance(leaf.numerator, Symbol) or self.quantity(leaf.numerator).role is not Role.LOSS:
                raise Unreadable(f"{leaf} is a Jacobian between two quantities")
            return Gradient(inner), _row_and_column(leaf.denominator)
        return Array(self.quantity(leaf)), _row_and_column(leaf)

    def sizes(self, leaf: Expr) -> dict[Symbol, Expr]:
        inner = leaf.denominator if isinstance(leaf, Partial) else leaf
        indices = inner.indices if isinstance(inner, Indexed) else ()
        return dict(zip(indices, self.quantity(inner).axes, strict=True))

    def read(self, e: Expr, row: Index, column: Index, sizes: Mapping[Symbol, Expr]) -> MatrixTerm:
        """The term whose entry at (row, column) is ``e``; an index that is None stands for a single row or column."""
        if isinstance(e, Add):
            terms = [self.read(term, row, column, sizes) for term in e.args]
            return Added(tuple(sorted(terms, key=_place)))
        bound: dict[Symbol, Expr] = {}
        coefficient = Integer(1)
        while True:
            numbers = [f for f in Mul.make_args(e) if self._is_scalar(f, sizes, bound)]
            e = Mul(*(f for f in Mul.make_args(e) if f not in numbers))
            coefficient *= Mul(*numbers)
            if not isinstance(e, Sum):
                break
            bound.update({index: high for index, _, high in e.limits[::-1]})
            e = e.function
        if isinstance(e, Add) and not bound:
            return scaled(coefficient, self.read(e, row, column, sizes))
        known = {**sizes, **bound}
        edges = [edge for f in Mul.make_args(e) if f != 1 for edge in self.factor(f, row, column, known)]
        return scaled(coefficient, MatrixChain(known, frozenset(bound)).join(edges, row, column))

    def _is_scalar(self, factor: Expr, sizes: Mapping[Symbol, Expr], bound: Mapping[Symbol, Expr]) -> bool:
        if factor.has(Sum) or factor.has(Indexed):
            return False
        return not any(s in sizes or s in bound for s in factor.free_symbols)

    def factor(self, f: Expr, row: Index, column: Index, sizes: Mapping[Symbol, Expr]) -> list[Edge]:
        """A factor of a product as edges from its row index to its column index."""
        if isinstance(f, Indexed | Partial):
            term, (r, c) = self.entry(f)
            return [Edge(r, c, term)]
        if isinstance(f, Pow):
            base, power = f.args
            if not (power.is_Integer and power > 0):
                raise Unreadable(f"{f} is a quotient")
            return self.factor(base, row, column, sizes) * int(power)
        r, c = _orientation(f, row, column, sizes)
        if isinstance(f, Apply):
            return [Edge(r, c, Applied(f.name, f.order, self.read(f.argument, r, c, sizes)))]
        if isinstance(f, Add | Sum):
            return [Edge(r, c, self.read(f, r, c, sizes))]
        if isinstance(f, Function) and len(f.args) == 1 and not isinstance(f, Piecewise | KroneckerDelta | Abs):
            return [Edge(r, c, Applied(f.func.__name__, 0, self.read(f.args[0], r, c, sizes)))]
        raise Unreadable(f"{f.func.__name__} has no matrix notation")


def _row_and_column(leaf: Expr) -> tuple[Index, Index]:
    indices = leaf.indices if isinstance(leaf, Indexed) else ()
    if len(indices) > 2 or len(set(indices)) < len(indices) or not all(i.is_Symbol for i in indices):
        raise Unreadable(f"{leaf} is not an entry at a row and a column")
    padded = (*indices, None, None)
    return padded[0], padded[1]


def _orientation(f: Expr, row: Index, column: Index, sizes: Mapping[Symbol, Expr]) -> tuple[Index, Index]:
    """Which of the free indices of a factor is its row: the wanted row or column decides, else the first entry."""
    free = {s for s in f.free_symbols if s in sizes}
    order = [i for node in preorder_traversal(f) if isinstance(node, Indexed) for i in node.indices if i in free]
    distinct = list(dict.fromkeys(order))
    if len(distinct) > 2:
        raise Unreadable(f"{f} has more than two indices")
    if len(distinct) == 2 and (distinct[1] == row or distinct[0] == column):
        distinct.reverse()
    padded = (*distinct, None, None)
    return padded[0], padded[1]


def _place(term: MatrixTerm) -> int:
    """Matrix products first, then whole arrays, what is broadcast over samples, and what is taken away."""
    if isinstance(term, Scaled) and term.factor.could_extract_minus_sign():
        return 3
    if isinstance(term, Product):
        return 2 if any(isinstance(f, Ones) for f in term.factors) else 0
    return 1
