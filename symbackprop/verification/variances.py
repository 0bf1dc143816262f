"""Variances are above 0: what is said to follow from equations of moments need not hold for letters that never vary."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.refutation.features import reached, sides
from symbackprop.verification.terms.build import num
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.nodes import Entry, Expect, Relation
from symbackprop.verification.terms.walk import entry_names, walk


def with_variances(claim: Claim, context: Context) -> tuple[Claim, tuple[str, ...]]:
    """The claim under the condition that the variances in it are above 0, if it is one under equations of moments.

    Also the words for that. Only variances that are a letter of their own are meant: of others more is known.
    """
    given = [relation for relation in claim.conditions if relation.op == "="]
    if not any(isinstance(node, Expect) for side in sides(given) for node in walk(side)):
        return claim, ()
    parts = reached([claim.left, claim.right, *sides(given)], context)
    met = set().union(*(entry_names(part) for part in parts))
    found = [t.variance for name, t in context.tensors.items() if name in met]
    letters = sorted({v for v in found if isinstance(v, Entry) and not v.labels and not v.indices}, key=str)
    above = tuple(Relation(letter, ">", num(0)) for letter in letters)
    words = f"the variances {', '.join(letter.name for letter in letters)} are above 0"
    return replace(claim, conditions=(*claim.conditions, *above)), (words,) if letters else ()
