"""Expectations of normal forms: sums over set partitions of the random factors, with joint cumulants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import factorial
from typing import TypeVar

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.proof.algebra import delta_gen
from symbackprop.verification.proof.elementary import Elementary
from symbackprop.verification.proof.generators import ZERO, Form, Gen, Mono, from_gen
from symbackprop.verification.proof.laws import ANY, NEEDS_LAW, Labels, Law, replaced

MOST_FACTORS = 6
MOST_GROUPS = 4
Item = TypeVar("Item")
Factors = list[tuple[Gen, Fraction]]
Groups = dict[str, tuple[Gen, Factors]]  #: key of a random entry -> the entry and the factors that depend on it alone


def expectation(form: Form, laws: Mapping[str, Law], algebra: Elementary) -> Form:
    """E over the random letters; entries of one letter are independent and identically distributed."""
    parts = []
    for coefficient, closed in form.terms.values():
        bounds, body = algebra.opened(list(closed.bounds), closed.factors)
        for scale, mono in body.terms.values():
            fixed, letters = _split(mono, laws)
            outside = algebra.normal(coefficient * scale, [], fixed)
            inside = algebra.product(_letter(laws[name], groups, algebra) for name, groups in sorted(letters.items()))
            parts.append(algebra.sum_over(bounds, algebra.mul(outside, inside)))
    return algebra.add(*parts)


def _split(mono: Mono, laws: Mapping[str, Law]) -> tuple[Factors, dict[str, Groups]]:
    """Fixed factors, and by letter and entry the factors that depend on that entry alone."""
    fixed: Factors = []
    letters: dict[str, Groups] = {}
    for gen, exponent in mono.factors:
        entries = random_entries(gen, laws)
        if not entries:
            fixed.append((gen, exponent))
            continue
        if len(entries) > 1:
            raise NotSupported(NEEDS_LAW)
        key, entry = next(iter(entries.items()))
        letters.setdefault(entry.atoms[0], {}).setdefault(key, (entry, []))[1].append((gen, exponent))
    return fixed, letters


def random_entries(gen: Gen, laws: Mapping[str, Law]) -> dict[str, Gen]:
    """The random entries that a generator depends on; sums over them inside a function are not supported."""
    if gen.kind == "e" and gen.atoms[0] in laws:
        return {gen.key: gen}
    found: dict[str, Gen] = {}
    for sub in gen.subs:
        for _, mono in sub.terms.values():
            for inner, _ in mono.factors:
                below = random_entries(inner, laws)
                if below and (mono.bounds or gen.overs):
                    raise NotSupported(NEEDS_LAW)
                found |= below
    return found


def _letter(law: Law, groups: Groups, algebra: Elementary) -> Form:
    """E of a product of functions of entries of one letter."""
    if all(gen.key == key and k.denominator == 1 and k > 0 for key, (_, fs) in groups.items() for gen, k in fs):
        return _powers(law, [entry for entry, factors in groups.values() for _ in range(int(factors[0][1]))], algebra)
    if len(groups) > MOST_GROUPS:
        raise NotSupported(f"functions of more than {MOST_GROUPS} random entries")
    functions = [(entry, _function(entry, factors, algebra)) for entry, factors in groups.values()]
    return algebra.add(*(_product(partition, law, algebra) for partition in partitions(functions)))


def _function(entry: Gen, factors: Factors, algebra: Elementary) -> Form:
    """The product of the factors as a function of any entry."""
    return replaced(algebra.normal(Fraction(1), [], factors), {entry.key: from_gen(ANY)}, algebra)


def _product(partition: list[list[tuple[Gen, Form]]], law: Law, algebra: Elementary) -> Form:
    return algebra.product(_joint_functions(block, law, algebra) for block in partition)


def _joint_functions(block: list[tuple[Gen, Form]], law: Law, algebra: Elementary) -> Form:
    """The joint cumulant of functions of entries: that of one number where all are the same entry, else 0."""
    labels, parts = _labels(block[0][0]), []
    for inner in partitions(block):
        sign = Fraction((-1) ** (len(inner) - 1) * factorial(len(inner) - 1))
        means = [law.mean(algebra.product(form for _, form in group), labels, algebra) for group in inner]
        parts.append(algebra.scale(sign, algebra.product(means)))
    return _where_same([entry for entry, _ in block], algebra.add(*parts), algebra)


def _powers(law: Law, factors: list[Gen], algebra: Elementary) -> Form:
    """E of a product of entries: the sum over all set partitions of the products of joint cumulants."""
    if len(factors) > MOST_FACTORS:
        raise NotSupported(f"moments beyond the order {MOST_FACTORS}")
    terms = []
    for partition in partitions(factors):
        terms.append(algebra.product(_joint(block, law, algebra) for block in partition))
    return algebra.add(*terms)


def _joint(block: list[Gen], law: Law, algebra: Elementary) -> Form:
    """The joint cumulant of entries: that of the letter where all are the same entry, else 0."""
    return _where_same(block, law.cumulant(len(block), _labels(block[0]), algebra), algebra)


def _labels(entry: Gen) -> Labels:
    return entry.places[: int(entry.atoms[1])]


def _where_same(entries: list[Gen], form: Form, algebra: Elementary) -> Form:
    """The form times the deltas of the places of the entries."""
    first = entries[0]
    for other in entries[1:]:
        if other.atoms != first.atoms:
            return ZERO
        for left, right in zip(first.places, other.places, strict=True):
            form = algebra.mul(form, algebra.normal(Fraction(1), [], [(delta_gen(left, right), Fraction(1))]))
    return form


def partitions(items: list[Item]) -> Iterator[list[list[Item]]]:
    """All set partitions.

    >>> len(list(partitions(list("abcd"))))
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
