"""The derivative of a term by an entry; what entries depend on is decided by the caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import (
    Add,
    Call,
    Cases,
    Const,
    Delta,
    Diff,
    Entry,
    Expect,
    Fn,
    Mul,
    Num,
    Pow,
    Prod,
    Size,
    Sum,
    Term,
    Whole,
)
from symbackprop.verification.terms.walk import Names, freshen, map_children

ZERO, ONE = Num(Fraction(0)), Num(Fraction(1))
Resolve = Callable[[Entry], Term]  #: the derivative of one entry


def is_zero(term: Term) -> bool:
    return isinstance(term, Num) and term.value == 0


def total(terms: list[Term]) -> Term:
    """The sum without its zeros."""
    kept = [term for term in terms if not is_zero(term)]
    return kept[0] if len(kept) == 1 else Add(tuple(kept)) if kept else ZERO


def times(*factors: Term) -> Term:
    """The product, 0 if a factor is, without its ones."""
    if any(is_zero(factor) for factor in factors):
        return ZERO
    kept = [f for f in factors if f != ONE]
    return kept[0] if len(kept) == 1 else Mul(tuple(kept)) if kept else ONE


def same_entry(left: Entry, right: Entry) -> Term:
    """∂left/∂right of two entries of one letter: a product of Kronecker deltas."""
    if len(left.labels) != len(right.labels) or len(left.indices) != len(right.indices):
        raise NotSupported(f"{left.name} with other numbers and indices in one place than in another")
    pairs = [*zip(left.labels, right.labels, strict=True), *zip(left.indices, right.indices, strict=True)]
    if any((a - b).number not in (None, 0) for a, b in pairs):
        return ZERO
    return times(*(Delta(a, b) for a, b in pairs if (a - b).number is None))


def derivative(term: Term, resolve: Resolve, names: Names) -> Term:  # noqa: C901 - one case a kind of node
    """The derivative of ``term`` where ``resolve`` gives that of every entry; bound names must be fresh."""

    def diff(part: Term) -> Term:
        return derivative(part, resolve, names)

    match term:
        case Num() | Const() | Size() | Whole() | Delta():
            return ZERO
        case Entry():
            return resolve(term)
        case Add(parts):
            return total([diff(part) for part in parts])
        case Mul(parts):
            pieces = [(k, diff(part)) for k, part in enumerate(parts)]
            return total([times(*parts[:k], piece, *parts[k + 1 :]) for k, piece in pieces])
        case Sum(index, over, body):
            inner = diff(body)
            return ZERO if is_zero(inner) else Sum(index, over, inner)
        case Prod():
            return _prod(term, diff, names)
        case Pow(base, exponent):
            return _pow(term, diff(base), diff(exponent))
        case Fn(name, order, argument):
            return times(Fn(name, order + 1, argument), diff(argument))
        case Call():
            return _call(term, diff)
        case Expect(body):
            inner = diff(body)
            return ZERO if is_zero(inner) else Expect(inner)
        case Cases(cases, otherwise):
            values = tuple((conditions, diff(value)) for conditions, value in cases)
            return Cases(values, None if otherwise is None else diff(otherwise))
        case Diff():
            raise NotSupported("a second derivative through a symbolic number of layers")
    raise NotSupported(f"the derivative of {type(term).__name__}")


def _pow(term: Pow, base: Term, exponent: Term) -> Term:
    lower = Pow(term.base, Add((term.exponent, Num(Fraction(-1)))))
    if isinstance(term.exponent, Num):
        lower = Pow(term.base, Num(term.exponent.value - 1))
        if term.exponent.value == 1:
            return base
    by_base = times(term.exponent, lower, base)
    return total([by_base, times(term, Fn("log", 0, term.base), exponent)])


def _prod(term: Prod, diff: Callable[[Term], Term], names: Names) -> Term:
    """Σ_i (∂ body_i) Π_k (1 at k = i, else body_k)."""
    inner = diff(term.body)
    if is_zero(inner):
        return ZERO
    other = Affine.symbol(names.fresh())
    chosen = Delta(other, Affine.symbol(term.index))
    body = freshen(term.body, {term.index: other}, names)
    rest = Add((chosen, Mul((Add((ONE, Mul((Num(Fraction(-1)), chosen)))), body))))
    return Sum(term.index, term.over, Mul((inner, Prod(str(other.name), term.over, rest))))


def _call(term: Call, diff: Callable[[Term], Term]) -> Term:
    """The chain rule over every entry of every argument."""
    terms: list[Term] = []
    for number, argument in enumerate(term.arguments):
        inner = diff(argument.body)
        if is_zero(inner):
            continue
        slot = (number, tuple(Affine.symbol(name) for name, _ in argument.indices))
        body = times(replace(term, slots=(*term.slots, slot)), inner)
        for name, axis in reversed(argument.indices):
            body = Sum(name, axis, body)
        terms.append(body)
    return total(terms)


def function_derivative(body: Term, names: Names) -> Term:
    """The derivative of a term of the table of functions by its variable ``x``."""
    return derivative(body, lambda entry: ONE, names)


def derived(body: Term, by: Entry, order: int) -> Term:
    """The derivative of this order of a term by one entry, all others held fixed."""
    for _ in range(order):
        body = derivative(body, lambda entry: ONE if entry == by else ZERO, Names())
    return body


def replace_entries(term: Term, change: Callable[[Entry], Term]) -> Term:
    """Replace entries (not those by which something is differentiated)."""
    if isinstance(term, Entry):
        return change(term)
    return map_children(term, lambda child: replace_entries(child, change))
