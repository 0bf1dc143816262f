r"""Words for known functions that a note gives a meaning of its own: ``\text{GELU}(x) = \frac{x}{2}(1 + \tanh …)``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from symbackprop.verification.budget import Budget, Meter, NotSupported, OverBudget
from symbackprop.verification.judge import refutes
from symbackprop.verification.reading.elaborate.claims import Formula, read_claims
from symbackprop.verification.reading.elaborate.function_definitions import function_definition
from symbackprop.verification.reading.elaborate.late_functions import own_body, own_family
from symbackprop.verification.reading.elaborate.results import Choice, Link
from symbackprop.verification.reading.scope import FunctionBody, Scope
from symbackprop.verification.reading.surface import Node, Statement
from symbackprop.verification.reading.symbols import known_function
from symbackprop.verification.refutation.refute import broken
from symbackprop.verification.terms.build import add

#: An approximation is nowhere farther from what it stands for than this.
NEAR = Fraction(1, 40)


def defined_function(left: Node, right: Node, scope: Scope, formula: Formula) -> FunctionBody | None:
    """The function that an equation defines: a new one, or a known word for a family or an approximation."""
    return (
        function_definition(left, right, scope)
        or own_family(left, right, scope, formula)
        or _approximation(left, right, scope, formula)
    )


def _approximation(left: Node, right: Node, scope: Scope, formula: Formula) -> FunctionBody | None:
    body = own_body(left, right, scope)
    choices = read_claims(left, right, (), scope, formula).choices if body is not None else ()
    return body if choices and all(_differs(choice) and _is_near(choice) for choice in choices) else None


def _differs(choice: Choice) -> bool:
    return refutes(choice.claim, choice.context)


def _is_near(choice: Choice) -> bool:
    """Whether the sides are close to each other wherever they are looked at."""
    above = replace(choice.claim, right=add(choice.claim.right, NEAR))
    below = replace(choice.claim, right=add(choice.claim.right, -NEAR))
    meter = Meter(Budget())
    try:
        return not any(
            broken(claim, choice.context, relation, seed=0, meter=meter)
            for claim, relation in ((above, "≤"), (below, "≥"))
        )
    except (NotSupported, OverBudget, RecursionError):
        return False


def with_doubted_words(statements: Sequence[Statement], links: Sequence[Link], scope: Scope) -> Scope:
    """The scope in which nothing about a known word is refuted once the note has said it to be something else."""
    for statement in statements:
        left, right = (*statement.sides[:2], None)[:2]
        body = own_body(left, right, scope) if left is not None and right is not None else None
        found = [link for link in links if body is not None and link.kind == "claim" and link.end == body.body.span.end]
        if body is not None and any(link.readings and all(map(_differs, link.readings)) for link in found):
            scope = scope.with_doubt(known_function(body.name), f"{body.name} is not the usual function in this note")
    return scope
