"""Sizes that are written as a sum of other sizes: ``n - k + 1`` places of a window."""

from __future__ import annotations

import re
from functools import lru_cache

from symbackprop.verification.terms.affine import Affine

_PART = re.compile(r"([+-]?)(\d*)((?:\\[A-Za-z]+|[A-Za-z])(?:_(?:\w|\{\w+\}))?)|([+-]?\d+)")


@lru_cache(maxsize=4_096)
def made_of(name: str) -> Affine | None:
    """The name of an axis as a sum of the names of others; ``None`` for a size of its own.

    >>> str(made_of("n - 2k+1")), made_of("n"), made_of("n/2"), made_of("dim(w)")
    ('-2k + n + 1', None, None, None)
    """
    text, place, total, parts = name.replace(" ", ""), 0, Affine(), 0
    while place < len(text):
        match = _PART.match(text, place)
        if match is None or place and text[place] not in "+-":
            return None
        sign, count, letter, number = match.groups()
        part = Affine.of(int(number)) if number else Affine(((letter, int(count or 1)),))
        total = total - part if sign == "-" else total + part
        place, parts = match.end(), parts + 1
    return total if parts > 1 and total.parts else None
