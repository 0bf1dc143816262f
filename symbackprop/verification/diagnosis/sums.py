"""Sums left out, or put in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symbackprop.verification.diagnosis.edit import Edit, Hints, bracketed, replaced, text
from symbackprop.verification.diagnosis.products import words
from symbackprop.verification.diagnosis.walk import walk, walk_outside_scripts
from symbackprop.verification.reading.surface import Big, Group, Negative, Node, Plus, Quotient, Times


def sums(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A sum left out, over an index that nothing binds first, or one that should not be there."""
    for node in walk(side):
        if isinstance(node, Big) and node.kind == r"\sum":
            yield replaced("extra sum", node.span, text(node.body, tex))
    letters = tuple(dict.fromkeys((*hints.unbound, *hints.indices, *(index for index, _ in hints.sums))))
    for letter in letters:
        heads = [head for index, head in hints.sums if index == letter] or [rf"\sum_{{{letter}}}"]
        for start, end, source in _summands(side, tex, hints):
            if re.search(rf"(?<![a-zA-Z\\]){re.escape(letter)}(?![a-zA-Z])", tex[start:end]):
                yield from (Edit("missing sum", start, end, f"{head} {source}") for head in heads)


def _summands(side: Node, tex: str, hints: Hints) -> Iterator[tuple[int, int, str]]:
    """What a sum may stand before: the side, a term of it, the last factors of a product, a part of a fraction."""
    for node in (side, *(part for inside in walk_outside_scripts(side) for part in _parts(inside))):
        inner = node.operand if isinstance(node, Negative) else node
        if node is not side or not isinstance(node, Negative):
            yield inner.span.start, inner.span.end, bracketed(inner, tex)
        elif isinstance(node, Negative):
            yield inner.span.start, inner.span.end, text(inner, tex)
        if isinstance(inner, Times):
            for first, _ in words(inner, hints)[1:]:
                yield first.span.start, inner.span.end, tex[first.span.start : inner.span.end]


def _parts(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Plus):
        return node.terms
    if isinstance(node, Quotient):
        return (node.numerator, node.denominator)
    if isinstance(node, Big):
        return (node.body,)
    return node.items if isinstance(node, Group) else ()
