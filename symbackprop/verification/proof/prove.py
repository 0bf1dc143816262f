"""Proving a claim: views from shallow to deep, one pull at a time, and cases of the label where they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial

from symbackprop.verification.budget import Budget, Meter, NotSupported, OverBudget
from symbackprop.verification.proof.chain import Chain, balanced, negated, waiting
from symbackprop.verification.proof.conditions import label_facts, substituted_claim, unified
from symbackprop.verification.proof.definitions import Definitions, NeedsCase
from symbackprop.verification.proof.domain import WORDS, Domain, domain_of
from symbackprop.verification.proof.facts import Facts
from symbackprop.verification.proof.generators import Form, factor_count
from symbackprop.verification.proof.induction import Plan, by_induction, opened, telescoped
from symbackprop.verification.proof.means import with_means
from symbackprop.verification.proof.normal_form import Builder, View, mentions
from symbackprop.verification.proof.reversal import turned_round
from symbackprop.verification.proof.rewriting import Rewriter
from symbackprop.verification.proof.signs import SignFact
from symbackprop.verification.proof.slopes import with_worked_out
from symbackprop.verification.proof.through import multiplied_through
from symbackprop.verification.proof.views import deep_views
from symbackprop.verification.proof.windows import vanishes_in_order
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.nodes import Add, Diff, Entry, Fn, Num, Pow, Prod, Range, Sum, Term
from symbackprop.verification.terms.walk import Names, freshen, map_children, walk

PULLS = 8
STEPS = 3  # a step of an induction needs no more: the claim itself goes on from there
CASES = 3
MOST_TURNS = 3
SHALLOW = (View(), View(functions=True, axes=True))


@dataclass
class Proof:
    """Whether a proof was found, by what means, under which assumptions, or why not.

    ``compared`` is the difference whose normal form was seen to be empty, with its derivatives worked out.
    """

    proved: bool = False
    how: str = ""
    assumptions: list[str] = field(default_factory=list)
    reason: str = ""
    compared: Term | None = None


@dataclass
class Attempt:
    """One claim under one set of facts."""

    claim: Claim
    context: Context
    facts: Facts
    meter: Meter
    names: Names = field(default_factory=Names)
    reasons: list[str] = field(default_factory=list)
    cases: list[Affine] = field(default_factory=list)
    kinks: bool = False
    plan: Plan | None = None
    domain: Domain = Domain()
    compared: Term | None = None

    def __post_init__(self) -> None:
        self.definitions = Definitions(self.context, self.facts, self.names)

    def proves(self) -> str:
        """By what means the difference of the sides vanishes; empty if it was not seen to."""
        difference = freshen(Add((self.claim.left, negated(self.claim.right))), {}, self.names)
        if self.plan is not None:
            stepped = self._guarded(partial(opened, difference, self.plan, self.facts, self.definitions))
            difference = difference if stepped is None else stepped
        with_names = self._guarded(partial(self._inlined, difference))
        difference = difference if with_names is None else with_names
        for path in self._paths():
            terms = []
            for term in self._terms(difference, path):
                terms.append(term)
                if self._any(term, SHALLOW):
                    return "normal form"
            for term in terms:
                if balanced(term) and self._any(term, deep_views(term, self.definitions, self._number)):
                    return "normal form with the definitions put in"
            if terms and not any(waiting(term) for term in terms):
                break
        return ""

    def by_squares(self) -> str:
        """Two sides that do not change their sign are equal if their squares are: √u and what u is said to be."""
        sides = [freshen(side, {}, self.names) for side in (self.claim.left, self.claim.right)]
        if not any(is_root(node) for side in sides for node in walk(side)):
            return ""
        two = Num(Fraction(2))
        squares = Add((Pow(sides[0], two), negated(Pow(sides[1], two))))
        same = self._never_below(sides) or self._never_below([negated(side) for side in sides])
        if same and self._any(squares, SHALLOW):
            return "normal form of the squares, neither side changing its sign"
        return ""

    def _never_below(self, sides: list[Term]) -> bool:
        builder = Builder(self.context, SHALLOW[1], self.meter, self.facts, self.names)
        builder.overs |= dict(self.claim.free)
        try:
            self._prepared(builder, ())
            return all(builder.at_least_0(builder.build(side)) for side in sides)
        except NotSupported:
            return False

    def _inlined(self, term: Term, depth: int = 4) -> Term:
        """Names of derivatives (δ := ∂J/∂z) replaced by what they stand for."""

        if isinstance(term, Sum | Prod) and isinstance(term.over, Range):
            self.definitions.facts = self.definitions.facts.with_over(term.index, term.over)  # bound names are unique
        if not isinstance(term, Entry):
            return map_children(term, lambda child: self._inlined(child, depth))
        counted = self.definitions.is_product(term.name)  # a product of so many factors is opened if it has few
        if counted and term.labels[0].number is None:
            return term
        bodies = [d.body for d in self.context.definitions if d.name == term.name]
        if not depth or not counted and not any(isinstance(node, Diff) for body in bodies for node in walk(body)):
            return term
        body = self.definitions.body(term)
        return term if body is None else self._inlined(body, depth - 1)

    def _paths(self) -> tuple[str, ...]:
        """Pulled back first, but for an induction over the member that is differentiated, which is one step on."""
        if self.plan is not None and len(self.plan.pattern) == 2:
            source = self.plan.pattern[0]
            if source.labels and self.plan.symbol in source.labels[0].symbols:
                return ("on", "back", "through")
        return ("back", "through", "on")

    def _any(self, term: Term, views: Iterable[View]) -> bool:
        done = any(self._vanishes(term, view) for view in views)
        self.compared = term if done else None
        return done

    def _terms(self, difference: Term, path: str) -> Iterator[Term]:
        """The difference with derivatives worked out: pulled back, all the way through, or pushed on step by step."""
        chain = Chain(self.definitions, push=path == "through")
        step = chain.forward if path == "on" else chain.step
        term: Term | None = self._guarded(lambda: chain.worked_out(difference))
        if path == "through" and term is not None and not waiting(term):
            yield term
            return
        for _ in range(PULLS if self.plan is None else STEPS):
            if term is None:
                return
            yield term if self.plan is None else self._assuming(term, self.plan, chain)
            term = self._guarded(partial(step, term, self._number))

    def _assuming(self, term: Term, plan: Plan, chain: Chain) -> Term:
        """The claim used for the neighbour, its derivatives worked out."""
        used = self._guarded(lambda: chain.worked_out(plan.used(term, self.names)))
        return term if used is None else used

    def _guarded(self, action: Callable[[], Term | None]) -> Term | None:
        try:
            return action()
        except NeedsCase as need:
            self.cases.append(need.difference)
        except NotSupported as error:
            self.reasons.append(str(error))
        return None

    def _number(self, label: Affine) -> int:
        """A label as a number for ordering: the last one is far, running ones lie between."""
        last = self.context.family.last
        return label.constant + sum(c * (1_000 if n == last else 100) for n, c in label.parts)

    def _vanishes(self, term: Term, view: View, facts: tuple[SignFact, ...] = ()) -> bool:
        builder = Builder(self.context, view, self.meter, self.facts, self.names)
        builder.overs |= dict(self.claim.free)
        try:
            rewriter = self._prepared(builder, facts)
            form = builder.build(term)
            done = (
                builder.vanishes(form) or rewriter.vanishes(form) or vanishes_in_order(builder, builder.cleared(form))
            )
        except NeedsCase as need:
            self.cases.append(need.difference)
            return False
        except NotSupported as error:
            self.reasons.append(str(error))
            return False
        done = done or self._on_both_sides(term, view, facts, builder)
        self.kinks = self.kinks or done and builder.kinks
        return done

    def _prepared(self, builder: Builder, facts: tuple[SignFact, ...]) -> Rewriter:
        """Tell the builder what is assumed of signs; the rules of the assumed equations."""
        rewriter = Rewriter(builder, self.context, self.claim, self.names)
        builder.supposing(self.claim.conditions)
        builder.positive = rewriter.positive_names() | self.domain.letters
        builder.assume((*rewriter.sign_facts(), *facts))
        forms = [builder.build(freshen(term, {}, self.names)) for term in self.domain.terms]
        for term, name, over in self.domain.general:
            fresh = self.names.fresh()
            builder.overs[fresh] = over
            form = builder.build(freshen(term, {name: Affine.symbol(fresh)}, self.names))
            builder.general = (*builder.general, (form, fresh, over))
        inside = [SignFact(form, True) for form in forms if form.constant is None]
        builder.assume((*rewriter.sign_facts(), *facts, *inside))
        return rewriter

    def _on_both_sides(self, term: Term, view: View, facts: tuple[SignFact, ...], builder: Builder) -> bool:
        """Whether the term vanishes for either sign of the argument of a step.

        That argument must be one number wherever the claim speaks: no index in it is bound, no letter random.
        """
        turns = [form for form in builder.turns.values() if not any(name[0] in "#%" for name in form.symbols)]
        turns = [form for form in turns if not any(mentions(form, name) for name in builder.random_letters())]
        if not turns or len(facts) >= MOST_TURNS:
            return False
        turn = min(turns, key=lambda form: (len(form.terms), factor_count(form), form.key))
        sides = (SignFact(turn, True), SignFact(builder.scale(-1, turn), True))
        return all(self._vanishes(term, view, (*facts, side)) for side in sides)


def is_root(term: Term) -> bool:
    exponent = term.exponent if isinstance(term, Pow) else None
    return isinstance(exponent, Num) and exponent.value.denominator > 1 or isinstance(term, Fn) and term.name == "sqrt"


def prove(claim: Claim, context: Context, *, budget: Budget) -> Proof:
    """Try to prove ``claim`` for all widths, labels and values at which both sides are defined."""
    claim, context = with_means(claim, context)
    proof, meter, claim = Proof(), Meter(budget), turned_round(unified(claim))
    facts = label_facts(claim, context)
    facts = facts.assuming(relation for free, relation in context.assumptions if not free)
    try:
        _prove(claim, with_worked_out(context, facts), facts, meter, proof, CASES)
    except (OverBudget, RecursionError, NotSupported) as error:  # a case that was proved before this does not count
        return Proof(reason="out of budget: too deep" if isinstance(error, RecursionError) else str(error))
    return proof


def _prove(claim: Claim, context: Context, facts: Facts, meter: Meter, proof: Proof, depth: int) -> bool:
    attempt = Attempt(claim, context, facts, meter)
    if depth and _inductive(claim, context, facts, meter, proof):
        proof.how = "induction over the label, by normal forms"
    else:
        proof.how = attempt.proves()
        proof.compared = attempt.compared
    proof.how = proof.how or attempt.by_squares() or _where_defined(attempt, proof) or _multiplied(attempt)
    if not proof.how and depth:
        proof.how = _telescoped(claim, context, facts, meter, proof)
    if not proof.how and depth:
        for case in dict.fromkeys(attempt.cases):
            if _by_cases(case, claim, context, facts, meter, proof, depth - 1):
                proof.how = "normal form, by cases of the label"
                break
    proof.proved = bool(proof.how)
    proof.reason = "" if proof.proved else "; ".join(dict.fromkeys(attempt.reasons[:2])) or "the normal forms differ"
    if attempt.kinks:
        proof.assumptions.append("wherever no kink argument is 0")
    return proof.proved


def _multiplied(attempt: Attempt) -> str:
    """By what means the claim is proved that is multiplied by the matrices whose inverses it starts or ends with."""
    for claim in multiplied_through(attempt.claim, attempt.context):
        inside = Attempt(claim, attempt.context, attempt.facts, attempt.meter)
        if inside.proves():
            attempt.kinks = attempt.kinks or inside.kinks
            return "normal form of both sides multiplied by an invertible matrix"
    return ""


def _where_defined(attempt: Attempt, proof: Proof) -> str:
    """By what means the claim is proved where what stands in its logarithms and roots is above 0."""
    claim = attempt.claim
    domain = domain_of((claim.left, claim.right), attempt.context)
    if not domain or attempt.domain:
        return ""
    inside = Attempt(claim, attempt.context, attempt.facts, attempt.meter, domain=domain)
    how = inside.proves()
    if how:
        attempt.kinks = attempt.kinks or inside.kinks
        proof.assumptions.append(WORDS)
    return how


def _inductive(claim: Claim, context: Context, facts: Facts, meter: Meter, proof: Proof) -> bool:
    """The claim by induction over one of its labels."""

    def base(turned: Claim, symbol: str, value: Affine) -> bool:
        edge = substituted_claim(turned, {symbol: value})
        return _prove(edge, context, facts.substitute({symbol: value}), meter, proof, 0)

    def step(turned: Claim, plan: Plan, inside: Facts) -> bool:
        attempt = Attempt(turned, context, inside, meter, plan=plan)
        done = bool(attempt.proves())
        if done and attempt.kinks:
            proof.assumptions.append("wherever no kink argument is 0")
        return done

    return by_induction(claim, facts, Definitions(context, facts, Names()), base, step)


def _telescoped(claim: Claim, context: Context, facts: Facts, meter: Meter, proof: Proof) -> str:
    """By what means the claim is proved with its products of slopes over many steps written as one slope."""
    names = Names()
    names.count = 10**7

    def lemma(equation: Claim, known: Facts) -> bool:
        return _inductive(equation, context, known, meter, proof)

    left, right = (telescoped(side, facts, names, lemma) for side in (claim.left, claim.right))
    if (left, right) == (claim.left, claim.right):
        return ""
    attempt = Attempt(replace(claim, left=left, right=right), context, facts, meter)
    return "induction over the label, by normal forms" if attempt.proves() else ""


def _by_cases(
    difference: Affine,
    claim: Claim,
    context: Context,
    facts: Facts,
    meter: Meter,
    proof: Proof,
    depth: int,
) -> bool:
    """``difference >= 0``, and else ``difference = -1, …`` as far as the facts allow: only -1 is split off."""
    if not facts.holds(difference + 1):
        return False  # more than one value is below
    symbol = next((n for n, c in difference.parts if abs(c) == 1 and n != context.family.last), None)
    if symbol is None:
        return False
    count = dict(difference.parts)[symbol]
    rest = difference + 1 - Affine(((symbol, count),))
    value = -rest if count == 1 else rest
    edge = substituted_claim(claim, {symbol: value})
    return _prove(edge, context, facts.substitute({symbol: value}), meter, proof, depth) and _prove(
        claim, context, facts.plus(difference), meter, proof, depth
    )


def form_of(term: Term, context: Context, budget: Budget) -> Form:
    """The normal form of a term without derivatives through definitions; for tests of the normal form."""
    names = Names()
    fresh = freshen(term, {}, names)
    return Builder(context, View(functions=True, axes=True), Meter(budget), Facts(), names).build(fresh)
