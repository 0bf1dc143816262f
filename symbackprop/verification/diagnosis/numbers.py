"""Numbers that are off: a constant factor, a width, an exponent, a factor in an argument."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from symbackprop.verification.diagnosis.edit import Edit, Hints, bracketed, replaced, text
from symbackprop.verification.diagnosis.products import without, words
from symbackprop.verification.diagnosis.walk import children, walk, walk_outside_scripts
from symbackprop.verification.reading.surface import (
    Big,
    Group,
    Name,
    Negative,
    Node,
    Norm,
    Number,
    Plus,
    Quotient,
    Scripted,
    Times,
)

FACTORS = ("2", r"\frac{1}{2}", "3", r"\frac{1}{3}", "4", r"\frac{1}{4}")


def factors(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A number that is off, a constant factor too many or too few, a width."""
    nodes = list(walk_outside_scripts(side))
    for node in nodes:
        if isinstance(node, Times):
            yield from _numeric(node, hints)
    yield from _numbers(nodes, tex)
    yield from _twice_below(nodes, tex)
    for factor in FACTORS:
        yield from _times("factor", side, factor, tex)
    for node in nodes:
        for term in node.terms if isinstance(node, Plus) else ():
            for factor in FACTORS[:2]:
                yield from _times("factor of a term", term, factor, tex)
        if isinstance(node, Big):
            for factor in FACTORS[:2]:
                yield from _times("factor", node.body, factor, tex)


def widths(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A width or a number of samples left out, above or below the line, of the side or of a term."""
    for size in hints.sizes:
        yield from _width(side, size, tex)
    for node in walk_outside_scripts(side):
        for term in node.terms if isinstance(node, Plus) else ():
            for size in hints.sizes:
                yield from _width(term, size, tex)


def _width(node: Node, size: str, tex: str) -> Iterator[Edit]:
    inner = node.operand if isinstance(node, Negative) else node
    first = inner.factors[0] if isinstance(inner, Times) else inner
    if isinstance(first, Quotient):
        yield replaced("factor", first.denominator.span, f"{size} {bracketed(first.denominator, tex)}")
    yield from _times("factor", node, size, tex)
    yield from _times("factor", node, rf"\frac{{1}}{{{size}}}", tex)


def _numeric(node: Times, hints: Hints) -> Iterator[Edit]:
    """A number among the factors left out."""
    units = words(node, hints)
    for place, (first, last) in enumerate(units):
        if first is last and (isinstance(first, Number) or _is_fraction(first)):
            yield without(units, place, "factor")


def _is_fraction(node: Node) -> bool:
    return isinstance(node, Quotient) and isinstance(node.numerator, Number) and isinstance(node.denominator, Number)


def _numbers(nodes: list[Node], tex: str) -> Iterator[Edit]:
    """Another number, where it does not become a factor 1, a fraction n/n or an empty term."""
    plain = {id(n) for node in nodes if isinstance(node, Times) for n in node.factors}
    parts = {
        id(part): node for node in nodes if isinstance(node, Quotient) for part in (node.numerator, node.denominator)
    }
    for node in nodes:
        if isinstance(node, Number):
            quotient = parts.get(id(node))
            others = {text(part, tex) for part in children(quotient)} if quotient is not None else set()
            for value in ("1", "2", "3", "4", "0"):
                idle = id(node) in plain and value in "01" or quotient is not None and value == "0"
                below = quotient is not None and node is quotient.denominator and value == "1"
                if not (idle or below or value in others or text(node, tex) == value):
                    yield replaced("number", node.span, value)


def _twice_below(nodes: list[Node], tex: str) -> Iterator[Edit]:
    for node in nodes:
        if isinstance(node, Quotient) and not isinstance(node.denominator, Number | Plus):
            yield replaced("factor", node.denominator.span, f"2{text(node.denominator, tex)}")


def _times(slip: str, node: Node, factor: str, tex: str) -> Iterator[Edit]:
    """``factor`` before a term, unless it would stand before another number."""
    inner = node.operand if isinstance(node, Negative) else node
    first = inner.factors[0] if isinstance(inner, Times) else inner
    if isinstance(inner, Number) and text(inner, tex) == "1":
        yield replaced(slip, inner.span, factor)
    elif isinstance(inner, Times) and isinstance(first, Number) and factor not in FACTORS:
        yield _behind_number(slip, first, factor, tex)
    elif not isinstance(first, Number) and not (_is_fraction(first) or _over_one(first) and factor.isdigit()):
        yield replaced(slip, inner.span, f"{factor} {bracketed(inner, tex)}")
    if _over_one(first) and factor.isdigit() and isinstance(first, Quotient):
        yield replaced(slip, first.numerator.span, factor)


def _behind_number(slip: str, number: Number, factor: str, tex: str) -> Edit:
    """``2 n`` and ``2/n`` rather than ``n 2`` and ``1/n 2``."""
    if factor.startswith(r"\frac{1}"):
        return replaced(slip, number.span, factor.replace("{1}", f"{{{text(number, tex)}}}", 1))
    return Edit(slip, number.span.end, number.span.end, f" {factor} ")


def _over_one(node: Node) -> bool:
    return isinstance(node, Quotient) and isinstance(node.numerator, Number) and node.numerator.value == 1


def arguments(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A factor 2 or a sign missing in the argument of a function (``σ(z)`` for ``σ(2z)``)."""
    for node in walk(side):
        if isinstance(node, Times):
            for function, argument in pairwise(node.factors):
                if isinstance(argument, Group) and len(argument.items) == 1 and not isinstance(function, Number):
                    inner = argument.items[0]
                    for factor in ("2", "-"):
                        yield replaced("argument", inner.span, factor + bracketed(inner, tex))


def exponents(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A square left out, or another number in an exponent."""
    inner = {id(node.base) for node in walk(side) if isinstance(node, Scripted)}
    for node in walk(side):
        scripted = isinstance(node, Scripted) and not node.sups and not node.primes
        plain = isinstance(node, Group | Name | Norm) and id(node) not in inner and not _is_word(node, hints)
        if scripted or plain:
            yield Edit("exponent", node.span.end, node.span.end, "^2")
    outside = {id(node) for node in walk_outside_scripts(side)}
    for node in walk(side):
        if isinstance(node, Number) and id(node) not in outside:
            others = (value for value in ("1", "2", "3") if value != text(node, tex))
            yield from (replaced("number in a script", node.span, value) for value in others)


def powers(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A power that should not be there."""
    for node in walk(side):
        if isinstance(node, Scripted):
            yield from _powers(node, tex)


def _powers(node: Scripted, tex: str) -> Iterator[Edit]:
    for script in node.sups:
        if len(node.sups) == 1 and all(isinstance(item, Number) for item in script.items):
            start = tex.rfind("^", node.base.span.end, script.span.start + 1)
            closed = tex[script.span.end : script.span.end + 1] == "}" and "{" in tex[start : script.span.start]
            yield Edit("exponent", start, script.span.end + closed, "")


def _is_word(node: Node, hints: Hints) -> bool:
    return isinstance(node, Name) and (node.upright or node.text in hints.functions)
