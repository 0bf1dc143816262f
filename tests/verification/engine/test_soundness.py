"""The normal form merges only what is equal: a fuzz, a completeness fuzz, and planted bugs that must turn it red.

``ENGINE_FUZZ=20000`` runs the long form.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from fractions import Fraction
from itertools import islice
from random import Random

import pytest

from symbackprop.verification.budget import Budget, NotSupported, OverBudget
from symbackprop.verification.judge import judge
from symbackprop.verification.proof import prove as proving
from symbackprop.verification.proof.definitions import Definitions
from symbackprop.verification.proof.facts import Facts
from symbackprop.verification.proof.induction import plans
from symbackprop.verification.proof.prove import form_of, prove
from symbackprop.verification.refutation.refute import search
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.build import add, div, entry, fn, mul, neg, num, power, sub
from symbackprop.verification.terms.context import Claim, Context, Definition, Family, Tensor
from symbackprop.verification.terms.nodes import Axis, Diff, Expect, Size, Whole
from symbackprop.verification.terms.walk import Names
from symbackprop.verification.verdict import Verdict

COUNT = int(os.environ.get("ENGINE_FUZZ", "4000"))
SMALL = Budget(operations=40_000, terms=2_000)
N, M = Axis("n"), Axis("m")


def merges(draw, context, free, count: int, seed: int) -> tuple[Counter, list[str]]:
    """Random terms in buckets by normal form; every merge is checked at points."""
    chance, counts, unsound, buckets = Random(seed), Counter(), [], {}
    for number in range(count):
        term = draw(chance, chance.choice((1, 2, 2, 3)))
        try:
            key = form_of(term, context, SMALL).key
        except (OverBudget, NotSupported) as error:
            counts[type(error).__name__] += 1
            continue
        first = buckets.setdefault(key, term)
        if first != term:
            found = search(Claim(first, term, free), context, seed=number, budget=SMALL, points=3)
            counts["merged"] += 1
            counts["checked"] += bool(found.agreed or found.counterexample)
            if found.counterexample:
                unsound.append(f"{first} and {term}")
    return counts, unsound


@pytest.mark.parametrize("language", ["plain", "rich"])
def test_no_unsound_merge(expressions, language, capsys):
    draws = {"plain": (expressions.random_term, expressions.CONTEXT), "rich": (expressions.rich_term, expressions.RICH)}
    counts, unsound = merges(*draws[language], expressions.FREE, COUNT, seed=11)
    with capsys.disabled():
        said = f"{COUNT} {language} terms, {dict(sorted(counts.items()))}, unsound {len(unsound)}"
        sys.stdout.write(f"\nsoundness fuzz: {said}\n")
    assert not unsound
    assert counts["checked"] > COUNT / (10 if language == "plain" else 20)


def test_mistakes_in_rich_terms_are_not_proved(expressions, mutations, capsys):
    """Near misses of rewritten terms, with kinks, domains and laws: what is proved of them holds at points."""
    chance, counts, unsound = Random(23), Counter(), []
    for number in range(COUNT // 4):
        term = expressions.rich_term(chance, chance.choice((1, 2, 2)))
        claim = Claim(term, expressions.rewritten(term, chance), expressions.FREE)
        if number % 2:
            _, claim = chance.choice(list(mutations.mutants(claim)))
        proved = prove(claim, expressions.RICH, budget=SMALL).proved
        counts[(bool(number % 2), proved)] += 1
        if proved and search(claim, expressions.RICH, seed=number, budget=SMALL).counterexample:
            unsound.append(str(claim))
    with capsys.disabled():
        said = f"true proved {counts[(False, True)]} of {counts[(False, True)] + counts[(False, False)]}"
        sys.stdout.write(f"\nrich rewritings: {said}, spoiled {counts[(True, True)]} proved, unsound {len(unsound)}\n")
    assert not unsound and counts[(True, True)] > 5


def test_rewritten_terms_are_proved_equal(expressions, capsys):
    chance, counts = Random(5), Counter()
    for _ in range(COUNT // 5):
        term = expressions.random_term(chance, chance.choice((1, 2, 2, 3)))
        claim = Claim(term, expressions.rewritten(term, chance), expressions.FREE)
        counts[prove(claim, expressions.CONTEXT, budget=Budget()).proved] += 1
    with capsys.disabled():
        sys.stdout.write(f"\ncompleteness fuzz: {counts[True]} of {counts.total()} rewritings proved\n")
    assert counts[True] >= 0.98 * counts.total()


def test_spoiled_rewritings_are_not_proved(expressions, mutations, capsys):
    """A rewriting with one mistake: whatever is proved of these, with denominators cleared, holds at points."""
    chance, counts, unsound = Random(17), Counter(), []
    for number in range(COUNT // 4):
        term = expressions.random_term(chance, chance.choice((2, 2, 3)))
        spoiled = list(mutations.mutants(Claim(term, expressions.rewritten(term, chance), expressions.FREE)))
        _, claim = chance.choice(spoiled)
        proved = prove(claim, expressions.CONTEXT, budget=SMALL).proved
        counts[proved] += 1
        if proved and search(claim, expressions.CONTEXT, seed=number, budget=SMALL).counterexample:
            unsound.append(str(claim))
    with capsys.disabled():
        sys.stdout.write(f"\nspoiled rewritings: {dict(sorted(counts.items()))} proved, unsound {len(unsound)}\n")
    assert not unsound and counts[True] > 5


def test_what_does_not_follow_from_a_condition_has_no_proof(conditional):
    for name, (_, claim, context) in conditional.NOT_FOLLOWING.items():
        assert not prove(claim, context, budget=Budget()).proved, name
        assert judge(claim, context).verdict == Verdict.REFUTED, name


def test_what_does_not_follow_from_a_law_has_no_proof(laws):
    for name, (_, claim, context) in laws.NOT_BY_LAW.items():
        assert not prove(claim, context, budget=Budget()).proved, name
        assert judge(claim, context).verdict in (Verdict.REFUTED, Verdict.UNDECIDED), name


def test_mistakes_are_not_proved_by_induction(recursive, mutations):
    """The prover by itself, without a search for counterexamples before it; true claims are proved in half of this."""
    counts, budget = Counter(), Budget(operations=120_000)
    for name, claim, context in recursive.recursive_claims():
        for what, mutant in islice(mutations.mutants(claim), 0, None, 3):
            proved = prove(mutant, context, budget=budget).proved
            counts[proved] += 1
            assert not proved or mutations.referee(mutant, context, points=6), f"{name}: {what}"
    assert counts[False] > 20


def test_a_proved_case_is_no_proof(recursive, monkeypatch):
    """The first case is proved, then the budget ends: nothing is."""
    _, claim, context = next(c for c in recursive.recursive_claims() if c[0] == "power by eigenvalues")

    def interrupted(claim, facts, definitions, prove_base, prove_step):
        for plan, turned in plans(claim, facts, definitions):
            assert prove_base(turned, plan.symbol, plan.base)
            raise OverBudget("operations", 1)

    monkeypatch.setattr(proving, "by_induction", interrupted)
    assert not prove(claim, context, budget=Budget()).proved


def test_planted_induction_is_seen(recursive, monkeypatch):
    """W^s = 2 V Λ^s V⁻¹ follows from its neighbour; only its first case is false."""
    _, claim, context = next(c for c in recursive.recursive_claims() if c[0] == "power by eigenvalues")
    doubled = Claim(claim.left, mul(2, claim.right), claim.free)
    assert not prove(doubled, context, budget=Budget()).proved

    def without_base(claim, facts, definitions, prove_base, prove_step):
        return any(prove_step(turned, plan, facts) for plan, turned in plans(claim, facts, definitions))

    monkeypatch.setattr(proving, "by_induction", without_base)
    assert prove(doubled, context, budget=Budget()).proved


def test_no_induction_over_the_last_label():
    """The definitions speak of the last member by its symbol: the claim about a shorter family is another claim."""
    state, label = entry("h", labels=("T",)), Affine.symbol("T")
    steps = Definition("h", (Affine.symbol("t"),), (), mul(entry("w"), entry("h", labels=(Affine.symbol("t") + (-1),))))
    context = Context({"h": Tensor("h", (), ("t_",))}, (steps,), family=Family(frozenset({"t"}), "T", 1))
    facts = Facts((label + (-1),))
    claim = Claim(state, mul(power(entry("w"), Whole(label)), entry("h", labels=(0,))))
    assert not list(plans(claim, facts, Definitions(context, facts, Names())))


def test_a_law_that_depends_on_the_variable():
    """d E[x²]/dμ is 2μ: the prover does not take the random letter for a constant."""
    square = Expect(power(entry("x"), 2))
    context = Context({"x": Tensor("x", (), (), entry("m"), num(1)), "m": Tensor("m")})
    assert not prove(Claim(Diff(square, entry("m")), num(0)), context, budget=Budget()).proved
    assert judge(Claim(Diff(square, entry("m")), num(0)), context).verdict == Verdict.REFUTED


def test_kinks_are_labelled():
    x = entry("x")
    judgement = judge(Claim(fn("abs", x), add(fn("relu", x), fn("relu", neg(x)))), Context())
    assert "wherever no kink argument is 0" in judgement.assumptions
    smooth = judge(Claim(fn("tanh", x), sub(mul(2, fn("sigmoid", mul(2, x))), 1)), Context())
    assert "wherever no kink argument is 0" not in smooth.assumptions


def test_keys_do_not_confuse_names():
    """Names that contain the punctuation of keys stay apart."""
    pairs = [(entry("a|b"), entry("a")), (entry("v", "i,j"), entry("v", "i", "j")), (entry("e[1:x"), entry("x"))]
    for left, right in pairs:
        assert form_of(left, Context(), SMALL).key != form_of(right, Context(), SMALL).key


def test_key_of_a_deep_form_stays_short():
    """Nested keys grow by a constant for each level, not by a factor."""
    term, lengths = entry("x"), []
    for _ in range(12):
        term = fn("h", term)
        lengths.append(len(form_of(term, Context(), SMALL).key))
    assert lengths[-1] - lengths[-2] == lengths[1] - lengths[0]


def test_numbers_and_constants():
    half = Fraction(1, 2)
    assert form_of(mul(power(8, half), power(2, -half)), Context(), SMALL).constant == 2
    assert form_of(sub(div(Size(N), Size(N)), 1), Context(), SMALL).constant == 0
    assert form_of(Whole(Affine.of(4)), Context(), SMALL).constant == 4
    assert judge(Claim(power(2, half), num(Fraction(141421356, 10**8))), Context()).verdict == Verdict.REFUTED
