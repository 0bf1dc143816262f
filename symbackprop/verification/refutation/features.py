"""What a claim needs of the numbers it is evaluated in, seen through the definitions it reaches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from symbackprop.verification.refutation.rings import Ball, Modular, Rational, Ring
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.functions import KNOWN, PRIMITIVE
from symbackprop.verification.terms.nodes import (
    Add,
    Cases,
    Const,
    Entry,
    Expect,
    Fn,
    Mul,
    Num,
    Pow,
    Relation,
    Size,
    Term,
    Whole,
)
from symbackprop.verification.terms.walk import walk

BALL_DIGITS = (50, 200, 1_000)


@dataclass(frozen=True)
class Features:
    """``real``: exp, log, roots, pi. ``ordered``: kinks, cases, inequalities. ``partial``: logs or roots."""

    real: bool
    ordered: bool
    random: bool
    partial: bool
    sized: bool
    letters: frozenset[str]

    def ring(self, digits: int = BALL_DIGITS[0]) -> Ring:
        if self.real:
            return Ball(digits)
        return Rational() if self.ordered or self.random else Modular()


@cache
def primitives_of(name: str) -> frozenset[str]:
    """The primitives that a known function comes down to (and ``root`` or ``pi``)."""
    if name in PRIMITIVE:
        return frozenset({name})
    found: set[str] = set()
    for node in walk(KNOWN[name]):
        if isinstance(node, Fn):
            found |= primitives_of(node.name)
        elif isinstance(node, Const) or isinstance(node, Pow) and not is_whole(node.exponent):
            found.add("root")
    return frozenset(found)


def is_whole(term: Term) -> bool:
    """Whether a term is a whole number whatever the sizes and labels are."""
    match term:
        case Num(value):
            return value.denominator == 1
        case Whole() | Size():
            return True
        case Add(parts) | Mul(parts):
            return all(map(is_whole, parts))
    return False


def reached(roots: Iterable[Term], context: Context) -> list[Term]:
    """The roots and the bodies of all definitions (and moments) of letters that they reach."""
    terms, queue, seen = [], list(roots), set()
    while queue:
        term = queue.pop()
        terms.append(term)
        for node in walk(term):
            if isinstance(node, Entry) and node.name not in seen:
                seen.add(node.name)
                queue += [d.body for d in context.definitions if d.name == node.name]
                tensor = context.tensors.get(node.name)
                if tensor is not None:
                    queue += [moment for moment in (tensor.mean, tensor.variance) if moment is not None]
                    queue += [Entry(tensor.matrix)] if tensor.matrix is not None else []
    return terms


def features(claim: Claim, context: Context) -> Features:
    """Scan a claim with everything it reaches and with the assumptions about what it reaches."""
    terms = reached((claim.left, claim.right, *sides(claim.conditions)), context)
    letters = {node.name for term in terms for node in walk(term) if isinstance(node, Entry)}
    relations = list(claim.conditions) + [r for _, r in context.assumptions if relevant(r, letters)]
    terms += reached(sides(relations), context)
    names: set[str] = set()
    ordered = any(r.op not in ("=", "!=") and not index_only(r) for r in relations)
    random = sized = False
    for term in terms:
        for node in walk(term):
            if isinstance(node, Fn) and (node.name in PRIMITIVE or node.name in KNOWN):
                names |= primitives_of(node.name)
            elif isinstance(node, Const) or isinstance(node, Pow) and not is_whole(node.exponent):
                names.add("root")
            elif isinstance(node, Cases):
                ordered = ordered or any(not index_only(r) for conditions, _ in node.cases for r in conditions)
            random, sized = random or isinstance(node, Expect), sized or isinstance(node, Size)
    letters |= {node.name for term in terms for node in walk(term) if isinstance(node, Entry)}
    real = bool(names - {"step"})
    return Features(real, ordered or "step" in names, random, bool(names & {"log", "root"}), sized, frozenset(letters))


def relevant(relation: Relation, letters: Iterable[str]) -> bool:
    """Whether an assumption is about one of the letters."""
    known = set(letters)
    return any(isinstance(n, Entry) and n.name in known for side in sides([relation]) for n in walk(side)) or not any(
        isinstance(n, Entry) for side in sides([relation]) for n in walk(side)
    )


def sides(relations: Iterable[Relation]) -> tuple[Term, ...]:
    return tuple(side for relation in relations for side in (relation.left, relation.right))


def index_only(relation: Relation) -> bool:
    """Whether a relation is between index expressions, sizes and numbers."""
    allowed = (Whole, Size, Num, Add, Mul)
    return all(isinstance(node, allowed) for side in sides([relation]) for node in walk(side))
