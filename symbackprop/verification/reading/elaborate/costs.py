"""A cost that only a notation supposes: a claim that rests on it is read under each usual cost and says under which."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.results import Choice
from symbackprop.verification.reading.scope import Scope, reachable
from symbackprop.verification.terms.context import Definition
from symbackprop.verification.terms.walk import entry_names


def under_costs(choices: tuple[Choice, ...], scope: Scope) -> tuple[Choice, ...]:
    """Each reading under each usual cost, the notation's own first, where the note itself does not define the cost.

    So that nothing is refuted which holds with the factor ½ left out, or with cross-entropy.
    """
    supposed = scope.costs
    if not supposed or supposed[0][1].name not in scope.soft:
        return choices
    name = supposed[0][1].name
    return tuple(
        replace(
            choice,
            context=replace(choice.context, definitions=_with(choice.context.definitions, definition)),
            words=(*choice.words, f"nothing defines the cost; it is taken as {latex}"),
        )
        if _rests_on(choice, name, scope)
        else choice
        for latex, definition in supposed
        for choice in choices
        if definition is supposed[0][1] or _rests_on(choice, name, scope)
    )


def _rests_on(choice: Choice, name: str, scope: Scope) -> bool:
    letters = entry_names(choice.claim.left) | entry_names(choice.claim.right)
    return name in letters or any(name in reachable(scope, letter) for letter in letters)


def _with(definitions: tuple[Definition, ...], cost: Definition) -> tuple[Definition, ...]:
    return tuple(cost if definition.name == cost.name else definition for definition in definitions)
