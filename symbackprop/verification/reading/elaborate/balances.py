r"""Equations from which a condition follows: ``Var(y) = Var(x) \iff n v = 1`` claims neither by itself."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.results import Choice, Link
from symbackprop.verification.reading.surface import Statement
from symbackprop.verification.terms.nodes import Expect
from symbackprop.verification.terms.walk import walk

PREMISE = "what follows from it is a condition, so it may be assumed as well"


def joined(before: list[Link], found: list[Link], statement: Statement) -> list[Link]:
    """All links; the last one before a condition that follows from it, or is the same, holds against nobody."""
    only = bool(found) and all(link.kind in ("condition", "definition") for link in found)
    last = before[-1] if before else None
    if not only or last is None or last.kind != "claim" or not last.readings:
        return [*before, *found]
    if statement.connective == "iff" or statement.connective == "implies" and is_balance(last.readings[0]):
        return [*before[:-1], replace(last, doubt=last.doubt or PREMISE), *found]
    return [*before, *found]


def is_balance(choice: Choice) -> bool:
    """Whether moments are set equal."""
    sides = (choice.claim.left, choice.claim.right)
    return any(isinstance(node, Expect) for side in sides for node in walk(side))
