"""A quantity with a bracket that does not list the letters of its definition: a call, or a factor where that may be."""

from __future__ import annotations

import pytest

from symbackprop.verification.links import judge_link
from symbackprop.verification.reading import Scope, read_block, read_formula, with_block
from symbackprop.verification.verdict import Verdict

SOFTPLUS = r"""
given:
  - '\zeta(x) = \log(1 + {\exp}(x))'
symbols: {x: scalar, y: scalar, \sigma: sigmoid}
"""
QUADRATIC = r"""
given:
  - J(w) = \frac12 w^T A w + b^T w
symbols: {A: "matrix(n, n)", b: vector(n), w: vector(n), v: vector(n)}
"""
ENTRYWISE = r"""
given:
  - s(x) = \frac{1}{1+e^{-x}}
symbols: {x: vector(n)}
"""
SCALAR = r"""
given:
  - a(z) = \frac{1}{1+e^{-z}}
symbols: {z: scalar, y: scalar}
"""
SOFTMAX = r"""
given:
  - p(z) = \mathrm{softmax}(z)
symbols: {z: vector(n)}
"""
PROVED, REFUTED, UNREAD = Verdict.PROVED, Verdict.REFUTED, Verdict.NOT_UNDERSTOOD


def verdict(block: str, latex: str) -> Verdict:
    scope = with_block(Scope.empty(), read_block(block))
    return judge_link(read_formula(latex, scope).links[-1]).verdict


@pytest.mark.parametrize(
    ("block", "latex", "expected"),
    [
        (SOFTPLUS, r"\zeta(x) - \zeta(-x) = x", PROVED),
        (SOFTPLUS, r"\zeta(x) + \zeta(-x) = x", REFUTED),
        (SOFTPLUS, r"\zeta(0) = \log 2", PROVED),
        (SOFTPLUS, r"\zeta(0) = 0", REFUTED),
        (SOFTPLUS, r"\zeta(y) = \log(1 + e^y)", PROVED),
        (SOFTPLUS, r"\zeta(y) = \zeta(x)", REFUTED),
        (SOFTPLUS, r"\zeta'(x) = \sigma(x)", PROVED),
        (SOFTPLUS, r"\zeta'(-x) = \sigma(x)", REFUTED),
        (SOFTPLUS, r"\frac{d}{dx}\zeta(-x) = -\sigma(-x)", PROVED),
        (SOFTPLUS, r"\frac{d}{dx}\zeta(-x) = \sigma(-x)", REFUTED),
        (QUADRATIC, r"J(w+v) - J(w) = \frac12 v^T (A+A^T) w + b^T v + \frac12 v^T A v", PROVED),
        (QUADRATIC, r"J(w+v) - J(w) = \frac12 v^T (A+A^T) w + b^T v", REFUTED),
        (QUADRATIC, r"J(0) = 0", PROVED),
        (QUADRATIC, r"J(v) = J(w)", REFUTED),
        (ENTRYWISE, r"s(x_i) = s_i", PROVED),
        (ENTRYWISE, r"s(-x_i) = 1 - s_i", PROVED),
        (ENTRYWISE, r"s(-x_i) = s_i", REFUTED),
        (ENTRYWISE, r"s(0) = \frac12", PROVED),
        (ENTRYWISE, r"s(0) = \frac13", REFUTED),
        (SOFTMAX, r"p(z_i) = p_i", UNREAD),
        (SCALAR, r"\frac{da}{dz} = a(1-a)", PROVED),
        (SCALAR, r"a(-z) = 1 - a(z)", PROVED),
        (SCALAR, r"a(-z) = a(z)", REFUTED),
        (SCALAR, r"a(1-y) = a - ay", PROVED),
        (SCALAR, r"a(1-y) = a + ay", REFUTED),
    ],
)
def test_a_bracket_behind_a_quantity(block: str, latex: str, expected: Verdict) -> None:
    assert verdict(block, latex) is expected


def test_a_bracket_read_as_a_factor_is_said() -> None:
    scope = with_block(Scope.empty(), read_block(SCALAR))
    found = judge_link(read_formula(r"a(1-y) = a - ay", scope).links[0])
    assert any("is a factor" in words for words in found.assumptions)


@pytest.mark.parametrize(
    ("latex", "kind"),
    [
        (r"\text{ELU}(x) = \begin{cases} x & x > 0 \\ \alpha(e^x - 1) & x \leq 0 \end{cases}", "definition"),
        (r"\text{Swish}(x) = x\sigma(\beta x)", "definition"),
        (r"\text{softplus}(x) = \frac{1}{\beta}\log(1 + e^{\beta x})", "definition"),
        (r"\text{Swish}(x) = \beta\sigma(x)", "claim"),
        (r"\text{sigmoid}(x) = \frac{1}{1 + e^{x}}", "claim"),
        (r"\exp(x) = \alpha e^x", "claim"),
    ],
)
def test_a_known_function_with_a_parameter_is_defined_anew(latex: str, kind: str) -> None:
    scope = with_block(
        Scope.empty(), read_block(r"symbols: {x: scalar, \sigma: sigmoid, \alpha: scalar, \beta: scalar}")
    )
    (link,) = read_formula(latex, scope).links
    assert link.kind == kind
    assert kind == "definition" or judge_link(link).verdict is REFUTED


def test_what_is_defined_with_a_parameter_is_meant_from_there_on() -> None:
    scope = with_block(Scope.empty(), read_block(r"symbols: {x: scalar, \sigma: sigmoid, \beta: scalar}"))
    scope = read_formula(r"\text{Swish}(x) = x\sigma(\beta x)", scope).scope
    right = r"\text{Swish}'(x) = \sigma(\beta x) + \beta x\sigma(\beta x)(1 - \sigma(\beta x))"
    wrong = r"\text{Swish}'(x) = \sigma(\beta x) + x\sigma(\beta x)(1 - \sigma(\beta x))"
    assert judge_link(read_formula(right, scope).links[0]).verdict is PROVED
    assert judge_link(read_formula(wrong, scope).links[0]).verdict is REFUTED


PREDICTION = r"""
given:
  - y_{\text{pred}} = \text{softmax}(z_2)
  - L = -\sum_{i=1}^k y_i \log(y_{\text{pred}, i})
symbols: {z_2: "vector(k)", y: "vector(k)"}
assume: ["\\sum_i y_i = 1"]
"""


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\frac{\partial L}{\partial z_2} = y_{\text{pred}} - y", PROVED),
        (r"\frac{\partial L}{\partial z_2} = y - y_{\text{pred}}", REFUTED),
        (r"\frac{\partial L}{\partial z_{2,i}} = y_{\text{pred}, i} - y_i", PROVED),
        (r"\frac{\partial L}{\partial z_{2,i}} = y_{\text{pred}, i}", REFUTED),
    ],
)
def test_a_word_below_a_declared_letter_makes_it_another_one(latex: str, expected: Verdict) -> None:
    assert verdict(PREDICTION, latex) is expected
