"""Means through a recursion over times: of what is affine in its own earlier members, member by member.

``m_t = β m_{t-1} + (1 - β) g_t`` has the mean ``β E[m_{t-1}] + (1 - β) E[g_t]``, a family that is defined the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.refutation.chance import is_random
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.nodes import Add, Axis, Entry, Expect, Mul, Relation, Sum, Term
from symbackprop.verification.terms.walk import entry_names, map_children, walk

MEAN = "mean of "
Assumption: TypeAlias = tuple[tuple[tuple[str, Axis], ...], Relation]


def with_means(claim: Claim, context: Context) -> tuple[Claim, Context]:
    """The claim with means of recursive letters as families of their own; as it is where one is not affine."""
    random = frozenset(name for name, tensor in context.tensors.items() if is_random(tensor))
    moved = _moved(context, random)
    inside = [node.body for side in (claim.left, claim.right) for node in walk(side) if isinstance(node, Expect)]
    if not any(_is_recursive(name, context) for body in inside for name in entry_names(body) & moved):
        return claim, context
    means = Means(random, moved)
    try:
        found = [replace(d, name=MEAN + d.name, body=means.of(d.body)) for d in context.definitions if d.name in moved]
        left, right = means.put_in(claim.left), means.put_in(claim.right)
    except NotSupported:
        return claim, context
    tensors = {MEAN + name: replace(context.tensors[name], name=MEAN + name) for name in sorted(moved)}
    context = replace(
        context,
        tensors={**context.tensors, **tensors},
        definitions=(*context.definitions, *found),
        assumptions=(*context.assumptions, *_starts(context, moved, random | moved)),
    )
    return replace(claim, left=left, right=right), context


class Means:
    """Takes means, with the random letters and those that are moved by them."""

    def __init__(self, random: frozenset[str], moved: frozenset[str]) -> None:
        self.random, self.moved = random, moved

    def put_in(self, term: Term) -> Term:
        """The term with every mean worked out as far as it leads to letters that are moved."""
        return self.of(term.body) if isinstance(term, Expect) else map_children(term, self.put_in)

    def of(self, term: Term) -> Term:
        """The mean of a term.

        Raises:
            NotSupported: a moved letter stands in a function, or beside another one or a random letter.
        """
        names = entry_names(term)
        if not names & self.moved:
            return Expect(term) if names & self.random else term
        match term:
            case Entry(name):
                return replace(term, name=MEAN + name)
            case Add(parts):
                return Add(tuple(map(self.of, parts)))
            case Sum():
                return replace(term, body=self.of(term.body))
            case Mul(factors):
                moving = [k for k, f in enumerate(factors) if entry_names(f) & (self.moved | self.random)]
                if len(moving) == 1:
                    return Mul(tuple(self.of(f) if k in moving else f for k, f in enumerate(factors)))
        raise NotSupported("the mean of a letter with a recursion in a function or a product")


def _moved(context: Context, random: frozenset[str]) -> frozenset[str]:
    """The letters whose definitions lead to a random one."""
    found: set[str] = set()
    while more := {d.name for d in context.definitions if entry_names(d.body) & (random | found)} - found:
        found |= more
    return frozenset(found)


def _starts(context: Context, moved: frozenset[str], moving: frozenset[str]) -> Iterator[Assumption]:
    """What is assumed of a first member, ``m_0 = 0``, as said of its mean."""
    for free, relation in context.assumptions:
        left = relation.left
        if not isinstance(left, Entry) or left.name not in moved or relation.op != "=":
            continue
        fixed = bool(left.labels) and all(label.number is not None for label in left.labels)
        if fixed and not entry_names(relation.right) & moving:
            yield free, replace(relation, left=replace(left, name=MEAN + left.name))


def _is_recursive(name: str, context: Context) -> bool:
    return any(d.name == name and name in entry_names(d.body) for d in context.definitions)
