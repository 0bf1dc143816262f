"""Signs that are wrong: of a side, of one term, in an exponent, of one case."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from symbackprop.verification.diagnosis.edit import Edit, Hints, bracketed, replaced, text
from symbackprop.verification.diagnosis.walk import walk, walk_outside_scripts
from symbackprop.verification.reading.surface import CaseRows, Name, Negative, Node, Plus, Scripted


def signs(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """The sign of the whole side, a difference the wrong way round, the sign of one term."""
    if isinstance(side, Negative):
        yield replaced("sign", side.span, text(side.operand, tex))
    sums = [node for node in _in_terms(side) if isinstance(node, Plus)]
    for node in sums:
        yield from _terms(node, tex)
    for node in sums:
        yield from _difference(node, tex)
    if not isinstance(side, Negative):
        yield replaced("sign", side.span, f"-{bracketed(side, tex)}")
    for node in sums:
        yield from _first_term(node, tex)


def _in_terms(side: Node) -> Iterator[Node]:
    """The nodes of a side with the exponents of e; a sum in another script is a layer or a time."""
    for node in walk_outside_scripts(side):
        yield node
        if isinstance(node, Scripted) and isinstance(node.base, Name) and node.base.text == "e":
            yield from (part for script in node.sups for item in script.items for part in walk(item))


def _difference(node: Plus, tex: str) -> Iterator[Edit]:
    if len(node.terms) == 2 and isinstance(node.terms[1], Negative) and not isinstance(node.terms[0], Negative):
        first, second = node.terms[0], node.terms[1].operand
        yield replaced("sign", node.span, f"{text(second, tex)} - {text(first, tex)}")


def _terms(node: Plus, tex: str) -> Iterator[Edit]:
    for before, term in pairwise(node.terms):
        operand = term.operand if isinstance(term, Negative) else term
        sign = "+" if isinstance(term, Negative) else "-"
        yield Edit("sign of a term", before.span.end, term.span.end, f" {sign} {text(operand, tex)}")


def _first_term(node: Plus, tex: str) -> Iterator[Edit]:
    first = node.terms[0]
    if isinstance(first, Negative):
        yield replaced("sign of a term", first.span, text(first.operand, tex))
    else:
        yield replaced("sign of a term", first.span, f"-{text(first, tex)}")


def inner_signs(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A minus too many or too few inside, such as in an exponent; the sign of one case; 1 minus the side."""
    for node in walk(side):
        if isinstance(node, Negative) and node is not side:
            yield replaced("sign", node.span, text(node.operand, tex))
        elif isinstance(node, CaseRows):
            for value, _ in node.rows:
                yield replaced("sign of a case", value.span, f"-{bracketed(value, tex)}")
        elif isinstance(node, Scripted) and isinstance(node.base, Name) and node.base.text == "e":
            for item in (item for script in node.sups for item in script.items if not isinstance(item, Plus)):
                opened = tex[item.span.start - 1] == "{"
                yield replaced(
                    "sign of an exponent", item.span, f"-{text(item, tex)}" if opened else f"{{-{text(item, tex)}}}"
                )
    yield replaced("missing 1", side.span, f"1 - {bracketed(side, tex)}")
    if isinstance(side, Negative):
        yield replaced("missing 1", side.span, f"1 {text(side, tex)}")
