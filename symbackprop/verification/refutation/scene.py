"""A concrete setting: the last layer, the sizes of the axes, and the value of every free input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.refutation.reach import Key, Reach
from symbackprop.verification.refutation.rings import digest
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Context, Definition
from symbackprop.verification.terms.nodes import Axis

AxisKey = tuple[str, tuple[int, ...]]


class OutOfFamily(NotSupported):
    """A label that no member of a defined family has."""


def at(index: Affine, env: Mapping[str, int]) -> int:
    """The value of an index expression."""
    total = index.constant
    for name, count in index.parts:
        if name not in env:
            raise OutOfFamily(f"the index {name} is bound nowhere")
        total += env[name] * count
    return total


@dataclass
class Scene:
    """Sizes are handed out in the order in which axes are met, so that no two axes have the same size.

    ``env`` holds the label symbols. ``style`` says from where values are drawn: "whole", "small", "positive" or "unit".
    """

    context: Context
    env: dict[str, int]
    pool: tuple[int, ...]
    seed: int
    style: str = "whole"
    positive: frozenset[str] = frozenset()
    negative: frozenset[str] = frozenset()
    sizes: dict[AxisKey, int] = field(default_factory=dict)
    overrides: dict[Key, object] = field(default_factory=dict)
    by_name: dict[str, list[Definition]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for definition in self.context.definitions:
            self.by_name.setdefault(definition.name, []).append(definition)
        for definitions in self.by_name.values():
            definitions.sort(key=lambda d: len(pattern_symbols(d, self.context)))

    @cached_property
    def reach(self) -> Reach:
        return Reach(self.context)

    @property
    def last(self) -> int | None:
        name = self.context.family.last
        return None if name is None else self.env.get(name)

    def size(self, axis: Axis, env: Mapping[str, int]) -> int:
        if axis.size is not None:
            return axis.size
        key = (axis.name, tuple(at(label, env) for label in axis.labels))
        if key not in self.sizes:
            used = len(self.sizes)
            self.sizes[key] = self.pool[used] if used < len(self.pool) else max(self.pool) + used - len(self.pool) + 1
        return self.sizes[key]

    def definition(self, name: str, labels: tuple[int, ...]) -> tuple[Definition, dict[str, int]] | None:
        """The definition of a member and the values of its label symbols; ``None`` for a free input."""
        for definition in self.by_name.get(name, ()):
            env = self._match(definition, labels)
            if env is not None:
                return definition, env
        return None

    def _match(self, definition: Definition, labels: tuple[int, ...]) -> dict[str, int] | None:
        if len(definition.labels) != len(labels):
            return None
        env: dict[str, int] = {}
        patterns = pattern_symbols(definition, self.context)
        for pattern, label in zip(definition.labels, labels, strict=True):
            if pattern.name in patterns:
                if not self.in_family(label) or env.setdefault(str(pattern.name), label) != label:
                    return None
            elif at(pattern, self.env) != label:
                return None
        return env

    def in_family(self, label: int) -> bool:
        if label < self.context.family.first:
            return False
        return self.last is None or label <= self.last

    def drawn(self, key: Key) -> Fraction:
        """The value of a free input; it depends on the seed and the name of the entry only."""
        if key[0] in self.negative:
            return -abs(self._free(key))
        return self._free(key)

    def _free(self, key: Key) -> Fraction:
        number = digest(self.seed, key)
        if self.style == "whole" and key[0] not in self.positive:
            return Fraction(number % 97 - 48)
        if self.style == "unit":
            return Fraction(1 + number % 39, 41)
        eighths = Fraction(number % 39 - 19 or 5, 8)
        return abs(eighths) if self.style == "positive" or key[0] in self.positive else eighths

    def moment(self, key: Key, what: str) -> Fraction:
        """A moment of the letter of a random entry that is not stated; the same for all entries of a letter."""
        return Fraction(1 + digest(self.seed, key[:2], what) % 5)

    def skew(self, key: Key) -> Fraction:
        """How far above its mean the upper outcome of a random entry lies."""
        return Fraction(1 + digest(self.seed, key[:2], "skew") % 7, 2)


def pattern_symbols(definition: Definition, context: Context) -> frozenset[str]:
    """The label symbols that stand for every member (the symbol of the last label stands for that one only)."""
    names = {label.name for label in definition.labels if label.name is not None}
    return frozenset(names - {context.family.last})
