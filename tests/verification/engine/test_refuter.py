"""Counterexamples: exact, replayed, never at a point that breaks an assumption, and found where they hide."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from symbackprop.verification.budget import Budget
from symbackprop.verification.judge import judge, refutes
from symbackprop.verification.proof.domain import WORDS
from symbackprop.verification.refutation import refute
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.build import add, delta, div, entry, fn, mul, neg, num, power, sub
from symbackprop.verification.terms.context import Claim, Context, Definition, Family, Tensor
from symbackprop.verification.terms.functions import KNOWN, PRIMITIVE
from symbackprop.verification.terms.nodes import Axis, Const, Diff, Expect, Pow, Range, Relation, Size, Sum, Term, Whole
from symbackprop.verification.verdict import Judgement, Verdict

HALF = Fraction(1, 2)
X, Y, Z = entry("x"), entry("y"), entry("z")
N, M = Axis("n"), Axis("m")
VECTORS = Context({"v": Tensor("v", (N,)), "u": Tensor("u", (M,)), "w": Tensor("w", (N, N)), "A": Tensor("A", (M, N))})


def said(left: Term, right: Term, context: Context = VECTORS, *free: tuple[str, Axis]) -> Judgement:
    return judge(Claim(left, right, free), context)


# -- what the notes of others taught ---------------------------------------------------------------------------------
@pytest.mark.parametrize("digits", [12, 20, 30, 60, 100])
def test_near_misses_are_refuted(digits):
    tiny = Fraction(1, 10**digits)
    assert said(fn("sigmoid", Z), add(fn("sigmoid", Z), tiny)).verdict == Verdict.REFUTED
    assert said(X, mul(X, 1 + tiny)).verdict == Verdict.REFUTED


def test_lookalikes_are_refuted():
    tanh_form = mul(HALF, Z, add(1, fn("tanh", mul(power(div(2, Const("pi")), HALF),
        add(Z, mul(Fraction(44715, 10**6), power(Z, 3)))))))  # fmt: skip
    assert said(fn("gelu", Z), tanh_form).verdict == Verdict.REFUTED
    assert said(fn("gelu", Z), mul(Z, fn("sigmoid", mul(Fraction(1702, 1000), Z)))).verdict == Verdict.REFUTED
    ramanujan = fn("exp", mul(Const("pi"), power(163, HALF)))
    assert said(ramanujan, num(640320**3 + 744)).verdict == Verdict.REFUTED


def test_sum_of_a_function_is_not_the_function_of_the_sum():
    judgement = said(Sum("i", N, fn("h", entry("v", "i"))), fn("h", Sum("i", N, entry("v", "i"))))
    assert judgement.verdict == Verdict.REFUTED


def test_a_letter_bound_and_free():
    """The i of ∂/∂v_i is not the i of the sum."""
    norm = Sum("i", N, power(entry("v", "i"), 2))
    assert said(Diff(norm, entry("v", "i")), mul(2, entry("v", "i")), VECTORS, ("i", N)).verdict == Verdict.PROVED
    wrong = Sum("i", N, mul(2, entry("v", "i")))
    assert said(Diff(norm, entry("v", "i")), wrong, VECTORS, ("i", N)).verdict == Verdict.REFUTED


def test_one_outcome_on_both_sides_of_an_expectation():
    context = Context({"r": Tensor("r", (N,), (), num(0), entry("s"))})
    square = power(Sum("i", N, entry("r", "i")), 2)
    assert said(Expect(square), mul(Size(N), entry("s")), context).verdict == Verdict.PROVED
    assert said(mul(Expect(entry("r", "i")), Expect(entry("r", "i"))), Expect(power(entry("r", "i"), 2)), context,
        ("i", N)).verdict == Verdict.REFUTED  # fmt: skip


@pytest.mark.parametrize("wrong", [X, num(0), neg(X)])
def test_both_sides_of_a_kink_are_tried(wrong):
    assert said(fn("relu", X), wrong).verdict == Verdict.REFUTED


def test_two_kinks():
    clipped = sub(fn("relu", X), fn("relu", sub(X, 1)))
    assert said(fn("relu", X), clipped).verdict == Verdict.REFUTED


def test_polynomials_in_a_width_that_vanish_at_small_widths():
    n = Size(N)
    product = mul(*(sub(n, k) for k in range(1, 5)))
    assert said(product, num(0)).verdict == Verdict.REFUTED


def test_deltas_need_equal_and_different_indices():
    equal, different = num(1), num(0)
    for wrong in (equal, different):
        assert said(delta("i", "j"), wrong, VECTORS, ("i", N), ("j", N)).verdict == Verdict.REFUTED


def test_transposition_shows_in_rectangles():
    context = replace(VECTORS, tensors={**VECTORS.tensors, "c": Tensor("c", (N, N))})
    left, right = (Sum("j", N, mul(entry("c", *order), entry("v", "j"))) for order in (("i", "j"), ("j", "i")))
    assert said(left, right, context, ("i", N)).verdict == Verdict.REFUTED


# -- conditions ------------------------------------------------------------------------------------------------------
CONDITIONAL = {
    "root of a square": (power(power(X, 2), HALF), X),
    "log of a square": (fn("log", power(X, 2)), mul(2, fn("log", X))),
    "absolute value": (fn("abs", X), X),
    "power of a power": (power(power(X, 2), Fraction(3, 2)), power(X, 3)),
    "step": (fn("step", X), num(1)),
}


WHERE_DEFINED = {
    "log of a product": (fn("log", mul(X, Y)), add(fn("log", X), fn("log", Y))),
    "root of a product": (power(mul(X, Y), HALF), mul(power(X, HALF), power(Y, HALF))),
    "log of a quotient": (fn("log", div(X, Y)), sub(fn("log", X), fn("log", Y))),
}


@pytest.mark.parametrize("name", WHERE_DEFINED)
def test_identity_where_its_sides_are_defined(name):
    """Proved under the condition that its own logarithms and roots put, which the verdict says."""
    judgement = judge(Claim(*WHERE_DEFINED[name]), Context())
    assert judgement.verdict == Verdict.PROVED and WORDS in judgement.assumptions


def test_nothing_holds_where_nothing_is_defined():
    """log x + log(-x) is defined nowhere: that it is what one likes follows from its domain, and is no proof."""
    never = add(fn("log", X), fn("log", mul(-1, X)))
    assert said(never, num(0)).verdict == Verdict.NOT_UNDERSTOOD


@pytest.mark.parametrize("name", CONDITIONAL)
def test_conditional_identity(name):
    """Not proved without its condition; proved (or at least not refuted) with it."""
    claim = Claim(*CONDITIONAL[name])
    assert judge(claim, Context()).verdict in (Verdict.REFUTED, Verdict.UNDECIDED)
    positive = tuple(((), Relation(letter, ">", num(0))) for letter in (X, Y))
    assert judge(claim, Context(assumptions=positive)).verdict == Verdict.PROVED


def test_one_sided_definition_is_reported():
    judgement = said(*CONDITIONAL["log of a square"])
    assert judgement.verdict == Verdict.UNDECIDED and "undefined" in judgement.message


@pytest.mark.parametrize("ring", ["rational", "real"])
def test_assumed_equations_hold_at_every_point(ring):
    context = replace(VECTORS, assumptions=(((), Relation(Sum("k", N, entry("v", "k")), "=", num(1))),))
    term = Sum("k", N, entry("v", "k")) if ring == "rational" else fn("exp", Sum("k", N, entry("v", "k")))
    value = num(1) if ring == "rational" else fn("exp", num(1))
    assert said(term, value, context).verdict == Verdict.PROVED
    assert said(mul(2, term), value, context).verdict == Verdict.REFUTED


def test_assumption_for_all_indices():
    rows = ((("i", N),), Relation(Sum("k", N, entry("w", "i", "k")), "=", num(1)))
    context = replace(VECTORS, assumptions=(rows,))
    total = Sum("i", N, Sum("k", N, mul(entry("v", "i"), entry("w", "i", "k"))))
    assert said(total, Sum("i", N, entry("v", "i")), context).verdict == Verdict.PROVED
    assert said(Sum("i", N, entry("w", "i", "j")), num(1), context, ("j", N)).verdict == Verdict.REFUTED


def test_assumption_for_all_labels():
    """n_l σ_l² = 1 for every l; a^l = σ_l² n_l a^{l-1} keeps its size."""
    here, before = Affine.symbol("l"), Affine.symbol("l") + (-1)
    size = Size(Axis("n", (here,)))
    grown = mul(size, power(entry("s", labels=("l",)), 2), entry("a", labels=(before,)))
    tensors = {"a": Tensor("a", (), ("l",)), "s": Tensor("s", (), ("l",))}
    unit = (((), Relation(mul(size, power(entry("s", labels=("l",)), 2)), "=", num(1))),)
    definitions = (Definition("a", (here,), (), grown),)
    context = Context(tensors, definitions, family=Family(frozenset({"l"}), "L", 1), assumptions=unit)
    assert said(entry("a", labels=("l",)), entry("a", labels=(before,)), context).verdict == Verdict.PROVED
    assert said(entry("a", labels=("L",)), mul(2, entry("a", labels=(before,))), context).verdict == Verdict.REFUTED


def test_an_assumption_that_nothing_satisfies():
    never = (((), Relation(add(power(X, 2), 1), "=", num(0))),)
    assert said(X, mul(2, X), Context(assumptions=never)).verdict == Verdict.UNDECIDED


def test_conditions_of_the_claim():
    unequal = Relation(Whole(Affine.symbol("i")), "!=", Whole(Affine.symbol("j")))
    claim = Claim(delta("i", "j"), num(0), (("i", N), ("j", N)), (unequal,))
    assert judge(claim, VECTORS).verdict != Verdict.REFUTED
    assert judge(replace(claim, right=num(1)), VECTORS).verdict == Verdict.REFUTED


def test_a_theorem_among_the_assumptions_is_not_solved_for():
    total = Sum("k", N, fn("exp", entry("v", "k")))
    softmax = Definition("p", (), ("i",), div(fn("exp", entry("v", "i")), total))
    tensors = {**VECTORS.tensors, "p": Tensor("p", (N,))}
    context = Context(tensors, (softmax,), assumptions=(((), Relation(Sum("k", N, entry("p", "k")), "=", num(1))),))
    assert said(entry("p", "i"), mul(2, entry("p", "i")), context, ("i", N)).verdict == Verdict.REFUTED


# -- not understood --------------------------------------------------------------------------------------------------
def test_an_index_bound_nowhere():
    judgement = said(entry("v", "i"), Sum("j", N, mul(entry("w", "i", "j"), entry("v", "k"))), VECTORS, ("i", N))
    assert (judgement.verdict, judgement.code) == (Verdict.NOT_UNDERSTOOD, "SBP003") and " k " in judgement.message


def test_long_axes_of_known_size():
    pixels, units = Axis("p", size=784), Axis("u", size=30)
    context = Context({"x": Tensor("x", (pixels,)), "w": Tensor("w", (units, pixels)), "s": Tensor("s", (units,))})
    weighted = Sum("j", pixels, mul(entry("w", "i", "j"), entry("x", "j")))
    slope = Diff(fn("sigmoid", weighted), entry("x", "k"))
    right = mul(fn("sigmoid", weighted, 1), entry("w", "i", "k"))
    free = (("i", units), ("k", pixels))
    assert said(slope, right, context, *free).verdict == Verdict.PROVED
    wrong = said(slope, mul(2, right), context, *free)
    assert wrong.verdict == Verdict.REFUTED and wrong.counterexample is not None
    assert ("axes shortened", "30 entries to 3, 784 entries to 4") in wrong.counterexample.values
    assert said(Size(pixels), num(784), context).verdict == Verdict.PROVED
    assert said(Size(pixels), mul(28, 28), context).verdict == Verdict.PROVED
    assert said(Size(pixels), num(783), context).verdict == Verdict.REFUTED


def test_shapes_that_do_not_fit():
    judgement = said(entry("u", "i"), entry("v", "i"), VECTORS, ("i", N))
    assert (judgement.verdict, judgement.code) == (Verdict.REFUTED, "SBP002")
    assert judgement.counterexample is not None and {judgement.counterexample.left, judgement.counterexample.right} == {
        "n",
        "m",
    }
    assert refutes(Claim(entry("u", "i"), entry("v", "i"), (("i", N),)), VECTORS)


def test_index_on_one_side_only():
    judgement = said(entry("v", "i"), entry("v", "j"), VECTORS, ("i", N), ("j", N))
    assert (judgement.verdict, judgement.code) == (Verdict.REFUTED, "SBP003")


def test_a_loss_without_a_definition():
    judgement = said(Diff(entry("J"), X), num(0))
    assert (judgement.verdict, judgement.code) == (Verdict.NOT_UNDERSTOOD, "SBP022") and "J" in judgement.message


def test_a_chain_with_a_missing_link():
    """∂C/∂w where nothing says that a depends on w must not become 0."""
    context = Context(definitions=(Definition("C", (), (), power(sub(entry("a"), Y), 2)),))
    assert said(Diff(entry("C"), entry("w")), num(1), context).verdict == Verdict.NOT_UNDERSTOOD


def test_a_label_that_no_member_has():
    step = Definition("z", (Affine.symbol("l"),), (), mul(2, entry("z", labels=(Affine.symbol("l") + (-1),))))
    context = Context({"z": Tensor("z", (), ("l",))}, (step,), family=Family(frozenset({"l"}), "L", 1))
    beyond = entry("z", labels=(Affine.symbol("L") + 1,))
    assert said(beyond, mul(2, entry("z", labels=("L",))), context).verdict == Verdict.NOT_UNDERSTOOD
    inside = said(entry("z", labels=("l",)), mul(2, entry("z", labels=(Affine.symbol("l") + (-1),))), context)
    assert inside.verdict == Verdict.PROVED


def test_undefined_everywhere():
    assert said(fn("log", num(-1)), X).verdict in (Verdict.NOT_UNDERSTOOD, Verdict.UNDECIDED)
    assert said(fn("log", neg(power(X, 2))), Y).code == "SBP024"


# -- replay ----------------------------------------------------------------------------------------------------------
def test_no_refutation_without_the_second_evaluator(monkeypatch):
    class Broken(refute.Replay):
        def plain(self, term, env):
            return super().plain(term, env) + 1

    assert said(X, mul(2, X)).verdict == Verdict.REFUTED
    monkeypatch.setattr(refute, "Replay", Broken)
    judgement = said(X, mul(2, X))
    assert judgement.verdict == Verdict.UNDECIDED and "evaluators" in judgement.message


@pytest.mark.parametrize("name", [*KNOWN, *PRIMITIVE])
@pytest.mark.parametrize("order", [0, 1, 2])
def test_both_evaluators_know_every_function(name, order):
    """A false claim about any function is refuted, which takes both evaluators to agree."""
    term = fn(name, X, order)
    judgement = said(term, add(term, 1))
    assert judgement.verdict == Verdict.REFUTED, judgement.message


def test_counterexample_says_where():
    left = Sum("j", N, mul(entry("A", "i", "j"), entry("v", "j")))
    found = said(left, mul(2, left), VECTORS, ("i", M)).counterexample
    assert found is not None
    names = [name for name, _ in found.values]
    assert "size of n" in names and "size of m" in names and "i" in names and any(n.startswith("A_") for n in names)
    assert Fraction(found.right) == 2 * Fraction(found.left)


# -- budgets ---------------------------------------------------------------------------------------------------------
def deep(levels: int) -> Term:
    term: Term = X
    for _ in range(levels):
        term = fn("h", add(term, 1))
    return term


def nested_sum(levels: int) -> Term:
    term: Term = entry("v", "i")
    for _ in range(levels):
        term = Sum("i", Axis("k", size=100), Sum("i", N, term))
    return term


HOSTILE = {
    "deep": (deep(400), X),
    "power tower": (power(X, power(9, power(9, 9))), X),
    "large power": (power(add(X, Y, Z, 1), 10**9), X),
    "many terms": (power(add(X, Y, Z, 1, entry("a"), entry("b")), 60), X),
    "huge exponential": (fn("exp", fn("exp", fn("exp", num(40)))), num(1)),
    "long number": (num(10**5000), X),
    "many places": (Sum("i", Axis("k", size=10**9), entry("x")), num(1)),
    "long range": (Sum("t", Range(Affine.of(1), Affine.of(10**9)), entry("x")), num(1)),
    "sums in sums": (nested_sum(4), X),
    "fractional power of a huge number": (power(2**4000 + 1, HALF), X),
    "division by zero": (power(0, -1), X),
    "wide product": (mul(*(add(entry(f"a{k}"), 1) for k in range(40))), X),
    "symbolic power": (Pow(X, Y), mul(X, Y)),
    "index with a reserved name": (entry("v", "%1"), X),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_claims_end_in_a_verdict(name):
    judgement = said(*HOSTILE[name], VECTORS)
    assert judgement.verdict != Verdict.PROVED and judgement.message


def test_the_budget_is_named():
    judgement = judge(Claim(power(add(X, Y, Z, 1, entry("a")), 9), power(add(Z, Y, X, 1, entry("a")), 9)), Context(),
        budget=Budget(terms=50))  # fmt: skip
    assert judgement.verdict == Verdict.UNDECIDED and "more than 50 terms" in judgement.message


def test_a_definition_by_itself():
    context = Context(definitions=(Definition("a", (), (), mul(2, entry("a"))),))
    assert said(entry("a"), X, context).verdict in (Verdict.UNDECIDED, Verdict.NOT_UNDERSTOOD)
