r"""Relations and implications typed in several signs, ``=>``, ``<=>``, ``>=``, ``->``, as one sign."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.tokens import Token

#: The longest first. What is not listed may mean something else: ``x<-1`` is an order, ``w <= w - g`` an assignment.
_TYPED = {
    "<=>": "\\iff",
    "=>": "\\implies",
    ">=": "\\geq",
    "!=": "\\neq",
    "->": "\\rightarrow",
}


def with_arrows(tokens: list[Token]) -> list[Token]:
    r"""The tokens with signs that touch as one sign.

    >>> from symbackprop.verification.reading.tokens import tokenize
    >>> [token.text for token in with_arrows(tokenize("a => b >= c < -1"))]
    ['a', '\\implies', 'b', '\\geq', 'c', '<', '-', '1']
    """
    joined: list[Token] = []
    place = 0
    while place < len(tokens):
        width = next((len(typed) for typed in _TYPED if _spells(tokens[place : place + len(typed)], typed)), 1)
        first, last = tokens[place], tokens[place + width - 1]
        sign = _TYPED.get("".join(token.text for token in tokens[place : place + width])) if width > 1 else None
        joined.append(first if sign is None else replace(first, kind="macro", text=sign, end=last.end))
        place += width
    return joined


def _spells(tokens: list[Token], typed: str) -> bool:
    """Whether these are the signs of ``typed``, one right behind the other."""
    touching = all(a.end == b.start and not b.spaced for a, b in zip(tokens, tokens[1:], strict=False))
    return touching and [token.text for token in tokens if token.kind == "symbol"] == list(typed)
