"""The verdict on one claim: shapes, then a counterexample, then a proof; else undecided with the reason."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from symbackprop.verification.budget import Budget, NotSupported, OverBudget
from symbackprop.verification.doubts import law_in_doubt, law_words, sign_in_doubt
from symbackprop.verification.extensions import without_extension
from symbackprop.verification.function_laws import law_left, with_slopes, witnessed
from symbackprop.verification.proof.any_member import of_any_member
from symbackprop.verification.proof.closing import closed_claim
from symbackprop.verification.proof.conditions import label_facts, unified
from symbackprop.verification.proof.domain import WORDS
from symbackprop.verification.proof.prove import Proof, prove
from symbackprop.verification.proof.steps import steps
from symbackprop.verification.refutation.features import BALL_DIGITS, Features, features, reached, relevant
from symbackprop.verification.refutation.refute import Search, differs, search
from symbackprop.verification.refutation.well_formed import Fault, fault
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Claim, Context, Definition, Family, Tensor
from symbackprop.verification.terms.nodes import Axis, Call, Fn, Num, Pow, Prod, Relation, Size, Sum, Term
from symbackprop.verification.terms.walk import free_symbols, walk
from symbackprop.verification.variances import with_variances
from symbackprop.verification.verdict import Counterexample, Judgement, Verdict

STANDARD = Budget()


def judge(claim: Claim, context: Context, *, seed: int = 0, budget: Budget = STANDARD) -> Judgement:
    """Judge ``claim`` for all widths, labels, indices and values that its context admits.

    Codes: SBP001 wrong value, SBP002 shapes that do not fit, SBP003 an index or label that is wrong or bound
    nowhere, SBP010 undecided, SBP011 out of budget, SBP020 and up not understood.

    >>> from symbackprop.verification.terms.build import entry, fn, mul, sub
    >>> from symbackprop.verification.terms.nodes import Diff
    >>> a = fn("sigmoid", entry("z"))
    >>> judge(Claim(Diff(a, entry("z")), mul(a, sub(1, a))), Context()).verdict.value
    'proved'
    >>> judge(Claim(Diff(a, entry("z")), mul(a, sub(2, a))), Context()).verdict.value
    'refuted'
    """
    try:
        wrong = fault(claim, context, budget)
        if wrong is not None:
            return _faulty(wrong)
        claim, context = _prepared(claim, context, budget)
        if context.slopes:
            return _under_laws(claim, context, seed, budget)
        claim, above = with_variances(claim, context)
        stated, claim = claim, closed_claim(claim, context, budget)
        found = search(claim, context, seed=seed, budget=budget)
        settled = _settled(claim, context, found) or _proved(claim, context, found, seed, budget)
        words = (*above, *(law_words(stated, context) if stated != claim else ()))
        doubt = ""
        if settled.verdict is Verdict.REFUTED:
            doubt = law_in_doubt(stated, context, budget) or sign_in_doubt(claim, context, budget)
            doubt = doubt or law_left(claim, context)
        if doubt:
            return Judgement(Verdict.UNDECIDED, "SBP010", doubt)
        return replace(settled, assumptions=(*settled.assumptions, *words))
    except NotSupported as error:
        return Judgement(Verdict.UNDECIDED, "SBP010", f"no rule for {error}")
    except (RecursionError, OverBudget) as error:
        if isinstance(error, OverBudget):
            return Judgement(Verdict.UNDECIDED, "SBP011", str(error))
        return Judgement(Verdict.UNDECIDED, "SBP011", "out of budget: the formula with its definitions is too deep")


def _under_laws(claim: Claim, context: Context, seed: int, budget: Budget) -> Judgement:
    """The verdict where derivatives of unknown functions are stated: refuted only by known ones that have them."""
    proof = prove(closed_claim(claim, context, budget), context, budget=budget)
    if proof.proved:
        return _proved_by(claim, context, proof, Search())
    example = witnessed(claim, context, budget)
    if example is None:
        names = ", ".join(name for name, _ in context.slopes)
        reason = f"of {names} only the derivative is stated, and no known function has it; no proof: {proof.reason}"
        return Judgement(Verdict.UNDECIDED, "SBP010", reason)
    claim, context, words = example
    settled = judge(claim, context, seed=seed, budget=budget)
    if settled.verdict is Verdict.REFUTED:
        return replace(settled, assumptions=(*settled.assumptions, *words))
    return Judgement(Verdict.UNDECIDED, "SBP010", f"no proof: {proof.reason}")


def refutes(claim: Claim, context: Context, *, points: int = 3, seed: int = 0, budget: Budget = STANDARD) -> bool:
    """Whether a few points show the claim to be false; a fast test for diagnosis, not replayed, never a proof."""
    try:
        wrong = fault(claim, context, budget)
        if wrong is not None:
            return wrong.code == "SBP002"
        claim, context = _prepared(claim, context, budget)
        if context.slopes:
            example = witnessed(claim, context, budget)
            return example is not None and refutes(*example[:2], points=points, seed=seed, budget=budget)
        claim = closed_claim(claim, context, budget)
        if law_left(claim, context):
            return False
        return differs(claim, context, seed=seed, budget=budget, points=points)
    except (RecursionError, NotSupported, OverBudget):
        return False


def _faulty(wrong: Fault) -> Judgement:
    if wrong.code == "SBP002" and wrong.shapes is not None:
        shapes = Counterexample((), *wrong.shapes, "shapes")
        return Judgement(Verdict.REFUTED, wrong.code, wrong.message, "shapes", (), shapes)
    verdict = Verdict.UNDECIDED if wrong.code == "SBP011" else Verdict.NOT_UNDERSTOOD
    return Judgement(verdict, wrong.code, wrong.message)


def _settled(claim: Claim, context: Context, found: Search) -> Judgement | None:
    """What the search for a counterexample decides by itself."""
    if found.counterexample is not None:
        one_sided = sorted(_one_sided_indices(claim))
        code, message = "SBP001", "the two sides differ"
        if one_sided:
            code, message = "SBP003", f"the two sides differ: the index {one_sided[0]} stands on one side only"
        words = tuple(context.words)
        return Judgement(Verdict.REFUTED, code, message, f"exact point ({found.ring})", words, found.counterexample)
    if found.disagreement:
        return Judgement(Verdict.UNDECIDED, "SBP010", found.disagreement)
    if found.no_labels:
        return Judgement(Verdict.NOT_UNDERSTOOD, "SBP003", found.reason)
    if found.unsolved:
        return Judgement(Verdict.UNDECIDED, "SBP010", f"no point satisfies the assumptions: {found.reason}")
    return None


def _one_sided_indices(claim: Claim) -> set[str]:
    left, right = free_symbols(claim.left), free_symbols(claim.right)
    return {name for name, _ in claim.free if (name in left) != (name in right) and left and right}


def _proved(claim: Claim, context: Context, found: Search, seed: int, budget: Budget) -> Judgement:
    proof = prove(claim, context, budget=budget)
    wider = None if proof.proved else of_any_member(claim, context)
    if wider is not None and (found_wider := prove(wider, context, budget=budget)).proved:
        claim, proof = wider, found_wider
    nowhere = WORDS in proof.assumptions and not found.agreed
    if proof.proved and not nowhere:
        return _proved_by(claim, context, proof, found)
    if not found.agreed and found.undefined:
        where = found.one_sided.replace("at some points only", "wherever it was looked at") or "both sides"
        return Judgement(Verdict.NOT_UNDERSTOOD, "SBP024", f"undefined: {where}")
    if features(claim, context).real:
        for digits in BALL_DIGITS[1:]:
            deeper = search(claim, context, seed=seed, budget=budget, points=2, digits=digits)
            if deeper.counterexample is not None or deeper.disagreement:
                return _settled(claim, context, deeper) or _undecided(found, proof)
    return _undecided(found, proof)


def _proved_by(claim: Claim, context: Context, proof: Proof, found: Search) -> Judgement:
    words, shown = assumptions(claim, context, proof, found), steps(claim, context, proof)
    return Judgement(Verdict.PROVED, "", "", proof.how, words, steps=shown)


def _undecided(found: Search, proof: Proof) -> Judgement:
    agreed = f"the sides agree at {found.agreed} points ({found.ring})" if found.agreed else found.reason
    parts = [agreed, found.one_sided, f"no proof: {proof.reason}"]
    code = "SBP011" if proof.reason.startswith("out of budget") and not found.agreed else "SBP010"
    how = f"agrees at {found.agreed} points" if found.agreed else ""
    return Judgement(Verdict.UNDECIDED, code, "; ".join(part for part in parts if part), how)


# -- assumptions -----------------------------------------------------------------------------------------------------
def _prepared(claim: Claim, context: Context, budget: Budget) -> tuple[Claim, Context]:
    """The claim as one about real numbers, without assumptions that hold anyway; stated derivatives become laws."""
    claim, context = with_slopes(claim, context)
    context, claim = without_theorems(context, claim, budget)
    return without_extension(claim, context)


def without_theorems(context: Context, claim: Claim, budget: Budget) -> tuple[Context, Claim]:
    """Leave out assumed equations that hold anyway (Σ_k p_k = 1 for a softmax, σ(x) = 1/(1 + e^{-x}))."""
    tensors = tuple(sorted(context.tensors.items()))
    known = (tensors, context.definitions, context.unknown, context.family)

    def is_open(free: tuple[tuple[str, Axis], ...], relation: Relation) -> bool:
        return relation.op != "=" or not _follows(Claim(relation.left, relation.right, free), *known, budget)

    kept = tuple((free, relation) for free, relation in context.assumptions if is_open(free, relation))
    conditions = tuple(relation for relation in claim.conditions if is_open(claim.free, relation))
    if len(kept) < len(context.assumptions):
        context = replace(context, assumptions=kept)
    return context, replace(claim, conditions=conditions) if len(conditions) < len(claim.conditions) else claim


@lru_cache(maxsize=256)
def _follows(
    claim: Claim,
    tensors: tuple[tuple[str, Tensor], ...],
    definitions: tuple[Definition, ...],
    unknown: frozenset[str],
    family: Family,
    budget: Budget,
) -> bool:
    """Whether an equation is proved from the definitions only; the same question comes with every formula of a note."""
    return prove(claim, Context(dict(tensors), definitions, unknown, family), budget=budget).proved


def assumptions(claim: Claim, context: Context, proof: Proof, found: Search) -> tuple[str, ...]:
    """Under what the proof holds, in words."""
    terms = reached((claim.left, claim.right), context)
    wants = features(claim, context)
    words: list[str] = []
    if any(axis.size is None for term in terms for axis in _axes(term)) or any(a.size is None for _, a in claim.free):
        words.append("for all widths")
    words += [in_words(fact) for fact in label_facts(unified(claim), context).known if fact.parts]
    unknown = sorted({n.name for t in terms for n in walk(t) if isinstance(n, Fn | Call) and n.name in context.unknown})
    words += [f"for every differentiable function {name}" for name in unknown]
    if (
        any(isinstance(n, Pow) and not _always_defined(n) for t in terms for n in walk(t))
        or wants.partial
        or found.undefined
    ):
        words.append("wherever both sides are defined")
    words += dict.fromkeys(proof.assumptions)
    words += _random_words(context, wants)
    if (
        any(relevant(relation, wants.letters) for _, relation in context.assumptions)
        or claim.conditions
        or context.slopes
    ):
        words.append("where the stated assumptions hold")
    return (*words, *context.words)


def _always_defined(term: Pow) -> bool:
    exponent = term.exponent
    return isinstance(exponent, Num) and exponent.value.denominator == 1 and exponent.value >= 0


def in_words(fact: Affine) -> str:
    """``fact >= 0`` as a bound of its symbol.

    >>> l, last = Affine.symbol("l"), Affine.symbol("L")
    >>> in_words(l + (-1)), in_words(last - l + (-1))
    ('l >= 1', 'l <= L - 1')
    """
    raised = [name for name, count in fact.parts if count > 0]
    lowered = [name for name, count in fact.parts if count < 0]
    if lowered:
        return f"{lowered[0]} <= {fact + Affine.symbol(lowered[0])}"
    return f"{raised[0]} >= {Affine.symbol(raised[0]) - fact}"


def _random_words(context: Context, wants: Features) -> list[str]:
    random = [t for n, t in sorted(context.tensors.items()) if (t.mean, t.variance) != (None, None)]
    used = [t.name for t in random if t.name in wants.letters]
    if not wants.random or not used:
        return []
    return [f"the entries of {', '.join(used)} are independent and identically distributed, independent of each other"]


def _axes(term: Term) -> list[Axis]:
    found: list[Axis] = []
    for node in walk(term):
        if isinstance(node, Sum | Prod) and isinstance(node.over, Axis):
            found.append(node.over)
        elif isinstance(node, Size):
            found.append(node.axis)
    return found
