"""Assumed equations between derivatives, ``∂J/∂w = 0``, worked out before they are used."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.proof.chain import Chain
from symbackprop.verification.proof.definitions import Definitions, NeedsCase
from symbackprop.verification.proof.facts import Facts
from symbackprop.verification.terms.context import Context
from symbackprop.verification.terms.nodes import Axis, Diff, Relation
from symbackprop.verification.terms.walk import Names, walk

Assumption = tuple[tuple[tuple[str, Axis], ...], Relation]


def with_worked_out(context: Context, facts: Facts) -> Context:
    """The context with what is assumed of derivatives also as it reads with these worked out, where they can be."""
    slopes = [pair for pair in context.assumptions if _has_slope(pair[1])]
    made = tuple(more for pair in slopes if (more := _worked_out(pair, context, facts)) is not None)
    return replace(context, assumptions=(*context.assumptions, *made)) if made else context


def _has_slope(relation: Relation) -> bool:
    return any(isinstance(node, Diff) for side in (relation.left, relation.right) for node in walk(side))


def _worked_out(pair: Assumption, context: Context, facts: Facts) -> Assumption | None:
    free, relation = pair
    names = Names("assumed")
    chain = Chain(Definitions(context, facts, names), push=True)
    try:
        made = replace(relation, left=chain.worked_out(relation.left), right=chain.worked_out(relation.right))
    except (NotSupported, NeedsCase):
        return None
    return None if _has_slope(made) else (free, made)
