"""Matrix notation as data: what index equations are read back to, without a spelling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sympy import Expr

from symbackprop.quantities import Quantity


@dataclass(frozen=True)
class Array:
    """A whole quantity: a vector is a column (or, batched, a matrix with one sample a row)."""

    quantity: Quantity


@dataclass(frozen=True)
class Gradient:
    """The derivative of J by a whole quantity, in the quantity's own shape."""

    quantity: Quantity


@dataclass(frozen=True)
class Ones:
    """A column of ones of the given length."""

    size: Expr


@dataclass(frozen=True)
class Transposed:
    operand: MatrixTerm


@dataclass(frozen=True)
class Product:
    """A matrix product, left to right."""

    factors: tuple[MatrixTerm, ...]


@dataclass(frozen=True)
class Hadamard:
    """An elementwise product."""

    factors: tuple[MatrixTerm, ...]


@dataclass(frozen=True)
class Added:
    """A sum of terms of one shape."""

    terms: tuple[MatrixTerm, ...]


@dataclass(frozen=True)
class Scaled:
    """A scalar times a term; the scalar is a SymPy expression without indices."""

    factor: Expr
    operand: MatrixTerm


@dataclass(frozen=True)
class Applied:
    """The order-th derivative of a scalar function, elementwise."""

    name: str
    order: int
    operand: MatrixTerm


MatrixTerm: TypeAlias = Array | Gradient | Ones | Transposed | Product | Hadamard | Added | Scaled | Applied


@dataclass(frozen=True)
class MatrixStep:
    """A step in matrix form; ``rhs`` is the last of the chain."""

    lhs: MatrixTerm
    rhs: MatrixTerm
    because: str
    provided: tuple[str, ...] = ()
