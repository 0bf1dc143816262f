r"""LaTeX of matrix notation: transposes, products, ⊙, and functions applied entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sympy import Expr, Integer

from symbackprop.derivation.matrices import (
    Added,
    Applied,
    Array,
    Gradient,
    Hadamard,
    MatrixTerm,
    Ones,
    Product,
    Scaled,
    Transposed,
)
from symbackprop.rendering.latex import Writer, derivative
from symbackprop.rendering.pieces import ATOM, POWER, PRODUCT, TERMS, NotPrintable, Piece, brackets

#: An entrywise product binds less than a matrix product, so that one is never taken for the other.
_HADAMARD, _MATRIX_PRODUCT = PRODUCT, POWER


def write_matrix(writer: Writer, term: MatrixTerm) -> str:
    r"""The LaTeX of a term in matrix notation.

    >>> from sympy import Integer, symbols
    >>> from symbackprop.notations import notations
    >>> from symbackprop.quantities import Quantity, Role
    >>> l = symbols("l", integer=True)
    >>> w = Quantity(Role.WEIGHT, l + 1, (Integer(2), Integer(4)))
    >>> e, z = Quantity(Role.ERROR, l + 1, (Integer(2),)), Quantity(Role.PREACTIVATION, l, (Integer(4),))
    >>> recursion = Hadamard((Product((Transposed(Array(w)), Array(e))), Applied("sigmoid", 1, Array(z))))
    >>> print(write_matrix(Writer(notations["nielsen"]), recursion))
    ((w^{l+1})^{T} \delta^{l+1}) \odot \sigma'(z^{l})
    >>> print(write_matrix(Writer(notations["d2l"]), recursion))
    (\mathbf{W}^{(l+1)\top} \boldsymbol{\delta}^{(l+1)}) \odot \sigma'(\mathbf{z}^{(l)})
    """
    return _piece(writer, term).text


def _piece(writer: Writer, term: MatrixTerm) -> Piece:
    write = _WRITERS.get(type(term))
    if write is None:
        raise NotPrintable(f"{type(term).__name__} has no LaTeX in matrix notation: {term}")
    return write(writer, term)


def _bracketed(writer: Writer, term: MatrixTerm, least: int) -> str:
    piece = _piece(writer, term)
    return piece.text if piece.level >= least else brackets(piece)


def _array(writer: Writer, term: Array) -> Piece:
    return Piece(writer.notation.array(term.quantity, writer.depth), ATOM)


def _gradient(writer: Writer, term: Gradient) -> Piece:
    own = writer.notation.gradient_array(term.quantity, writer.depth)
    if own is not None:
        return Piece(own, ATOM)
    array = writer.notation.array(term.quantity, writer.depth)
    return Piece(derivative(writer, writer.objective, array), ATOM, tall=True)


def _ones(writer: Writer, term: Ones) -> Piece:
    return Piece(f"{writer.notation.ones}_{{{writer.write(term.size)}}}", ATOM)


def _transposed(writer: Writer, term: Transposed) -> Piece:
    if isinstance(term.operand, Array):
        return Piece(writer.notation.array(term.operand.quantity, writer.depth, transposed=True), ATOM)
    inner = _piece(writer, term.operand)
    if isinstance(term.operand, Ones):
        return Piece(f"{inner.text}^{{{writer.notation.transpose}}}", ATOM)
    return Piece(f"{brackets(inner)}^{{{writer.notation.transpose}}}", ATOM, inner.tall)


def _product(writer: Writer, term: Product) -> Piece:
    text = " ".join(_bracketed(writer, factor, _MATRIX_PRODUCT) for factor in term.factors)
    return Piece(text, _MATRIX_PRODUCT, _any_tall(writer, term.factors))


def _hadamard(writer: Writer, term: Hadamard) -> Piece:
    first, *others = term.factors
    parts = [_bracketed(writer, first, ATOM if isinstance(first, Hadamard | Product) else PRODUCT)]
    parts += [_bracketed(writer, factor, ATOM) for factor in others]
    return Piece(f" {writer.notation.hadamard} ".join(parts), _HADAMARD, _any_tall(writer, term.factors))


def _added(writer: Writer, term: Added) -> Piece:
    sizes = {abs(part.factor) if isinstance(part, Scaled) else Integer(1) for part in term.terms}
    if len(sizes) == 1 and (size := sizes.pop()) != 1:
        return _scaled(writer, Scaled(size, Added(tuple(_divided(part, size) for part in term.terms))))
    text = ""
    for part in term.terms:
        minus = isinstance(part, Scaled) and part.factor.could_extract_minus_sign()
        positive = _divided(part, Integer(-1)) if minus else part
        sign = (" - " if minus else " + ") if text else ("-" if minus else "")
        text += sign + _bracketed(writer, positive, PRODUCT)
    return Piece(text, TERMS, _any_tall(writer, term.terms))


def _any_tall(writer: Writer, terms: Iterable[MatrixTerm]) -> bool:
    return any(_piece(writer, term).tall for term in terms)


def _divided(term: MatrixTerm, number: Expr) -> MatrixTerm:
    factor, operand = (term.factor, term.operand) if isinstance(term, Scaled) else (Integer(1), term)
    return operand if factor == number else Scaled(factor / number, operand)


def _scaled(writer: Writer, term: Scaled) -> Piece:
    if term.factor.could_extract_minus_sign():
        return Piece("-" + _bracketed(writer, _divided(term, Integer(-1)), PRODUCT), TERMS)
    factor = writer.bracketed(term.factor, PRODUCT)
    tall = factor.tall or _any_tall(writer, [term.operand])
    return Piece(f"{factor.text} {_bracketed(writer, term.operand, PRODUCT)}", PRODUCT, tall)


def _applied(writer: Writer, term: Applied) -> Piece:
    name = writer.notation.function(term.name) + "'" * term.order
    argument = _piece(writer, term.operand)
    return Piece(name + brackets(argument), ATOM, argument.tall)


_WRITERS: dict[type, Callable[..., Piece]] = {
    Array: _array,
    Gradient: _gradient,
    Ones: _ones,
    Transposed: _transposed,
    Product: _product,
    Hadamard: _hadamard,
    Added: _added,
    Scaled: _scaled,
    Applied: _applied,
}
