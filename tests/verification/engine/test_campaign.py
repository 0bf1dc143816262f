"""The mutation campaign: planted mistakes are refuted, and no verdict is false.

``ENGINE_CAMPAIGN=20000`` runs the long form. A referee of its own, with points of its own, says what holds.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from time import perf_counter

from symbackprop.verification.judge import judge
from symbackprop.verification.terms.context import Claim
from symbackprop.verification.verdict import Verdict

COUNT = int(os.environ.get("ENGINE_CAMPAIGN", "2000"))
ONE_EDIT = 1_000


@dataclass
class Figures:
    """What a campaign counted."""

    counts: Counter = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def report(self, title: str) -> str:
        self.seconds.sort()
        spots = {"median": 0.5, "p90": 0.9, "p99": 0.99}
        times = {name: f"{self.seconds[int(len(self.seconds) * at)] * 1e3:.1f} ms" for name, at in spots.items()}
        counts = {f"{verdict}, {truth}": n for (verdict, truth), n in sorted(self.counts.items(), key=str)}
        return f"\n{title}: {len(self.seconds)} judged; {counts}; {times}\n"


def mistakes(base_claims, mutations, chance: Random):
    """All claims with one mistake in random order, then claims with two."""
    singles = [(case, *m) for case in base_claims for m in mutations.mutants(case.claim)]
    chance.shuffle(singles)
    yield from singles
    while True:
        case, what, claim = chance.choice(singles)
        second = list(islice(mutations.mutants(claim), 200))
        more, twice = chance.choice(second)
        yield case, f"{what} and {more}", twice


def test_no_false_verdict(base_claims, mutations, capsys):
    figures, chance = Figures(), Random(900)
    for number, (case, what, claim) in enumerate(islice(mistakes(base_claims, mutations, chance), COUNT)):
        start = perf_counter()
        judgement = judge(claim, case.context, seed=number % 7)
        figures.seconds.append(perf_counter() - start)
        truth = None if judgement.verdict == Verdict.NOT_UNDERSTOOD else mutations.referee(claim, case.context)
        figures.counts[(judgement.verdict.value, truth)] += 1
        if (judgement.verdict, truth) in ((Verdict.PROVED, False), (Verdict.REFUTED, True)):
            figures.wrong.append(f"{case.name}: {what}: {judgement.verdict.value}")
        if judgement.verdict == Verdict.REFUTED:
            assert judgement.counterexample is not None
    with capsys.disabled():
        sys.stdout.write(figures.report("mutation campaign"))
    assert not figures.wrong
    counts = figures.counts
    false, true = (sum(n for (_, t), n in counts.items() if t is truth) for truth in (False, True))
    assert counts[("refuted", False)] >= 0.99 * false and false > COUNT / 2
    assert counts[("proved", True)] >= 0.9 * true and true > 5
    assert figures.seconds[len(figures.seconds) // 2] < 0.1 and figures.seconds[int(len(figures.seconds) * 0.99)] < 6


def test_the_referee_tells_true_from_false(base_claims, mutations):
    """The referee is worth something only if it rejects planted mistakes and accepts base claims."""
    cases = base_claims[::6]
    said = [mutations.referee(case.claim, case.context) for case in cases]
    assert False not in said and said.count(True) > len(said) // 2  # it may keep silent, but not often
    doubled = [Claim(c.claim.left, list(mutations.mutants(c.claim))[1][1].right, c.claim.free) for c in cases]
    assert sum(mutations.referee(m, c.context) is False for m, c in zip(doubled, cases, strict=True)) > len(cases) - 4
