"""Whole-number index expressions: the labels and indices of tensor entries (``l + 1``, ``t - k``, ``3``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Affine:
    """A sum of whole multiples of index symbols and a constant, in one canonical form.

    >>> l = Affine.symbol("l")
    >>> str(l + 1), str(l - l), str(Affine.of(3) - l)
    ('l + 1', '0', '-l + 3')
    """

    parts: tuple[tuple[str, int], ...] = ()
    constant: int = 0

    @classmethod
    def symbol(cls, name: str) -> Affine:
        return cls(((name, 1),))

    @classmethod
    def of(cls, number: int) -> Affine:
        return cls((), number)

    def __add__(self, other: Affine | int) -> Affine:
        if isinstance(other, int):
            return Affine(self.parts, self.constant + other)
        if not self.parts or not other.parts:
            return Affine(self.parts or other.parts, self.constant + other.constant)
        parts = dict(self.parts)
        for name, count in other.parts:
            parts[name] = parts.get(name, 0) + count
        kept = tuple(sorted((name, count) for name, count in parts.items() if count))
        return Affine(kept, self.constant + other.constant)

    def __neg__(self) -> Affine:
        return Affine(tuple((name, -count) for name, count in self.parts), -self.constant)

    def __sub__(self, other: Affine | int) -> Affine:
        return self + (-other)

    @property
    def number(self) -> int | None:
        """The value if no symbol is left."""
        return None if self.parts else self.constant

    @property
    def name(self) -> str | None:
        """The symbol if the expression is one bare symbol."""
        bare = not self.constant and len(self.parts) == 1 and self.parts[0][1] == 1
        return self.parts[0][0] if bare else None

    @property
    def symbols(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.parts)

    def substitute(self, values: Mapping[str, Affine]) -> Affine:
        """Replace symbols by index expressions, all at once."""
        if not any(name in values for name, _ in self.parts):
            return self
        result = Affine.of(self.constant)
        for name, count in self.parts:
            value = values.get(name, Affine.symbol(name))
            result += Affine(tuple((n, c * count) for n, c in value.parts), value.constant * count)
        return result

    def __str__(self) -> str:
        words = [f"{'-' if c < 0 else '+'} {'' if abs(c) == 1 else abs(c)}{n}" for n, c in self.parts]
        if self.constant or not words:
            words.append(f"{'-' if self.constant < 0 else '+'} {abs(self.constant)}")
        text = " ".join(words)
        return text[2:] if text.startswith("+ ") else "-" + text[2:]
