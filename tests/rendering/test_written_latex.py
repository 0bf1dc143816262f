"""What is written is LaTeX that an author would write: amsmath only, balanced, nothing of SymPy's own, nothing lost."""

from __future__ import annotations

import re

import pytest

from symbackprop.activations import unknown
from symbackprop.derivation import Derivation, derive
from symbackprop.layers import Dense
from symbackprop.losses import squared_error
from symbackprop.network import Network
from symbackprop.notations import Notation, notations
from symbackprop.rendering.chains import Form
from symbackprop.rendering.page import Page
from symbackprop.rendering.sections import derivation_page

#: Every macro that may occur; all are LaTeX's own or amsmath's.
MACROS = set(
    re.findall(
        r"\S+",
        r"""\frac \partial \sum \left \right \sqrt \exp \log \tanh \max \min \pi \odot \begin \end \\ \text \mathrm
        \mathbf \boldsymbol \top \sigma \phi \delta \Delta \epsilon \varepsilon \alpha \ell \le \ge \ne""",
    )
)

every_notation = pytest.mark.parametrize("notation", notations.values(), ids=list(notations))
every_form = pytest.mark.parametrize("form", ["index", "matrix"])


def formulas(page: Page) -> list[str]:
    return [side for s in page.sections for f in s.formulas for side in (f.lhs, *(row.rhs for row in f.rows))]


@every_notation
@every_form
def test_only_known_macros_and_balanced_brackets(derivation: Derivation, notation: Notation, form: Form) -> None:
    for tex in formulas(derivation_page(derivation, notation, form, "steps")):
        assert set(re.findall(r"\\(?:[A-Za-z]+|\\)", tex)) <= MACROS, tex
        for one, other in ("{}", "()", "[]", (r"\left", r"\right"), (r"\begin", r"\end")):
            assert tex.count(one) == tex.count(other), tex


@every_notation
@every_form
def test_nothing_of_sympy_shows(derivation: Derivation, notation: Notation, form: Form) -> None:
    for tex in formulas(derivation_page(derivation, notation, form, "steps")):
        assert not re.search(
            r"Sum|Apply|Partial|Kronecker|Piecewise|\*|\d\.0\b|\^\{1\}\(|- -|\+ -|\\cdot 1|\(\(\(", tex
        ), tex
        assert not re.search(r"\^\{[^}]*\}\^|_\{[^}]*\}_", tex), f"a double script: {tex}"


@every_notation
def test_different_expressions_are_written_differently(derivation: Derivation, notation: Notation) -> None:
    page = derivation_page(derivation, notation, "index", "steps")
    written = [f.lhs for s in page.sections if s.heading != "Forward pass" for f in s.formulas]
    assert len(set(written)) == len(written) == len(derivation.chains)
    for formula in (f for s in page.sections for f in s.formulas):
        assert len({row.rhs for row in formula.rows}) == len(formula.rows), formula.tex


@every_notation
@every_form
def test_no_result_is_left_out(derivation: Derivation, notation: Notation, form: Form) -> None:
    steps = derivation_page(derivation, notation, form, "steps")
    result = derivation_page(derivation, notation, form, "result")
    count = len(derivation.model.equations) + len(derivation.chains)
    assert [len([f for s in page.sections for f in s.formulas]) for page in (steps, result)] == [count, count]
    assert all(len(f.rows) == 1 for s in result.sections for f in s.formulas)


@every_notation
def test_every_step_has_its_reason(derivation: Derivation, notation: Notation) -> None:
    for section in derivation_page(derivation, notation, "index", "steps").sections[1:]:
        assert all(row.because for formula in section.formulas for row in formula.rows)


def test_a_single_output_has_no_index_and_no_sum() -> None:
    h = unknown("h")
    derivation = derive(Network(3, Dense(4, h), Dense(1, h), loss=squared_error))
    page = derivation_page(derivation, notations["backward_epsilon"], "index", "result")
    written = {f.tex for section in page.sections for f in section.formulas}
    assert {
        r"J = (a^{0} - y)^{2}",
        r"\varepsilon^{0} = 2 (a^{0} - y) h'(z^{0})",
        r"\frac{\partial J}{\partial w^{10}_{i}} = \varepsilon^{0} a^{1}_{i}",
        r"\varepsilon^{1}_{i} = w^{10}_{i} \varepsilon^{0} h'(z^{1}_{i})",
    } <= written
