r"""Equations that are set up, not stated: a gradient that is put to zero, ``\nabla_w J = 0 \implies w = …``."""

from __future__ import annotations

from symbackprop.verification.judge import refutes
from symbackprop.verification.reading.elaborate.results import Choice
from symbackprop.verification.reading.elaborate.usage import SCALAR_NAMES
from symbackprop.verification.reading.elaborate.walk import every
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.scope import Assumption, Scope
from symbackprop.verification.reading.surface import Derivative, Name, Node, Scripted, Statement, Times
from symbackprop.verification.terms.nodes import Num, Relation


def in_order(surface: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """What is introduced by "with" comes first, the last of it before the rest: it explains what stands before."""
    at = next((k for k, statement in enumerate(surface) if statement.connective == "with"), None)
    return surface if at is None else (*reversed(surface[at:]), *surface[:at])


def is_premise(statements: tuple[Statement, ...], place: int) -> bool:
    """Whether the next statement is said to follow from this one."""
    return place + 1 < len(statements) and statements[place + 1].connective in ("implies", "iff")


def puts_to_zero(left: Node, choice: Choice, premise: bool, scope: Scope) -> bool:
    """Whether an equation asks where a derivative of a cost, or any one from which something follows, is 0.

    One that is 0 everywhere is a claim.
    """
    right = choice.claim.right
    if not isinstance(right, Num) or right.value or not any(isinstance(part, Derivative) for part in every(left)):
        return False
    return (premise or _is_slope_of_cost(left, scope)) and refutes(choice.claim, choice.context)


def _is_slope_of_cost(left: Node, scope: Scope) -> bool:
    operand = left.operand if isinstance(left, Derivative) else None
    if isinstance(operand, Times):
        operand = operand.factors[0]
    ref = refer(operand, scope) if isinstance(operand, Name | Scripted) else None
    return ref is not None and ref.name in SCALAR_NAMES and not (ref.indices or ref.labels)


def assumed(choice: Choice) -> Assumption:
    """The equation as one that holds from here on."""
    return choice.claim.free, Relation(choice.claim.left, "=", choice.claim.right)
