r"""Inverses, determinants and powers of square matrices: of letters, and of products that are written out.

What is written out is taken apart as far as theorems go, (AB)⁻¹ = B⁻¹A⁻¹ and |AB| = |A||B|; the rest gets a letter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from symbackprop.verification.reading.elaborate.letter_arrays import letter_array
from symbackprop.verification.reading.elaborate.state import NotUnderstood, Reader
from symbackprop.verification.reading.labels import Reference
from symbackprop.verification.reading.shapes import Array, contracted, mapped, number, transposed
from symbackprop.verification.reading.surface import Span
from symbackprop.verification.reading.symbols import Symbol
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import WRITTEN_OUT, Definition
from symbackprop.verification.terms.nodes import Delta, Entry, Mul, Pow, Prod, Size, Sum, Term
from symbackprop.verification.terms.walk import Names, free_symbols, freshen

ROW, COLUMN = "∎1", "∎2"
PLACES = (Affine.symbol(ROW), Affine.symbol(COLUMN))


@dataclass(frozen=True)
class _Product:
    """Numbers times square matrices that have letters, in order; ``True`` where one is transposed."""

    numbers: tuple[Term, ...] = ()
    letters: tuple[tuple[str, bool], ...] = ()


def inverse(reader: Reader, array: Array, ref: Reference | None) -> Array:
    """The inverse of a number or of a square matrix.

    Raises:
        NotUnderstood: it is neither, or one member of a family.
    """
    if not array.axes:
        return mapped(array, lambda term: Pow(term, number(-1)))
    _require_square(array, ref)
    values = _diagonal(reader, array)
    if values is not None:
        return _on_the_diagonal(array, Fraction(-1), values)
    product = _taken_apart(reader, array)
    if product is None:
        return _inverse_letter(reader, _named(reader, array))
    factors = [_inverse_of_factor(reader, name, turned) for name, turned in reversed(product.letters)]
    result = factors[0]
    for factor in factors[1:]:
        result = contracted(result, factor, reader.fresh)
    shares = tuple(Pow(value, number(-1)) for value in product.numbers)
    return replace(result, at=lambda idx: Mul((*shares, result.at(idx)))) if shares else result


def determinant(reader: Reader, array: Array, span: Span) -> Array:
    """The determinant of a square matrix."""
    if not array.axes:
        return array
    if len(array.axes) != 2 or array.axes[0] != array.axes[1]:
        raise NotUnderstood("the determinant of something that is no square matrix", span)
    axis = array.axes[0]
    values = _diagonal(reader, array)
    if values is not None:
        name = reader.fresh("d")
        whole: Term = Prod(name, axis, freshen(values, _at(name), reader.names()))
        return replace(array, axes=(), at=lambda _: whole)
    product = _taken_apart(reader, array)
    if product is None:
        letter = _determinant_letter(reader, _named(reader, array))
        return replace(array, axes=(), at=lambda _: letter)
    numbers = tuple(Pow(value, Size(axis)) for value in product.numbers)
    factors = tuple(_determinant_of_factor(reader, name) for name, _ in product.letters)
    return replace(array, axes=(), at=lambda _: Mul((*numbers, *factors)))


def diagonal_power(reader: Reader, array: Array, power: Fraction, span: Span) -> Array:
    """A power of a diagonal matrix, or one below 0 of a square one: taken entry by entry on the diagonal.

    Raises:
        NotUnderstood: nothing says that the matrix is diagonal.
    """
    values = _diagonal(reader, array) if array.axes[0] == array.axes[1] else None
    if values is None:
        raise NotUnderstood("only whole powers of an array are understood, and any power of a diagonal matrix", span)
    return _on_the_diagonal(array, power, values)


def _at(name: str) -> dict[str, Affine]:
    return {ROW: Affine.symbol(name), COLUMN: Affine.symbol(name)}


def _on_the_diagonal(array: Array, power: Fraction, values: Term) -> Array:
    names = Names("∎")

    def at(idx: tuple[Affine, ...]) -> Term:
        value = freshen(values, {ROW: idx[0], COLUMN: idx[0]}, names)
        return Mul((Delta(idx[0], idx[1]), Pow(value, number(power))))

    return replace(array, at=at)


def _diagonal(reader: Reader, array: Array) -> Term | None:
    """The entry on the diagonal, in the places of the row, of a matrix that is 0 elsewhere by its definition."""
    body = array.at(PLACES)
    if isinstance(body, Entry) and not body.labels and body.indices == PLACES:
        found = [d for d in reader.scope.definitions if d.name == body.name]
        if len(found) != 1 or found[0].labels or len(found[0].indices) != 2:
            return None
        env = dict(zip(found[0].indices, PLACES, strict=True))
        body = freshen(found[0].body, env, reader.names())
    factors = _flat(body)
    marks = [f for f in factors if isinstance(f, Delta) and {f.left, f.right} == set(PLACES)]
    rest = tuple(f for f in factors if f not in marks)
    return Mul(rest) if marks else None


def _flat(term: Term) -> list[Term]:
    return [f for part in term.factors for f in _flat(part)] if isinstance(term, Mul) else [term]


def _require_square(array: Array, ref: Reference | None) -> None:
    square = len(array.axes) == 2 and array.axes[0] == array.axes[1]
    if not square or ref is not None and (ref.symbol is None or ref.labels or ref.indices):
        raise NotUnderstood("the inverse of this array is not supported", ref.span if ref else Span(0, 0))


def _taken_apart(reader: Reader, array: Array) -> _Product | None:
    """A square matrix as a product of square letters, if it is one."""
    product = _chain(reader, array.at(PLACES), *PLACES)
    return product if product is not None and product.letters else None


def _chain(reader: Reader, term: Term, row: Affine, column: Affine) -> _Product | None:
    if isinstance(term, Entry):
        return _letter(reader, term, row, column)
    if isinstance(term, Sum):
        inner = Affine.symbol(term.index)
        factors = _flat(term.body)
        left = [f for f in factors if row.symbols & free_symbols(f)]
        right = [f for f in factors if f not in left]
        if len(left) != 1 or len(right) != 1:
            return None
        first, second = _chain(reader, left[0], row, inner), _chain(reader, right[0], inner, column)
        if first is None or second is None:
            return None
        return _Product((*first.numbers, *second.numbers), (*first.letters, *second.letters))
    factors = _flat(term)
    open_ones = [f for f in factors if (row.symbols | column.symbols) & free_symbols(f)]
    if not isinstance(term, Mul) or len(open_ones) != 1:
        return None
    inside = _chain(reader, open_ones[0], row, column)
    numbers = tuple(f for f in factors if f is not open_ones[0])
    return None if inside is None else replace(inside, numbers=(*numbers, *inside.numbers))


def _letter(reader: Reader, entry: Entry, row: Affine, column: Affine) -> _Product | None:
    symbol = reader.scope.symbols.get(entry.name)
    axes = symbol.axes if symbol is not None else None
    if not axes or len(axes) != 2 or axes[0] != axes[1] or entry.labels or axes[0].parts:
        return None
    if entry.indices not in ((row, column), (column, row)):
        return None
    return _Product((), ((entry.name, entry.indices == (column, row)),))


def _inverse_of_factor(reader: Reader, name: str, turned: bool) -> Array:
    found = _inverse_letter(reader, reader.scope.symbols[name])
    return transposed(found) if turned else found


def _inverse_letter(reader: Reader, symbol: Symbol) -> Array:
    """The inverse of a letter as a letter; that of an inverse is the letter itself."""
    if symbol.inverse_of is not None:
        return letter_array(reader.scope.symbols[symbol.inverse_of], ())
    made = Symbol(
        symbol.name + "^{-1}", "quantity", symbol.axes, inverse_of=symbol.name, why=f"the inverse of {symbol.name}"
    )
    reader.scope = reader.scope.with_symbol(made)
    return letter_array(made, ())


def _determinant_of_factor(reader: Reader, name: str) -> Term:
    symbol = reader.scope.symbols[name]
    if symbol.inverse_of is not None:
        return Pow(_determinant_letter(reader, reader.scope.symbols[symbol.inverse_of]), number(-1))
    return _determinant_letter(reader, symbol)


def _determinant_letter(reader: Reader, symbol: Symbol) -> Term:
    """The determinant of a letter as a letter; its derivative needs the inverse."""
    _inverse_letter(reader, symbol)
    made = Symbol(
        f"|{symbol.name}|", "quantity", (), determinant_of=symbol.name, why=f"the determinant of {symbol.name}"
    )
    reader.scope = reader.scope.with_symbol(made)
    return Entry(made.name)


def _named(reader: Reader, array: Array) -> Symbol:
    """A square matrix that is written out, as a letter of its own; the same one wherever it is written the same."""
    body = freshen(array.at(PLACES), {}, Names())
    if free_symbols(body) - {ROW, COLUMN} or array.axes[0].parts:
        raise NotUnderstood("the inverse of a matrix that depends on an index", Span(0, 0))
    if isinstance(body, Entry) and body.indices == PLACES and not body.labels:
        return reader.scope.symbols[body.name]
    known = next((d for d in reader.scope.definitions if d.name.startswith(WRITTEN_OUT) and d.body == body), None)
    if known is not None:
        return reader.scope.symbols[known.name]
    symbol = Symbol(
        f"{WRITTEN_OUT}{len(reader.scope.definitions)}", "quantity", array.axes, why="a matrix that is written out"
    )
    reader.scope = reader.scope.with_symbol(symbol).with_definition(Definition(symbol.name, (), (ROW, COLUMN), body))
    return symbol
