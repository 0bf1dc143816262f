"""A note made of what the package prints is checked by the package: nothing in it is refuted."""

from __future__ import annotations

import pytest

from symbackprop.activations import sigmoid, tanh, unknown
from symbackprop.derivation import Derivation, derive, general_step
from symbackprop.layers import Dense
from symbackprop.network import Network
from symbackprop.notations import notations
from symbackprop.rendering import comment_block, render
from symbackprop.rendering.chains import Form
from symbackprop.verification.check import check_text
from symbackprop.verification.verdict import Verdict

DERIVATIONS: dict[str, Derivation] = {
    "3-4-2": derive(Network(3, Dense(4, tanh), Dense(2, sigmoid))),
    "one output": derive(Network(3, Dense(2, unknown("h")), Dense(1, unknown("h")))),
    "any layer": general_step(),
}
CASES = [
    *(("one output", notation, form) for notation in notations for form in ("index", "matrix")),
    # Counted from the output, the weights of any layer carry two running numbers, which is not read yet.
    ("3-4-2", "nielsen", "index"),
    ("any layer", "d2l", "index"),
    ("any layer", "bracket", "matrix"),
]


@pytest.mark.parametrize(("case", "notation", "form"), CASES)
def test_what_is_printed_is_not_refuted(case: str, notation: str, form: Form) -> None:
    derivation = DERIVATIONS[case]
    given = comment_block(derivation, notations[notation])
    page = render(derivation, notation, "markdown", form, "result")
    report = check_text(f"<!-- symbackprop\n{given}-->\n\n{page}")
    wrong = [
        (link.tex, link.message) for finding in report for link in finding.links if link.verdict is Verdict.REFUTED
    ]
    right = [link.tex for finding in report for link in finding.links if link.verdict is Verdict.PROVED]
    assert not wrong
    assert right or (notation, form) == ("composition", "index")
