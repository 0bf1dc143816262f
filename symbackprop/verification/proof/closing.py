"""Limits and integrals in a claim replaced by closed forms, each compared with the original in floating point."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any

import mpmath

from symbackprop.verification.budget import Budget, Meter, NotSupported
from symbackprop.verification.proof.calculus import as_term, integral, limit_at_infinity
from symbackprop.verification.proof.facts import Facts
from symbackprop.verification.proof.generators import Form
from symbackprop.verification.proof.normal_form import Builder, View
from symbackprop.verification.proof.quotients import limit_of_quotient
from symbackprop.verification.proof.rewriting import Rewriter
from symbackprop.verification.refutation.chance import SQUARES, degree, is_random
from symbackprop.verification.refutation.features import reached
from symbackprop.verification.refutation.replay import Replay
from symbackprop.verification.refutation.rings import Ball, Undefined
from symbackprop.verification.refutation.scene import Scene
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.differentiate import replace_entries
from symbackprop.verification.terms.nodes import Entry, Expect, Integral, Limit, Mul, Num, Term
from symbackprop.verification.terms.walk import Names, freshen, map_children, walk

DIGITS = 20
FAR = 60
CONTINUOUS = ("normal", "uniform")


def has_open(term: Term, context: Context) -> bool:
    """Whether a term, or a definition it leads to, holds a limit, an integral or a mean that needs a law."""
    return any(
        isinstance(node, Limit | Integral) or isinstance(node, Expect) and bool(needed_laws(node, context))
        for part in reached([term], context)
        for node in walk(part)
    )


def needed_laws(term: Expect, context: Context) -> list[str]:
    """The letters of whose continuous law an expectation needs more than mean and variance."""
    return [
        name
        for name, tensor in sorted(context.tensors.items())
        if tensor.law in CONTINUOUS and is_random(tensor) and degree(term.body, name, context) > SQUARES
    ]


def closed_claim(claim: Claim, context: Context, budget: Budget) -> Claim:
    """The claim without limits and integrals; ``NotSupported`` where one has no closed form here."""
    if not has_open(claim.left, context) and not has_open(claim.right, context):
        return claim
    closer = Closer(claim, context, budget)
    return Claim(closer.closed(claim.left), closer.closed(claim.right), claim.free, claim.conditions)


class Closer:
    """Works out the limits and integrals of one claim."""

    def __init__(self, claim: Claim, context: Context, budget: Budget) -> None:
        self.claim, self.context, self.names = claim, context, Names()
        self.builder = Builder(context, View(self._body, functions=True), Meter(budget), Facts(), self.names)
        self.builder.overs |= dict(claim.free)
        rewriter = Rewriter(self.builder, context, claim, self.names)
        self.builder.positive = rewriter.positive_names()
        self.builder.assume(rewriter.sign_facts())

    def _body(self, entry: Entry) -> Term | None:
        bodies = [d for d in self.context.definitions if d.name == entry.name and not d.labels]
        if not bodies or entry.labels:
            return None
        return freshen(bodies[0].body, dict(zip(bodies[0].indices, entry.indices, strict=True)), self.names)

    def closed(self, term: Term) -> Term:
        term = map_children(term, self.closed)
        if isinstance(term, Limit):
            closed = as_term(self._limit(term))
            self._compare(closed, lambda replay, env: _near(replay, term, env))
            return closed
        if isinstance(term, Integral):
            closed = as_term(self._integral(term))
            self._compare(closed, lambda replay, env: _quadrature(replay, term, env))
            return closed
        if isinstance(term, Expect):
            return self._mean(term)
        return term

    def _mean(self, term: Expect) -> Term:
        """An expectation that needs a law; of a single random number it is compared with an integral."""
        letters = needed_laws(term, self.context)
        if not letters:
            return term
        closed = as_term(self.build(term))
        inlined = self._inlined(term.body)
        entries = {n for n in walk(inlined) if isinstance(n, Entry) and is_random_letter(n.name, self.context)}
        if len(entries) == 1 and not next(iter(entries)).indices:
            entry = next(iter(entries))
            self._compare(closed, lambda replay, env: _mean_by_quadrature(replay, inlined, entry, env))
        return closed

    def build(self, term: Term) -> Form:
        return self.builder.build(freshen(term, {}, self.names))

    def _inlined(self, term: Term, depth: int = 8) -> Term:
        """Definitions put in, so that every occurrence of the variable is seen."""

        def change(entry: Entry) -> Term:
            body = self._body(entry) if depth else None
            return entry if body is None else self._inlined(body, depth - 1)

        return replace_entries(freshen(term, {}, self.names), change)

    def _limit(self, term: Limit) -> Form:
        whole = self._inlined(term.body)
        if term.to is not None:
            cancelled = self.build(whole)  # (x² - a²) / (x - a) has a value at a in its normal form only
            with suppress(NotSupported):
                whole = as_term(cancelled)
            try:
                return self.build(at_value(whole, term.variable, term.to))  # continuous wherever it has a form there
            except NotSupported:
                return limit_of_quotient(self._inlined(term.body), term.variable, term.to, self.build)
        flipped = Mul((Num(Fraction(-1)), term.variable))
        body = whole if term.sign > 0 else at_value(whole, term.variable, flipped)
        return limit_at_infinity(self.build(body), term.variable.name, self.builder)

    def _integral(self, term: Integral) -> Form:
        bounds = (None if term.lo is None else self.build(term.lo), None if term.hi is None else self.build(term.hi))
        return integral(self.build(term.body), term.variable.name, bounds, self.builder)

    def _compare(self, closed: Term, numeric: Any) -> None:
        """A closed form that disagrees with numbers is not used."""
        scene = Scene(self.context, {name: 1 for name, _ in self.claim.free}, (2, 3, 4, 5, 6), 7, "unit")
        ring = Ball(DIGITS)
        for name in sorted({node.name for node in walk(closed) if isinstance(node, Entry)}):
            if self.context.tensors.get(name) is not None and self.context.tensors[name].axes:
                raise NotSupported("a limit or an integral with arrays")
        try:
            with mpmath.workdps(DIGITS):
                replay = Replay(scene, ring)
                ours, theirs = replay.plain(closed, scene.env), numeric(replay, scene.env)
                if abs(ours - theirs) > mpmath.mpf(10) ** -6 * (1 + abs(ours)):
                    raise NotSupported("a limit or an integral whose closed form and numbers differ")
        except (ArithmeticError, Undefined, KeyError, TypeError, ValueError) as error:
            raise NotSupported(f"a limit or an integral that numbers do not confirm ({error})") from error


def at_value(term: Term, variable: Entry, value: Term) -> Term:
    return replace_entries(term, lambda entry: value if entry == variable else entry)


def _value(replay: Replay, body: Term, variable: Entry, x: Any, env: Mapping[str, int]) -> Any:
    """The body with the variable set to a number."""
    replay.known.clear()
    replay.scene.overrides[(variable.name, (), ())] = replay_number(x)
    return replay.plain(body, env)


def replay_number(x: Any) -> Any:
    """An mpmath number in the form of a solved input."""
    ball = Ball(DIGITS)
    sign, mantissa, exponent, _ = mpmath.mpf(x)._mpf_
    return ball.number(Fraction((-1) ** sign * int(mantissa)) * Fraction(2) ** exponent)


def is_random_letter(name: str, context: Context) -> bool:
    return name in context.tensors and is_random(context.tensors[name])


def _mean_by_quadrature(replay: Replay, body: Term, entry: Entry, env: Mapping[str, int]) -> Any:
    """The integral of the body times the density of a normal or uniform number, split at its kink at 0."""
    tensor = replay.scene.context.tensors[entry.name]
    mean, variance = (replay.plain(moment, env) for moment in (tensor.mean, tensor.variance) if moment is not None)
    if tensor.law == "uniform":
        width = mpmath.sqrt(3 * variance)
        ends = sorted({mean - width, mpmath.mpf(0), mean + width})
        inside = [x for x in ends if mean - width <= x <= mean + width]
        return mpmath.quad(lambda x: _value(replay, body, entry, x, env) / (2 * width), inside)
    spread = mpmath.sqrt(variance)
    reach = [mean - 14 * spread, mean + 14 * spread]
    inside = sorted({*reach, *(mean + k * spread for k in (-4, 4)), mpmath.mpf(0)})
    return mpmath.quad(lambda x: _value(replay, body, entry, x, env) * mpmath.npdf(x, mean, spread), inside)


def _near(replay: Replay, term: Limit, env: Mapping[str, int]) -> Any:
    if term.to is not None:
        with mpmath.workdps(2 * DIGITS):
            end = replay.plain(term.to, env)
            return _value(replay, term.body, term.variable, end + mpmath.mpf(10) ** -9, env)
    values = [_value(replay, term.body, term.variable, term.sign * x, env) for x in (FAR, 10**5, 10**9)]
    usable = [v for v in values if mpmath.isfinite(v)]
    return usable[-1]


def _quadrature(replay: Replay, term: Integral, env: Mapping[str, int]) -> Any:
    ends = [mpmath.inf if b is None else replay.plain(b, env) for b in (term.lo, term.hi)]
    ends[0] = -ends[0] if term.lo is None else ends[0]
    return mpmath.quad(lambda x: _value(replay, term.body, term.variable, x, env), ends)
