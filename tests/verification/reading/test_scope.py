"""What a scope holds after a formula: meanings with their reasons, definitions, and the comment block made of them."""

from __future__ import annotations

import pytest

from symbackprop.errors import InvalidSpec, UnknownName
from symbackprop.verification.reading import (
    Scope,
    explain_notation,
    read_block,
    read_formula,
    with_assumption,
    with_block,
    with_given,
)
from symbackprop.verification.reading.presets import notations
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Axis


def after(*formulas: str, block: str = "") -> Scope:
    scope = with_block(Scope.empty(), read_block(block))
    for latex in formulas:
        scope = read_formula(latex, scope).scope
    return scope


def test_axes_of_undeclared_letters_come_from_the_indices_they_share() -> None:
    scope = after(r"o_i = \sum_{j=1}^{n} w_{ij} x_j")
    shapes = {name: scope.symbols[name].axes for name in "owx"}
    assert shapes["x"] == (Axis("n"),)
    assert shapes["w"] == (*(shapes["o"] or ()), Axis("n"))


def test_axes_of_a_family_follow_its_labels() -> None:
    scope = after(r"a^l_j = \sigma\left(\sum_k w^l_{jk} a^{l-1}_k + b^l_j\right)")
    (rows, columns) = scope.symbols["w"].axes or ()
    assert rows == (scope.symbols["a"].axes or ())[0]
    assert columns == Axis(rows.name, (Affine.symbol("l") - 1,))


@pytest.mark.parametrize(
    ("latex", "name", "labels", "rank"),
    [
        (r"a^{(l)} = \tanh(z^{(l)})", "a", ("l",), 0),
        (r"h_t = \tanh(h_{t-1})", "h", ("t",), 0),
        (r"y = x^2", "x", (), 0),
        (r"z^0 = \sum_i w^{10}_i a^1_i", "w^{10}", (), 1),
        (r"h_3 = f(h_2)", "h_{3}", (), 0),
        (r"s = W_{xh} + W_{hh}", "W_{xh}", (), 0),
        (r"s = n_{in} \sigma_w^2", r"\sigma_{w}", (), 0),
        (r"h' = \frac{h}{1 - p}", "h'", (), 0),
    ],
)
def test_what_a_script_is(latex: str, name: str, labels: tuple[str, ...], rank: int) -> None:
    symbol = after(latex).symbols[name]
    assert symbol.labels == labels and len(symbol.axes or ()) == rank and symbol.why


def test_a_bold_letter_and_its_entries_are_one_object() -> None:
    scope = after(block="symbols:\n  \\mathbf{o}: vector(q)")
    assert scope.find("o") is scope.symbols[r"\mathbf{o}"]


def test_the_explained_notation_reads_back_as_a_block() -> None:
    scope = after(
        r"o_i = \sum_{j=1}^{n} w_{ij} x_j", block="symbols: {w: 'random(0, v)', \\sigma: sigmoid, f: unknown}"
    )
    text = explain_notation(scope)
    again = with_block(Scope.empty(), read_block(text.removeprefix("<!-- symbackprop").removesuffix("-->")))
    assert not again.problems
    o, x = (again.symbols[name].axes or () for name in "ox")  # sizes that nothing names get a letter
    assert again.symbols["w"].axes == (*o, *x) and x == scope.symbols["x"].axes
    assert again.symbols["w"].is_random and again.symbols[r"\sigma"].function == "sigmoid"


@pytest.mark.parametrize("name", notations())
def test_every_notation_is_understood_as_a_whole(name: str) -> None:
    scope = after(block=f"notation: {name}")
    assert scope.notation == name and scope.problems == ()


def test_an_unknown_notation_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="nielsen"):
        after(block="notation: nilsen")


def test_a_model_gives_the_equations_of_its_layers() -> None:
    scope = after(block="model: 784-30-10 tanh squared_error")
    assert {d.name for d in scope.definitions} >= {"z", "a", "C"} and scope.problems == ()
    with pytest.raises(InvalidSpec, match="widths"):
        after(block="model: sigmoid")


def test_a_note_replaces_the_equations_of_a_preset() -> None:
    scope = after(r"C = \|y - a^L\|^2", block="notation: nielsen")
    assert [d.name for d in scope.definitions].count("C") == 1 and "C" not in scope.soft


def test_given_and_assumed_relations() -> None:
    scope = with_assumption(with_given(after(block="symbols: {y: vector(n)}"), r"s = \sum_k y_k"), r"\sum_k y_k = 1")
    assert scope.defined("s") and len(scope.assumptions) == 1


def test_what_a_block_gives_and_is_not_understood_is_a_problem() -> None:
    scope = after(block="given: ['z = \\dots']\nassume: ['x \\mapsto y']")
    assert len(scope.problems) == 2
