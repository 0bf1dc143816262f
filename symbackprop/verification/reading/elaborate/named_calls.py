r"""Costs that a chain names and defines at once: ``J = CE(y, \hat{y}) = -\sum_i y_i \log \hat{y}_i``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbackprop.verification.reading.elaborate.occurrences import SPECIAL
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Group, Name, Node, Number, Scripted, Statement, Times
from symbackprop.verification.reading.symbols import head_name, known_function


def named_apart(surface: tuple[Statement, ...], scope: Scope) -> tuple[Statement, ...]:
    """The statements with ``J = F(y) = …`` as ``J = …`` and ``F(y) = …`` where nothing says which function F is.

    First members that are put to a number are put to it each for itself.
    """
    return tuple(part for statement in surface for part in _apart(statement, scope))


def _apart(statement: Statement, scope: Scope) -> Iterator[Statement]:
    sides, relations = statement.sides, statement.relations
    if len(sides) > 2 and isinstance(sides[0], Name) and relations[:2] == ("=", "=") and _is_new_call(sides[1], scope):
        yield replace(statement, sides=(sides[0], *sides[2:]), relations=relations[1:])
        yield replace(statement, sides=sides[1:3], relations=relations[1:2], connective="")
    elif (
        len(sides) > 2
        and set(relations) == {"="}
        and isinstance(sides[-1], Number)
        and all(map(_is_member, sides[:-1]))
    ):
        for side in sides[:-1]:  # m_0 = v_0 = 0
            yield replace(statement, sides=(side, sides[-1]), relations=("=",))
    else:
        yield statement


def _is_member(side: Node | None) -> bool:
    """Whether a side is a letter with a number below it."""
    if not isinstance(side, Scripted) or not isinstance(side.base, Name) or len(side.subs) != 1 or side.sups:
        return False
    return all(isinstance(item, Number) for item in side.subs[0].items)


def _is_new_call(side: Node | None, scope: Scope) -> bool:
    """Whether a side is nothing but a function of which nothing is known, with letters in its brackets."""
    if not isinstance(side, Times) or len(side.factors) != 2 or side.operators != ("",):
        return False
    head, group = side.factors
    name = head_name(head)
    if name is None or isinstance(head, Scripted) or not isinstance(group, Group):
        return False
    known = scope.knows(name.text) or scope.defined(name.text) or known_function(name.text) or name.text in SPECIAL
    return not known and all(isinstance(item, Name) for item in group.items)
