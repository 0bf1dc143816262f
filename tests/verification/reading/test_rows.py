"""A matrix and the vectors of the same letter are one: what is true of them is proved, what is false refuted."""

from __future__ import annotations

import pytest

from symbackprop.verification.links import judge_link
from symbackprop.verification.reading import Scope, read_block, read_formula, with_block
from symbackprop.verification.verdict import Judgement, Verdict

LOSS = r"L = \frac12\sum_{i=1}^n (w^T x_i - y_i)^2"
WITH_NUMBERS = r"L = \frac12\sum_{i=1}^n (w^T x^{(i)} - y^{(i)})^2"
SIZES = {"w": "vector(p)", "y": "vector(n)"}


def judged(symbols: dict[str, str], given: tuple[str, ...], latex: str) -> Judgement:
    lines = ["symbols:", *(f"  {key}: {words}" for key, words in symbols.items()), "given:"]
    lines += [f"  - '{line}'" for line in given]
    scope = with_block(Scope.empty(), read_block("\n".join(lines) if given else "\n".join(lines[:-1])))
    return judge_link(read_formula(latex, scope).links[-1])


CASES = [
    (
        {"X": "matrix(n, p)", "x_i": "vector(p)", **SIZES},
        (LOSS,),
        r"\nabla_w L = X^T(Xw - y)",
        r"\nabla_w L = X^T(Xw + y)",
    ),
    (
        {"X": "matrix(p, n)", "x_i": "vector(p)", **SIZES},
        (LOSS,),
        r"\nabla_w L = X(X^Tw - y)",
        r"\nabla_w L = X(X^Tw + y)",
    ),
    (
        {r"\mathbf{X}": "matrix(n, p)", r"\mathbf{x}_i": "vector(p)", **SIZES},
        (LOSS.replace("x_i", r"\mathbf{x}_i"),),
        r"\nabla_w L = \mathbf{X}^T(\mathbf{X}w - y)",
        r"\nabla_w L = \mathbf{X}^T(\mathbf{X}w - 2y)",
    ),
    (
        {"X": "matrix(n, p)", "x^{(i)}": "vector(p)", "Y": "vector(n)", "y^{(i)}": "scalar", "w": "vector(p)"},
        (WITH_NUMBERS,),
        r"\nabla_w L = X^T(Xw - Y)",
        r"\nabla_w L = X^T(Xw + Y)",
    ),
    (
        {"X": "matrix(n, p)", "x_i": "vector(p)", **SIZES},
        (r"L = \frac12\sum_{i} (w^T x_i - y_i)^2",),
        r"\nabla_w L = X^T(Xw - y)",
        r"\nabla_w L = -X^T(Xw - y)",
    ),
    ({"X": "matrix(n, p)", "x_i": "vector(p)"}, (), r"\sum_i x_i x_i^T = X^TX", r"\sum_i x_i x_i^T = 2X^TX"),
    ({"A": "matrix(m, n)", "a_j": "vector(m)", "x": "vector(n)"}, (), r"Ax = \sum_j x_j a_j", r"Ax = \sum_j a_j"),
    (
        {"X": "matrix(n, p)", "x_{ij}": "scalar", "w": "vector(p)"},
        (),
        r"(Xw)_i = \sum_{j=1}^p x_{ij} w_j",
        r"(Xw)_i = 2\sum_{j=1}^p x_{ij} w_j",
    ),
    (
        {"X": "matrix(n, p)", "x_i": "vector(p)", **SIZES},
        (r"X = (x_1, \dots, x_n)^T", LOSS),
        r"\nabla_w L = X^T(Xw - y)",
        r"\nabla_w L = X^T(Xw + y)",
    ),
]


@pytest.mark.parametrize(("symbols", "given", "right", "wrong"), CASES)
def test_vectors_with_a_number_are_rows_or_columns(
    symbols: dict[str, str], given: tuple[str, ...], right: str, wrong: str
) -> None:
    assert judged(symbols, given, right).verdict is Verdict.PROVED
    assert judged(symbols, given, wrong).verdict is Verdict.REFUTED


def test_the_verdict_says_what_was_taken() -> None:
    symbols = {"X": "matrix(n, p)", "x_i": "vector(p)"}
    found = judged(symbols, (), r"\sum_i x_i x_i^T = X^TX")
    assert "x with a number is a row of X" in found.assumptions


@pytest.mark.parametrize("claim", [r"\nabla_w L = X^T(Xw - y)", r"\nabla_w L = X^T(Xw + y)"])
def test_of_a_square_matrix_nothing_says_which(claim: str) -> None:
    symbols = {"X": "matrix(n, n)", "x_i": "vector(n)", "w": "vector(n)", "y": "vector(n)"}
    assert judged(symbols, (LOSS,), claim).verdict is Verdict.NOT_UNDERSTOOD


def test_a_claim_that_leads_to_one_of_them_is_judged_without_the_other() -> None:
    symbols = {"X": "matrix(n, n)", "x_i": "vector(n)", "w": "vector(n)", "y": "vector(n)"}
    assert judged(symbols, (LOSS,), r"\nabla_w L = \sum_{i=1}^n (w^T x_i - y_i) x_i").verdict is Verdict.PROVED
    assert judged(symbols, (LOSS,), r"\nabla_w L = \sum_{i=1}^n (w^T x_i + y_i) x_i").verdict is Verdict.REFUTED


def test_states_of_a_recurrence_beside_a_matrix_of_them_refute_nothing() -> None:
    symbols = {"H": "matrix(T, d)", "h_t": "vector(d)", "u": "vector(d)"}
    given = (r"J = \sum_{t=1}^T u^T h_t",)
    assert judged(symbols, given, r"J = \sum_{t=1}^T (H u)_t").verdict is not Verdict.REFUTED


@pytest.mark.parametrize("label", ["(L)", "(2)", "(n_l)"])
def test_a_shape_that_a_later_line_tells(label: str) -> None:
    given = (rf"J = \frac12 \|y - a^{{{label}}}\|^2", rf"a^{{{label}}} = f(z^{{{label}}})")
    symbols = {"y": "vector(s)", f"z^{{{label}}}": "vector(s)", "f": "unknown"}
    slope = rf"(y - a^{{{label}}}) \odot f'(z^{{{label}}})"
    left = rf"\frac{{\partial J}}{{\partial z^{{{label}}}}}"
    assert judged(symbols, given, f"{left} = -{slope}").verdict is Verdict.PROVED
    assert judged(symbols, given, f"{left} = {slope}").verdict is Verdict.REFUTED


def test_a_random_letter_and_its_entries_are_one() -> None:
    moments = {"w": "'random(0, s^2)'", "w_i": "'random(0, s^2)'", "x": "'random(0, t^2)'", "x_i": "'random(0, t^2)'"}
    given = (r"y = \sum_{i=1}^n w_i x_i",)
    right = r"\text{Var}(y) = n \text{Var}(w) \text{Var}(x)"
    assert judged(moments, given, right).verdict is Verdict.PROVED
    assert judged(moments, given, right.replace("n ", "n^2 ")).verdict is Verdict.REFUTED


def test_the_number_of_the_layers_numbers_the_last_one() -> None:
    symbols = {"z^{(l)}": "vector(s_l)", "a^{(l)}": "vector(s_l)", "W^{(l)}": "matrix(s_{l+1}, s_l)"}
    symbols |= {"y": "vector(s_{n_l})", "f": "unknown"}
    given = (
        r"J = \frac12 \|y - a^{(n_l)}\|^2",
        r"z^{(l+1)} = W^{(l)} a^{(l)}",
        "a^{(l)} = f(z^{(l)})",
        r"\delta^{(l)} = \frac{\partial J}{\partial z^{(l)}}",
    )
    right = r"\delta^{(n_l-1)} = (W^{(n_l-1)})^T \delta^{(n_l)} \odot f'(z^{(n_l-1)})"
    assert judged(symbols, given, right).verdict is Verdict.PROVED
    assert judged(symbols, given, right.replace("f'(z^{(n_l-1)})", "f'(z^{(n_l)})")).verdict is Verdict.REFUTED


def test_a_gradient_declared_as_a_row() -> None:
    symbols = {"J": "scalar", "W": "matrix(n, m)", "x": "vector(m)", "z": "vector(n)", r"\delta": "matrix(1, n)"}
    given = ("z = W x", r"\delta = \frac{\partial J}{\partial z}")
    found = judged(symbols, given, r"\frac{\partial J}{\partial W} = \delta^T x^T")
    assert found.verdict is Verdict.PROVED
    assert any("as a row" in words for words in found.assumptions)
    assert judged(symbols, given, r"\frac{\partial J}{\partial W} = -\delta^T x^T").verdict is Verdict.REFUTED
    assert judged(symbols, given, r"\frac{\partial J}{\partial x} = W \delta^T").verdict is Verdict.REFUTED
