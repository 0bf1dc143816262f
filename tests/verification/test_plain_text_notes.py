"""Formulas typed into prose are found where they stand, talk is left alone, and what is found is judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.cli import main
from symbackprop.verification.check import check_text
from symbackprop.verification.note import find_formulas
from symbackprop.verification.settings import Settings
from symbackprop.verification.verdict import Verdict

FOUND = [
    ("For this weight: ∂J/∂w_i = 2(a-y) h'(z) x_i, as", ["∂J/∂w_i = 2(a-y) h'(z) x_i"]),
    ("∂a/∂z = ∂h(z)/∂z = h'(z), and\n∂z/∂w_i = x_i. That is", ["∂a/∂z = ∂h(z)/∂z = h'(z)", "∂z/∂w_i = x_i"]),
    ("* ε_j = h'(z_j) ∑_i w_ij ε_i\n", ["ε_j = h'(z_j) ∑_i w_ij ε_i"]),
    ("∂J/∂w_k = ∑_i ε_i = \n  2(a-y) x_k. So", ["∂J/∂w_k = ∑_i ε_i = \n  2(a-y) x_k"]),
    ("where ∂J/∂b = 1 holds", ["∂J/∂b = 1"]),
    ("**Note:** a_i = x_i**2", ["a_i = x_i**2"]),
    # Talk, values, code, links, other formulas, and the second half of a chain that began with words.
    ("layer norm gives m=0 & σ=1, batch = 32; if a certain w_ji=0, it", []),
    ("`w_i = 2` and ∂J/∂w_i can be had as above = 2(a-y) x_i", []),
    ("[a link](http://x.org/?a_b=c_d) or http://x.org/a_i=∂ or $∂J/∂w_i = 1$", []),
    ("```\nε = h'(z) ⨀ e\n```\n\n| a_i = b_i | ∂ |\n|---|---|\n", ["a_i = b_i"]),
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_what_is_found(text: str, expected: list[str]) -> None:
    note = find_formulas(text, path="n.md", plain_text=True)
    formulas = [formula for formula in note.formulas if formula.kind == "text"]
    assert [formula.tex for formula in formulas] == expected
    assert [formula.raw for formula in formulas] == expected
    assert all(text[f.start : f.end] == f.tex for f in formulas)
    assert not [f for f in find_formulas(text, path="n.md").formulas if f.kind == "text"]


def test_what_was_read_is_not_counted_as_not_looked_at() -> None:
    text = "so ∂J/∂w_i = x_i\nbut ∂J is\n"
    assert find_formulas(text).not_looked_at.text_lines == 2
    assert find_formulas(text, plain_text=True).not_looked_at.text_lines == 1


def test_plain_text_is_judged_like_latex() -> None:
    given = "<!-- symbackprop\nsymbols: {x: vector(n), w: vector(n), h: unknown}\n"
    given += "given: ['z = \\sum_i w_i x_i', 'a = h(z)', 'J = (a-y)^2']\n-->\n"
    right, wrong = "Here ∂J/∂w_i = 2(a-y) h'(z) x_i.", "Here ∂J/∂w_i = (a-y) h'(z) x_i."
    (proved,) = check_text(given + right, Settings(plain_text=True))
    assert proved.verdict is Verdict.PROVED, proved
    (refuted,) = check_text(given + wrong, Settings(plain_text=True))
    assert refuted.verdict is Verdict.REFUTED and refuted.counterexample, refuted
    assert (refuted.line, refuted.col) == (5, 6)


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note = tmp_path / "n.md"
    note.write_text("So tanh'(z) = 1 + tanh(z)**2.", encoding="utf-8")
    assert main(["check", str(note)]) == 0
    assert main(["check", "--text", str(note)]) == 1
    assert "1 refuted" in capsys.readouterr().out


LAYERS = "<!-- symbackprop\nnotation: backward_epsilon\ngiven: ['J = (a^0 - y)^2']\n-->\n"
MENDED = [
    ("∂J/∂a0 = (a0-y)", "∂J/∂a0 = 2(a0-y)"),
    ("∂J/∂a0 = 2(a0+y)", "∂J/∂a0 = 2(a0-y)"),
    ("∂J/∂w10_i = 2(a0-y) h'(z0) a2_i", "∂J/∂w10_i = 2(a0-y) h'(z0) a1_i"),
    ("∂J/∂w21_j = 2(a0-y) h(z0) w10_i h'(z1_i) a2_j", "∂J/∂w21_j = 2(a0-y) h'(z0) w10_i h'(z1_i) a2_j"),
]


@pytest.mark.parametrize(("wrong", "right"), MENDED)
@pytest.mark.parametrize("dollars", ["", "$"])
def test_corrections_are_in_plain_text_too(
    wrong: str, right: str, dollars: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = tmp_path / "n.md"
    text = f"{LAYERS}* So {dollars}{{}}{dollars}, as\r\nsaid.\n"
    note.write_bytes(text.format(wrong).encode())
    assert main(["check", str(note), "--text", "--diff"]) == 1
    assert f"+* So {dollars}{right}{dollars}, as" in capsys.readouterr().out
    assert main(["check", str(note), "--text", "--fix"]) == 0
    assert note.read_bytes() == text.format(right).encode()


def test_letters_without_a_number_are_those_of_the_output() -> None:
    """The layers count from the output here, so that the last one is 0."""
    report = check_text(f"{LAYERS}and ∂J/∂b = ε0. But ∂J/∂b = ε1.", Settings(plain_text=True), path="n.md")
    assert [f.verdict for f in report][0] is Verdict.PROVED and report[1].verdict is not Verdict.PROVED


NAMED = [
    ("So w_i = w_i - r * ((from back propagation) + l/m * w_i) holds", 1),
    ("a_i = (see the note) and", 0),
    ("a_i = b_i (see the note) and", 1),
]


@pytest.mark.parametrize(("text", "count"), NAMED)
def test_words_in_brackets_are_a_name_between_operators_only(text: str, count: int) -> None:
    found = [f.tex for f in find_formulas(text, path="n.md", plain_text=True).formulas]
    assert len(found) == count and all("see" not in tex for tex in found)
    assert not count or "see" in text or "(from back propagation)" in found[0]


NETWORK = r"""<!-- symbackprop
symbols: {W^l: "matrix(n_l, n_{l-1})", Z^l: "vector(n_l)", A^l: "vector(n_l)", b^l: vector(n_l), g^l: unknown,
  \ell: unknown, J: scalar, w_i: scalar, learning_rate: scalar, (from elsewhere): scalar}
given: ['Z^l = W^l A^{l-1} + b^l', 'A^l = g^l(Z^l)', 'J = \ell(Z^{(2)})', 'dZ^l = \frac{\partial J}{\partial Z^l}']
-->
"""
JUDGED = [
    ("dZ1 = (W2.T * dZ2) * g'1(Z1)", "proved", None),
    ("dZ1 = (W2.T∙dZ2) ⨀ g'1(Z1)", "proved", None),
    ("dZ1 = -(W2.T * dZ2) * g'1(Z1)", "refuted", "dZ1 = (W2.T * dZ2) * g'1(Z1)"),
    (
        "w_i := w_i - learning_rate * ((from elsewhere) + lambda/m * w_i)"
        " = (1 - (learning_rate*lambda)/m) * w_i - learning_rate * (from elsewhere)",
        "proved",
        None,
    ),
    (
        "w_i - r * (d + lambda/m * w_i) = (1 + r*lambda/m) * w_i - r * d",
        "refuted",
        "w_i - r * (d + lambda/m * w_i) = (1 - r*lambda/m) * w_i - r * d",
    ),
    ("W_ij -= learning_rate * d_ij", "skipped", None),
]


@pytest.mark.parametrize("dollars", ["", "$"])
@pytest.mark.parametrize(("text", "verdict", "mended"), JUDGED)
def test_formulas_as_programmers_type_them(text: str, verdict: str, mended: str | None, dollars: str) -> None:
    settings = Settings(plain_text=True, timeout=30)
    (finding,) = check_text(f"{NETWORK}{dollars}{text}{dollars}\n", settings, path="n.md")
    assert (finding.verdict.value, finding.suggestion) == (verdict, mended), finding


def test_a_parameter_that_the_note_leaves_out_is_no_ground_to_refute() -> None:
    """The notation has a bias in every layer and the note's own last layer has none."""
    own = "$a^0 = h(\\sum_i w^{10}_i a^1_i)$\n"
    for claim in ("∂J/∂b0 = ε0", "∂J/∂b = ε0", "∂a0/∂b0 = h'(z0)"):
        (_, without) = check_text(f"{LAYERS}{own}\n{claim}\n", Settings(plain_text=True), path="n.md")
        assert without.verdict is Verdict.NOT_UNDERSTOOD and "depends on b" in without.message, without
    (_, other) = check_text(f"{LAYERS}{own}\n∂J/∂b1_i = ε1_i.", Settings(plain_text=True), path="n.md")
    assert other.verdict is Verdict.PROVED, other
