"""A piece of LaTeX, with what must be known to put it into brackets."""

from __future__ import annotations

from typing import NamedTuple

from symbackprop.errors import SymbackpropError


class NotPrintable(SymbackpropError):
    """An expression of a kind that has no spelling."""


class Piece(NamedTuple):
    """LaTeX with the strength of its outermost sign, and whether it is higher than a line."""

    text: str
    level: int
    tall: bool = False


#: A sum of terms, a sum over an index (which takes what follows it), a product, a power or call, a single sign.
TERMS, BIG, PRODUCT, POWER, ATOM = range(5)


def brackets(piece: Piece) -> str:
    """Round brackets, growing if what they hold is high."""
    return rf"\left({piece.text}\right)" if piece.tall else f"({piece.text})"
