r"""Moments of weighted sums, rule by rule, from independence, means and variances; no law is assumed.

:class:`Expectation` and :class:`Variance` are held. The rules are those a student would name: E is linear, the
expectation of a product of independent factors is the product of theirs, and for independent entries of mean zero
:math:`E[w_j w_k] = \delta_{jk} \sigma^2`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Add, Expr, Indexed, IndexedBase, KroneckerDelta, Mul, Pow, Sum, Symbol

from symbackprop.derivation.contract import contract
from symbackprop.derivation.indices import fresh, names, substitute
from symbackprop.errors import NotDerivable


class Expectation(Expr):
    """E[argument], held."""

    is_commutative = True

    @property
    def argument(self) -> Expr:
        return self.args[0]


class Variance(Expr):
    """Var(argument), held."""

    is_commutative = True

    @property
    def argument(self) -> Expr:
        return self.args[0]


@dataclass(frozen=True)
class Random:
    """Entries of ``base`` that are independent of each other and of everything else, of mean zero."""

    base: IndexedBase
    variance: Expr


def weighted_sum_moment(total: Sum, weights: Random) -> tuple[tuple[Expr, str], ...]:
    """E[(Σ_j w_ij x_j)²] step by step, where only w is known, independent, of mean zero.

    >>> from sympy import symbols
    >>> i, j, n = symbols("i j n", integer=True)
    >>> w, x = IndexedBase("w"), IndexedBase("x")
    >>> steps = weighted_sum_moment(Sum(w[i, j] * x[j], (j, 1, n)), Random(w, Symbol("v")))
    >>> steps[-1][0]
    n*v*Expectation(x**2)
    """
    square = _written_out(total)
    apart = _independent(square, weights)
    deltas = apart.replace(lambda node: isinstance(node, Expectation), lambda node: _pair(node, weights))
    single = contract(deltas, {})
    return (
        (Expectation(square), "the square of the sum written out"),
        (apart, "E is linear, and the weights are independent of what they multiply"),
        (deltas, "independent weights of mean zero"),
        (single, "only equal indices survive"),
        (_alike(single, total), "all have the same second moment"),
    )


def mean_is_zero(total: Sum, weights: Random) -> bool:
    """Whether E[Σ w x] = 0: every term has exactly one factor that is an entry of the weights."""
    return all(
        sum(isinstance(f, Indexed) and f.base == weights.base for f in Mul.make_args(term)) == 1
        for term in Add.make_args(total.function)
    )


def _written_out(total: Sum) -> Sum:
    """The square of a sum as a double sum."""
    (index, low, high) = total.limits[0]
    other = fresh(index, set(names(total)))
    return Sum(total.function * substitute(total.function, {index: other}), (other, low, high), (index, low, high))


def _independent(total: Sum, weights: Random) -> Sum:
    """E[Σ a b] = Σ E[a] E[b], a of the weights alone and b without them."""
    own: list[Expr] = []
    others: list[Expr] = []
    for factor in Mul.make_args(total.function):
        base, power = factor.as_base_exp()
        mine = isinstance(base, Indexed) and base.base == weights.base
        (own if mine else others).append(Pow(base, power))
    return Sum(Expectation(Mul(*own)) * Expectation(Mul(*others)), *total.limits)


def _pair(expectation: Expectation, weights: Random) -> Expr:
    """E[w_ij w_ik] = δ_jk Var(w); what is not of the weights stays."""
    factors = Mul.make_args(expectation.argument)
    if not all(isinstance(f, Indexed) and f.base == weights.base for f in factors):
        return expectation
    if len(factors) != 2:
        raise NotDerivable(f"the moment {expectation} is none of two different entries")
    pairs = zip(factors[0].indices, factors[1].indices, strict=True)
    return Mul(weights.variance, *(KroneckerDelta(one, other) for one, other in pairs))


def _alike(single: Expr, total: Sum) -> Expr:
    """Σ_j E[x_j²] = n E[x²] for entries with the same second moment."""
    (index, _, high) = total.limits[0]
    front, held = single.as_independent(Sum, Expectation)
    body = held.function if isinstance(held, Sum) else held
    bare = body.replace(lambda node: isinstance(node, Indexed), lambda node: Symbol(str(node.base.label), real=True))
    count = high if isinstance(held, Sum) else 1
    if index in bare.free_symbols:
        raise NotDerivable(f"the terms of {single} are not all alike")
    return front * count * bare
