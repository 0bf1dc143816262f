"""Products: a factor left out or too many, the order, the kind of product."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from symbackprop.verification.diagnosis.edit import Edit, Hints, bracketed, replaced, text
from symbackprop.verification.diagnosis.walk import walk, walk_outside_scripts
from symbackprop.verification.reading.surface import (
    Big,
    Derivative,
    Group,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Quotient,
    Scripted,
    Times,
)

#: A factor as it is written: its first and its last node, which differ for a function and its argument.
Word = tuple[Node, Node]
MOST_TERMS = 8
_ELEMENTWISE = (r"\odot", r"\circ")


def words(node: Times, hints: Hints) -> tuple[Word, ...]:
    """The factors of a product, a function and its argument being one."""
    found: list[Word] = []
    for place, factor in enumerate(node.factors):
        if place and isinstance(_base(factor), Group) and node.operators[place - 1] == "" and _applies(found, hints):
            found[-1] = (found[-1][0], factor)
        else:
            found.append((factor, factor))
    return tuple(found)


def _base(node: Node) -> Node:
    return node.base if isinstance(node, Scripted) else node


def _applies(found: list[Word], hints: Hints) -> bool:
    first, last = found[-1]
    base = _base(first)
    named = isinstance(base, Name) and (base.upright or base.text in hints.functions)
    return first is last and (named or isinstance(first, Scripted) and first.primes > 0)


def without(units: tuple[Word, ...], place: int, slip: str) -> Edit:
    """The edit that leaves one factor out."""
    if place:
        return Edit(slip, units[place - 1][1].span.end, units[place][1].span.end, "")
    return Edit(slip, units[0][0].span.start, units[1][0].span.start, "")


def primed_factors(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """The derivative of an activation left out: h'(z)."""
    for factor in hints.primed:
        if hints.arrays:
            yield replaced("missing factor", side.span, rf"{bracketed(side, tex)} \odot {factor}")
        yield replaced("missing factor", side.span, rf"{bracketed(side, tex)} {factor}")
        for node in walk(side):
            if isinstance(node, Big) and node.kind == r"\sum":
                yield replaced("missing factor", node.body.span, f"{bracketed(node.body, tex)} {factor}")


def missing_factors(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A factor left out at any place of a product, or a letter below the line."""
    spots = list(_products(side, hints))
    for factor in (*hints.atoms, *hints.primed):
        for units, before in spots:
            yield from _inserted(units, before, factor, tex, hints)
            if factor.count("\\") <= 1 and " " not in factor:
                yield _divided(units, factor, tex)


def _products(side: Node, hints: Hints) -> Iterator[tuple[tuple[Word, ...], tuple[str, ...]]]:
    """Every product, a single factor included, with the signs between its factors."""
    single = [side, *(part for node in walk_outside_scripts(side) for part in _terms_of(node))]
    for node in single:
        inner = node.operand if isinstance(node, Negative) else node
        if isinstance(inner, Times):
            units = words(inner, hints)
            firsts = {id(first) for first, _ in units[1:]}
            yield (
                units,
                tuple(
                    op for op, factor in zip(inner.operators, inner.factors[1:], strict=True) if id(factor) in firsts
                ),
            )
        elif not isinstance(inner, Plus | Big) or inner is side:
            yield ((inner, inner),), ()


def _terms_of(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Plus):
        return node.terms
    if isinstance(node, Big):
        return (node.body,)
    if isinstance(node, Quotient):
        return (node.numerator,)
    if isinstance(node, Group) and len(node.items) == 1 and not isinstance(node.items[0], Plus | Name):
        return node.items
    return ()


def _inserted(units: tuple[Word, ...], signs: tuple[str, ...], factor: str, tex: str, hints: Hints) -> Iterator[Edit]:
    """``factor`` behind the last, before the first, and in each gap."""
    first, last = units[0][0], units[-1][1]
    if len(units) == 1 and isinstance(first, Number) and text(first, tex) == "1":
        yield replaced("missing factor", first.span, factor)
        return
    if isinstance(first, Plus | Big):
        yield replaced("missing factor", first.span, f"{factor} {bracketed(first, tex)}")
        return
    usual = f" {signs[0]} " if signs and len(set(signs)) == 1 and signs[0] not in ("", *_ELEMENTWISE) else " "
    ways = (usual, rf" {signs[0]} ") if signs and signs[0] in _ELEMENTWISE else (usual,)
    ways = (*ways, r" \odot ") if hints.arrays and not set(signs) & set(_ELEMENTWISE) else ways
    for way in ways:
        if not isinstance(first, Number) and not (isinstance(first, Quotient) and way == r" \odot "):
            yield Edit("missing factor", first.span.start, first.span.start, factor + way)
        yield Edit("missing factor", last.span.end, last.span.end, way + factor)
        if way != r" \odot ":
            for one, _ in pairwise(units):
                yield Edit("missing factor", one[1].span.end, one[1].span.end, way + factor)


def _divided(units: tuple[Word, ...], letter: str, tex: str) -> Edit:
    first, last = units[0][0], units[-1][1]
    if isinstance(first, Quotient):
        return replaced("missing denominator", first.denominator.span, f"{letter} {bracketed(first.denominator, tex)}")
    source = tex[first.span.start : last.span.end]
    return Edit("missing denominator", first.span.start, last.span.end, rf"\frac{{{source}}}{{{letter}}}")


def missing_terms(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A 1, a letter or its square left out of a sum."""
    squares = (f"{atom}^2" for atom in hints.atoms[:MOST_TERMS] if "^" not in atom and not hints.arrays)
    for term in ("1", *hints.atoms[:MOST_TERMS], *squares):
        for sign in ("-", "+"):
            if isinstance(side, Number) and text(side, tex) == "0":
                yield replaced("missing term", side.span, term if sign == "+" else f"-{term}")
                continue
            yield Edit("missing term", side.span.end, side.span.end, f" {sign} {term}")


def dropped_parts(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A factor or term that should not be there."""
    for node in walk(side):
        if isinstance(node, Times):
            units = words(node, hints)
            for place in range(len(units)) if len(units) > 1 else ():
                yield without(units, place, "extra factor")
        elif isinstance(node, Plus) and len(node.terms) > 1:
            terms = tuple((term, term) for term in node.terms)
            for place in (*range(1, len(terms)), 0):
                yield without(terms, place, "extra term")
        elif isinstance(node, Quotient):
            yield replaced("extra denominator", node.span, f"({text(node.numerator, tex)})")


def orders(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """Two factors the wrong way round, or a matrix product where an elementwise one is meant."""
    for node in walk(side):
        if isinstance(node, Times):
            for one, two in pairwise(words(node, hints)):
                start, middle, behind, end = one[0].span.start, one[1].span.end, two[0].span.start, two[1].span.end
                between = tex[middle:behind]
                yield Edit("order of factors", start, end, tex[behind:end] + (between or " ") + tex[start:middle])
                other = " " if between.strip() in _ELEMENTWISE else r" \odot "
                if hints.arrays or other == " ":
                    yield Edit("kind of product", middle, behind, other)


def tears(side: Node, edit: Edit) -> bool:
    """Whether an edit tears the d of a derivative from its variable, which is never meant."""
    return any(
        isinstance(node, Derivative) and node.span.start < edit.start and edit.end < node.span.end
        for node in walk(side)
    ) and edit.slip in ("order of factors", "extra factor", "extra denominator", "missing factor", "transpose")
