"""Indices that nothing binds, read as summed over where they stand twice in a product (Einstein's convention)."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading import Choice
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Add, Axis, Delta, Entry, Sum, Term
from symbackprop.verification.terms.walk import Names, freshen, walk


def summed_over(choice: Choice, letters: tuple[str, ...]) -> Choice | None:
    """The claim with a sum over each open index of its right side, or ``None`` where one is not repeated.

    A term without the index is left as it is; one that holds it once only is no product to be summed.
    """
    axes = dict(choice.claim.free)
    right, names = choice.claim.right, Names()
    for letter in letters:
        axis = axes.get(letter)
        summed = None if axis is None else _summed(right, letter, axis, names)
        if summed is None:
            return None
        right = summed
    free = tuple((name, axis) for name, axis in choice.claim.free if name not in letters)
    return replace(choice, claim=replace(choice.claim, right=right, free=free))


def _summed(term: Term, letter: str, axis: Axis, names: Names) -> Term | None:
    terms = term.terms if isinstance(term, Add) else (term,)
    counts = [_uses(part, letter) for part in terms]
    if any(count == 1 for count in counts) or not any(counts):
        return None
    made = tuple(
        Sum(bound, axis, freshen(part, {letter: Affine.symbol(bound)}, names)) if count else part
        for part, count in zip(terms, counts, strict=True)
        for bound in (f"{letter}#0",)
    )
    return Add(made) if len(made) > 1 else made[0]


def _uses(term: Term, letter: str) -> int:
    """In how many places an index stands."""
    places: list[Affine] = []
    for node in walk(term):
        if isinstance(node, Entry):
            places += node.indices
        elif isinstance(node, Delta):
            places += (node.left, node.right)
    return sum(letter in place.symbols for place in places)
