"""Conditions that a note states on a line of their own (``\\sum_i t_i = 1``), for the claims below that need them."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.results import Choice
from symbackprop.verification.reading.elaborate.trust import reached_by
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.terms.nodes import Call, Entry, Fn, Relation
from symbackprop.verification.terms.walk import walk

#: Only the last conditions are tried, and only under the likeliest readings.
MOST_CONDITIONS, MOST_READINGS = 6, 4


def with_stated_condition(scope: Scope, tex: str, choice: Choice) -> Scope:
    """The scope in which a condition has been stated, as it is written and as it is read."""
    claim = choice.claim
    made = (tex, (claim.free, Relation(claim.left, "=", claim.right)))
    return replace(scope, conditions=(*(other for other in scope.conditions if other != made), made)[-MOST_CONDITIONS:])


def under_stated(choices: tuple[Choice, ...], scope: Scope) -> tuple[Choice, ...]:
    """The readings, and after them the same under the conditions stated above that speak of their letters."""
    found = []
    for choice in choices[:MOST_READINGS] if scope.conditions else ():
        letters = reached_by(choice)
        stated = [(tex, assumption) for tex, assumption in scope.conditions if letters & _speaks_of(assumption[1])]
        if stated:
            context = replace(
                choice.context, assumptions=(*choice.context.assumptions, *(assumption for _, assumption in stated))
            )
            words = (*choice.words, *(f"{tex}, as the note states" for tex, _ in stated))
            found.append(replace(choice, context=context, words=words))
    return (*choices, *found)


def _speaks_of(relation: Relation) -> set[str]:
    """The letters of a relation, and the functions."""
    sides = (relation.left, relation.right)
    return {node.name for side in sides for node in walk(side) if isinstance(node, Entry | Fn | Call)}
