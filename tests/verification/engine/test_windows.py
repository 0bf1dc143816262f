"""Sums over parts of their ranges: random claims about them, the elimination against counting, and near misses.

``ENGINE_FUZZ=20000`` runs the long form.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from fractions import Fraction
from itertools import product
from random import Random

from symbackprop.verification.budget import Budget, NotSupported, OverBudget
from symbackprop.verification.judge import judge
from symbackprop.verification.proof.order import is_empty, residues, tightened
from symbackprop.verification.proof.prove import form_of, prove
from symbackprop.verification.refutation.refute import search
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Claim
from symbackprop.verification.verdict import Verdict

COUNT = int(os.environ.get("ENGINE_FUZZ", "1500"))
SMALL = Budget(operations=60_000, terms=2_000)
NAMES = ("p", "q", "r")
BOX = range(-6, 7)


def random_condition(chance: Random) -> Affine:
    parts = {name: chance.choice((-2, -1, -1, 1, 1, 2)) for name in chance.sample(NAMES, chance.choice((1, 2, 2, 3)))}
    return Affine(tuple(sorted(parts.items())), chance.randrange(-4, 5))


def boxed() -> frozenset[Affine]:
    return frozenset(s for name in NAMES for s in (Affine.symbol(name) + 6, -Affine.symbol(name) + 6))


def holds(condition: Affine, point: dict[str, int]) -> bool:
    return condition.constant + sum(count * point[name] for name, count in condition.parts) >= 0


def points() -> list[dict[str, int]]:
    return [dict(zip(NAMES, values, strict=True)) for values in product(BOX, repeat=len(NAMES))]


def test_an_empty_system_has_no_point():
    """What elimination calls empty has no whole numbers in it; most of what has none is called empty."""
    chance, counts, every = Random(3), Counter(), points()
    for _ in range(COUNT // 10):
        system = {random_condition(chance) for _ in range(chance.choice((2, 3, 4, 6)))}
        left = [point for point in every if all(holds(c, point) for c in system)]
        empty = is_empty(system | boxed())
        assert not (empty and left), system
        counts[(empty, bool(left))] += 1
    assert counts[(True, False)] > 5 * counts[(False, False)] > 0 or counts[(False, False)] == 0


def test_tightening_keeps_the_whole_numbers():
    chance = Random(4)
    for _ in range(200):
        condition = random_condition(chance)
        assert all(holds(condition, point) == holds(tightened(condition), point) for point in points()[::7])


def test_sums_of_indicators():
    """Inclusion and exclusion is found; what is said to vanish is 0 at every point."""
    chance, counts, every = Random(5), Counter(), points()
    for number in range(COUNT // 15):
        terms = [
            (
                Fraction(chance.choice((-1, 1, 2))),
                frozenset(random_condition(chance) for _ in range(chance.choice((0, 1, 2)))),
            )
            for _ in range(3)
        ]
        if number % 2:
            cut = random_condition(chance)
            parts = [(-c, conditions | {side}) for c, conditions in terms for side in (cut, tightened(-cut + (-1)))]
            terms = [*terms, *parts]
        said = next(residues(terms, boxed(), lambda count: None), None) is None
        true = all(sum(c for c, conditions in terms if all(holds(x, p) for x in conditions)) == 0 for p in every)
        assert not said or true
        counts[(said, true)] += 1
    assert counts[(True, True)] > COUNT // 40 and counts[(False, False)] > 10


def test_reindexed_sums_are_proved_equal(windowed, capsys):
    chance, counts = Random(7), Counter()
    for _ in range(COUNT // 8):
        term = windowed.random_window(chance, chance.choice((2, 3)))
        claim = Claim(term, windowed.reindexed(term, chance), windowed.FREE)
        counts[prove(claim, windowed.RANDOM, budget=Budget()).proved] += 1
    with capsys.disabled():
        sys.stdout.write(f"\nre-indexed sums: {counts[True]} of {counts.total()} proved\n")
    assert counts[True] >= 0.75 * counts.total()  # not: what is summed without using the index


def test_mistakes_in_reindexed_sums_are_not_proved(windowed, mutations, capsys):
    """Re-indexed sums with one mistake: whatever is proved of these holds at points."""
    chance, counts, unsound = Random(9), Counter(), []
    for number in range(COUNT // 4):
        term = windowed.random_window(chance, chance.choice((2, 3)))
        spoiled = [
            *mutations.mutants(Claim(term, windowed.reindexed(term, chance), windowed.FREE)),
            *windowed.slips(term),
        ]
        _, claim = chance.choice(spoiled)
        proved = prove(claim, windowed.RANDOM, budget=SMALL).proved
        counts[proved] += 1
        if proved and search(claim, windowed.RANDOM, seed=number, budget=SMALL).counterexample:
            unsound.append(str(claim))
    with capsys.disabled():
        sys.stdout.write(f"\nspoiled windows: {dict(sorted(counts.items()))} proved, unsound {len(unsound)}\n")
    assert not unsound and counts[True] > 5


def test_no_unsound_merge_of_windows(windowed, capsys):
    chance, counts, buckets, unsound = Random(13), Counter(), {}, []
    for number in range(COUNT):
        term = windowed.random_window(chance, chance.choice((1, 2, 3)))
        try:
            key = form_of(term, windowed.RANDOM, SMALL).key
        except (OverBudget, NotSupported) as error:
            counts[type(error).__name__] += 1
            continue
        first = buckets.setdefault(key, term)
        if first != term:
            counts["merged"] += 1
            if search(
                Claim(first, term, windowed.FREE), windowed.RANDOM, seed=number, budget=SMALL, points=4
            ).counterexample:
                unsound.append(f"{first} and {term}")
    with capsys.disabled():
        sys.stdout.write(f"\nwindows merged: {dict(sorted(counts.items()))}, unsound {len(unsound)}\n")
    assert not unsound and counts["merged"] > COUNT / 20


def test_near_misses_of_windows_are_refuted(windowed):
    for name, (_, claim, context) in windowed.NOT_WINDOWED.items():
        assert not prove(claim, context, budget=Budget()).proved, name
        assert judge(claim, context).verdict == Verdict.REFUTED, name
