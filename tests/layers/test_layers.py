"""Every layer of the catalogue: its derivation is well formed, proved step by step, and printed in every notation."""

import os

import pytest
from sympy import Indexed

from symbackprop.derivation import check_derivation, layer_step
from symbackprop.derivation.size import nodes
from symbackprop.layers import layers
from symbackprop.notations import notations
from symbackprop.rendering import render, writer_of
from symbackprop.rendering.chains import chain_formula
from symbackprop.verification.budget import NotSupported
from symbackprop.verification.derived import claims_of, context_of, moves_of, nearest, result_of, sayable
from symbackprop.verification.judge import judge
from symbackprop.verification.terms.build import add
from symbackprop.verification.terms.context import Claim
from symbackprop.verification.verdict import Verdict

#: Layers with a position in an index, which the judge's language cannot say; their kernels are compared with oracles.
NOT_SAID = ("embedding", "max_pool", "maxout")

#: The judge multiplies an index by a number only, not by a size (j n + k): chains with such an index are judged at
#: numbers for sizes.
SIZED = ("flatten", "group_norm")

#: So many terms that proving all of them from J down takes minutes: they are proved move by move here, in whole with
#: SYMBACKPROP_LONG=1.
LARGE = ("attention", "masked_attention", "transformer_block")
LONG = os.environ.get("SYMBACKPROP_LONG") == "1"


def step_of(name):
    sample = layers[name]
    return layer_step(sample.layer, *sample.shape, batch=sample.batch)


def judged(name):
    """Each move with its context, in the form in which the judge can read it."""
    said, left = sayable(step_of(name)) if name in SIZED else (step_of(name), ())
    found = [(context_of(said, local=True), *move) for move in moves_of(said)]
    if name in SIZED:
        layer, shape = layers[name].small[0]
        small = layer_step(layer, *shape)
        context = context_of(small, local=True)
        found += [(context, *move) for move in moves_of(small) if result_of(move[0]) in left]
    return found


def _leaves_its_axis(name):
    """Whether an index is more than a letter: such an entry may be outside of its axis."""
    entries = [e for equation in step_of(name).model.equations for e in equation.expression.atoms(Indexed)]
    return any(not index.is_Symbol for e in entries for index in e.indices)


SHIFTED = sorted(name for name in layers if name not in NOT_SAID and _leaves_its_axis(name))
WHOLE = sorted(name for name in layers if name not in (*NOT_SAID, *SHIFTED) and (LONG or name not in LARGE))


@pytest.mark.parametrize("name", layers)
def test_the_derivation_is_well_formed(name):
    derivation = step_of(name)
    check_derivation(derivation)
    assert derivation.results


@pytest.mark.parametrize("name", WHOLE)
def test_each_step_is_proved_from_the_forward_equations(name):
    derivation = step_of(name)
    context = context_of(derivation)
    for step, claim in claims_of(derivation, steps=True):
        verdict = judge(claim, context)
        assert verdict.verdict is Verdict.PROVED, (step.lhs, step.rhs, step.because, verdict.message)


@pytest.mark.parametrize("name", WHOLE)
def test_a_wrong_result_is_refuted(name):
    derivation = step_of(name)
    context = context_of(derivation)
    for _, claim in claims_of(derivation):
        wrong = Claim(claim.left, add(claim.right, 1), claim.free)
        assert judge(wrong, context).verdict is Verdict.REFUTED


@pytest.mark.parametrize("name", LARGE)
def test_each_move_of_a_large_layer_is_proved(name):
    derivation = step_of(name)
    context = context_of(derivation, local=True)
    for step, claim in moves_of(derivation):
        verdict = judge(claim, nearest(context, claim))
        assert verdict.verdict is Verdict.PROVED, (step.lhs, step.rhs, step.because, verdict.message)


@pytest.mark.parametrize("name", SHIFTED)
def test_each_move_with_shifted_indices_is_proved(name):
    moves = judged(name)
    assert moves
    for context, step, claim in moves:
        found = judge(claim, nearest(context, claim))
        assert found.verdict is Verdict.PROVED, (step.lhs, step.rhs, step.because, found.message)
        wrong = Claim(claim.left, add(claim.right, 1), claim.free)
        assert judge(wrong, context).verdict is Verdict.REFUTED


@pytest.mark.parametrize("name", (*NOT_SAID, *SIZED))
def test_what_cannot_be_said_is_still_so(name):
    with pytest.raises(NotSupported):
        derivation = step_of(name)
        context_of(derivation)
        list(claims_of(derivation, steps=True))


@pytest.mark.parametrize("form", ["index", "matrix"])
@pytest.mark.parametrize("notation", notations)
@pytest.mark.parametrize("name", layers)
def test_every_notation_prints_every_chain(name, notation, form):
    derivation = step_of(name)
    text = render(derivation, notation, "markdown", form=form)
    writer = writer_of(derivation, notations[notation])
    for chain in derivation.chains:
        formula = chain_formula(writer, chain, form, "steps")
        assert f"{formula.lhs} " in text
        assert all(row.rhs in text for row in formula.rows)
    assert text.count("{") == text.count("}")
    assert text.count(r"\begin{aligned}") == text.count(r"\end{aligned}") > 0


@pytest.mark.parametrize("name", layers)
def test_a_derivation_is_short(name):
    assert max(nodes(rhs) for rhs in step_of(name).results.values()) < 400
