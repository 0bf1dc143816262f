"""What the conditions of a claim and its labels say of index expressions, and claims at particular labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbackprop.verification.proof.facts import Facts
from symbackprop.verification.refutation.labels import (
    label_symbols,
    label_values,
    last_values,
    layers_below_last,
    members,
    upward,
)
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.nodes import Entry, Num, Prod, Range, Relation, Sum, Term, Whole
from symbackprop.verification.terms.walk import Names, free_symbols, freshen, map_children, walk


def substituted_claim(claim: Claim, env: dict[str, Affine]) -> Claim:
    """The claim at particular labels; a sum over one value is its term."""
    names = Names()
    names.count = 10**6
    free = tuple((n, replace(a, labels=tuple(x.substitute(env) for x in a.labels))) for n, a in claim.free)
    conditions = tuple(
        Relation(freshen(r.left, env, names), r.op, freshen(r.right, env, names)) for r in claim.conditions
    )
    left, right = (_written_out(freshen(side, env, names), names) for side in (claim.left, claim.right))
    return Claim(left, right, free, conditions)


def _written_out(term: Term, names: Names) -> Term:
    if isinstance(term, Sum | Prod) and isinstance(term.over, Range) and term.over.lo == term.over.hi:
        return _written_out(freshen(term.body, {term.index: term.over.lo}, names), names)
    return map_children(term, lambda child: _written_out(child, names))


def label_facts(claim: Claim, context: Context) -> Facts:
    """Bounds of every label symbol, read off the label values at which all named members exist."""
    family = context.family
    running, _, _ = label_symbols(claim, context)
    found: list[Affine] = []
    high = None if family.last is None else Affine.symbol(family.last)
    if high is not None:
        found.append(high + (-family.first - layers_below_last([claim.left, claim.right], context)))
        found += [high + (-number) for number in sorted(_numbered_members(claim, context))]
    values = list(label_values(claim, context))
    lasts = [None if family.last is None else env[family.last] for env in values]
    for symbol in running:
        label = Affine.symbol(symbol)
        if values:
            found.append(label + (-min(env[symbol] for env in values)))
        if high is not None and values:
            gap = min(last - env[symbol] for env, last in zip(values, lasts, strict=True) if last is not None)
            found.append(high - label + (-gap))
    found += [*_member_facts(claim, context), *_upward_facts(claim, context)]
    return Facts((*found, *_condition_facts(claim)), tuple(_apart(claim)))


def _numbered_members(claim: Claim, context: Context) -> set[int]:
    """The numbers of the defined members that a claim names beyond the first: there are so many at least."""
    defined = {d.name for d in context.definitions if len(d.labels) == 1 and d.labels[0].parts}
    nodes = (node for side in (claim.left, claim.right) for node in walk(side))
    entries = [node for node in nodes if isinstance(node, Entry) and node.name in defined and len(node.labels) == 1]
    numbers = {entry.labels[0].number for entry in entries}
    return {number for number in numbers if number is not None and number > context.family.first}


def _member_facts(claim: Claim, context: Context) -> Iterator[Affine]:
    """The members that the claim names exist: ``W^{t-k}`` has t ≥ k, as have the points that are drawn."""
    unbound = free_symbols(claim.left) | free_symbols(claim.right)
    known = members(context, min((n for n in last_values(claim, context) if n is not None), default=None))
    for node in (*walk(claim.left), *walk(claim.right)):
        if not isinstance(node, Entry):
            continue
        numbers = [values for values in known.get(node.name, ()) if len(values) == len(node.labels)]
        for place, label in enumerate(node.labels):
            if numbers and len(label.symbols) > 1 and label.symbols <= unbound:
                yield label + (-min(values[place] for values in numbers))


def _upward_facts(claim: Claim, context: Context) -> Iterator[Affine]:
    """Ranges run upwards, as they do at the points that are drawn."""
    unbound = free_symbols(claim.left) | free_symbols(claim.right) | {str(context.family.last)}
    for side in (claim.left, claim.right):
        yield from (length for length in upward(side, context) if length.symbols <= unbound)


def _apart(claim: Claim) -> Iterator[Affine]:
    """The differences of index expressions that the conditions keep from 0."""
    for relation in claim.conditions:
        left, right = _index(relation.left), _index(relation.right)
        if relation.op == "!=" and left is not None and right is not None:
            yield left - right


def unified(claim: Claim) -> Claim:
    """The claim with indices that its conditions make equal written as one."""
    axes = dict(claim.free)
    for place, relation in enumerate(claim.conditions):
        left, right = _index(relation.left), _index(relation.right)
        if relation.op != "=" or left is None or right is None:
            continue
        for kept, name in ((left, right.name), (right, left.name)):
            if name is None or name in kept.symbols or axes.get(name) != axes.get(str(kept.name), axes.get(name)):
                continue
            conditions = claim.conditions[:place] + claim.conditions[place + 1 :]
            free = tuple((n, axis) for n, axis in claim.free if n != name)
            return unified(substituted_claim(replace(claim, conditions=conditions, free=free), {name: kept}))
    return claim


def _condition_facts(claim: Claim) -> list[Affine]:
    """Conditions between index expressions."""
    found: list[Affine] = []
    for relation in claim.conditions:
        sides = [_index(relation.left), _index(relation.right)]
        if sides[0] is None or sides[1] is None:
            continue
        difference = sides[0] - sides[1]
        strict = {">": difference + (-1), "<": -difference + (-1)}
        wide = {">=": [difference], "<=": [-difference], "=": [difference, -difference], "!=": []}
        found += wide.get(relation.op, [strict[relation.op]] if relation.op in strict else [])
    return found


def _index(term: Term) -> Affine | None:
    if isinstance(term, Whole):
        return term.value
    return Affine.of(int(term.value)) if isinstance(term, Num) and term.value.denominator == 1 else None
