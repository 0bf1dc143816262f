"""What of windows is not decided on a guess: signs of convolutions, indices from 0 and from 1, sizes that are sums."""

from __future__ import annotations

import pytest

from symbackprop.verification.check import check_text
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.sizes import made_of

SIZES = 'symbols: {x: "vector(n)", w: "vector(k)", y: "vector(m)", \\delta: "vector(m)", L: scalar, \\ell: unknown}'
LOSS = ["L = \\ell(y)", "\\delta_i = \\frac{\\partial L}{\\partial y_i}"]
WINDOW = "y_i = \\sum_{j=1}^{k} w_j x_{i+j-1}"
FROM_ZERO = "y_i = \\sum_{j=0}^{k-1} w_j x_{i+j}"


def found(latex: str, window: str, sizes: str = SIZES):
    given = "\n".join(f"  - {line}" for line in (window, *LOSS))
    (finding,) = check_text(f"<!-- symbackprop\ngiven:\n{given}\n{sizes}\n-->\n\n$$\n{latex}\n$$\n", path="note.md")
    return finding


@pytest.mark.parametrize("sign", ["*", "\\ast", "\\star"])
def test_a_convolution_sign_is_no_product_of_entries(sign):
    """The shapes do not fit entry by entry, which refutes nothing: it may be the full convolution."""
    finding = found(f"\\frac{{\\partial L}}{{\\partial x}} = \\delta {sign} w", WINDOW)
    assert finding.verdict.value == "not_understood", finding.message


def test_indices_from_0_and_from_1_are_not_mixed():
    claim = "\\frac{\\partial L}{\\partial w_j} = \\sum_{i=0}^{m-1} \\delta_i x_{i+j}"
    assert found(claim, WINDOW).verdict.value == "not_understood"
    assert found(claim, FROM_ZERO).verdict.value == "proved"
    late = "\\frac{\\partial L}{\\partial w_j} = \\sum_{i=0}^{m-1} \\delta_i x_{i+j+1}"
    assert found(late, FROM_ZERO).verdict.value == "refuted"


def test_an_entry_outside_is_0_and_this_is_said():
    finding = found("\\frac{\\partial L}{\\partial x_i} = \\sum_j \\delta_{i-j+1} w_j", WINDOW)
    assert finding.verdict.value == "proved"
    assert "an entry outside of its axis is 0" in finding.assumptions


def test_sizes_that_are_sums_of_others():
    sized = SIZES.replace("vector(m)", "vector(n-k+1)")
    claim = "\\sum_{i=1}^{n-k+1} \\delta_i y_i = \\sum_{i=1}^{n-k+1} \\sum_{j=1}^{k} \\delta_i w_j x_{i+j-1}"
    assert found(claim, WINDOW, sized).verdict.value == "proved"
    short = claim.replace("x_{i+j-1}", "x_{i+j}")
    assert found(short, WINDOW, sized).verdict.value == "refuted"
    n, k = Affine.symbol("n"), Affine.symbol("k")
    assert made_of("n - k + 1") == n - k + 1
    assert made_of("n_{l}") is made_of("d") is made_of("2") is None
