"""Looking for a counterexample: an exact or certified point, which a second evaluator must confirm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import mpmath

from symbackprop.errors import SymbackpropError
from symbackprop.verification.budget import Budget, Meter, NotSupported, OverBudget
from symbackprop.verification.refutation.assumptions import Unsatisfied
from symbackprop.verification.refutation.class_values import class_values
from symbackprop.verification.refutation.draw import Drawer, Point
from symbackprop.verification.refutation.features import features
from symbackprop.verification.refutation.narrow import narrowed
from symbackprop.verification.refutation.reach import Key
from symbackprop.verification.refutation.replay import Replay
from symbackprop.verification.refutation.rings import Ball, Modular, Rational, Ring, Undefined
from symbackprop.verification.refutation.scene import Scene
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.counting import LAYER
from symbackprop.verification.verdict import Counterexample

POINTS = 6
TRIES = 60
SHOWN = 24
QUICK_DIGITS = 30


@dataclass
class Search:
    """What looking for a counterexample found."""

    counterexample: Counterexample | None = None
    agreed: int = 0
    one_sided: str = ""
    reason: str = ""
    ring: str = ""
    undefined: int = 0
    unsolved: bool = False
    no_labels: bool = False
    disagreement: str = ""
    kinks: dict[int, set[int]] = field(default_factory=dict)


def search(
    claim: Claim, context: Context, *, seed: int, budget: Budget, points: int = POINTS, digits: int = 50
) -> Search:
    """Evaluate both sides at up to ``points`` admissible points; stop at the first certified difference."""
    claim, context, shortened = narrowed(claim, context)
    wants = features(claim, context)
    for classes in class_values(claim, context):  # wrong is what is wrong whichever numbers are meant as classes
        drawers = (Drawer(claim, context, wants, seed, Meter(budget), classes) for _ in range(2))
        found = _search(next(drawers), wants.ring(digits), points)
        if found.unsolved and not wants.real:  # an equation such as n σ² = 1 has solutions in the reals only
            found = _search(next(drawers), Ball(digits), points)
        if found.counterexample is None:
            break
    if found.counterexample is not None and shortened:
        note = ", ".join(f"{old} entries to {new}" for old, new in sorted(shortened.items()))
        values = (*found.counterexample.values, ("axes shortened", note))
        found.counterexample = replace(found.counterexample, values=values)
    return found


def differs(claim: Claim, context: Context, *, seed: int, budget: Budget, points: int) -> bool:
    """Whether the sides differ at one of the first admissible points, small ones first; neither shown nor replayed."""
    claim, context, _ = narrowed(claim, context)
    wants = features(claim, context)
    drawer, agreed, ring = Drawer(claim, context, wants, seed, Meter(budget)), 0, wants.ring(QUICK_DIGITS)
    drawer.labels.sort(key=lambda env: sum(env.values()))
    for number in range(TRIES if drawer.labels else 0):
        try:
            point = drawer.point(number, ring)
        except Unsatisfied:
            if number >= 2 * points and not agreed:
                return search(claim, context, seed=seed, budget=budget, points=points).counterexample is not None
            continue
        if point is not None and point.left is not None and point.right is not None:
            if ring.differ(point.left, point.right):
                return True
            agreed += 1
        if agreed >= points:
            return False
    return False


def _search(drawer: Drawer, ring: Ring, points: int) -> Search:
    found = Search(ring=ring.name)
    try:
        _draw_points(drawer, ring, points, found)
    except (NotSupported, OverBudget, RecursionError) as error:
        found.reason = str(error) or "out of budget: too deep"
    return found


def _draw_points(drawer: Drawer, ring: Ring, points: int, found: Search) -> None:
    if not drawer.labels:
        found.no_labels = True
        found.reason = "no number of layers or times makes all the members exist that the formula names"
        return
    twice = 2 * points if drawer.wants.partial or len(drawer.labels) > points else points
    wanted = max(twice if points > 2 else points, drawer.places)
    missed = ""
    for number in range(TRIES):
        if _enough(found, wanted):
            return
        try:
            point = drawer.point(number, ring)
        except Unsatisfied as error:
            missed = str(error)
            if number >= 20 and not found.agreed and not found.undefined:
                break
            continue
        except OverBudget:
            if found.agreed < 2:
                raise
            return
        if point is not None and _compare(point, drawer, number, found):
            return
    if not found.agreed:
        found.unsolved = bool(missed)
        found.reason = missed or "no point was found at which both sides are defined"


def _enough(found: Search, wanted: int) -> bool:
    """Whether enough points agree, on both sides of every kink that was met if that can be had."""
    both = all(len(signs) > 1 for signs in found.kinks.values())
    return found.agreed >= (wanted if both else 3 * wanted)


def _compare(point: Point, drawer: Drawer, number: int, found: Search) -> bool:
    """Take a point into account; true if it settles the search."""
    if point.left is None or point.right is None:
        found.undefined += 1
        if (point.left is None) != (point.right is None):
            side = "left" if point.left is None else "right"
            found.one_sided = f"at some points only the {side} side is undefined ({point.why})"
        return False
    for site, signs in point.kinks.items():
        found.kinks.setdefault(site, set()).update(signs)
    if not point.ring.differ(point.left, point.right):
        found.agreed += 1
        return False
    exact = _in_rationals(point, drawer, number)
    if exact is None:
        return False
    found.disagreement = _replayed(exact, drawer.claim)
    if not found.disagreement:
        found.counterexample = _counterexample(exact)
    return True


def _in_rationals(point: Point, drawer: Drawer, number: int) -> Point | None:
    """The same point in rationals where it was found among residues."""
    if not isinstance(point.ring, Modular):
        return point
    try:
        exact = drawer.point(number, Rational())
    except (Unsatisfied, Undefined):
        return None
    if exact is None or exact.left is None or exact.right is None or exact.left == exact.right:
        return None
    return exact


def _replayed(point: Point, claim: Claim) -> str:
    """Evaluate the point again by other code; the reason if it does not confirm both sides, else nothing."""
    digits = point.ring.digits + 30 if isinstance(point.ring, Ball) else 15
    try:
        with mpmath.workdps(digits):
            values = [Replay(point.scene, point.ring).plain(side, point.env) for side in (claim.left, claim.right)]
            for ours, theirs in zip((point.left, point.right), values, strict=True):
                if not _same(ours, theirs, point.ring):
                    return "the two evaluators do not agree at the counterexample (internal)"
    except (SymbackpropError, ArithmeticError, KeyError, ValueError, TypeError) as error:
        return f"the counterexample could not be replayed: {error}"
    return ""


def _same(ours: Any, theirs: Any, ring: Ring) -> bool:
    if not isinstance(ring, Ball):
        return bool(ours == theirs)
    mantissa, exponent = ours.mid().man_exp()
    middle = mpmath.ldexp(mpmath.mpf(int(mantissa)), int(exponent))
    slack = mpmath.mpf(10) ** (-ring.digits // 3) * (1 + abs(middle))
    return bool(isinstance(theirs, mpmath.mpf) and abs(middle - theirs) <= slack)


def _counterexample(point: Point) -> Counterexample:
    written = partial(_written, point.scene)
    values = [(name.partition("#")[0], str(_shown(point, name))) for name in sorted(point.env)]
    for (name, labels), size in sorted(point.scene.sizes.items()):
        values.append((f"size of {name}{_labels(written(name, labels))}", str(size)))
    for key in sorted(point.touched)[:SHOWN]:
        given = point.scene.overrides.get(key)
        name, labels, indices = key
        values.append(
            (
                entry_name((name, written(name, labels), indices)),
                show(point.scene.drawn(key) if given is None else given),
            )
        )
    return Counterexample(tuple(values), show(point.left), show(point.right), point.ring.name)


def _written(scene: Scene, name: str, labels: tuple[int, ...]) -> tuple[int, ...]:
    """The numbers that the note has for a member of a family of layers."""
    family = scene.context.family
    tensor = scene.context.tensors.get(name)
    letters = tensor.labels if tensor is not None else (LAYER,) * len(labels)
    return tuple(
        family.counting.number(label, scene.last) if letter == LAYER else label
        for letter, label in zip(letters, labels, strict=False)
    )


def _shown(point: Point, name: str) -> int:
    """The value of a symbol as the note counts: with a known depth, L and l are the numbers of its layers."""
    family, value = point.scene.context.family, point.env[name]
    layer = name in (LAYER, family.last) and not family.counting.from_output
    return family.counting.number(value, point.scene.last) if layer else value


def entry_name(key: Key) -> str:
    """The name of an entry with its labels and indices: ``w^(2)_3,1``.

    >>> entry_name(("w", (2,), (3, 1)))
    'w^(2)_3,1'
    """
    name, labels, indices = key
    return name + _labels(labels) + ("_" + ",".join(map(str, indices)) if indices else "")


def _labels(labels: Iterable[int]) -> str:
    text = ",".join(map(str, labels))
    return f"^({text})" if text else ""


def show(value: Any) -> str:
    """An exact rational as a fraction (long ones also as a decimal), a ball by its digits."""
    if isinstance(value, Fraction):
        text = str(value)
        if len(text) <= 40:
            return text
        return f"about {Decimal(value.numerator) / Decimal(value.denominator):.12g}"
    return str(value.str(20, radius=False)) if hasattr(value, "str") else str(value)


def broken(claim: Claim, context: Context, relation: str, *, seed: int, meter: Meter) -> Counterexample | None:
    """A point at which ``left < right`` (or ``≤``, ``>``, ``≥``) is surely wrong; the second evaluator confirms it."""
    wants = features(claim, context)
    drawer, ring = Drawer(claim, context, wants, seed, meter), Ball(QUICK_DIGITS)
    for number in range(TRIES if drawer.labels else 0):
        try:
            point = drawer.point(number, ring)
        except Unsatisfied:
            continue
        if point is None or point.left is None or point.right is None:
            continue
        wrong = point.left > point.right if relation in "<≤" else point.left < point.right
        if wrong and not _replayed(point, claim):
            return _counterexample(point)
    return None
