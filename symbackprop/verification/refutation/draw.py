"""Drawing points: label values, sizes, free indices and inputs, moved onto the assumptions."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from random import Random

from symbackprop.verification.budget import Meter
from symbackprop.verification.refutation.assumptions import Unsatisfied, satisfy
from symbackprop.verification.refutation.class_values import Classes, class_values
from symbackprop.verification.refutation.duals import Value
from symbackprop.verification.refutation.evaluate import Evaluator
from symbackprop.verification.refutation.features import Features, index_only, relevant
from symbackprop.verification.refutation.labels import label_values
from symbackprop.verification.refutation.rings import Ring, Undefined, digest
from symbackprop.verification.refutation.scene import Scene
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.nodes import Entry, Num, Relation, Term

SMALL = (2, 3, 4, 5, 6, 7, 8, 9)
RANDOM = (2, 3, 4, 5)
PLACES = 16  #: an array of known size with so many entries at most is looked at entry by entry
LARGE = (7, 8, 6, 9, 5, 10, 11)


@dataclass
class Point:
    """A drawn point with the values of both sides (``None`` where a side is not defined)."""

    scene: Scene
    env: dict[str, int]
    ring: Ring
    left: Value | None = None
    right: Value | None = None
    why: str = ""
    touched: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = field(default_factory=list)
    kinks: dict[int, set[int]] = field(default_factory=dict)


class Drawer:
    """Draws the points of one claim; the same seed and number give the same point in every ring."""

    def __init__(
        self, claim: Claim, context: Context, wants: Features, seed: int, meter: Meter, classes: Classes | None = None
    ) -> None:
        self.claim, self.context, self.wants, self.seed, self.meter = claim, context, wants, seed, meter
        self.classes = class_values(claim, context)[0] if classes is None else classes
        self.labels = list(label_values(claim, context))
        Random(seed).shuffle(self.labels)
        assumed = [pair for pair in context.assumptions if relevant(pair[1], wants.letters)]
        self.assumed = assumed + [((), c) for c in claim.conditions if c.op == "=" and not index_only(c)]
        self.filters = [c for c in claim.conditions if c.op != "=" or index_only(c)]
        fixed = [axis.size for _, axis in claim.free if axis.size is not None]
        self.places = prod(fixed) if prod(fixed) <= PLACES else 1
        relations = [r for _, r in self.assumed] + list(self.filters)
        self.positive, self.negative = (frozenset(_signed_names(relations, sign)) for sign in (1, -1))

    def point(self, number: int, ring: Ring) -> Point | None:
        """The point of this number; ``None`` if it misses a condition; ``Unsatisfied`` if an assumption fails."""
        scene = self._scene(number)
        env = self._indices(scene, number)
        if not self._admitted(scene, env, ring, [c for c in self.filters if index_only(c)]):
            return None
        try:
            satisfy(scene, env, ring, self.meter, self.assumed)
            if not self._admitted(scene, env, ring, [c for c in self.filters if not index_only(c)]):
                return None
        except Undefined as error:
            raise Unsatisfied(str(error)) from error
        return self._evaluated(Point(scene, env, ring))

    def _scene(self, number: int) -> Scene:
        labels = self.labels[number % len(self.labels)]
        seed = digest(self.seed, number)
        pool: tuple[int, ...] = LARGE if number == 3 and self.wants.sized and not self.wants.random else SMALL
        pool = RANDOM if self.wants.random else pool
        shift = seed % 3
        pool = (*pool[shift:3], *pool[:shift], *pool[3:])
        style = ("small", "positive", "unit")[number % 3] if self.wants.real or self.wants.ordered else "whole"
        if self.wants.ordered and not self.wants.real:
            style = ("small", "whole", "unit", "whole")[number % 4]
        return Scene(self.context, dict(labels), pool, seed, style, self.positive, self.negative, self.classes)

    def _indices(self, scene: Scene, number: int) -> dict[str, int]:
        """Free indices: by turns all equal, all different, and at random; the few places of a small array in turn."""
        chance, env = Random(digest(scene.seed, "indices")), dict(scene.env)
        start, rest = chance.randrange(8), number % self.places
        for place, (name, axis) in enumerate(self.claim.free):
            size = scene.size(axis, env)
            choice = (start, start + place, chance.randrange(size))[(number + number // 3) % 3]
            env[name] = 1 + choice % size
            if axis.size is not None and self.places > 1:
                rest, left_over = divmod(rest, axis.size)
                env[name] = 1 + left_over
        return env

    def _admitted(self, scene: Scene, env: dict[str, int], ring: Ring, filters: list[Relation]) -> bool:
        evaluator = Evaluator(scene, ring, self.meter)
        return all(evaluator.holds(condition, env) for condition in filters)

    def _evaluated(self, point: Point) -> Point:
        evaluator = Evaluator(point.scene, point.ring, self.meter)
        results: list[Value | None] = []
        for side in (self.claim.left, self.claim.right):
            try:
                results.append(evaluator.duals.primal(evaluator.value(side, point.env)))
            except Undefined as error:
                results.append(None)
                point.why = str(error)
        point.left, point.right = results
        point.touched, point.kinks = list(evaluator.touched), evaluator.kinks
        return point


def _signed_names(relations: list[Relation], sign: int) -> list[str]:
    """Letters that an assumption keeps on one side of a number that is not on the other side of 0."""
    found = []
    for relation in relations:
        pairs: list[tuple[Term, Term]] = []
        if relation.op in ((">", ">=") if sign > 0 else ("<", "<=")):
            pairs = [(relation.left, relation.right)]
        elif relation.op in (("<", "<=") if sign > 0 else (">", ">=")):
            pairs = [(relation.right, relation.left)]
        found += [a.name for a, b in pairs if isinstance(a, Entry) and isinstance(b, Num) and b.value * sign >= 0]
    return found
