"""The verdict on an inequality: proved where it holds for all real numbers, refuted where it is claimed and broken."""

from __future__ import annotations

from symbackprop.verification.budget import Budget, Meter, NotSupported, OverBudget
from symbackprop.verification.proof.bounds import never_above
from symbackprop.verification.reading import Choice, Link
from symbackprop.verification.refutation.features import features
from symbackprop.verification.refutation.refute import broken
from symbackprop.verification.terms.nodes import Term
from symbackprop.verification.verdict import Judgement, Verdict

BUDGET = Budget()
_STRICT = {"<": True, ">": True, "≤": False, "≥": False}


def judge_order(link: Link, *, seed: int = 0) -> Judgement:
    """The verdict on a link that is an inequality of two numbers.

    It may be a condition under which something is done; it is refuted only if it holds nowhere, or if the formula
    claims it (``link.doubt`` is empty) and a point breaks it.
    """
    skipped = Judgement(Verdict.SKIPPED, message=link.reason)
    if len(link.readings) != 1 or link.relation not in _STRICT:
        return skipped
    (choice,) = link.readings
    low, high = _sides(link)
    strict = _STRICT[link.relation]
    try:
        everywhere = never_above(low, high, strict, choice.context)
        if everywhere is None:
            return skipped
        if everywhere:
            return Judgement(Verdict.PROVED, how="sign of a polynomial", assumptions=_words(choice))
        nowhere = never_above(high, low, not strict, choice.context)
        if choice.context.assumptions or choice.claim.conditions or (link.doubt and not nowhere):
            return skipped
        found = broken(choice.claim, choice.context, link.relation, seed=seed, meter=Meter(BUDGET))
    except (NotSupported, OverBudget, RecursionError):
        return skipped
    if found is None:
        return skipped
    return Judgement(
        Verdict.REFUTED, "SBP001", "the inequality does not hold", "certified point", _words(choice), found
    )


def _sides(link: Link) -> tuple[Term, Term]:
    claim = link.readings[0].claim
    return (claim.left, claim.right) if link.relation in "<≤" else (claim.right, claim.left)


def _words(choice: Choice) -> tuple[str, ...]:
    partial = features(choice.claim, choice.context).partial
    return (*choice.words, *(("wherever both sides are defined",) if partial else ()), *choice.context.words)
