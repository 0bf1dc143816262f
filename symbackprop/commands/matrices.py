"""Small matrices and values as they are typed on the command line, ``1/2,a; 0,b^2``: read exactly, never evaluated."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from fractions import Fraction

from sympy import Expr, Matrix, Rational, Symbol

from symbackprop.errors import InvalidSpec

_LONGEST = 300
_HIGHEST = 12
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?|\.\d+)|([A-Za-z][A-Za-z0-9_]*)|(\*\*|[-+*/^()]))", re.ASCII)
_HOW = "entries are made of numbers, letters, + - * / ^ and brackets, such as 1/2, 2a or (p-q)^2"


def read_matrix(text: str, positive: Collection[str] = (), taken: Collection[str] = ()) -> Matrix:
    """A matrix whose rows end with ``;`` and entries with ``,``; letters are real numbers, some of them positive.

    What is no such matrix, or uses a letter that is ``taken``, is an :class:`~symbackprop.errors.InvalidSpec`.

    >>> read_matrix("1/2, 2a; -(a+b)^2, 0.5")
    Matrix([
    [      1/2, 2*a],
    [-(a + b)**2, 1/2]])
    """
    rows = [[read_number(entry, positive, taken) for entry in row.split(",")] for row in text.split(";") if row.strip()]
    if not rows or len({len(row) for row in rows}) > 1:
        raise InvalidSpec(f"{text!r} is no matrix: rows of one length end with ; and entries with , as in 1,2;3,4")
    return Matrix(rows)


def read_values(text: str, positive: Collection[str] = ()) -> Mapping[str, Expr]:
    """Values by label.

    >>> read_values("w^1=0, w^2=1/2")
    {'w^1': 0, 'w^2': 1/2}
    """
    found: dict[str, Expr] = {}
    for part in text.split(","):
        label, equals, value = (piece.strip() for piece in part.partition("="))
        if not label or not equals or label in found:
            raise InvalidSpec(f"{part.strip()!r} is no value: say each once, as in w^1=0,w^2=1/2")
        found[label] = read_number(value, positive)
    return found


def read_number(text: str, positive: Collection[str] = (), taken: Collection[str] = ()) -> Expr:
    """A number, or an expression in letters.

    >>> read_number("2a/(a+1)", positive=["a"])
    2*a/(a + 1)
    """
    if len(text) > _LONGEST:
        raise InvalidSpec(f"an entry of {len(text)} signs is too long; {_LONGEST} is the most")
    return _Reader(text, frozenset(positive), frozenset(taken)).whole()


class _Reader:
    """Recursive descent over one entry."""

    def __init__(self, text: str, positive: frozenset[str], taken: frozenset[str]) -> None:
        self.text, self.positive, self.taken = text, positive, taken
        self.tokens: list[str] = []
        place, end = 0, len(text.rstrip())
        while place < end:
            match = _TOKEN.match(text, place)
            if match is None:
                raise self.wrong(f"{text[place:].strip()[0]!r} is not known")
            self.tokens.append(match[match.lastindex or 0])
            place = match.end()
        self.at = 0

    def wrong(self, why: str) -> InvalidSpec:
        return InvalidSpec(f"{self.text.strip()!r} cannot be read: {why}; {_HOW}")

    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *signs: str) -> str:
        """The next token if it is one of ``signs``."""
        found = self.next()
        if found and found in signs:
            self.at += 1
            return found
        return ""

    def whole(self) -> Expr:
        value = self.sum()
        if self.next():
            raise self.wrong(f"{self.next()!r} is not expected there")
        return value

    def sum(self) -> Expr:
        value = -self.product() if self.take("-") else self.product()
        while sign := self.take("+", "-"):
            value = value + self.product() if sign == "+" else value - self.product()
        return value

    def product(self) -> Expr:
        value = self.power()
        while (sign := self.take("*", "/")) or (self.next() and self.next() not in "+-*/^)**"):
            factor = self.power()
            if sign == "/" and factor == 0:
                raise self.wrong("it divides by 0")
            value = value / factor if sign == "/" else value * factor
        return value

    def power(self) -> Expr:
        base = self.atom()
        if not self.take("^", "**"):
            return base
        exponent = -self.atom() if self.take("-") else self.atom()
        if not exponent.is_Integer or abs(exponent) > _HIGHEST or base == 0 and exponent < 0:
            raise self.wrong(f"a power is a whole number up to {_HIGHEST}")
        return base**exponent

    def atom(self) -> Expr:
        token = self.next()
        self.at += 1
        if token == "(":
            value = self.sum()
            if not self.take(")"):
                raise self.wrong("a bracket is not closed")
            return value
        if token[:1].isdigit() or token.startswith("."):
            number = Fraction(token)
            return Rational(number.numerator, number.denominator)
        if not token[:1].isalpha():
            raise self.wrong(f"{token!r} is not expected there" if token else "it ends too early")
        if token in self.taken:
            raise self.wrong(f"{token} means something else here, take another letter")
        return Symbol(token, real=True, positive=True) if token in self.positive else Symbol(token, real=True)
