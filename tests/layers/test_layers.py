"""Every layer of the catalogue: its derivation is well formed, proved step by step, and printed in every notation."""

import pytest

from symbackprop.derivation import check_derivation, layer_step
from symbackprop.derivation.size import nodes
from symbackprop.layers import layers
from symbackprop.notations import notations
from symbackprop.rendering import render
from symbackprop.verification.budget import NotSupported
from symbackprop.verification.derived import claims_of, context_of, moves_of
from symbackprop.verification.judge import judge
from symbackprop.verification.terms.build import add
from symbackprop.verification.terms.context import Claim
from symbackprop.verification.verdict import Verdict

#: Layers whose equations the judge's language cannot say, with the reason; their kernels are compared with oracles.
NOT_SAID: dict[str, str] = {}


def _reads_itself(name):
    stated = step_of(name).model.equations
    order = [e.quantity for e in stated]
    return any(e.expression.has(q.base) for n, e in enumerate(stated) for q in order[n:] if q.axes)


def step_of(name):
    sample = layers[name]
    return layer_step(sample.layer, *sample.shape, batch=sample.batch)


@pytest.mark.parametrize("name", layers)
def test_the_derivation_is_well_formed(name):
    derivation = step_of(name)
    check_derivation(derivation)
    assert derivation.results


RECURRENT = sorted(name for name in layers if _reads_itself(name))
JUDGED = sorted(layers.keys() - NOT_SAID.keys() - set(RECURRENT))


@pytest.mark.parametrize("name", JUDGED)
def test_each_step_is_proved_from_the_forward_equations(name):
    derivation = step_of(name)
    context = context_of(derivation)
    for step, claim in claims_of(derivation, steps=True):
        verdict = judge(claim, context)
        assert verdict.verdict is Verdict.PROVED, (step.lhs, step.rhs, step.because, verdict.message)


@pytest.mark.parametrize("name", RECURRENT)
def test_each_move_of_a_recurrence_is_proved_or_agrees_at_exact_points(name):
    derivation = step_of(name)
    context = context_of(derivation, local=True)
    moves = list(moves_of(derivation))
    assert moves
    for step, claim in moves:
        found = judge(claim, context)
        proved = found.verdict is Verdict.PROVED or found.message.startswith("the sides agree at")
        assert proved, (step.lhs, step.rhs, step.because, found.message)
        wrong = Claim(claim.left, add(claim.right, 1), claim.free)
        assert judge(wrong, context).verdict is Verdict.REFUTED


@pytest.mark.parametrize("name", JUDGED)
def test_a_wrong_result_is_refuted(name):
    derivation = step_of(name)
    context = context_of(derivation)
    for _, claim in claims_of(derivation):
        wrong = Claim(claim.left, add(claim.right, 1), claim.free)
        assert judge(wrong, context).verdict is Verdict.REFUTED


@pytest.mark.parametrize("name", NOT_SAID)
def test_what_cannot_be_said_is_still_so(name):
    with pytest.raises(NotSupported):
        derivation = step_of(name)
        context_of(derivation)
        list(claims_of(derivation, steps=True))


@pytest.mark.parametrize("notation", notations)
@pytest.mark.parametrize("name", layers)
def test_every_notation_prints_it(name, notation):
    for form in ("index", "matrix"):
        text = render(step_of(name), notation, "markdown", form=form)
        assert r"\frac{\partial" in text or "d" in text


@pytest.mark.parametrize("name", layers)
def test_a_derivation_is_short(name):
    assert max(nodes(rhs) for rhs in step_of(name).results.values()) < 400
