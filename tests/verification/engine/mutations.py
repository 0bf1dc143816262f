"""Single mistakes planted in claims, and a referee of its own that says which of the results still hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import Any

import mpmath

from symbackprop.errors import SymbackpropError
from symbackprop.verification.budget import Budget, Meter, NotSupported
from symbackprop.verification.refutation.assumptions import Unsatisfied
from symbackprop.verification.refutation.draw import Drawer
from symbackprop.verification.refutation.features import features
from symbackprop.verification.refutation.nilpotents import PLAIN
from symbackprop.verification.refutation.replay import Replay
from symbackprop.verification.refutation.rings import Ball, Rational
from symbackprop.verification.terms.build import mul, neg
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.nodes import Add, Delta, Diff, Entry, Fn, Mul, Num, Pow, Sum, Term
from symbackprop.verification.terms.walk import children, map_children, walk

Mutant = tuple[str, Term]
HALF = Fraction(1, 2)


def mutants(claim: Claim) -> Iterator[tuple[str, Claim]]:
    """Claims with one mistake on the right side."""
    for factor in (-1, 2, HALF):
        yield f"factor {factor}", replace(claim, right=mul(factor, claim.right))
    for what, right in _changed(claim.right):
        yield what, replace(claim, right=right)


def _changed(term: Term) -> Iterator[Mutant]:
    yield from _here(term)
    if isinstance(term, Diff):
        for what, body in _changed(term.body) if not isinstance(term.body, Entry) else ():
            yield what, replace(term, body=body)
        return
    for place in range(len(children(term))):
        for what, child in _changed(children(term)[place]):
            yield what, _with_child(term, place, child)


def _with_child(term: Term, place: int, new: Term) -> Term:
    count = -1

    def change(child: Term) -> Term:
        nonlocal count
        count += 1
        return new if count == place else child

    return map_children(term, change)


def _here(term: Term) -> Iterator[Mutant]:  # noqa: C901 - one case a kind of node
    match term:
        case Add(parts):
            for k, part in enumerate(parts):
                yield "sign of a term", Add((*parts[:k], neg(part), *parts[k + 1 :]))
                yield "dropped term", Add((*parts[:k], *parts[k + 1 :]))
        case Mul(parts):
            for k in range(len(parts)):
                yield "dropped factor", Mul((*parts[:k], *parts[k + 1 :]))
        case Fn(name, order, argument):
            yield "derivative order", Fn(name, order + 1, argument)
            if order:
                yield "missing prime", Fn(name, order - 1, argument)
        case Pow(base, Num(exponent)):
            yield "exponent", Pow(base, Num(exponent + 1))
        case Num(value):
            yield "number", Num(value + 1)
        case Delta():
            yield "delta dropped", Num(Fraction(1))
        case Sum(_, _, body):
            yield "sum dropped", body
        case Entry(_, labels, indices):
            if len(indices) == 2 and indices[0] != indices[1]:
                yield "transposed", replace(term, indices=(indices[1], indices[0]))
            for step in (1, -1) if labels else ():
                yield "label", replace(term, labels=(labels[0] + step, *labels[1:]))


DEGREE = 6
MOST_OUTCOMES = 1_000


class Measured(Replay):
    """Replays means under a normal or uniform law by points that give each half of the line its moments.

    That is exact for polynomials on each side of the mean; whatever else is no matter for this referee.
    """

    def mean(self, body: Term, env: Mapping[str, int]) -> Any:
        keys = self.random_keys(body, env)
        tensors = self.scene.context.tensors
        if any(tensors[key[0]].law in ("normal", "uniform") for key in keys):
            if any(isinstance(n, Fn) and n.name in ("exp", "log") for n in walk(body)):
                raise NotSupported("a mean of this function by points")
            if prod(len(self.law(key)) for key in keys) > MOST_OUTCOMES:
                raise NotSupported("a mean over so many outcomes")
        return super().mean(body, env)

    def law(self, key: Any) -> Any:
        tensor = self.scene.context.tensors[key[0]]
        if tensor.law not in ("normal", "uniform"):
            return super().law(key)
        mean, variance = (self.run(moment, self.scene.env) for moment in (tensor.mean, tensor.variance))
        if not self.real or set(variance) != {PLAIN} or variance[PLAIN] <= 0:
            raise NotSupported("a law by points in these numbers")
        spread = mpmath.sqrt(variance[PLAIN])
        steps = [mpmath.mpf(k + 1) / 2 for k in range(DEGREE + 1)]
        rows = mpmath.matrix([[step**power for step in steps] for power in range(DEGREE + 1)])
        weights = mpmath.lu_solve(rows, mpmath.matrix([half_moment(tensor.law, k) for k in range(DEGREE + 1)]))
        return [
            ({PLAIN: weight}, self.plus(mean, {PLAIN: sign * step * spread}))
            for weight, step in zip(weights, steps, strict=True)
            for sign in (1, -1)
        ]


def half_moment(law: str, power: int) -> mpmath.mpf:
    """E[Y^k; Y > 0] of the standard normal law, or of the uniform one with variance 1."""
    if law == "normal":
        half = mpmath.mpf(power + 1) / 2
        return mpmath.mpf(2) ** (half - 1.5) * mpmath.gamma(half) / mpmath.sqrt(mpmath.pi)
    return mpmath.sqrt(3) ** power / (2 * (power + 1))


def referee(claim: Claim, context: Context, points: int = 20, seed: int = 4711) -> bool | None:
    """Whether the claim holds at points of the referee's own, by the plain evaluator; ``None`` without points."""
    wants = features(claim, context)
    lawful = any(t.law in ("normal", "uniform") for t in context.tensors.values()) and wants.random
    ring = Ball(30) if wants.real or lawful else Rational()
    drawer = Drawer(claim, context, wants, seed, Meter(Budget(operations=10**8)))
    agreed = 0
    sizes: set[str] = set()
    for number in range(60 if drawer.labels else 0):
        same = _same_at(drawer, number, ring, sizes)
        if same is False:
            return False
        agreed += same is True
        if agreed >= points:
            break
    one_size = lawful and len(sizes) < 2 and sizes != {"{}"}  # a mean over few outcomes was seen at one size only
    return True if agreed and not one_size else None


def _same_at(drawer: Drawer, number: int, ring: Ball | Rational, sizes: set[str]) -> bool | None:
    try:
        point = drawer.point(number, ring)
        if point is None:
            return None
        with mpmath.workdps(40):
            left, right = (
                Measured(point.scene, ring).plain(s, point.env) for s in (drawer.claim.left, drawer.claim.right)
            )
            sizes.add(str(point.scene.sizes))
            if isinstance(ring, Rational):
                return bool(left == right)
            if not all(isinstance(side, mpmath.mpf) and mpmath.isfinite(side) for side in (left, right)):
                return None
            return bool(abs(left - right) <= mpmath.mpf(10) ** -15 * (1 + abs(left)))
    except (Unsatisfied, ArithmeticError, SymbackpropError):
        return None
