"""Moving a point onto the assumptions: each equation is solved for one free input, inequalities reject points."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from flint import arb

from symbackprop.verification.budget import Meter
from symbackprop.verification.refutation.duals import Value
from symbackprop.verification.refutation.evaluate import Evaluator
from symbackprop.verification.refutation.features import index_only, sides
from symbackprop.verification.refutation.matrices import invert
from symbackprop.verification.refutation.reach import Key
from symbackprop.verification.refutation.rings import Ball, Ring, Undefined
from symbackprop.verification.refutation.scene import Scene
from symbackprop.verification.terms.matrices import orthogonal_letter
from symbackprop.verification.terms.nodes import Axis, Entry, Relation
from symbackprop.verification.terms.walk import free_symbols

Free = tuple[tuple[str, Axis], ...]
NEWTON_STEPS = 14


class Unsatisfied(ArithmeticError):
    """A point that could not be moved onto an assumption."""


def satisfy(scene: Scene, env: dict[str, int], ring: Ring, meter: Meter, assumed: list[tuple[Free, Relation]]) -> None:
    """Make every assumption hold by overriding free inputs of ``scene``; raise ``Unsatisfied`` if one does not."""
    locked: set[Key] = set()
    turned = {k: letter for k, pair in enumerate(assumed) if (letter := orthogonal_letter(pair)) is not None}
    for letter in dict.fromkeys(turned.values()):
        _turn(*letter, scene, env, ring, locked)
    others = [pair for k, pair in enumerate(assumed) if k not in turned]
    equations = [pair for pair in others if pair[1].op == "=" and not index_only(pair[1])]
    for free, relation in equations:
        found = places(free, relation, scene, env)
        before, held = dict(scene.overrides), set(locked)
        try:
            for place in found:
                _solve(relation, place, scene, ring, meter, locked)
        except Unsatisfied:
            scene.overrides.clear()
            scene.overrides.update(before)
            locked.intersection_update(held)
            _solve_together(relation, found, scene, ring, meter, locked)
    for free, relation in (pair for pair in others if pair not in equations):
        for place in places(free, relation, scene, env):
            if not Evaluator(scene, ring, meter).holds(relation, place):
                raise Unsatisfied(f"an assumption ({relation.op}) does not hold at the drawn point")


def _turn(name: str, axis: Axis, scene: Scene, env: dict[str, int], ring: Ring, locked: set[Key]) -> None:
    """Make a square matrix orthogonal: the product of two reflections of drawn vectors, exact and not symmetric."""
    size = scene.size(axis, env)
    span = range(1, size + 1)
    rows = [[Fraction(int(i == j)) for j in span] for i in span]
    for which in ("first", "second"):
        vector = [scene.drawn((f"{name} {which}", (), (i,))) or Fraction(1) for i in span]
        square = sum((v * v for v in vector), Fraction(0))
        for row in rows:
            share = 2 * sum((a * v for a, v in zip(row, vector, strict=True)), Fraction(0)) / square
            row[:] = [a - share * v for a, v in zip(row, vector, strict=True)]
    for i in span:
        for j in span:
            key = (name, (), (i, j))
            if key in locked or scene.definition(name, ()) is not None:
                raise Unsatisfied("an orthogonal matrix of which more is assumed")
            scene.overrides[key] = ring.number(rows[i - 1][j - 1])
            locked.add(key)


def places(free: Free, relation: Relation, scene: Scene, env: dict[str, int]) -> list[dict[str, int]]:
    """All values of the free indices and labels of an assumption, beside the indices and labels of the claim."""
    symbols = set().union(*(free_symbols(side) for side in sides([relation])))
    labels = sorted(symbols - set(env) - {name for name, _ in free})
    family = scene.context.family
    members = range(family.first, (family.first if scene.last is None else scene.last) + 1)
    found = []
    for numbers in product(members, repeat=len(labels)):
        inner = {**env, **dict(zip(labels, numbers, strict=True))}
        spans = [range(1, scene.size(axis, inner) + 1) for _, axis in free]
        found += [{**inner, **dict(zip((n for n, _ in free), place, strict=True))} for place in product(*spans)]
    return found


def _solve(relation: Relation, env: dict[str, int], scene: Scene, ring: Ring, meter: Meter, locked: set[Key]) -> None:
    """Solve one equation for the first free input that can take it, and lock all inputs it depends on."""
    value, touched = _residual(relation, env, scene, ring, meter)
    solved = value == 0 if isinstance(ring, Ball) else not ring.differ(value, ring.zero)
    solved = solved or _copied(relation, env, scene, ring, meter, locked)
    for key in reversed(touched):
        if solved:
            break
        if key not in locked:
            step = _newton if isinstance(ring, Ball) else _linear
            solved = step(relation, env, scene, ring, meter, key)
    if not solved:
        raise Unsatisfied("an assumption that no free input can be solved for")
    locked.update(touched)


def _copied(relation: Relation, env: dict[str, int], scene: Scene, ring: Ring, meter: Meter, locked: set[Key]) -> bool:
    """Give one free entry the value of another, where an equation says no more: it then holds exactly."""
    evaluator = Evaluator(scene, ring, meter)
    if not (isinstance(relation.left, Entry) and isinstance(relation.right, Entry)):
        return False
    value = evaluator.value(relation.left, env)
    (first,) = list(evaluator.touched) if len(evaluator.touched) == 1 else (None,)
    evaluator.value(relation.right, env)
    second = list(evaluator.touched)[-1]
    free = scene.definition(relation.left.name, first[1]) is None if first else False
    free = free and scene.definition(relation.right.name, second[1]) is None and len(evaluator.touched) == 2
    if not free or second in locked or first == second:
        return False
    scene.overrides[second] = value
    return True


def _solve_together(
    relation: Relation, spots: list[dict[str, int]], scene: Scene, ring: Ring, meter: Meter, locked: set[Key]
) -> None:
    """Solve one equation for all places at once, by the entries of one letter: exact where it is linear in them."""
    touched: dict[Key, None] = {}
    for place in spots:
        touched |= dict.fromkeys(_residual(relation, place, scene, ring, meter)[1])
    for name in dict.fromkeys(key[0] for key in reversed(touched)):
        keys = [key for key in touched if key[0] == name]
        able = len(keys) == len(spots) and not locked & set(keys) and not isinstance(ring, Ball)
        if able and _linear_system(relation, spots, keys, scene, ring, meter):
            locked.update(touched)
            return
    raise Unsatisfied("an assumption that no free input can be solved for")


def _linear_system(
    relation: Relation, spots: list[dict[str, int]], keys: list[Key], scene: Scene, ring: Ring, meter: Meter
) -> bool:
    before, evaluator = dict(scene.overrides), Evaluator(scene, ring, meter)
    duals = evaluator.duals
    found = [[duals.split(_residual(relation, p, scene, ring, meter, k)[0], 1) for k in keys] for p in spots]
    try:
        steep = invert([[slope for _, slope in row] for row in found], duals)
        for key, row in zip(keys, steep, strict=True):
            start = evaluator.free(key)
            for share, values in zip(row, found, strict=True):
                start = duals.sub(start, duals.mul(share, values[0][0]))
            scene.overrides[key] = start
        if not any(ring.differ(_residual(relation, p, scene, ring, meter)[0], ring.zero) for p in spots):
            return True
    except Undefined:
        pass
    scene.overrides.clear()
    scene.overrides.update(before)
    return False


def _residual(
    relation: Relation, env: dict[str, int], scene: Scene, ring: Ring, meter: Meter, key: Key | None = None
) -> tuple[Value, list[Key]]:
    """left - right, perturbed in one input if ``key`` is given, and the inputs it depends on."""
    evaluator = Evaluator(scene, ring, meter)
    evaluator.active = () if key is None else ((1, key, True),)
    duals = evaluator.duals
    value = duals.sub(evaluator.value(relation.left, env), evaluator.value(relation.right, env))
    return value, list(evaluator.touched)


def _linear(relation: Relation, env: dict[str, int], scene: Scene, ring: Ring, meter: Meter, key: Key) -> bool:
    """One exact Newton step; it is right if and only if the equation then holds exactly."""
    evaluator = Evaluator(scene, ring, meter)
    value, _ = _residual(relation, env, scene, ring, meter, key)
    rest, slope = evaluator.duals.split(value, 1)
    if not ring.differ(slope, ring.zero):
        return False
    before = scene.overrides.get(key)
    start = evaluator.free(key)
    moved = ring.mul(rest, ring.inverse(slope))
    scene.overrides[key] = ring.add(start, ring.mul(ring.number(Fraction(-1)), moved))
    try:
        again, _ = _residual(relation, env, scene, ring, meter)
        if not ring.differ(again, ring.zero):
            return True
    except Undefined:
        pass
    _restore(scene, key, before)
    return False


def _newton(relation: Relation, env: dict[str, int], scene: Scene, ring: Ring, meter: Meter, key: Key) -> bool:
    """Newton's iteration in one input, then the interval test that proves a solution inside the ball."""
    assert isinstance(ring, Ball)
    before, evaluator = scene.overrides.get(key), Evaluator(scene, ring, meter)
    try:
        point = evaluator.free(key).mid()
        for _ in range(NEWTON_STEPS):
            scene.overrides[key] = point
            rest, slope = evaluator.duals.split(_residual(relation, env, scene, ring, meter, key)[0], 1)
            if not ring.differ(slope, ring.zero):
                break
            point = (point - rest / slope).mid()
        scene.overrides[key] = point
        rest, _ = evaluator.duals.split(_residual(relation, env, scene, ring, meter, key)[0], 1)
        ball = arb(point, arb(10) ** -(ring.digits * 2 // 3))
        scene.overrides[key] = ball
        _, slope = evaluator.duals.split(_residual(relation, env, scene, ring, meter, key)[0], 1)
        if ring.differ(slope, ring.zero) and ball.contains_interior(point - rest / slope):
            return True
    except Undefined:
        pass
    _restore(scene, key, before)
    return False


def _restore(scene: Scene, key: Key, before: object | None) -> None:
    if before is None:
        scene.overrides.pop(key, None)
    else:
        scene.overrides[key] = before
