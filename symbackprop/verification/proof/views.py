"""How deep a normal form looks: into definitions from the latest member down, functions as letters or as written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from symbackprop.verification.proof.chain import Chain
from symbackprop.verification.proof.definitions import Definitions
from symbackprop.verification.proof.normal_form import Body, View
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Diff, Entry, Fn, Term
from symbackprop.verification.terms.walk import children

FLOORS = 5
Rank = tuple[int, int]


def deep_views(term: Term, definitions: Definitions, number: Callable[[Affine], int]) -> Iterator[View]:
    """Look into definitions from the latest member down, at last into all that the term names.

    At each depth the functions stay letters first, of which only the slope is known, and what is no more than a
    function of something (an activation) is put in: most claims about gradients need no more, and it is cheap.
    """
    chain = Chain(definitions)

    def rank(entry: Entry) -> Rank:
        return chain.rank((entry.name, entry.labels), number)

    entries = [n for n in outside_derivatives(term) if n.name in definitions.uses]
    lowest = lowest_labels(entries)
    ranks = sorted({rank(n) for n in entries}, reverse=True)
    for floor in ranks[:FLOORS]:
        yield View(_body(definitions, floor, rank, lowest, through=True), False, True, True)
        yield View(_body(definitions, floor, rank, lowest), True, True)
    if ranks:
        yield View(_body(definitions, ranks[-1], rank, lowest), False, True)
        yield View(_body(definitions, (ranks[-1][0], 0), rank, lowest), True, True)


def _body(
    definitions: Definitions,
    floor: Rank,
    rank: Callable[[Entry], Rank],
    lowest: Mapping[object, int],
    *,
    through: bool = False,
) -> Body:
    """The bodies of members at or above a rank, and not below the labels that the term names.

    With ``through`` also those of any rank that are a function of something and nothing else.
    """

    def body(entry: Entry) -> Term | None:
        tensor = definitions.context.tensors.get(entry.name)
        closed = tensor is not None and tensor.matrix is not None
        below = rank(entry) < floor if entry.name in definitions.uses else True
        if closed or entry.name not in definitions.uses or below and not through:
            return None
        if entry.labels and entry.labels[0].constant < lowest.get(entry.labels[0].parts, entry.labels[0].constant):
            return None
        found = definitions.body(entry)
        return None if below and not isinstance(found, Fn) else found

    return body


def outside_derivatives(term: Term) -> Iterator[Entry]:
    """The entries of a term but for those of derivatives that are left."""
    stack = [term]
    while stack:
        node = stack.pop()
        if isinstance(node, Entry):
            yield node
        elif not isinstance(node, Diff):
            stack.extend(children(node))


def lowest_labels(entries: list[Entry]) -> dict[object, int]:
    """For every label symbol, the smallest number added to it."""
    found: dict[object, int] = {}
    for label in (e.labels[0] for e in entries if e.labels and e.labels[0].parts):
        found[label.parts] = min(label.constant, found.get(label.parts, label.constant))
    return found
