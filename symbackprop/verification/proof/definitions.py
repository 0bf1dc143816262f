"""The definitions of a context at symbolic labels: which one holds for an entry, and what reaches what."""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.proof.facts import Facts
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import PRODUCT, Context, Definition
from symbackprop.verification.terms.nodes import Axis, Entry, Range, Term
from symbackprop.verification.terms.walk import Names, axis_at, entry_names, freshen, walk


class NeedsCase(NotSupported):
    """A step that depends on whether ``difference >= 0``, which is not known."""

    def __init__(self, difference: Affine) -> None:
        super().__init__(f"it is not known whether {difference} >= 0")
        self.difference = difference


@dataclass
class Definitions:
    """Looks up definitions under ``facts``."""

    context: Context
    facts: Facts
    names: Names

    def __post_init__(self) -> None:
        self.uses = {d.name: set[str]() for d in self.context.definitions}
        for definition in self.context.definitions:
            self.uses[definition.name] |= entry_names(definition.body)
        for tensor in self.context.tensors.values():
            if tensor.matrix is not None:
                self.uses[tensor.name] = {tensor.matrix}
        self._reach: dict[str, frozenset[str]] = {}
        self._depth: dict[str, int] = {}

    # -- static dependence ------------------------------------------------------------------------------------------
    def reached(self, name: str) -> frozenset[str]:
        """All letters that a letter depends on, whatever the labels."""
        if name not in self._reach:
            seen: set[str] = set()
            queue = sorted(self.uses.get(name, ()))
            while queue:
                other = queue.pop()
                if other not in seen:
                    seen.add(other)
                    queue += sorted(self.uses.get(other, ()))
            self._reach[name] = frozenset(seen)
        return self._reach[name]

    def depth(self, name: str, above: frozenset[str] = frozenset()) -> int:
        """How many definitions lie below a letter at the same label."""
        if name not in self._depth:
            below = {
                node.name
                for d in self.context.definitions
                if d.name == name
                for node in walk(d.body)
                if isinstance(node, Entry) and node.name not in above | {name} and _level(node, d)
            }
            levels = [self.depth(other, above | {name}) for other in sorted(below)]
            self._depth[name] = 1 + max(levels, default=0) if name in self.uses else 0
        return self._depth[name]

    @staticmethod
    def is_product(name: str) -> bool:
        """Whether the members of a family are the products of so many matrices."""
        return name.startswith(PRODUCT)

    # -- the definition of an entry ---------------------------------------------------------------------------------
    def patterns(self, definition: Definition) -> list[str]:
        last = self.context.family.last
        return [str(a.name) for a in definition.labels if a.name is not None and a.name != last]

    def span(self) -> Range:
        family = self.context.family
        if family.last is None:
            raise NotSupported("a sum over a family without a last member")
        return Range(Affine.of(family.first), Affine.symbol(family.last))

    def find(self, name: str, labels: tuple[Affine, ...]) -> tuple[Definition, dict[str, Affine]] | None:
        """The definition of a member; ``None`` for a free input; ``NeedsCase`` if that depends on a label."""
        candidates = [d for d in self.context.definitions if d.name == name and len(d.labels) == len(labels)]
        for definition in sorted(candidates, key=lambda d: len(self.patterns(d))):
            env = self._match(definition, labels)
            if env is not None:
                return definition, env
        return None

    def _match(self, definition: Definition, labels: tuple[Affine, ...]) -> dict[str, Affine] | None:
        if len(definition.labels) != len(labels):
            return None
        env: dict[str, Affine] = {}
        patterns = self.patterns(definition)
        for pattern, label in zip(definition.labels, labels, strict=True):
            if pattern.name is not None and pattern.name in patterns:
                if env.setdefault(pattern.name, label) != label or not self.inside(label):
                    return None
            elif not self.equal(pattern, label):
                return None
        return env

    def inside(self, label: Affine) -> bool:
        """Whether a label is one of the family's, if that is known."""
        family = self.context.family
        if family.last is None:
            if self.facts.holds(label + (-family.first)):
                return True
            if self.facts.holds(-label + (family.first - 1)):
                return False
            raise NeedsCase(label + (-family.first))
        span = self.span()
        known = self.facts.within(label, span)
        if known is not None:
            return known
        for difference in (label - span.lo, span.hi - label):
            if not self.facts.holds(difference):
                raise NeedsCase(difference)
        raise AssertionError("a label within its range that is not within it")

    def equal(self, left: Affine, right: Affine) -> bool:
        """Whether two labels are the same, if that is known."""
        difference = left - right
        if difference.number is not None:
            return difference.number == 0
        for side in (difference, -difference):
            if self.facts.holds(side + (-1)):
                return False
        raise NeedsCase((difference if self.facts.holds(difference) else -difference) + (-1))

    def body(self, entry: Entry) -> Term | None:
        """The body that defines an entry, with its own indices; ``None`` for a free input."""
        found = self.find(entry.name, entry.labels)
        if found is None:
            return None
        definition, env = found
        if len(definition.indices) != len(entry.indices):
            raise NotSupported(f"{entry.name} has another number of indices where it is defined")
        return freshen(
            definition.body, {**env, **dict(zip(definition.indices, entry.indices, strict=True))}, self.names
        )

    def axes(self, name: str, labels: tuple[Affine, ...]) -> tuple[Axis, ...]:
        """The axes of a member of a family."""
        tensor = self.context.tensors.get(name)
        if tensor is None:
            raise NotSupported(f"the shape of {name} is not known")
        env = dict(zip(tensor.labels, labels, strict=False))
        return tuple(axis_at(axis, env) for axis in tensor.axes)


def _level(entry: Entry, definition: Definition) -> bool:
    """Whether an entry in a body has the label of the definition (or none)."""
    return not entry.labels or entry.labels == definition.labels
