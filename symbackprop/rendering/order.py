"""The order in which an author writes the factors of a product and the terms of a sum; SymPy keeps its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from sympy import Add, Expr, Indexed, KroneckerDelta, Mul, Piecewise, Pow, Sum, Symbol, exp
from sympy.core.sorting import default_sort_key

from symbackprop.quantities import Apply, Partial, Quantity, Role

#: The name of a value at the step t, or the one before.
_AT_A_STEP = re.compile("_t(-1)?$")
#: Of entries: a weight before the error it carries, activations last.
_ENTRY_RANK = {Role.WEIGHT: 5, Role.PARAMETER: 5, Role.BIAS: 5, Role.ERROR: 6, Role.TARGET: 6, Role.PREACTIVATION: 7}


def in_order(factors: Iterable[Expr], quantities: Mapping[str, Quantity]) -> list[Expr]:
    """The factors as they are written: 2 (a - y) h'(z) a, the derivatives of a chain linked from J on, sums last.

    >>> from sympy import symbols
    >>> a, y, z = symbols("a y z")
    >>> in_order([Apply("h", 1, z), a - y, y / y * 2], {})
    [2, a - y, Apply(h, 1, z)]
    >>> in_order([1 - a, a, a - y], {})
    [a - y, a, 1 - a]
    """
    unsorted = list(factors)
    in_chain = any(isinstance(factor, Partial) for factor in unsorted)
    listed = sorted(unsorted, key=lambda f: (_rank(f, quantities, in_chain), default_sort_key(f)))
    partials = linked([factor for factor in listed if isinstance(factor, Partial)])
    return _before_its_complement([partials.pop(0) if isinstance(factor, Partial) else factor for factor in listed])


def linked(partials: Sequence[Partial]) -> list[Partial]:
    """Derivatives in the order of the chain rule: each is by the quantity that the next one differentiates."""
    left = list(partials)
    chain: list[Partial] = []
    while left:
        inner = {p.denominator for p in left}
        follows = [p for p in left if chain and p.numerator == chain[-1].denominator]
        heads = follows or [p for p in left if p.numerator not in inner] or left
        chain.append(heads[0])
        left.remove(heads[0])
    return chain


def _before_its_complement(factors: list[Expr]) -> list[Expr]:
    """``a (1 - a)``: a letter goes before a bracket that has a number and the letter in it."""
    brackets = [f for f in factors if isinstance(f, Add) and any(term.is_number for term in f.args)]
    for bracket in brackets:
        for letter in [
            f for f in factors if isinstance(f, Indexed | Symbol | Apply) and f in bracket.args + (-bracket).args
        ]:
            factors.remove(letter)
            factors.insert(factors.index(bracket), letter)
    return factors


def terms_in_order(terms: Iterable[Expr]) -> list[Expr]:
    """The terms as they are written: positive before negative, numbers before letters, sums over an index first.

    >>> from sympy import symbols
    >>> a, y = symbols("a y")
    >>> terms_in_order([-y, a]), terms_in_order([-a, y**0])
    ([a, -y], [1, -a])
    """
    return sorted(terms, key=lambda term: (is_negative(term), _term_rank(term), default_sort_key(term)))


def is_negative(term: Expr) -> bool:
    """Whether the term is written with a minus in front."""
    coefficient, _ = term.as_coeff_Mul()
    return bool(coefficient.is_negative)


def _term_rank(term: Expr) -> int:
    if term.is_number:
        return 0
    if term.has(Sum):
        return 1
    factors = Mul.make_args(term)
    falling = any(isinstance(factor, exp) and is_negative(factor.args[0]) for factor in factors)
    return 3 if falling or any(isinstance(factor, Add) for factor in factors) else 2


def _rank(factor: Expr, quantities: Mapping[str, Quantity], in_chain: bool) -> int:
    if factor.is_number:
        return 0
    if isinstance(factor, Add):
        return 3 if any(term.is_number for term in factor.args) else 2
    if isinstance(factor, Pow):
        return _rank(factor.base, quantities, in_chain)
    if isinstance(factor, Indexed | Symbol):
        quantity = quantities.get(str(factor.base.label if isinstance(factor, Indexed) else factor.name))
        if quantity is None:
            # What changes from step to step stands behind the constants in brackets: (1 - beta) g_t.
            moves = _AT_A_STEP.search(factor.name) if isinstance(factor, Symbol) else not quantities
            return 4 if moves else 1
        # An error is the derivative of J by z, the head of a chain of derivatives.
        return 3 if in_chain and quantity.role is Role.ERROR else _ENTRY_RANK.get(quantity.role, 9)
    if isinstance(factor, Apply):
        return 8 if factor.order else 9
    ranks = ((Mul, 2), (Partial, 4), (KroneckerDelta, 11), (Sum | Piecewise, 12))
    return next((rank for kind, rank in ranks if isinstance(factor, kind)), 10)
