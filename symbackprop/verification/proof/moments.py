"""Expectations of normal forms: sums over set partitions of the random factors, with free cumulants."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.proof.algebra import delta_gen
from symbackprop.verification.proof.elementary import Elementary
from symbackprop.verification.proof.generators import ONE, ZERO, Form, Gen, Mono, from_gen

MOST_FACTORS = 6
Cumulant = dict[int, Form]


def expectation(form: Form, random: frozenset[str], algebra: Elementary, cumulants: dict[str, Cumulant]) -> Form:
    """E over the random letters; entries of one letter are independent and identically distributed."""
    parts = []
    for coefficient, closed in form.terms.values():
        bounds, body = algebra.opened(list(closed.bounds), closed.factors)
        for scale, mono in body.terms.values():
            fixed, factors = _split(mono, random)
            outside = algebra.normal(coefficient * scale, [], fixed)
            inside = _moment(factors, algebra, cumulants)
            parts.append(algebra.sum_over(bounds, algebra.mul(outside, inside)))
    return algebra.add(*parts)


def _split(mono: Mono, random: frozenset[str]) -> tuple[list[tuple[Gen, Fraction]], list[Gen]]:
    """Fixed factors, and the random entries with repetition."""
    fixed, factors = [], []
    for gen, exponent in mono.factors:
        if gen.kind == "e" and gen.atoms[0] in random:
            if exponent.denominator != 1 or exponent < 0:
                raise NotSupported("the expectation of a power that is not whole")
            factors += [gen] * int(exponent)
        elif gen.subs and any(_mentions(sub, random) for sub in gen.subs):
            raise NotSupported("the expectation of a function of random entries needs their law")
        else:
            fixed.append((gen, exponent))
    if len(factors) > MOST_FACTORS:
        raise NotSupported(f"moments beyond the order {MOST_FACTORS}")
    return fixed, factors


def _mentions(form: Form, random: frozenset[str]) -> bool:
    gens = [gen for _, mono in form.terms.values() for gen, _ in mono.factors]
    return any(g.kind == "e" and g.atoms[0] in random or any(_mentions(s, random) for s in g.subs) for g in gens)


def _moment(factors: list[Gen], algebra: Elementary, cumulants: dict[str, Cumulant]) -> Form:
    """E of a product: the sum over all set partitions of the products of joint cumulants."""
    terms = []
    for partition in partitions(factors):
        blocks = [_joint(block, algebra, cumulants) for block in partition]
        terms.append(ONE if not blocks else algebra.product(blocks))
    return algebra.add(*terms)


def _joint(block: list[Gen], algebra: Elementary, cumulants: dict[str, Cumulant]) -> Form:
    """The joint cumulant of entries: that of the letter where all are the same entry, else 0."""
    first = block[0]
    form = cumulants[first.atoms[0]].get(len(block))
    if form is None:
        labels = first.places[: int(first.atoms[1])]
        form = from_gen(Gen("k", (first.atoms[0], str(len(block))), labels))
    for other in block[1:]:
        if other.atoms != first.atoms:
            return ZERO
        for left, right in zip(first.places, other.places, strict=True):
            form = algebra.mul(form, algebra.normal(Fraction(1), [], [(delta_gen(left, right), Fraction(1))]))
    return form


def partitions(items: list[Gen]) -> Iterator[list[list[Gen]]]:
    """All set partitions.

    >>> len(list(partitions([Gen("e", (c, "0")) for c in "abcd"])))
    15
    """
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for partition in partitions(rest):
        yield [[first], *partition]
        for place, block in enumerate(partition):
            yield [*partition[:place], [first, *block], *partition[place + 1 :]]
