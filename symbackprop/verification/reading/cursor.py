"""A place in a row of tokens, and what the parts of the reader ask of each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from symbackprop.verification.reading.surface import Node, Span
from symbackprop.verification.reading.tokens import Token, Unreadable

Tokens = Sequence[Token]


class Cursor:
    """Reads tokens from the left; ``whole`` is where an objection points when nothing is left."""

    __slots__ = ("place", "tokens", "whole")

    def __init__(self, tokens: Tokens, whole: Span) -> None:
        self.tokens = tokens
        self.place = 0
        self.whole = whole

    def peek(self, ahead: int = 0) -> Token | None:
        place = self.place + ahead
        return self.tokens[place] if place < len(self.tokens) else None

    def at(self, *signs: str) -> bool:
        token = self.peek()
        return token is not None and token.is_sign(*signs)

    def at_kind(self, *kinds: str) -> bool:
        token = self.peek()
        return token is not None and token.kind in kinds

    def take(self, wanted: str = "something") -> Token:
        token = self.peek()
        if token is None:
            end = self.tokens[-1].end if self.tokens else self.whole.end
            raise Unreadable(f"{wanted} is missing at the end", Span(max(end - 1, 0), end))
        self.place += 1
        return token

    def argument(self, macro: Token) -> Token:
        r"""The next TeX argument: a group, or a single token (``\frac12``: one digit)."""
        token = self.peek()
        if token is None:
            raise Unreadable(f"{macro.text} without its argument", macro.span)
        if token.kind == "number" and len(token.text) > 1 and "." not in token.text:
            first = Token("number", token.text[0], token.start, token.start + 1, token.spaced)
            rest = Token("number", token.text[1:], token.start + 1, token.end)
            self.tokens = [*self.tokens[: self.place], first, rest, *self.tokens[self.place + 1 :]]
            token = first
        self.place += 1
        return token


def contents(argument: Token) -> Tokens:
    """The tokens of an argument: what is inside a group, else the token itself."""
    return argument.inner if argument.kind == "group" else (argument,)


class Grammar(Protocol):
    """What the parts of the reader call back into; ``parse_expression.Reader`` is it."""

    tex: str

    def relation(self, tokens: Tokens, whole: Span) -> Node:
        """One expression or comparison."""

    def script(self, tokens: Tokens, whole: Span) -> Node:
        """The same inside a script, where letters in a row are indices."""

    def items(self, tokens: Tokens, whole: Span) -> tuple[Node, ...]:
        """Comma-separated expressions or comparisons."""

    def expression(self, tokens: Tokens, whole: Span) -> Node:
        """A sum of terms up to the end of the tokens."""

    def term(self, cursor: Cursor) -> Node:
        """One term: up to the next + or −."""

    def run(self, cursor: Cursor, after: Token) -> Node:
        """The factors in a row that a function or operator written without brackets applies to."""

    def factor(self, cursor: Cursor) -> Node:
        """One atom with its scripts."""
