"""One link of a chain, judged under every admissible reading and against the head of its chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbackprop.verification.judge import judge
from symbackprop.verification.orders import judge_order
from symbackprop.verification.reading import Choice, Link
from symbackprop.verification.reading.elaborate.balances import PREMISE
from symbackprop.verification.unbound import summed_over
from symbackprop.verification.verdict import Counterexample, Judgement, Verdict

#: How the verdict came about on a formula that is true with sums that its author leaves out.
SUMMED = "summed over repeated indices"
_KINDS = {"definition": Verdict.DEFINITION, "condition": Verdict.CONDITION, "nothing": Verdict.SKIPPED}


def judge_link(link: Link, *, seed: int = 0) -> Judgement:
    """The verdict on a link.

    A link that follows from the side before it or from the head of its chain is right; it is wrong only if it is
    against both, so that one slip does not taint what comes after it.
    """
    if link.kind in _KINDS:
        return Judgement(_KINDS[link.kind], message=link.reason)
    if link.kind == "order":
        return judge_order(link, seed=seed)
    if link.kind == "not_understood":
        return Judgement(Verdict.NOT_UNDERSTOOD, _objection(link.reason), link.reason)
    if link.doubt:
        judged = judge_link(replace(link, doubt=""), seed=seed)
        sure = judged.verdict is not Verdict.REFUTED
        if not sure and link.doubt == PREMISE:
            return Judgement(Verdict.CONDITION, message=f"assumed, not judged: {PREMISE}")
        return judged if sure else Judgement(Verdict.NOT_UNDERSTOOD, _objection(link.doubt), link.doubt)
    if link.unbound:
        return _unbound(link, seed)
    if link.shape_conflict is not None:
        return misfit(link.shape_conflict, link.reason)
    before = combine(link.readings, seed)
    if before.verdict is Verdict.PROVED or not link.head:
        return before
    head = combine(link.head, seed)
    if before.verdict is Verdict.REFUTED and head.verdict is not Verdict.REFUTED:
        against = "the side just before it differs"
        said = f"equals the head of the chain; {against}" if head.verdict is Verdict.PROVED else head.message
        return replace(head, message=said if against in said else f"{said}; {against}")
    return head if head.verdict is Verdict.PROVED else before


def _unbound(link: Link, seed: int) -> Judgement:
    """An index that nothing binds: wrong where the right side varies with it, else not to be judged.

    A note that writes no sums may leave them out over indices that stand twice, as is usual in some fields: what is
    true so is not called wrong.
    """
    judged = combine(link.readings, seed) if link.readings else None
    if judged is not None and judged.verdict is Verdict.REFUTED:
        readings = () if link.sums_written else link.readings
        summed = [made for choice in readings if (made := summed_over(choice, link.unbound)) is not None]
        if summed and combine(summed, seed).verdict is Verdict.PROVED:
            said = f"{link.reason}; true if summed over {', '.join(link.unbound)}"
            return Judgement(Verdict.NOT_UNDERSTOOD, "SBP025", said, SUMMED)
        return replace(judged, code="SBP003", message=f"{link.reason}, and the right side varies with it")
    if judged is not None and judged.verdict is Verdict.PROVED:  # Var(w_i) is the same for every i
        return replace(judged, message=f"the right side is the same for every {link.unbound[0]}")
    return Judgement(Verdict.NOT_UNDERSTOOD, "SBP025", link.reason)


def misfit(shapes: tuple[str, str], reason: str) -> Judgement:
    """A link whose two sides are of different shapes, the notation being understood."""
    left, right = shapes
    point = Counterexample((), left, right, "shapes")
    return Judgement(Verdict.REFUTED, "SBP002", reason, how="shapes", counterexample=point)


def combine(choices: Sequence[Choice], seed: int) -> Judgement:
    """The verdict over all admissible readings of one claim, the preferred one first.

    Proved under the preferred reading is proved. A claim that holds under another reading only is proved with that
    convention named. It is refuted only if it is refuted under every reading.
    """
    judged: list[Judgement] = []
    for choice in choices:
        judgement = judge(choice.claim, choice.context, seed=seed)
        if judgement.verdict is Verdict.PROVED and choice.unusual:
            judgement = Judgement(Verdict.UNDECIDED, "SBP010", choice.unusual)
        if judgement.verdict is Verdict.PROVED:
            return _under(judgement, choice.words)
        judged.append(judgement)
    open_ones = [judgement for judgement in judged if judgement.verdict is not Verdict.REFUTED]
    first = open_ones[0] if open_ones else judged[0]
    if not open_ones and len(judged) > 1:
        first = replace(first, message=f"{first.message}, under each of {len(judged)} readings")
        return _under(first, choices[0].words)
    return _under(first, choices[judged.index(first)].words)


def _under(judgement: Judgement, words: tuple[str, ...]) -> Judgement:
    extra = tuple(word for word in words if word not in judgement.assumptions)
    return replace(judgement, assumptions=(*extra, *judgement.assumptions))


def _objection(reason: str) -> str:
    """The code of a reason why a formula is not understood."""
    codes = (("unknown macro", "SBP021"), ("nothing says", "SBP022"), ("shape", "SBP026"), ("axes", "SBP026"))
    return next((code for words, code in codes if words in reason), "SBP020")
