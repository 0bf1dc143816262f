"""Why a claim that fails at a point is not called wrong: a law or signs that the note leaves open would save it."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.budget import Budget, NotSupported
from symbackprop.verification.proof.closing import closed_claim
from symbackprop.verification.proof.laws import NEEDS_LAW
from symbackprop.verification.proof.prove import Proof, prove
from symbackprop.verification.refutation.chance import beyond_squares
from symbackprop.verification.refutation.features import sides
from symbackprop.verification.terms.build import mul, num, sub
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.nodes import Entry, Relation
from symbackprop.verification.terms.walk import walk

#: The laws under which a claim is looked at where a note states moments only.
LAWS = ("normal", "symmetric", "uniform", "bernoulli")


def law_in_doubt(claim: Claim, context: Context, budget: Budget) -> str:
    """Why a claim that fails for some law is not called wrong: none is stated, and it may hold for a usual one."""
    letters = [name for name in beyond_squares(claim, context) if not context.tensors[name].law]
    if not letters:
        return ""
    named = ", ".join(letters)
    for law in LAWS:
        supposed = _under_law(law, letters, context, budget)
        if supposed is None:
            continue
        try:
            proof = prove(closed_claim(claim, supposed, budget), supposed, budget=budget)
        except NotSupported as error:
            proof = Proof(reason=str(error))
        if proof.proved:
            return f"it depends on the law of {named}, of which only moments are stated: it holds if that is {law}"
        if law == "normal" and NEEDS_LAW in proof.reason:
            return f"it depends on the law of {named}, of which only moments are stated"
    return ""


def sign_in_doubt(claim: Claim, context: Context, budget: Budget) -> str:
    """Why what is said to follow from equations is not called wrong: it does where the letters are above 0."""
    if not any(condition.op == "=" for condition in claim.conditions):
        return ""
    relations = (Relation(claim.left, "=", claim.right), *claim.conditions)
    nodes = [node for side in sides(relations) for node in walk(side)]
    letters = sorted(
        {node for node in nodes if isinstance(node, Entry) and not node.labels and not node.indices}, key=str
    )
    above = tuple(Relation(letter, ">", num(0)) for letter in letters)
    if letters and prove(replace(claim, conditions=(*claim.conditions, *above)), context, budget=budget).proved:
        return f"it follows where {', '.join(letter.name for letter in letters)} are above 0, which nothing says"
    return ""


def _under_law(law: str, letters: list[str], context: Context, budget: Budget) -> Context | None:
    """The context with a law for these letters; ``None`` where their moments cannot be those of it."""
    tensors = dict(context.tensors)
    for name in letters:
        tensor = tensors[name]
        mean = tensor.mean or num(0)
        if law == "bernoulli":
            spread = Claim(tensor.variance or num(0), mul(mean, sub(1, mean)))
            if not prove(spread, context, budget=budget).proved:
                return None
        tensors[name] = replace(tensor, law=law, mean=mean)
    return replace(context, tensors=tensors)


def law_words(claim: Claim, context: Context) -> tuple[str, ...]:
    """The stated laws that an expectation uses, in words."""
    used = [name for name in beyond_squares(claim, context) if context.tensors[name].law]
    return tuple(f"the entries of {name} are independent with the {context.tensors[name].law} law" for name in used)
