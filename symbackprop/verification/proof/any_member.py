"""A claim about the last member of a family as one about any member: then it can be proved by induction."""

from __future__ import annotations

from symbackprop.verification.proof.conditions import substituted_claim
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.nodes import Prod, Range, Sum, Term
from symbackprop.verification.terms.walk import free_symbols, walk


def of_any_member(claim: Claim, context: Context) -> Claim | None:
    """The claim with a running number in the place of the last one, of which it is a case.

    ``None`` if no sum or product in it ends at the last one, so that there is nothing to prove by induction.

    >>> from symbackprop.verification.terms.build import entry
    >>> from symbackprop.verification.terms.context import Family
    >>> family, last = Family(frozenset({"t"}), "T"), Affine.symbol("T")
    >>> total = Sum("k", Range(Affine.of(1), last), entry("x", labels=("k",)))
    >>> str(of_any_member(Claim(total, entry("s", labels=(last,))), Context(family=family)).right.labels[0])
    't'
    """
    last = context.family.last
    used = free_symbols(claim.left) | free_symbols(claim.right)
    for relation in claim.conditions:
        used |= free_symbols(relation.left) | free_symbols(relation.right)
    running = next((name for name in sorted(context.family.running) if name not in used and name != last), None)
    ends = {name for side in (claim.left, claim.right) for node in walk(side) for name in _ends(node)}
    if last is None or last not in ends or running is None:
        return None
    return substituted_claim(claim, {last: Affine.symbol(running)})


def _ends(node: Term) -> frozenset[str]:
    over = node.over if isinstance(node, Sum | Prod) else None
    return over.lo.symbols | over.hi.symbols if isinstance(over, Range) else frozenset()
