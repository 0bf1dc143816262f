r"""Notations and models as comment blocks: every one is understood, layers are counted as the notation counts them."""

from __future__ import annotations

import pytest

from symbackprop.errors import InvalidSpec
from symbackprop.losses import losses
from symbackprop.verification.check import check_text
from symbackprop.verification.reading import Scope, explain_notation, read_block, with_block
from symbackprop.verification.reading.presets import model_preset, notations
from symbackprop.verification.settings import Settings


def said(block: str) -> Scope:
    return with_block(Scope.empty(), read_block(block))


def verdicts(block: str, *formulas: str) -> list[str]:
    text = f"<!-- symbackprop\n{block}\n-->\n\n" + "\n\n".join(f"${tex}$" for tex in formulas)
    return [finding.verdict.value for finding in check_text(text, Settings(timeout=20))]


FUNCTIONS = ("tanh", "tanh,sigmoid", "unknown,softmax")
#: Every notation with every loss, and either with each choice of functions in turn.
MODELS = [
    (notation, loss, FUNCTIONS[(row + column) % len(FUNCTIONS)])
    for row, notation in enumerate(notations())
    for column, loss in enumerate(losses)
]


@pytest.mark.parametrize(("notation", "loss", "functions"), MODELS)
def test_every_model_is_understood_in_every_notation(notation: str, loss: str, functions: str) -> None:
    scope = said(f"notation: {notation}\nmodel: 5-4-3 {functions} {loss}")
    assert scope.problems == () and len(scope.soft) >= 3


@pytest.mark.parametrize("spec", ["3", "3-4 nothing", "3-4-2 tanh,tanh,tanh", "3-4 squared_error squared_error", "a b"])
def test_what_is_no_model_is_refused(spec: str) -> None:
    with pytest.raises(InvalidSpec, match="784-30-10 sigmoid"):
        model_preset(spec, "nielsen")


MODEL = "notation: nielsen\nmodel: 3-4-2 tanh,sigmoid half_squared_error"


def test_the_layers_of_a_model_have_the_numbers_of_its_notation() -> None:
    right = [
        r"\delta^3 = (a^3 - y) \odot \sigma'(z^3)",
        r"\delta^3 = \delta^L",
        r"\delta^2 = ((w^3)^T \delta^3) \odot \tanh'(z^2)",
        r"\frac{\partial C}{\partial w^2_{jk}} = \delta^2_j a^1_k",
    ]
    wrong = [
        r"\delta^2 = ((w^3)^T \delta^3) \odot \sigma'(z^2)",
        r"\delta^3 = (a^3 - y) \odot \tanh'(z^3)",
        r"\delta^L = 2 (a^L - y) \odot \sigma'(z^L)",
    ]
    assert verdicts(MODEL, *right, *wrong) == ["proved"] * len(right) + ["refuted"] * len(wrong)


@pytest.mark.parametrize(
    ("notation", "formula"),
    [
        ("nielsen", r"\delta^4 = (a^4 - y) \odot \sigma'(z^4)"),
        ("d2l", r"\boldsymbol{\delta}^{(3)} = (\mathbf{h}^{(3)} - \mathbf{y}) \odot \sigma'(\mathbf{z}^{(3)})"),
        ("bracket", r"dz^{[3]} = (a^{[3]} - y) \odot \sigma'(z^{[3]})"),
        ("backward_epsilon", r"\varepsilon^0 = (a^0 - y) \odot \sigma'(z^0)"),
        ("composition", r"\epsilon_3 = (h_3 - y) \odot \sigma'(z_3)"),
    ],
)
def test_the_last_layer_of_a_deep_model(notation: str, formula: str) -> None:
    assert verdicts(f"notation: {notation}\nmodel: 6-5-4-3 sigmoid half_squared_error", formula) == ["proved"]


ONE_OUTPUT = "notation: backward_epsilon\nmodel: 4-3-2-1 unknown squared_error"


def test_layers_counted_from_a_single_output() -> None:
    formulas = [
        r"\varepsilon^0 = 2 (a^0 - y) h'(z^0)",
        r"\frac{\partial J}{\partial w^{10}_i} = \varepsilon^0 a^1_i",
        r"\varepsilon^1_i = \varepsilon^0 w^{10}_i h'(z^1_i)",
        r"\varepsilon^2_j = \sum_i \varepsilon^1_i w^{21}_{ij} h'(z^2_j)",
        r"\varepsilon^{l+1} = ((w^{l+1,l})^T \varepsilon^l) \odot h'(z^{l+1})",
        r"\varepsilon^1_i = \varepsilon^0 w^{10}_i h'(z^0)",
        r"\frac{\partial J}{\partial w^{21}_{ij}} = \varepsilon^1_i a^1_j",
    ]
    assert verdicts(ONE_OUTPUT, *formulas) == ["proved"] * 5 + ["refuted"] * 2


def test_weights_that_join_no_neighbours_are_not_understood() -> None:
    assert verdicts(ONE_OUTPUT, r"\frac{\partial J}{\partial w^{20}_{ij}} = \varepsilon^0_i a^2_j") == [
        "not_understood"
    ]


@pytest.mark.parametrize(
    "block",
    [
        "notation: backward_epsilon\ngiven: ['J = (a^0 - y)^2']",
        "notation: backward_epsilon\nsymbols: {a^0: scalar, y: scalar}\ngiven: ['J = (a^0 - y)^2']",
    ],
)
def test_one_output_may_be_said_in_several_ways(block: str) -> None:
    assert said(block).problems == ()
    assert verdicts(block, r"\frac{\partial J}{\partial w^{10}_i} = 2 (a^0 - y) h'(z^0) a^1_i") == ["proved"]


def test_an_index_left_out_is_proved_for_all_its_values_and_never_refuted() -> None:
    formulas = [
        r"\frac{\partial J}{\partial w^{21}_j} = \varepsilon^1_i a^2_j",
        r"\frac{\partial J}{\partial w^{32}_k} = "
        r"\sum_i \frac{\partial J}{\partial a^1_i} \frac{\partial a^1_i}{\partial w^{32}_k}",
        r"\frac{\partial J}{\partial w^{32}_k} = 3 a^3_k",
    ]
    assert verdicts(ONE_OUTPUT, *formulas) == ["proved", "proved", "not_understood"]


def test_a_note_that_goes_past_a_letter_of_the_preset_leaves_it_unexplained() -> None:
    block = "notation: nielsen"
    assert verdicts(block, "a^l = w^l a^{l-1}", r"\delta^L = (a^L - y) \odot \sigma'(z^L)")[1] == "not_understood"


def test_what_a_function_is_applied_to_gets_the_letter_of_the_preset() -> None:
    formulas = [r"a^0 = h(\sum_i w^{10}_i a^1_i)", r"\frac{\partial J}{\partial w^{10}_i} = \varepsilon^0 a^1_i"]
    assert verdicts(ONE_OUTPUT, *formulas) == ["definition", "proved"]


def test_another_activation_than_that_of_the_preset_is_no_ground_to_refute() -> None:
    assert verdicts(
        "notation: d2l", r"\boldsymbol{\delta}^{(L)} = (\mathbf{h}^{(L)} - \mathbf{y}) \odot \tanh'(\mathbf{z}^{(L)})"
    ) == ["not_understood"]


def test_a_counterexample_numbers_the_layers_as_the_note_does() -> None:
    deep = "notation: nielsen\nmodel: 6-5-4-3-2 sigmoid half_squared_error"
    for block, tex, first in (
        (ONE_OUTPUT, r"\varepsilon^1_i = \varepsilon^0 w^{10}_i h'(z^0)", "b^(0)_1"),
        (deep, r"\delta^4 = ((w^5)^T \delta^5) \odot \sigma(z^4)", "b^(5)_1"),
    ):
        report = check_text(f"<!-- symbackprop\n{block}\n-->\n\n${tex}$", Settings(timeout=20))
        counterexample = report[0].counterexample
        assert counterexample is not None and first in dict(counterexample.values)


def test_shapes_that_do_not_fit_are_named_as_the_note_numbers_its_layers() -> None:
    tex = r"\varepsilon^{l+1} = ((w^{l+1,l})^T \varepsilon^l) \odot h'(z^{l})"
    report = check_text(f"<!-- symbackprop\nnotation: backward_epsilon\n-->\n\n${tex}$")
    assert "a vector (n_{l})" in report[0].message and report[0].verdict.value == "refuted"


def test_the_explained_notation_counts_from_the_output_again() -> None:
    scope = said("notation: backward_epsilon")
    text = explain_notation(scope).removeprefix("<!-- symbackprop").removesuffix("-->")
    again = said(text)
    assert again.problems == () and "w^{l+1,l}" in text
    for name in ("w", "z", "y"):
        assert again.symbols[name].axes == scope.symbols[name].axes
