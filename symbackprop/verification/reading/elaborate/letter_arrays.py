"""All entries of a letter as an array."""

from __future__ import annotations

import re

from symbackprop.verification.reading.composites import part_entry
from symbackprop.verification.reading.shapes import Array, Indices
from symbackprop.verification.reading.symbols import Symbol, undressed
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Entry
from symbackprop.verification.terms.walk import axis_at

_ACCENTS = re.compile(r"^\\(hat|tilde|bar|check)\b")


def letter_array(symbol: Symbol, labels: tuple[Affine, ...]) -> Array:
    """All entries of a letter, or of one member of its family."""
    env = dict(zip(symbol.labels, labels, strict=True))
    axes = tuple(axis_at(axis, env) for axis in symbol.axes or ())
    fixed = tuple(Affine.symbol(letter) for letter, _ in symbol.fixed)

    def at(idx: Indices) -> Entry:
        name, inner = part_entry(symbol.name, axes, idx)
        return Entry(name, labels, (*inner, *fixed))

    return Array(
        axes,
        at,
        sure=symbol.declared and symbol.certain,
        suspect=_is_suspect(symbol),
    )


def _is_suspect(symbol: Symbol) -> bool:
    """A capital letter of undeclared shape may be a matrix: it is not multiplied with arrays as if it were a number."""
    declared = symbol.declared and not symbol.is_random
    return not declared and not symbol.axes and _ACCENTS.sub("", undressed(symbol.name)).lstrip("{")[:1].isupper()
