r"""Equations that are set up, not stated: a gradient that is put to zero, ``\nabla_w J = 0 \implies w = …``."""

from __future__ import annotations

from symbackprop.verification.judge import refutes
from symbackprop.verification.reading.elaborate.results import Choice
from symbackprop.verification.reading.elaborate.walk import every
from symbackprop.verification.reading.scope import Assumption
from symbackprop.verification.reading.surface import Derivative, Node, Statement
from symbackprop.verification.terms.nodes import Num, Relation


def in_order(surface: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """What is introduced by "with" comes first, the last of it before the rest: it explains what stands before."""
    at = next((k for k, statement in enumerate(surface) if statement.connective == "with"), None)
    return surface if at is None else (*reversed(surface[at:]), *surface[:at])


def is_premise(statements: tuple[Statement, ...], place: int) -> bool:
    """Whether the next statement is said to follow from this one."""
    return place + 1 < len(statements) and statements[place + 1].connective in ("implies", "iff")


def puts_to_zero(left: Node, choice: Choice, premise: bool) -> bool:
    """Whether an equation from which more follows asks where a derivative is 0; one that is 0 anyway is a claim."""
    right = choice.claim.right
    zero = isinstance(right, Num) and not right.value
    asks = premise and zero and any(isinstance(part, Derivative) for part in every(left))
    return asks and refutes(choice.claim, choice.context)


def assumed(choice: Choice) -> Assumption:
    """The equation as one that holds from here on."""
    return choice.claim.free, Relation(choice.claim.left, "=", choice.claim.right)
