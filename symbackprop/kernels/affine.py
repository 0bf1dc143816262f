"""Arithmetic of indices: whole-number expressions in labels, each running from 1 to its extent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache

from sympy import Expr, Integer, Symbol, expand
from sympy.core.relational import (
    Equality,
    GreaterThan,
    LessThan,
    Relational,
    StrictGreaterThan,
    StrictLessThan,
    Unequality,
)
from sympy.logic.boolalg import Boolean, false, true

from symbackprop.errors import NotDerivable
from symbackprop.kernels.program import Label, letter

Extents = Mapping[Label, Expr]

#: What a size that is no number counts as, where costs are compared.
_USUAL = 64


@lru_cache(maxsize=4096)
def usual(size: Expr) -> int:
    """A size as a number to compare costs by."""
    return int(size.subs(dict.fromkeys(size.free_symbols, _USUAL)))


def affine(index: Expr, labels: Collection[Label]) -> tuple[Expr, dict[Label, Expr]] | None:
    """(c, {label: factor}) for c + Σ factor·label with whole factors, ``None`` for any other expression.

    >>> i, k = letter("i"), letter("k")
    >>> affine(2 * i + k - 1, ("i", "k"))
    (-1, {'i': 2, 'k': 1})
    >>> affine(i * k, ("i", "k")) is None
    True
    """
    rest, factors = expand(index), {}
    for label in sorted({s.name for s in index.free_symbols if s.name in labels and s == letter(s.name)}):
        factor = rest.coeff(letter(label))
        rest = expand(rest - factor * letter(label))
        if not factor.is_Integer:
            return None
        factors[label] = factor
    return None if any(rest.has(letter(label)) for label in factors) else (rest, factors)


def constant(index: Expr, labels: Collection[Label]) -> bool:
    """Whether no label occurs in the index."""
    return not any(s.name in labels and s == letter(s.name) for s in index.free_symbols)


def extreme(index: Expr, extents: Extents, largest: bool) -> Expr:
    """The smallest or largest value of an affine index.

    >>> extreme(2 * letter("i") - letter("k"), {"i": Integer(3), "k": Integer(2)}, largest=True)
    5
    """
    found = affine(index, extents)
    if found is None:
        raise NotDerivable(f"no kernel for {index} as a bound: it is no sum of whole multiples of indices")
    value, factors = found
    return value + sum((f * (extents[label] if (f > 0) == largest else 1) for label, f in factors.items()), Integer(0))


def strided(index: Expr, summed: Collection[Label], free: Collection[Label]) -> tuple[Symbol, Expr, Expr] | None:
    """(u, e, ±1) where ``index`` = k means u = e ± k: one free letter, and a summed one in steps of two or more.

    >>> u, i = letter("u"), letter("i")
    >>> strided(u - 2 * i + 1, {"i"}, {"u"})
    (u, 2*i - 1, 1)
    """
    if isinstance(index, Symbol):
        return None
    found = affine(index, {*summed, *free})
    alone = [label for label in found[1] if label in free] if found else []
    if found is None or len(alone) != 1 or abs(found[1][alone[0]]) != 1:
        return None
    if not any(abs(factor) > 1 for label, factor in found[1].items() if label in summed):
        return None
    u, sign = letter(alone[0]), found[1][alone[0]]
    return u, expand(-sign * (index - sign * u)), sign


def decided(relation: Boolean, extents: Extents) -> Boolean:
    """A relation between indices as true or false where the extents decide it, else the relation itself.

    >>> decided(letter("i") >= 1, {"i": Integer(4)})
    True
    """
    if not isinstance(relation, Relational) or affine(relation.lhs - relation.rhs, extents) is None:
        return relation
    low, high = (extreme(relation.lhs - relation.rhs, extents, largest) for largest in (False, True))
    always = {
        GreaterThan: low.is_nonnegative,
        StrictGreaterThan: low.is_positive,
        LessThan: high.is_nonpositive,
        StrictLessThan: high.is_negative,
        Equality: low.is_zero and high.is_zero,
        Unequality: low.is_positive or high.is_negative,
    }
    never = {
        GreaterThan: high.is_negative,
        StrictGreaterThan: high.is_nonpositive,
        LessThan: low.is_positive,
        StrictLessThan: low.is_nonnegative,
        Equality: low.is_positive or high.is_negative,
        Unequality: low.is_zero and high.is_zero,
    }
    if always.get(type(relation)):
        return true
    return false if never.get(type(relation)) else relation
