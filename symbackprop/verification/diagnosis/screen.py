"""A quick look at candidates for the right side of one link: read in the same scope, compared at the same points."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace

from symbackprop.verification.budget import Budget, Meter, NotSupported, OverBudget
from symbackprop.verification.judge import refutes, without_theorems
from symbackprop.verification.reading import Choice, Scope
from symbackprop.verification.reading.elaborate.axes import letters_by_axis
from symbackprop.verification.reading.elaborate.claims import Formula, function_arguments, read_claims
from symbackprop.verification.reading.elaborate.preparation import prepared
from symbackprop.verification.reading.elaborate.usage import example_counts, index_letters_of
from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.surface import Node, NotRead, Statement
from symbackprop.verification.refutation.assumptions import Unsatisfied
from symbackprop.verification.refutation.draw import Drawer
from symbackprop.verification.refutation.evaluate import Evaluator
from symbackprop.verification.refutation.features import features
from symbackprop.verification.refutation.narrow import narrowed
from symbackprop.verification.refutation.rings import Undefined, digest
from symbackprop.verification.terms.context import Claim
from symbackprop.verification.terms.nodes import Entry
from symbackprop.verification.terms.walk import free_symbols, walk


@dataclass
class Spot:
    """A point with what was evaluated at it, and its numbers of layers and times."""

    evaluator: Evaluator
    labels: dict[str, int]
    number: int


#: What one look may cost; many are taken.
LOOK = Budget(operations=30_000)
#: What a look counts for that draws points of its own, in operations.
FRESH = 2_000
POINTS = 3
TRIES = 12
DIGITS = 30


def formula_of(tex: str, nodes: tuple[Node, ...], scope: Scope) -> Formula:
    """What the links of a formula have in common."""
    arguments, indices = function_arguments(nodes, tex), index_letters_of(nodes, scope)
    return Formula(tex, arguments, indices, example_counts(nodes, scope), letters_by_axis(nodes, scope))


@dataclass
class Screen:
    """Candidates for the right side of ``left = …``; what it lets pass may still be wrong.

    ``alone`` says whether the right side is read without what stands around it, ``spent`` counts operations. A point
    belongs to numbers of layers and times; each is drawn once and kept, with all that was evaluated at it.
    """

    left: Node
    statement: Statement
    scope: Scope
    formula: Formula
    seed: int
    unbound: tuple[str, ...] = ()
    alone: bool = True
    spent: int = 0
    points: dict[object, Spot | None] = field(default_factory=dict)
    drawers: dict[object, Drawer | None] = field(default_factory=dict)

    def admits(self, source: str) -> bool:
        """Whether the right side written as ``source`` is understood and not seen to be wrong."""
        surface = read_surface(source, self.scope.macros)
        if isinstance(surface, NotRead):
            return not self.alone
        if len(surface) != 1 or len(surface[0].sides) != 1 or surface[0].sides[0] is None:
            return True
        equation = replace(self.statement, sides=(self.left, surface[0].sides[0]), relations=("=",))
        named, *others = prepared((equation,), self.scope)
        left, right = named.sides if len(named.sides) == 2 else (None, None)
        if left is None or right is None or others:
            return True
        claims = read_claims(left, right, named.conditions, self.scope, self.formula)
        if not claims.choices or not set(claims.unbound) <= set(self.unbound):
            return False
        return not self._differs(claims.choices[0])

    def _differs(self, choice: Choice) -> bool:
        try:
            drawer = None if choice.claim.conditions else self._drawer(choice)
            if drawer is not None and not drawer.labels:
                return True  # at no numbers of layers or times do all members exist that it names
            spots = self._spots(drawer) if drawer is not None else []
            if spots:
                return any(self._differs_at(choice.claim, spot) for spot in spots)
        except (NotSupported, OverBudget, RecursionError):
            self.points.clear()
        self.spent += FRESH
        return refutes(choice.claim, choice.context, budget=LOOK)

    def _differs_at(self, claim: Claim, spot: Spot) -> bool:
        evaluator, number = spot.evaluator, spot.number
        scene, env = evaluator.scene, dict(spot.labels)
        evaluator.meter = Meter(LOOK)
        for place, (name, axis) in enumerate(claim.free):
            env[name] = 1 + (digest(scene.seed, "start") + place * (number % 2)) % scene.size(axis, spot.labels)
        try:
            left, right = (evaluator.duals.primal(evaluator.value(side, env)) for side in (claim.left, claim.right))
        except Undefined:
            return False
        finally:
            self.spent += evaluator.meter.spent
        return evaluator.ring.differ(left, right)

    def _drawer(self, choice: Choice) -> Drawer | None:
        """Who draws points at numbers of layers and times for which all members exist that the claim names."""
        sides = (choice.claim.left, choice.claim.right)
        named = {(n.name, n.labels) for side in sides for n in walk(side) if isinstance(n, Entry) and n.labels}
        key = (frozenset(named), frozenset().union(*map(free_symbols, sides)) & self.scope.running)
        if key not in self.drawers:
            self.drawers[key] = self._new_drawer(choice)
        return self.drawers[key]

    def _new_drawer(self, choice: Choice) -> Drawer | None:
        context, claim = without_theorems(choice.context, choice.claim, LOOK)
        if narrowed(claim, context)[2]:
            return None
        drawer = Drawer(claim, context, features(claim, context), self.seed, Meter(LOOK))
        drawer.labels.sort(key=lambda env: sum(env.values()))
        return drawer

    def _spots(self, drawer: Drawer) -> list[Spot]:
        count = 2 * POINTS if drawer.wants.ordered else POINTS
        spots = (self._spot(drawer, drawer.labels[k % len(drawer.labels)], k) for k in range(count))
        return [spot for spot in spots if spot is not None]

    def _spot(self, drawer: Drawer, labels: dict[str, int], number: int) -> Spot | None:
        key = (tuple(sorted(labels.items())), number)
        if key not in self.points:
            self.points[key] = None
            alone = copy(drawer)
            alone.labels = [labels]
            for attempt in range(number, TRIES, POINTS):
                alone.meter = Meter(LOOK)
                try:
                    point = alone.point(attempt, drawer.wants.ring(DIGITS))
                except Unsatisfied:
                    continue
                if point is not None and point.left is not None:
                    evaluator = Evaluator(point.scene, point.ring, Meter(LOOK))
                    self.points[key] = Spot(evaluator, dict(point.scene.env), number)
                    break
        return self.points[key]
