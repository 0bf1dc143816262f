"""The verdict on one claim: shapes, then a counterexample, then a proof; else undecided with the reason."""

from __future__ import annotations

from symbackprop.verification.budget import Budget
from symbackprop.verification.proof.prove import prove
from symbackprop.verification.refutation.refute import search
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.verdict import Judgement, Verdict


def judge(claim: Claim, context: Context, *, seed: int = 0, budget: Budget = Budget()) -> Judgement:
    """Judge ``claim`` in ``context``."""
    found = search(claim, context, seed=seed, budget=budget)
    if found.counterexample is not None:
        return Judgement(Verdict.REFUTED, "SBP001", "the two sides differ", "exact point", (), found.counterexample)
    proof = prove(claim, context, budget=budget)
    if proof.proved:
        return Judgement(Verdict.PROVED, "", "", proof.how, tuple(proof.assumptions))
    return Judgement(Verdict.UNDECIDED, "SBP010", f"{found.reason} agrees at {found.agreed}; {proof.reason}", "")


def refutes(claim: Claim, context: Context, *, points: int = 3, seed: int = 0, budget: Budget = Budget()) -> bool:
    """Whether a counterexample turns up within a few points; for diagnosis."""
    return search(claim, context, seed=seed, budget=budget, points=points).counterexample is not None
