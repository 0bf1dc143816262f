"""Spellings that were met in use and misread: each true one is proved, and a mistake in it is not."""

from __future__ import annotations

import pytest

from symbackprop.verification.check import judge_share
from symbackprop.verification.note import find_formulas
from symbackprop.verification.settings import Settings

VECTORS = 'symbols: {u: "vector(m)", a: "vector(m)", b: "vector(m)", W: "matrix(m, m)", A: "matrix(m, n)"}'
SLOPES = "given: ['f(x) = x^3 + 1', 'g(x) = x^4/4', 'q(x, y) = x^2 + y^2']"
WHOLE, FIRST, SECOND = (rf"\frac{{\partial h_{a}}}{{\partial h_{b}}}" for a, b in (("T", "0"), ("1", "0"), ("2", "1")))
STEPS = "given: ['h_t = f(h_{t-1})']\nsymbols: {f: unknown, h_t: scalar}"
SOFTMAX = "given: ['s = \\mathrm{softmax}(z)']\nsymbols: {z: vector(n), s: vector(n)}"
PRODUCT = r"\begin{pmatrix} a & b \\ c & d \end{pmatrix} \begin{pmatrix} x \\ y \end{pmatrix}"
COST = r"""given: ['a^l = \sigma(w^l a^{l-1} + b^l)', 'C = \frac{1}{2n}\sum_x\|y-a^L\|^2']"""
RANDOM = "symbols: {w: 'random(0, v)', x: 'random(0, s)'}"
CASES = [
    # Three vectors with stars between them: entry by entry, or the dot product of two times the third.
    (VECTORS, r"u * a * b = u \odot a \odot b", "proved"),
    (VECTORS, r"u * a * (1 - a) = u \odot a \odot (1 + a)", "refuted"),
    # Indices in brackets.
    (VECTORS, r"u[i]^2 + A[i,j] = A_{ij} + u_i^2", "proved"),
    (VECTORS, r"u[i]^2 + A[i,j] = A_{ij} - u_i^2", "refuted"),
    ("", r"a[b+c] = ab + ac", "proved"),
    # The exponential of a square matrix may be that of the matrix.
    (VECTORS, r"e^W e^W = e^{2W}", "not_understood"),
    (VECTORS, r"(e^{A})_{ij} = e^{A_{ij}}", "proved"),
    (VECTORS, r"(e^{A})_{ij} = e^{-A_{ij}}", "refuted"),
    # Powers of the letter of a sum.
    ("", r"\sum_{i=1}^n i^2 = \frac{n(n+1)(2n+1)}{6}", "proved"),
    ("", r"\sum_{i=1}^n i^2 = \frac{n(n+1)(2n-1)}{6}", "refuted"),
    # What follows from a condition.
    ("", r"n_{in} \sigma^2 = 1 \Rightarrow \sigma^2 = \frac{1}{n_{in}}", "proved"),
    ("", r"n_{in} \sigma^2 = 1 \Rightarrow \sigma^2 = \frac{2}{n_{in}}", "refuted"),
    # Equations of moments as premises: assumed, and variances are not 0.
    (RANDOM, r"\mathrm{Var}(w) = 1 \implies \mathrm{Var}(w x) = \mathrm{Var}(x)", "proved"),
    (RANDOM, r"\mathrm{Var}(w) = 1 \implies \mathrm{Var}(w x) = 2 \mathrm{Var}(x)", "refuted"),
    (RANDOM, r"\mathrm{Var}(w x) = \mathrm{Var}(x) \implies \mathrm{Var}(w) = 1", "undecided"),
    # A sum over the training examples, which stand in it unwritten.
    (COST, r"\frac{\partial C}{\partial a^L} = a^L - y", "proved"),
    (COST, r"\frac{\partial C}{\partial a^L} = y - a^L", "refuted"),
    # Fractions of plain TeX, bars without a partner, transposes in another font.
    (VECTORS, r"{u^{\sf T} W a \over 2} = {a^{\sf T} W^{\sf T} u \over 2}", "proved"),
    (VECTORS, r"{u^{\sf T} W a \over 2} = {a^{\sf T} W u \over 2}", "refuted"),
    (SLOPES, r"\frac{df}{dx}\Big\rvert_{x=2} = f'(2) = 12", "proved"),
    (SLOPES, r"f'(2) = 11", "refuted"),
    # Functions without an argument, and gradients by what they were defined with.
    (SLOPES, r"g' = f - 1", "proved"),
    (SLOPES, r"g' = f", "refuted"),
    (SLOPES, r"\nabla q = [2x, 2y]", "proved"),
    (SLOPES, r"\nabla q = [2x, y]", "refuted"),
    # One quotient before the dots and one behind them; what holds for every last member.
    (STEPS, rf"{WHOLE} = \frac{{\partial h_T}}{{\partial h_{{T-1}}}} \cdots {FIRST}", "proved"),
    (STEPS, rf"{WHOLE} = \frac{{\partial h_T}}{{\partial h_{{T-1}}}} \cdots {SECOND}", "refuted"),
    # Integrals without bounds, up to a constant.
    ("", r"\int x e^x \, dx = x e^x - \int e^x \, dx = (x - 1) e^x + C", "proved"),
    ("", r"\int \sigma(x) \, dx = \ln(1 + e^x) + C", "proved"),
    ("", r"\int \sigma(x) \, dx = \ln(1 - e^x) + C", "refuted"),
    # The parameters of a stated law are numbers; the identity as a Kronecker delta.
    ("", r"w \sim U(-a, a) \text{ and } \mathrm{Var}(w) = \frac{a^2}{3}", "proved"),
    ("", r"w \sim U(-a, a) \text{ and } \mathrm{Var}(w) = \frac{a^2}{12}", "refuted"),
    (SOFTMAX, r"\frac{\partial s_i}{\partial z_j} = s_i (\mathbb{I}_{ij} - s_j)", "proved"),
    (SOFTMAX, r"\frac{\partial s_i}{\partial z_j} = s_i (\mathbb{I}_{ij} + s_j)", "refuted"),
    # Determinants of what is written out.
    ("", r"\det \begin{pmatrix} a & b \\ c & d \end{pmatrix} = ad - bc", "proved"),
    ("", r"\det\left(\begin{matrix} a & b \\ c & d \end{matrix}\right) = ad + bc", "refuted"),
    # d is an entry here, and dy a product.
    ("", rf"{PRODUCT} = \begin{{pmatrix}} ax + by \\ cx + dy \end{{pmatrix}}", "proved"),
    ("", rf"{PRODUCT} = \begin{{pmatrix}} ax + by \\ cx - dy \end{{pmatrix}}", "refuted"),
    # An equivalence goes both ways.
    ("", r"x + y = 1 \iff y = 1 - x", "proved"),
    ("", r"x + y = 1 \iff y = 1 + x", "refuted"),
    ("", r"x = 2 \iff x^2 = 4", "not_understood"),
]


@pytest.mark.parametrize(("block", "latex", "verdict"), CASES, ids=range(len(CASES)))
def test_the_verdict_is_right(block: str, latex: str, verdict: str) -> None:
    note = find_formulas((f"<!-- symbackprop\n{block}\n-->\n" if block else "") + f"${latex}$\n", path="n.md")
    (found,) = judge_share(note, Settings(), 0, 1, frozenset())
    assert found["verdict"] == verdict, found["message"]
