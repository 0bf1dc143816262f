r"""Which relation is a definition, a claim, a condition or nothing, and what is refused with its reason."""

from __future__ import annotations

import pytest

from symbackprop.verification.links import judge_link
from symbackprop.verification.reading import Link, Scope, read_block, read_formula, with_block
from symbackprop.verification.verdict import Verdict


def read(block: str, *formulas: str) -> list[list[Link]]:
    scope = with_block(Scope.empty(), read_block(block))
    found = []
    for latex in formulas:
        reading = read_formula(latex, scope)
        scope = reading.scope
        found.append(list(reading.links))
    return found


def only(block: str, *formulas: str) -> Link:
    (link,) = read(block, *formulas)[-1]
    return link


@pytest.mark.parametrize(
    ("latex", "kind"),
    [
        (r"z = w x + b", "definition"),
        (r"f(x) = x^2", "definition"),
        (r"\tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}}", "claim"),
        (r"n_{in} \sigma^2 = 1", "condition"),
        (r"w \leftarrow w - \eta g", "nothing"),
        (r"w = w - \eta g", "nothing"),
        (r"\sigma(x) \approx 0.25", "nothing"),
        (r"x \in \mathbb{R}^n", "condition"),
        (r"w \sim U(-a, a)", "condition"),
    ],
)
def test_kinds_of_links(latex: str, kind: str) -> None:
    assert only("", latex).kind == kind


@pytest.mark.parametrize(
    ("block", "latex", "words"),
    [
        ("symbols: {W: 'matrix(m, n)', x: vector(n)}", r"\tanh(W_{ijk}) = x_i", "carries 3 indices but is a matrix"),
        ("symbols: {y: scalar}", r"2 y_i = y_i + y_i", "carries 1 index but is a scalar"),
        ("symbols: {t: scalar, z: scalar}", r"\frac{dt}{dz} = 1 - t^2", "nothing says how t depends on z"),
        ("symbols: {x: vector(n)}", r"\|x\|^2 = \dots", "dots"),
        (
            "",
            r"\frac{\partial L}{\partial w} = \frac{\partial L}{\partial a} \frac{\partial a}{\partial w}",
            "nothing says how",
        ),
        ("given: [a = \\tanh(z)]", r"\frac{da}{dz} = \epsilon (1 - a^2)", r"nothing says what \epsilon is"),
    ],
)
def test_what_is_not_known_is_said(block: str, latex: str, words: str) -> None:
    link = only(block, latex)
    assert link.kind == "not_understood" and words in link.reason
    assert link.place is not None


def test_shapes_of_declared_letters_that_do_not_fit_are_a_conflict() -> None:
    link = only(
        "symbols: {W: 'matrix(m, n)', x: vector(n), y: vector(m)}\ngiven: [y = W x]", r"\tanh(y) = \tanh(W^T x)"
    )
    assert link.shape_conflict is not None


def test_shapes_that_were_guessed_are_no_ground_to_refute() -> None:
    link = only("", r"\tanh(\mathbf{y}) = \tanh(\mathbf{W} \mathbf{x})")
    assert link.shape_conflict is None and link.kind == "not_understood"


def test_an_index_that_nothing_binds_is_named() -> None:
    block = "symbols: {a: vector(n), y: vector(n)}\ngiven: ['C = \\sum_i (y_i - a_i)^2']"
    link = only(block, r"\frac{\partial C}{\partial a_k} = 2(a_i - y_i)")
    assert link.unbound == ("i",)


def test_a_chain_goes_on_in_the_next_formula_with_its_head() -> None:
    links = read("given: [a = \\tanh(z)]", r"\frac{da}{dz} = 1 - \tanh^2(z) =", r"= 1 - a^2")
    assert links[1][0].kind == "claim" and links[1][0].readings
    assert judge_link(links[1][0]).verdict is Verdict.PROVED


def test_a_chain_is_judged_against_its_head_as_well() -> None:
    (chain,) = read("given: [a = \\tanh(z)]", r"\frac{da}{dz} = 1 + a^2 = 1 - a^2")
    assert [judge_link(link).verdict for link in chain] == [Verdict.REFUTED, Verdict.PROVED]


def test_a_failed_definition_taints_what_leads_to_it() -> None:
    links = read("", r"h = \dots + x", r"\tanh(h) = \tanh(x)")
    assert links[1][0].kind == "not_understood" and "h" in links[1][0].reason


def test_a_letter_that_gets_a_new_meaning_is_defined_anew() -> None:
    links = read("", r"h_2 = f(h_1, \theta)", r"h_2 = A_2 h_1", r"\frac{\partial h_2}{\partial h_1} = A_2")
    assert [judge_link(link).verdict for (link,) in links] == [Verdict.DEFINITION, Verdict.DEFINITION, Verdict.PROVED]


def test_a_definition_of_the_block_stays_and_a_formula_against_it_is_refuted() -> None:
    link = only("symbols: {\\sigma: sigmoid}\ngiven: [a = \\sigma(z)]", r"a = \tanh(z)")
    assert judge_link(link).verdict is Verdict.REFUTED


def test_the_left_of_an_implication_is_assumed_and_the_right_judged() -> None:
    links = read(
        "symbols: {A: 'matrix(m, n)', x: vector(n), y: vector(m)}",
        r"y = A x \implies \frac{\partial y}{\partial x} = A",
    )
    assert [link.kind for link in links[0]] == ["definition", "claim"]
    assert judge_link(links[0][1]).verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("latex", "verdict"),
    [
        (r"\frac{\partial y}{\partial x} = A", Verdict.PROVED),
        (r"\frac{\partial y}{\partial x} = A^T", Verdict.PROVED),
        (r"\frac{\partial y}{\partial x} = 2 A", Verdict.REFUTED),
    ],
)
def test_both_layouts_of_a_jacobian(latex: str, verdict: Verdict) -> None:
    link = only("symbols: {A: 'matrix(m, n)', x: vector(n), y: vector(m)}\ngiven: [y = A x]", latex)
    assert judge_link(link).verdict is verdict


def test_a_stated_layout_is_kept() -> None:
    block = "layout: numerator\nsymbols: {A: 'matrix(m, n)', x: vector(n), y: vector(m)}\ngiven: [y = A x]"
    assert judge_link(only(block, r"\frac{\partial y}{\partial x} = A^T")).verdict is Verdict.REFUTED


def test_a_dot_between_vectors_is_read_by_the_shape_that_fits() -> None:
    symbols = "symbols: {w: vector(n), x: vector(n), v: vector(n), s: scalar}\n"
    assert only(symbols + "given: [s = w \\cdot x]", r"\frac{\partial s}{\partial w} = x").kind == "claim"
    link = only(symbols + "given: [v = w \\cdot x]", r"v_i = w_i x_i")
    assert judge_link(link).verdict is Verdict.PROVED


def test_a_sum_reaches_over_the_terms_that_carry_its_index() -> None:
    block = "symbols: {y: vector(n), a: vector(n)}"
    latex = r"-\sum_i y_i \log a_i + (1 - y_i) \log(1 - a_i) = -\sum_i (y_i \log a_i + (1 - y_i) \log(1 - a_i))"
    assert judge_link(only(block, latex)).verdict is Verdict.PROVED


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_formula_gives_the_same_reading(seed: int) -> None:
    block = "notation: nielsen"
    latex = r"\delta^l_j = \sum_k w^{l+1}_{kj} \delta^{l+1}_k \sigma'(z^l_j)"
    assert repr(read(block, latex)) == repr(read(block, latex))
