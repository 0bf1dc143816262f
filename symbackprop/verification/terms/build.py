"""Short constructors for terms, for tables and tests."""

from __future__ import annotations

from fractions import Fraction

from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Add, Delta, Entry, Fn, Mul, Num, Pow, Term

Index = Affine | str | int
Value = Term | int | Fraction


def at(index: Index) -> Affine:
    """An index expression from a symbol or a number."""
    if isinstance(index, Affine):
        return index
    return Affine.of(index) if isinstance(index, int) else Affine.symbol(index)


def num(value: Value) -> Term:
    return Num(Fraction(value)) if isinstance(value, int | Fraction) else value


def entry(name: str, *indices: Index, labels: tuple[Index, ...] = ()) -> Entry:
    return Entry(name, tuple(map(at, labels)), tuple(map(at, indices)))


def delta(left: Index, right: Index) -> Delta:
    return Delta(at(left), at(right))


def add(*terms: Value) -> Term:
    return Add(tuple(map(num, terms)))


def mul(*factors: Value) -> Term:
    return Mul(tuple(map(num, factors)))


def neg(term: Value) -> Term:
    return Mul((Num(Fraction(-1)), num(term)))


def sub(left: Value, right: Value) -> Term:
    return Add((num(left), neg(right)))


def power(base: Value, exponent: Value) -> Term:
    return Pow(num(base), num(exponent))


def div(left: Value, right: Value) -> Term:
    return Mul((num(left), Pow(num(right), Num(Fraction(-1)))))


def fn(name: str, argument: Value, order: int = 0) -> Fn:
    return Fn(name, order, num(argument))
