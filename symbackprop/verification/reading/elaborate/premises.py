r"""The order of statements, and equations that are set up: ``\nabla_w J = 0 \implies w = …`` asks where that is so."""

from __future__ import annotations

from symbackprop.verification.judge import refutes
from symbackprop.verification.reading.elaborate.results import Choice
from symbackprop.verification.reading.elaborate.walk import every, references
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.scope import Assumption, Scope
from symbackprop.verification.reading.surface import Derivative, Name, Node, Scripted, Statement
from symbackprop.verification.terms.nodes import Num, Relation


def in_order(surface: tuple[Statement, ...], scope: Scope) -> tuple[Statement, ...]:
    """What explains what stands before it comes first, the last of it before the rest.

    That is what is introduced by "with", and equations for letters that an earlier statement uses and nothing defines.
    """
    at = next((k for k, statement in enumerate(surface) if statement.connective == "with"), None)
    if at is not None:
        return (*reversed(surface[at:]), *surface[:at])
    late = [k for k in range(1, len(surface)) if _explains(surface[k], surface[:k], scope)]
    return (*(surface[k] for k in reversed(late)), *(s for k, s in enumerate(surface) if k not in late))


def _explains(statement: Statement, earlier: tuple[Statement, ...], scope: Scope) -> bool:
    """Whether a statement says what a letter is that stands in an earlier one, beside others, and is not known."""
    left = statement.sides[0]
    ref = refer(left, scope) if isinstance(left, Name | Scripted) else None
    if ref is None or statement.connective not in ("", "and") or statement.relations[:1] not in (("=",), (":=",)):
        return False
    if scope.defined(ref.name) or ref.symbol is not None and ref.symbol.kind != "quantity":
        return False
    whole = {id(side) for other in earlier for side in other.sides}
    names = [n for other in earlier for side in other.sides if side is not None for n in references(side)]
    used = [found for n in names if id(n) not in whole and (found := refer(n, scope)) is not None]
    return any(other.name == ref.name for other in used)


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
