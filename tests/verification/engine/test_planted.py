"""Planted bugs turn the suite red: a rule of the prover loosened lets a false claim through, or lost loses a true one.

Every rule is listed: one that no planted bug covers fails a test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pytest

from symbackprop.verification.budget import Budget
from symbackprop.verification.proof import conditions, means, moments, normal_form, order, rewriting, windows
from symbackprop.verification.proof import laws as lawful
from symbackprop.verification.proof import prove as proving
from symbackprop.verification.proof.algebra import Algebra
from symbackprop.verification.proof.chain import Chain
from symbackprop.verification.proof.definitions import Definitions
from symbackprop.verification.proof.elementary import Elementary
from symbackprop.verification.proof.facts import Facts
from symbackprop.verification.proof.generators import ONE, ZERO, Gen, Mono, affine_key, number, written_factors
from symbackprop.verification.proof.laws import Law
from symbackprop.verification.proof.normal_form import Builder
from symbackprop.verification.proof.positive import Positive
from symbackprop.verification.proof.prove import Attempt, prove
from symbackprop.verification.proof.rewriting import Rewriter
from symbackprop.verification.refutation.labels import upward
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.build import delta, entry, fn, mul, num, power
from symbackprop.verification.terms.context import Claim, Context, Family, Tensor
from symbackprop.verification.terms.differentiate import replace_entries
from symbackprop.verification.terms.nodes import Axis, Cases, Expect, Range, Relation, Sum, Whole

N = Axis("n")
X, Y = entry("x"), entry("y")
RANDOM = Context(
    {"v": Tensor("v", (N,)), "r": Tensor("r", (N,), (), num(0), num(1))}, family=Family(frozenset({"l"}), "L", 1)
)
PLACES = (("i", N), ("j", N))
TIMES = Range(Affine.of(1), Affine.symbol("L")), Range(Affine.of(2), Affine.symbol("L"))
SIDES = {
    "function of a sum": (Sum("i", N, fn("h", entry("v", "i"))), fn("h", Sum("i", N, entry("v", "i")))),
    "square of a sum": (power(Sum("i", N, entry("v", "i")), 2), Sum("i", N, power(entry("v", "i"), 2))),
    "unused index": (Sum("i", N, X), X),
    "last of a short sum": (Sum("t", Range(Affine.symbol("l") + 1, Affine.symbol("L")), delta("t", "L")), num(1)),
    "root of a square": (power(power(X, 2), Fraction(1, 2)), X),
    "shorter sum": tuple(Sum("t", span, entry("c", labels=("t",))) for span in TIMES),
    "never met": (Sum("t", TIMES[1], delta("t", "l")), num(0)),
    "short range": (Sum("t", TIMES[1], delta("t", "l")), num(1)),
    "second moment": (Expect(mul(entry("r", "i"), entry("r", "j"))), num(1)),
    "relu by one case": (fn("relu", X), Cases((((Relation(X, ">", num(0)),), X),), num(1))),
    "mirrored sine": (fn("sin", mul(-1, X)), fn("sin", X)),
    "exp of a log": (fn("exp", mul(Fraction(1, 2), fn("log", power(X, 2)))), X),
    "step of a square": (fn("step", power(X, 2)), fn("step", X)),
    "size of a label": (Whole(Affine.symbol("l")), num(0)),
}


@dataclass(frozen=True)
class Bug:
    """A rule replaced, and the claim without a proof that it then proves."""

    owner: Any
    attribute: str
    planted: Callable[..., Any]
    claim: str


def captured(algebra, coefficient, left, right):
    return algebra.normal(
        coefficient, list({**dict(left.bounds), **dict(right.bounds)}.items()), [*left.factors, *right.factors]
    )


def in_any_order(gen, marks):
    return sorted(affine_key(place, marks) for place in gen.places)


def one_side(self, term, view, facts, builder):
    turns = list(builder.turns.values())
    return bool(turns) and not facts and self._vanishes(term, view, (proving.SignFact(turns[0], True),))


def no_letter_random(builder):
    return []


def any_turn(self, term, view, facts, builder):
    """Both sides of a kink looked at, whatever the argument of the step is."""
    turns = list(builder.turns.values())
    if not turns or facts:
        return False
    sides = (proving.SignFact(turns[0], True), proving.SignFact(builder.scale(-1, turns[0]), True))
    return all(self._vanishes(term, view, (side,)) for side in sides)


def one_short(algebra, over, power):
    size = algebra.length(over)
    return algebra.scale(Fraction(1, 2), algebra.mul(size, algebra.sub(size, ONE)))


def last_left_out(algebra, powers, name, over, original=Elementary.row):
    total = original(algebra, powers, name, over)
    ((gen, _),) = powers
    return algebra.sub(total, algebra.symbolic_power(gen.subs[0], algebra.length(over)))


def mean_anywhere(self, term):
    """The mean of a function as the function of the means."""
    return replace_entries(term, lambda e: replace(e, name=means.MEAN + e.name) if e.name == "h" else e)


def shifted_logs(algebra, gen):
    index, factor = algebra._factor(gen)
    return algebra.sum_over([index], algebra.log(algebra.add(factor, ONE)))


def half_of_any(law, power, labels, algebra):
    return algebra.scale(Fraction(1, 2), law._smooth(power, ZERO, labels, algebra))


def mean_inside(law, power, rate, labels, algebra):
    return algebra.exp(algebra.mul(rate, law.stated[1]))


def always_apart(block, law, algebra):
    return ZERO if len(block) > 1 else law.mean(block[0][1], (), algebra)


def constants_dropped(condition):
    return Affine(condition.parts, 0) if condition.parts else condition


def doubled(names, new):
    """Every other whole number only."""
    return {name: Affine.symbol(symbol) + Affine.symbol(symbol) for name, symbol in zip(names, new, strict=True)}


def deltas_dropped(algebra, window):
    kept = tuple(pair for pair in window.factors if pair[0].kind != "d")
    return windows.Window(window.coefficient, window.names, kept, window.conditions)


def everywhere(algebra, window, known, occurring, original=windows._with_one_less):
    """What is left where a free index has one value counts for all of its values."""
    for left in original(algebra, window, known, occurring):
        bound = set(left.names)
        kept = frozenset(c for c in left.conditions if c.symbols & bound)
        yield windows.Window(left.coefficient, left.names, left.factors, kept)


def counted_once(form):
    total = Affine()
    for coefficient, mono in form.terms.values():
        for gen, _ in mono.factors:
            value = gen.places[0] if gen.kind == "w" else windows.size_of(Axis(gen.atoms[0]))
            total = total + value if coefficient > 0 else total - value
    return total


def from_two_on(algebra, symbols, original=windows.known_order):
    return original(algebra, symbols) | {Affine.symbol(name) + (-2) for name in symbols}


def below_or_equal(index, op, original=windows.both_ways):
    return original(index, {"<": "<="}.get(op, op))


def first_frame(algebra, window):
    yield {}, window.names


def first_order(algebra, window, original=windows._named):
    yield next(original(algebra, window))


BUGS = {
    "constants of conditions dropped": Bug(order, "tightened", constants_dropped, "first left out"),
    "negation one short": Bug(order, "negation", lambda c: -c + (-2), "first left out"),
    "every order empty": Bug(order, "is_empty", lambda conditions: True, "kernel not turned"),
    "no case looked at": Bug(order, "residues", lambda *parts: iter(()), "kernel not turned"),
    "first value taken": Bug(order, "forced", lambda name, facts, known: Affine.of(1), "two of one"),
    "sums without ranges": Bug(windows, "range_of", lambda name, over: [], "range not moved"),
    "axes of one size": Bug(windows, "size_of", lambda axis: Affine.symbol("|"), "longer axis"),
    "multiples forgotten": Bug(windows, "whole_difference", counted_once, "first half"),
    "conditions always hold": Bug(windows, "condition_form", lambda algebra, condition: ONE, "first half"),
    "indices from 2 on": Bug(windows, "known_order", from_two_on, "first left out"),
    "every other index": Bug(windows, "_inverted", doubled, "place left out of a shift"),
    "below or equal": Bug(windows, "both_ways", below_or_equal, "equal indices left out"),
    "deltas left out": Bug(windows, "_without_deltas", deltas_dropped, "delta of a double"),
    "one value for all": Bug(windows, "_with_one_less", everywhere, "where two are one"),
    "bound indices missing from the key": Bug(
        Mono, "written", lambda mono, marks: "S" + written_factors(mono.factors, marks), "shorter sum"
    ),
    "indices of two sums captured": Bug(Algebra, "_mul_apart", captured, "square of a sum"),
    "unused index without a factor": Bug(Algebra, "length", lambda self, over: ONE, "unused index"),
    "every letter above 0": Bug(Positive, "gen_positive", lambda self, gen: True, "root of a square"),
    "every label in range": Bug(Algebra, "_inside", lambda self, value, over, bounds: True, "short range"),
    "every difference known": Bug(Facts, "holds", lambda self, difference, depth=4: True, "never met"),
    "ranges never empty": Bug(
        conditions, "upward", lambda *parts: (length + (-1) for length in upward(*parts)), "last of a short sum"
    ),
    "independent entries always the same": Bug(
        moments, "_where_same", lambda entries, form, algebra: form, "second moment"
    ),
    "anything from any sign": Bug(
        Positive, "_with_fact", lambda self, form, fact, strict, depth: True, "sum above 0"
    ),
    "every monomial above 0": Bug(Positive, "mono_sign", lambda self, c, mono: True, "one side of a kink"),
    "every form above 0": Bug(Positive, "is_positive", lambda self, form: True, "one side of a kink"),
    "one side of a kink is enough": Bug(Attempt, "_on_both_sides", one_side, "one side of a kink"),
    "a kink under a sum": Bug(Attempt, "_on_both_sides", any_turn, "size of a sum"),
    "a kink under an expectation": Bug(Attempt, "_on_both_sides", any_turn, "mean of a size"),
    "geometric sums one short": Bug(Elementary, "row", last_left_out, "geometric sum to the one before"),
    "means of functions": Bug(means.Means, "of", mean_anywhere, "mean of a square through a recursion"),
    "sums one short": Bug(Algebra, "_sum_of_powers", one_short, "sum of the numbers below"),
    "product without its factors": Bug(Elementary, "_log_product", shifted_logs, "log of a shifted product"),
    "squares of any sign": Bug(Attempt, "_never_below", lambda self, sides: True, "spread of any sign"),
    "every matrix symmetric": Bug(Gen, "_places", in_any_order, "any matrix"),
    "every letter symmetric": Bug(
        normal_form, "symmetric_letters", lambda assumptions: frozenset("MQ"), "orthogonal is not symmetric"
    ),
    "every matrix orthogonal": Bug(
        rewriting, "orthogonal_letter", lambda assumption: ("S", N), "symmetric is not orthogonal"
    ),
    "odd functions even": Bug(
        Elementary, "_with_parity", lambda self, name, u: self.opaque(name, 0, self.mul(u, u)), "mirrored sine"
    ),
    "no law is normal": Bug(
        Law, "cumulant", lambda law, order, *rest: law.stated.get(order, ZERO), "fourth moment without a law"
    ),
    "every law symmetric": Bug(Law, "_half", half_of_any, "half without symmetry"),
    "kinks at the mean": Bug(
        Law, "_half", lambda law, k, labels, algebra: number(Fraction(1, 2)), "half about another mean"
    ),
    "a mean goes inside": Bug(Law, "_smooth", mean_inside, "function of a mean"),
    "functions of entries always apart": Bug(moments, "_joint_functions", always_apart, "relu of two entries"),
    "definitions in means left out": Bug(Builder, "random_letters", no_letter_random, "definition left out"),
}  # fmt: skip


@pytest.fixture(scope="module")
def near_misses(conditional, structured, laws, windowed, recursive) -> dict[str, tuple[Claim, Context]]:
    """All claims without a proof by name."""
    found = {name: (Claim(*sides, PLACES if name == "second moment" else ()), RANDOM) for name, sides in SIDES.items()}
    tables = (conditional.NOT_FOLLOWING, structured.NOT_STRUCTURED, laws.NOT_BY_LAW, windowed.NOT_WINDOWED)
    tables += (recursive.NOT_RECURSIVE,)
    found |= {name: (claim, context) for table in tables for name, (_, claim, context) in table.items()}
    assert len(found) == len(SIDES) + sum(map(len, tables))
    return found


def test_near_misses_have_no_proof(near_misses):
    for name, (claim, context) in near_misses.items():
        assert not prove(claim, context, budget=Budget()).proved, name


@pytest.mark.parametrize("name", BUGS)
def test_planted_bug_is_seen(name, near_misses, monkeypatch):
    """The rule loosened lets a near miss through, which the test above would report."""
    bug = BUGS[name]
    claim, context = near_misses[bug.claim]
    monkeypatch.setattr(bug.owner, bug.attribute, bug.planted)
    assert prove(claim, context, budget=Budget()).proved


@dataclass(frozen=True)
class Loss:
    """A rule switched off, and the base claim that is lost."""

    owner: Any
    attribute: str
    planted: Any
    claim: str


#: What all but one of these claims are proved in; without its rule a prover looks on until the budget ends.
SMALL = Budget(operations=100_000)


def not_opened(algebra, bounds, factors):
    return list(bounds), algebra.normal(Fraction(1), [], list(factors))


LOST = {
    "no new indices": Loss(windows, "_frames", first_frame, "summation by parts"),
    "no places for new indices": Loss(windows, "_places", lambda gen: iter(()), "summation by parts"),
    "one order only": Loss(windows, "_named", first_order, "square of a sum by order"),
    "no windows": Loss(windows, "_is_moving", lambda gen: False, "input of a convolution"),
    "no elimination": Loss(order, "_without", lambda name, system: [], "input of a convolution"),
    "no contraction": Loss(Algebra, "_contract", lambda self, *rest: None, "forward variance"),
    "no denominators cleared": Loss(Elementary, "cleared", lambda self, form: form, "sigmoid slope"),
    "no pulling back": Loss(Chain, "step", lambda self, term, numbers: None, "recursion"),
    "no functions looked into": Loss(proving, "SHALLOW", proving.SHALLOW[:1], "sigmoid slope"),
    "no cosine rule": Loss(Algebra, "_reduced", lambda self, gen, exponent: (exponent, None), "pythagoras"),
    "no definitions": Loss(Definitions, "body", lambda self, entry: None, "cross-entropy with definitions"),
    "no fresh names before a product": Loss(Algebra, "opened", not_opened, "softmax network, hidden"),
    "no pushing on": Loss(Chain, "forward", lambda self, term, numbers: None, "total by recursion"),
    "no indicator": Loss(Builder, "indicator", lambda builder, relation: ONE, "relu by cases"),
    "no induction": Loss(proving, "by_induction", lambda *parts: False, "power by eigenvalues"),
    "no range upwards": Loss(conditions, "upward", lambda *parts: (), "slope between any two times"),
    "no members at all": Loss(conditions, "members", lambda *parts: {}, "state from an earlier one"),
    "no telescoping": Loss(proving, "telescoped", lambda term, *rest: term, "weight through all times"),
    "no signs": Loss(Rewriter, "sign_facts", lambda self: (), "hinge inside"),
    "no equal indices": Loss(proving, "unified", lambda claim: claim, "delta together"),
    "no different indices": Loss(Facts, "differ", lambda self, left, right: False, "softmax, different indices"),
    "no sides of a kink": Loss(Attempt, "_on_both_sides", lambda *parts: False, "size of a product"),
    "no squares": Loss(Attempt, "by_squares", lambda self: "", "spread from a variance"),
    "nothing above the line": Loss(rewriting, "above_the_line", lambda form, builder: form, "variance from its slope"),
    "no domain": Loss(proving, "domain_of", lambda sides, context: proving.Domain(), "relative entropy"),
    "no domain under a product": Loss(Positive, "_is_instance", lambda self, *rest: False, "log of a long product"),
    "no log of a product": Loss(Elementary, "_log_product", lambda self, gen: ZERO, "log likelihood"),
    "no means of members": Loss(proving, "with_means", lambda *both: both, "mean through a recursion"),
    "no end of a sum": Loss(
        Chain, "_up_to", lambda self, source: self.definitions.span(), "weight in a loss of one time"
    ),
    "no geometric sums": Loss(Elementary, "row", lambda self, *rest: None, "geometric sum"),
    "no sums of numbers": Loss(Algebra, "_is_number", lambda self, *rest: False, "sum of the cubes"),
    "no numbered members": Loss(conditions, "_numbered_members", lambda claim, context: set(), "second layer"),
    "no symmetric matrices": Loss(normal_form, "symmetric_letters", lambda assumptions: frozenset(), "symmetric form"),
    "no turned rotation": Loss(Rewriter, "_turned", lambda self: [], "there and back"),
    "no log above the line": Loss(Elementary, "_above_the_line", lambda self, u: (u, []), "log of the slope of tanh"),
    "no half moments": Loss(Law, "_half", lambda law, *rest: ZERO, "variance after a relu"),
    "no functions of one entry": Loss(Law, "mean", lambda law, *rest: ZERO, "function of a mask"),
}


@pytest.mark.parametrize("rule", LOST)
def test_rule_is_needed(rule, base_claims, monkeypatch):
    """Each of these rules switched off loses a base claim, though it may cost what was enough with it."""
    loss = LOST[rule]
    case = next(c for c in base_claims if c.name == loss.claim)
    enough = next(b for b in (SMALL, Budget()) if prove(case.claim, case.context, budget=b).proved)
    monkeypatch.setattr(loss.owner, loss.attribute, loss.planted)
    assert not prove(case.claim, case.context, budget=enough).proved


#: What only carries out the rules: building, naming, merging and going through forms.
PLUMBING = {
    Algebra: "__init__ add scale sub mul product _mul_monos power sum_over normal _never_zero _facts _merged _unified "
    "_counted row affine _named _factors_of substituted _moved rebuilt renamed _bernoulli",
    Positive: "assume _at_least at_least_0 _inside_of_positive content _factor",
    Elementary: "_even_root raised _raised_mono number_power content _scale _common "
    "symbolic_power exp _is_log _exp_log log _log_rest function _erf_slope _arctan_slope step opaque reused rebuilt "
    "remade vanishes",
    Law: "__init__ __eq__ __hash__ __repr__ __setattr__ __delattr__ _chance_cumulant _of_mono",
    Facts: "__init__ __eq__ __hash__ __repr__ __setattr__ __delattr__ within plus substitute with_over assuming",
    Rewriter: "__init__ __eq__ __repr__ relations positive_names rules _inverses _rule vanishes _once _open _closed "
    "_inside _applied _bounds_after",
}
MODULES = {moments: "expectation _split _letter _function _product _powers _joint _labels partitions random_entries",
           order: "_tightest _signs _cost _times",
           windows: "vanishes_in_order _collect _left_over _windows _least",
           lawful: "raw_moment mentions_any _rate replaced _replaced_mono _holds"}  # fmt: skip


def rules_of(owner: Any) -> set[str]:
    own = {name for name, value in vars(owner).items() if callable(value) and name != "__replace__"}
    if owner in MODULES:
        own = {name for name in own if getattr(vars(owner)[name], "__module__", "") == owner.__name__}
        return {name for name in own if not isinstance(vars(owner)[name], type)}
    return own


@pytest.mark.parametrize("owner", [*PLUMBING, *MODULES], ids=lambda owner: owner.__name__.rpartition(".")[2])
def test_every_rule_has_a_planted_bug(owner):
    """A rule that is new must be listed with a bug, or said to be plumbing."""
    planted = {entry.attribute for entry in (*BUGS.values(), *LOST.values()) if entry.owner is owner}
    plumbing = set({**PLUMBING, **MODULES}[owner].split())
    assert not planted - rules_of(owner) and not plumbing - rules_of(owner), "a name that is gone"
    assert rules_of(owner) - plumbing - planted == set(), "a rule without a planted bug"
