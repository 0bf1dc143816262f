"""A note made of what the package prints is checked by the package: every formula in it is proved."""

from __future__ import annotations

import pytest

from symbackprop.activations import sigmoid, softmax, tanh, unknown
from symbackprop.derivation import Derivation, derive, general_step
from symbackprop.layers import Dense
from symbackprop.losses import cross_entropy, losses
from symbackprop.network import Network
from symbackprop.notations import notations
from symbackprop.rendering import comment_block, render
from symbackprop.rendering.chains import Form
from symbackprop.verification.check import check_text, judge_share
from symbackprop.verification.note import find_formulas
from symbackprop.verification.reading import Scope, read_block, with_block
from symbackprop.verification.report import Finding
from symbackprop.verification.settings import Settings
from symbackprop.verification.verdict import Verdict
from symbackprop.verification.walkthrough import note_problems

DERIVATIONS: dict[str, Derivation] = {
    "3-4-2": derive(Network(3, Dense(4, tanh), Dense(2, sigmoid))),
    "one output": derive(Network(3, Dense(2, unknown("h")), Dense(1, unknown("h")))),
    "softmax": derive(Network(3, Dense(2, softmax), loss=cross_entropy)),
    "any layer": general_step(),
    "any layer, softmax": general_step(softmax, cross_entropy),
}
# Whatever the notation, these are the links that are proved; the entries of a softmax of known size are not all.
UNDECIDED = {("softmax", "index"): 1}


#: Every derivation in every notation, the forms in turn, so that each of both meets either form.
PRINTED = [
    (case, notation, "index" if (row + column) % 2 else "matrix")
    for row, case in enumerate(DERIVATIONS)
    for column, notation in enumerate(notations)
]


@pytest.mark.parametrize(("case", "notation", "form"), PRINTED)
def test_what_is_printed_is_proved(case: str, notation: str, form: Form) -> None:
    derivation = DERIVATIONS[case]
    given = comment_block(derivation, notations[notation])
    page = render(derivation, notation, "markdown", form, "result")
    note = find_formulas(f"<!-- symbackprop\n{given}-->\n\n{page}", path="note.md")
    assert [*note_problems([note], Settings())] == [()]
    found = judge_share(note, Settings(), 0, len(note.formulas), frozenset())  # here, and in no child of its own
    links = [link for finding in map(Finding.from_json, found) for link in finding.links]
    assert not [(link.tex, link.message) for link in links if link.verdict is Verdict.REFUTED]
    open_ones = [link for link in links if link.verdict not in (Verdict.PROVED, Verdict.CONDITION)]
    assert len(open_ones) <= UNDECIDED.get((case, form), 0), open_ones
    assert len(links) >= 8


@pytest.mark.parametrize("loss", losses)
@pytest.mark.parametrize("notation", notations)
def test_every_comment_block_is_understood(notation: str, loss: str) -> None:
    block = comment_block(general_step(loss=losses[loss]), notations[notation])
    scope = with_block(Scope.empty(), read_block(block))
    assert scope.problems == () and len(scope.definitions) >= 4


@pytest.mark.parametrize("notation", notations)
def test_a_slip_in_what_is_printed_is_refuted(notation: str) -> None:
    """The same note with the factor two in the loss forgotten on every right side."""
    derivation = general_step(loss=losses["squared_error"])
    given = comment_block(derivation, notations[notation])
    page = render(general_step(), notation, "markdown", "matrix", "result")
    report = check_text(f"<!-- symbackprop\n{given}-->\n\n{page}")
    wrong = [link for finding in report for link in finding.links if link.verdict is Verdict.REFUTED]
    assert wrong and all(link.counterexample is not None for link in wrong)
