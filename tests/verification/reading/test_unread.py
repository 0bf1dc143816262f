r"""A line of a comment block that is not understood keeps every claim about its letters from being refuted."""

from __future__ import annotations

import pytest

from symbackprop.verification.links import judge_link
from symbackprop.verification.reading import Scope, read_block, read_formula, with_block
from symbackprop.verification.verdict import Verdict

SYMBOLS = 'symbols: {x: scalar, y: scalar, z: scalar, "p": vector(n), W: "matrix(n, n)", f: unknown}\n'
UNREAD = r"\weird{5}"
# What a block says, and a formula that is refuted without the line that cannot be read.
CASES = [
    (["y = x^2"], rf"x = {UNREAD}", "assume", "y = 2 x"),
    (["y = x^2"], rf"x = {UNREAD}", "given", "y = 2 x"),
    (["y = x^2"], rf"{UNREAD} < x", "assume", "y = 2 x"),
    (["y = x^2", "z = y + 1"], r"\weird(x, 3) = 0", "assume", "z = 2 x"),
    (["y = x^2"], rf"\mathrm{{sigmoid}}(y) = {UNREAD}", "given", r"\mathrm{sigmoid}'(x) = 1 - \mathrm{sigmoid}(x)"),
    ([], rf"\sum_k p_k = {UNREAD}", "assume", r"\sum_k 2 p_k = \sum_k p_k"),
    ([], rf"W^T W = {UNREAD}", "assume", "W^T W p = p"),
    (["y = x^2"], rf"\frac{{\partial y}}{{\partial x}} = {UNREAD}", "given", r"\frac{dy}{dx} = x"),
]


def verdicts(given: list[str], assume: list[str], latex: str, symbols: str = SYMBOLS) -> set[Verdict]:
    lists = [("given", given), ("assume", assume)]
    text = symbols + "".join(
        f"{key}:\n" + "".join(f"  - '{line}'\n" for line in lines) for key, lines in lists if lines
    )
    scope = with_block(Scope.empty(), read_block(text))
    return {judge_link(link).verdict for link in read_formula(latex, scope).links}


@pytest.mark.parametrize(("given", "line", "key", "latex"), CASES)
def test_a_claim_about_the_letters_of_an_unread_line_is_not_refuted(
    given: list[str], line: str, key: str, latex: str
) -> None:
    known = verdicts(given, [], latex)
    unread = verdicts([*given, line] if key == "given" else given, [line] if key == "assume" else [], latex)
    assert known == {Verdict.REFUTED}
    assert unread == {Verdict.NOT_UNDERSTOOD}


def test_a_claim_about_other_letters_is_refuted_all_the_same() -> None:
    assert verdicts(["y = x^2"], [rf"z = {UNREAD}"], r"\frac{dy}{dx} = x") == {Verdict.REFUTED}


def test_what_an_unread_line_defines_is_not_proved_either() -> None:
    given = [rf"\mathrm{{sigmoid}}(x) = {UNREAD}"]
    latex = r"\mathrm{sigmoid}'(x) = \mathrm{sigmoid}(x) (1 - \mathrm{sigmoid}(x))"
    assert verdicts([], [], latex) == {Verdict.PROVED}
    assert verdicts(given, [], latex) == {Verdict.NOT_UNDERSTOOD}


def test_an_unread_assumption_does_not_keep_from_a_proof() -> None:
    assert verdicts(["y = x^2"], [rf"x > {UNREAD}"], r"\frac{dy}{dx} = 2 x") == {Verdict.PROVED}


def test_a_symbol_that_is_not_understood_is_not_read_as_a_product() -> None:
    symbols = SYMBOLS.rstrip("}\n") + r', "\phi + y": scalar}' + "\n"
    assert verdicts([], [], r"\phi y = y + \phi y", symbols) == {Verdict.NOT_UNDERSTOOD}


def test_the_reason_names_the_line() -> None:
    scope = with_block(Scope.empty(), read_block(SYMBOLS + "given: ['y = x^2']\nassume: ['x = \\weird{5}']"))
    (link,) = read_formula("y = 2 x", scope).links
    assert r"the line 'x = \\weird{5}' of the comment block was not understood" in judge_link(link).message


def test_a_definition_of_the_note_that_cannot_be_parsed_is_not_passed_over() -> None:
    scope = with_block(Scope.empty(), read_block(SYMBOLS))
    before = {judge_link(link).verdict for link in read_formula(r"y = x, y = 2 x", scope).links}
    assert Verdict.REFUTED in before
    scope = read_formula(rf"y = {UNREAD}", scope).scope
    assert {judge_link(link).verdict for link in read_formula("y + x = x + 2 y", scope).links} == {
        Verdict.NOT_UNDERSTOOD
    }
