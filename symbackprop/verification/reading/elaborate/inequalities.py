r"""Inequalities between two numbers as claims: ``0 < \sigma(x) < 1``, ``\sigma'(x) \le 1/4``."""

from __future__ import annotations

from symbackprop.verification.reading.elaborate.claims import Formula, read_claims
from symbackprop.verification.reading.elaborate.results import Choice
from symbackprop.verification.reading.elaborate.trust import any_function, doubted, tainted
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Node, Statement
from symbackprop.verification.terms.nodes import Diff, Entry, Fn
from symbackprop.verification.terms.walk import walk

CONDITION = "it may be a condition"


def order_claims(
    left: Node, relation: str, right: Node, statement: Statement, free: bool, scope: Scope, formula: Formula
) -> tuple[tuple[Choice, ...], str]:
    """The reading of an inequality between two numbers, and why it may be no claim; nothing if it is not read for sure.

    It is claimed where it ends a chain of equations or bounds a derivative, and nothing stands beside it: ``free``
    says that no condition comes before it.
    """
    if relation not in ("<", ">", "≤", "≥"):
        return (), ""
    claims = read_claims(left, right, (), scope, formula)
    if len(claims.choices) != 1 or claims.unbound:
        return (), ""
    (choice,) = claims.choices
    unsure = choice.doubt or choice.unusual or tainted(choice, scope) or any_function(choice, scope)
    if choice.claim.free or unsure or doubted(claims.choices, (left, right), scope):
        return (), ""
    alone = free and not (statement.conditions or statement.connective)
    return (choice,), "" if alone and _is_bound(choice, "=" in statement.relations) else CONDITION


def _is_bound(choice: Choice, chained: bool) -> bool:
    sides = (choice.claim.left, choice.claim.right)
    numbers = [not any(isinstance(node, Entry) for node in walk(side)) for side in sides]
    derived = any(isinstance(node, Diff) or isinstance(node, Fn) and node.order for s in sides for node in walk(s))
    return any(numbers) and (chained or derived)
