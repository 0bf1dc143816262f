"""What a token can be between the factors of a formula: a relation, or the start of a factor."""

from __future__ import annotations

from symbackprop.verification.reading.tokens import Token
from symbackprop.verification.reading.vocabulary import OPERATORS, RELATIONS


def relation_sign(token: Token) -> str:
    """The relation that a token is, or ""."""
    return RELATIONS.get(token.text, "") if token.kind in ("macro", "symbol") else ""


def starts_factor(token: Token) -> bool:
    """Whether a factor can begin here."""
    if token.kind in ("row", "begin", "end"):
        return False
    return not (
        token.is_sign("+", "-", "&", ",", ";", ".", "!", "_", "^", "'", "\\rvert", *OPERATORS) or relation_sign(token)
    )
