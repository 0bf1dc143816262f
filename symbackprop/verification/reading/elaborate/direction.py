"""Which way the layers of a note are numbered: what its definitions lead to one layer further."""

from __future__ import annotations

from collections.abc import Iterator

from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.labels import plain_affine, script_items
from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.surface import Name, Node, NotRead, Scripted
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.counting import LAYER

Steps = dict[str, list[tuple[str, int]]]


def counts_from_output(given: tuple[str, ...]) -> bool:
    r"""Whether layer l is made of layer l + 1, and the output has the number 0.

    >>> lines = (r"z^l = w^{l+1,l} a^{l+1}", r"a^l = h(z^l)", r"J = (a^0 - y)^2")
    >>> counts_from_output(lines), counts_from_output(lines[:2])
    (True, False)
    """
    steps: Steps = {}
    numbers: set[Affine] = set()
    for latex in given:
        surface = read_surface(latex)
        for statement in () if isinstance(surface, NotRead) else surface:
            sides = [side for side in statement.sides if side is not None]
            numbers |= {label for side in sides for _, label in _members(side)}
            left = next(iter(_members(sides[0])), None) if isinstance(sides[0], Name | Scripted) else None
            if left is None or left[1].symbols != {LAYER}:
                continue
            for side in sides[1:]:
                for name, label in _members(side):
                    if label.symbols == {LAYER}:
                        steps.setdefault(left[0], []).append((name, (label - left[1]).constant))
    turns = {turn for name in steps for turn in _turns(steps, name, name, 0, frozenset())}
    return Affine.of(0) in numbers and max(turns, default=0) > 0 and min(turns) >= 0


def _members(node: Node) -> Iterator[tuple[str, Affine]]:
    """The letters that carry one number, with it."""
    for ref in references(node):
        if not isinstance(ref, Scripted) or not isinstance(ref.base, Name):
            continue
        for script in (*ref.sups, *ref.subs):
            items = script_items(script)
            label = plain_affine(items[0]) if len(items) == 1 else None
            if label is not None:
                yield ref.base.text, label
                break


def _turns(steps: Steps, start: str, name: str, total: int, seen: frozenset[str]) -> Iterator[int]:
    """By how much the number has grown whenever the definitions lead back to a letter."""
    for other, step in steps.get(name, ()):
        if other == start:
            yield total + step
        elif other not in seen and len(seen) < 12:
            yield from _turns(steps, start, other, total + step, seen | {other})
