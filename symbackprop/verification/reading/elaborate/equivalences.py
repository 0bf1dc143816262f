r"""``A \iff B`` says two things: that B follows from A, judged as any implication is, and that A follows from B."""

from __future__ import annotations

from symbackprop.verification.reading.elaborate.claims import Formula, read_claims
from symbackprop.verification.reading.elaborate.results import Link
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Comparison, Span, Statement

CONVERSE = "⟸"
OTHER_WAY = "it follows, but whether it does the other way round is not known"


def converse(
    surface: tuple[Statement, ...], place: int, links: list[Link], scope: Scope, formula: Formula
) -> list[Link]:
    """The claim that the statement before ``place`` follows from the one there, if this was judged as its consequence.

    ``scope`` is that before the formula, in which nothing of it is defined yet.
    """
    first, second = surface[place - 1] if place else None, surface[place]
    kinds = [link.kind for link in links[-2:]]
    if first is None or second.connective != "iff" or kinds not in (["condition", "claim"], ["definition", "claim"]):
        return []
    sides = (*first.sides, *second.sides)
    if len(sides) != 4 or {*first.relations, *second.relations} != {"="}:
        return []
    left, right, given, equal = sides
    if left is None or right is None or given is None or equal is None:
        return []
    premise = Comparison(given, "=", equal, Span(given.span.start, equal.span.end))
    claims = read_claims(left, right, (premise, *second.conditions), scope, formula)
    span = (left.span.start, equal.span.end)
    doubt = links[-1].doubt or (OTHER_WAY if kinds[0] == "definition" else "")
    found = [Link(*span, "claim", CONVERSE, claims.choices, doubt=doubt)] if claims.choices else []
    return found or [Link(*span, "not_understood", CONVERSE, reason=claims.reason, place=claims.place)]
