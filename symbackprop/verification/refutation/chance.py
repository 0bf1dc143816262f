"""How random letters enter an expectation: up to squares, where mean and variance say all, or beyond."""

from __future__ import annotations

from math import inf

from symbackprop.verification.refutation.features import reached
from symbackprop.verification.terms.context import Claim, Context, Tensor
from symbackprop.verification.terms.nodes import (
    Add,
    Cases,
    Entry,
    Expect,
    Mul,
    Num,
    Pow,
    Sum,
    Term,
)
from symbackprop.verification.terms.walk import children, walk

SQUARES = 2


def is_random(tensor: Tensor) -> bool:
    return tensor.mean is not None or tensor.variance is not None


def degree(term: Term, letter: str, context: Context, seen: frozenset[str] = frozenset()) -> float:
    """The highest total power of the entries of a letter in a polynomial; infinite in any other function.

    >>> from symbackprop.verification.terms.build import entry, fn, mul, power
    >>> x = entry("x")
    >>> degree(mul(x, power(x, 2)), "x", Context()), degree(fn("relu", x), "x", Context())
    (3, inf)
    """

    def of(part: Term) -> float:
        return degree(part, letter, context, seen)

    match term:
        case Entry(name):
            return _entry_degree(name, letter, context, seen)
        case Add(parts):
            return max(map(of, parts), default=0)
        case Mul(parts):
            return sum(map(of, parts))
        case Sum(_, _, body) | Expect(body):
            return of(body)
        case Pow(base, Num(exponent)) if exponent.denominator == 1 and exponent > 0:
            return of(base) * int(exponent) if of(base) else 0
        case Cases(cases, otherwise):
            conditions = [side for relations, _ in cases for r in relations for side in (r.left, r.right)]
            if any(map(of, conditions)):
                return inf
            return max(map(of, (*(value for _, value in cases), *([] if otherwise is None else [otherwise]))))
    return inf if any(map(of, children(term))) else 0


def _entry_degree(name: str, letter: str, context: Context, seen: frozenset[str]) -> float:
    if name == letter:
        return 1
    tensor = context.tensors.get(name)
    if tensor is not None and tensor.matrix is not None:
        return inf if degree(Entry(tensor.matrix), letter, context, seen) else 0
    bodies = [d.body for d in context.definitions if d.name == name]
    if name in seen:  # a family that is defined by its own members
        return inf if any(isinstance(n, Entry) and n.name == letter for b in bodies for n in walk(b)) else 0
    return max((degree(body, letter, context, seen | {name}) for body in bodies), default=0)


def beyond_squares(claim: Claim, context: Context) -> list[str]:
    """The random letters of which an expectation in a claim needs more than mean and variance."""
    bodies = [n.body for t in reached((claim.left, claim.right), context) for n in walk(t) if isinstance(n, Expect)]
    letters = sorted(name for name, tensor in context.tensors.items() if is_random(tensor))
    return [name for name in letters if any(degree(body, name, context) > SQUARES for body in bodies)]
