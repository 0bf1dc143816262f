"""Plain-text formulas give the trees that their LaTeX gives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.plain_text import plain_tokens, read_plain_text, read_typed, typed_spelling
from symbackprop.verification.reading.surface import NotRead
from symbackprop.verification.reading.write import unplaced

SAME = [
    ("∂J/∂w10_i = 2(a0-y) h'(z0) a1_i", r"\frac{\partial J}{\partial w_i^{(10)}} = 2(a^{(0)}-y) h'(z^{(0)}) a_i^{(1)}"),
    (
        "∂J/∂w32_k = ∑_i ∂J/∂a1_i a1_i",
        r"\frac{\partial J}{\partial w^{(32)}_k} = \sum_i \frac{\partial J}{\partial a^{(1)}_i} a^{(1)}_i",
    ),
    ("dZ1 = (W2.T * dZ2) * g'1(Z1)", r"dZ^{(1)} = ({W^{(2)}}^T * dZ^{(2)}) * g'^{(1)}(Z^{(1)})"),
    ("dA[L] = (-(y/a) + ((1-y)/(1-a)))", r"dA^{[L]} = (-(\frac{y}{a}) + (\frac{(1-y)}{(1-a)}))"),
    ("e1 = wᵀ∙ε", r"e^{(1)} = w^T \cdot \epsilon"),
    ("ε = h'(z) ⨀ e", r"\epsilon = h'(z) \odot e"),
    ("w[l] := w[l] - learning_rate * dW[l]", r"w^{[l]} := w^{[l]} - \text{learning_rate} * dW^{[l]}"),
    ("y = x**2 + e^-z", r"y = x^2 + e^{-z}"),
    ("a = sigmoid(wx + b)", r"a = \text{sigmoid}(w x + b)"),
    ("E[x] = lambda", r"E[x] = \lambda"),
    ("X /= variance", r"X \leftarrow \text{variance}"),
    ("w = w - a * (from back propagation)", r"w = w - a * \text{from back propagation}"),
    ("y = (w x) (log theta)", r"y = (w x) (\log \theta)"),
]


@pytest.mark.parametrize(("plain", "latex"), SAME)
def test_reads_as_its_latex(plain: str, latex: str) -> None:
    read, expected = read_plain_text(plain), read_surface(latex)
    assert not isinstance(read, NotRead) and not isinstance(expected, NotRead), (read, expected)
    assert unplaced(read) == unplaced(expected)


@pytest.mark.parametrize("plain", ["a + ", "2 $ 3", "f(x", r"\frac{a}{b}", "1" * 50, "x" * 5000])
def test_is_refused(plain: str) -> None:
    assert isinstance(read_plain_text(plain), NotRead)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(alphabet="abWd012+-*/^_=()[]{}.,' ∂∑εᵀ²", max_size=30))
def test_anything_is_read_or_refused(text: str) -> None:
    result = read_plain_text(text)
    if isinstance(result, NotRead):
        assert 0 <= result.span.start <= result.span.end <= len(text)


def test_a_digit_behind_a_letter_is_never_a_power_and_never_a_factor() -> None:
    """``x2`` is the x of layer 2, or the second of several, and neither x squared nor twice x."""
    (statement,) = read_plain_text("y = x2")  # type: ignore[misc]
    assert unplaced((statement,)) == unplaced(read_surface(r"y = x^{(2)}"))  # type: ignore[arg-type]
    assert isinstance(read_surface("y = x2"), NotRead) and isinstance(read_surface(r"\frac{y}{2} = \alpha2"), NotRead)
    assert not isinstance(read_surface(r"y = 2x, z = x 2, w = x_2 + x_{i1}, v = \frac12 \sqrt2"), NotRead)


@pytest.mark.parametrize(("plain", "latex"), SAME)
def test_between_dollars_plain_text_is_read_where_it_is_no_latex(plain: str, latex: str) -> None:
    expected = read_surface(plain)
    read = read_typed(plain)
    assert read == (read_plain_text(plain) if isinstance(expected, NotRead) else expected)
    assert read_typed(latex) == read_surface(latex)


@pytest.mark.parametrize("plain", [plain for plain, _ in SAME])
def test_what_is_spelled_as_latex_and_back_says_the_same(plain: str) -> None:
    latex = "".join(f"\\text{{{t.text}}} " if t.kind == "text" else f"{t.text} " for t in plain_tokens(plain))
    spelling = typed_spelling(latex)
    if spelling is not None:
        assert unplaced(read_plain_text(spelling)) == unplaced(read_plain_text(plain))  # type: ignore[arg-type]
