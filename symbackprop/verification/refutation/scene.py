"""A concrete setting: the last layer, the sizes of the axes, and the value of every free input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.refutation.class_values import Classes, ClassValues
from symbackprop.verification.refutation.reach import Key, Reach
from symbackprop.verification.refutation.rings import digest
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Context, Definition
from symbackprop.verification.terms.nodes import Axis, Cases, Relation, Size, Term, Whole
from symbackprop.verification.terms.sizes import made_of
from symbackprop.verification.terms.walk import walk

MOST_ROOM = 12  #: an axis that a window does not leave, if so few entries are enough
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

    ``env`` holds the label symbols. ``style`` says from where values are drawn: "whole", "small", "positive" or "unit";
    ``classes`` what else is known of a letter.
    """

    context: Context
    env: dict[str, int]
    pool: tuple[int, ...]
    seed: int
    style: str = "whole"
    positive: frozenset[str] = frozenset()
    negative: frozenset[str] = frozenset()
    classes: Classes = field(default_factory=dict)
    sizes: dict[AxisKey, int] = field(default_factory=dict)
    overrides: dict[Key, object] = field(default_factory=dict)
    by_name: dict[str, list[Definition]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for definition in self.context.definitions:
            self.by_name.setdefault(definition.name, []).append(definition)
        for definitions in self.by_name.values():
            if len(definitions) > 1:
                definitions.sort(key=lambda d: len(pattern_symbols(d, self.context)))
        self._draw_parts()

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
        whole = None if axis.labels else made_of(axis.name)
        if key not in self.sizes and whole is not None:
            self.sizes[key] = self._size_made_of(whole, env)
        if key not in self.sizes:
            used = len(self.sizes)
            self.sizes[key] = self.pool[used] if used < len(self.pool) else max(self.pool) + used - len(self.pool) + 1
        return self.sizes[key]

    def _size_made_of(self, whole: Affine, env: Mapping[str, int]) -> int:
        """A size that is a sum of others (``n - k + 1``)."""
        size = whole.constant + sum(count * self.size(Axis(other), env) for other, count in whole.parts)
        if size < 1:
            raise OutOfFamily("an axis without entries at the sizes that were drawn")
        return size

    def _draw_parts(self) -> None:
        """What is taken away from other sizes is small, and what it is taken from large."""
        axes = sorted({axis.name for t in self.context.tensors.values() for axis in t.axes if not axis.labels})
        parts = [part for name in axes if (whole := made_of(name)) is not None for part in whole.parts]
        for name in dict.fromkeys(name for name, count in parts if count < 0):
            self.sizes[(name, ())] = self.pool[len(self.sizes) % 3]
        for name in dict.fromkeys(name for name, count in parts if count > 0):
            self.sizes.setdefault((name, ()), 5 + len(self.sizes))
        for name, room in () if parts else sorted(self._rooms()):
            self.sizes.setdefault((name, ()), room + len(self.sizes))

    def _rooms(self) -> set[tuple[str, int]]:
        """The axes on which a definition looks through a window, and how far that reaches at small sizes."""
        found: dict[str, int] = {}
        for definition in self.context.definitions:
            for node in walk(definition.body):
                for relation in relations_of(node):
                    if isinstance(relation.left, Whole) and isinstance(relation.right, Size):
                        axis, index = relation.right.axis, relation.left.value
                        reach = index.constant + sum(count * self.pool[2] for _, count in index.parts if count > 0)
                        if not axis.labels and axis.size is None and made_of(axis.name) is None:
                            found[axis.name] = max(reach, found.get(axis.name, 0))
        return {(name, reach) for name, reach in found.items() if reach <= MOST_ROOM}

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
        if key[0] in self.classes:
            return self._class(key, self.classes[key[0]])
        if key[0] in self.negative:
            return -abs(self._free(key))
        return self._free(key)

    def _class(self, key: Key, known: ClassValues) -> Fraction:
        numbers = [*known.numbers, *(Fraction(k + 1) for axis in known.axes for k in range(self.size(axis, self.env)))]
        return numbers[digest(self.seed, key) % len(numbers)]

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


def relations_of(node: Term) -> list[Relation]:
    """The conditions of a case distinction."""
    return [r for conditions, _ in node.cases for r in conditions] if isinstance(node, Cases) else []


def pattern_symbols(definition: Definition, context: Context) -> frozenset[str]:
    """The label symbols that stand for every member (the symbol of the last label stands for that one only)."""
    names = {label.name for label in definition.labels if label.name is not None}
    return frozenset(names - {context.family.last})
