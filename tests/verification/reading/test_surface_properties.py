"""Properties of the reader: round trip, nothing lost, spans, no exception, on sample formulas and on generated ones."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.verification.reading.clean import clean
from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.surface import Derivative, Name, NotRead, Number, Root, Span, Statement
from symbackprop.verification.reading.tokens import Token, tokenize
from symbackprop.verification.reading.vocabulary import GREEK
from symbackprop.verification.reading.write import unplaced, write_statements

SAMPLES = [
    r"\frac{∂J}{∂w^{21}_ j} = \frac{∂J}{∂a^1_i} \frac{∂a^1_i}{∂w^{21}_ j} = 2(a^0-y)h'(z^0)w^{10}_ i h'(z^1_ i) a^2_ j",
    r"\delta^l = (w^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)",
    r"C(\vec w,\vec b) = \frac{1}{2n}\sum_x{||\vec{y}(\vec{x}) - \vec{a}(\vec{x},\vec{w},\vec{b})||^2}",
    r"\mathbb{E} [o_i] = \sum_{j=1}^{n_{in}} \mathbb{E} [w_{ij}x_j] = 0 \\ \text{var}[o_i] = n_{in} \sigma_{w}^2",
    r"\nabla_{\mathbf s} H &= -\nabla_{\mathbf s} \mathbf y \log \mathbf s \\[1.6em] &= -\frac{\mathbf y}{\mathbf s}",
    r"\mathbb{V}[x] = \frac{1}{2a} \int_{-a}^{a} x^2 \, dx = \Big[\frac{x^3}{3} \Big]_{-a}^{a} = \frac{a^2}{3}",
    r"h' = \begin{cases} 0 & \text{with probability p}\\ \frac{h}{1-p} & \text{otherwise} \end{cases}",
    r"L = -\frac{1}{m} \sum_{i=1}^m \left[ y^{(i)} \log a^{(i)} + (1 - y^{(i)}) \log\left(1 - a^{(i)}\right) \right]",
    r"dZ^{[l - 1]} = dZ^{[l]} \cdot W^{[l]^T} \times f^{'}(Z^{[l - 1]})",
    r"\frac{\partial z}{\partial y} = \begin{pmatrix} \sigma'(y_1) & 0 \\ 0 & \sigma'(y_2) \end{pmatrix}",
    r"\frac{\partial^2 f}{\partial x^2} + \frac{d}{dx} f(x) g(x)",
    r"\text{softmax}(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}} \quad \text{for all } i",
    r"\hat y^{(i)} = \sigma\left(w^T x^{(i)} + b\right), \quad i = 1, \dots, m",
    r"\partial_{W^{(l)}}o = \partial_{h^{(L-1)}}h^{(l)} \times \dots \times \partial_{h^{(l)}}h^{(l+1)} \partial_{w}h",
    r"\max_j |z_j| \le \|z\|_2 + \log_2 x - \tanh^2 y",
]

_PIECES = [
    *"abxWdeTl(){}[]^_'+-*/=,|.&<>!:",
    r"\sigma",
    r"\delta",
    r"\partial",
    r"\nabla",
    r"\frac",
    r"\|",
    r"\sum",
    r"\int",
    r"\log",
    r"\max",
    r"\mathbf",
    r"\hat",
    r"\mathrm",
    r"\text{if}",
    r"\text{and}",
    r"\quad",
    r"\\",
    r"\left(",
    r"\right)",
    "1",
    "2",
    "10",
    r"\begin{pmatrix}",
    r"\end{pmatrix}",
    r"\begin{cases}",
    r"\end{cases}",
    r"\cdot",
    r"\odot",
    r"\implies",
    r"\forall",
    r"\in",
    r"\rightarrow",
    "0.5",
    "...",
    "∂",
    "²",
    "ᵢ",
    r"\underset",
    r"\overset",
    r"\sqrt",
    r"\dots",
    r"\mid",
    r"\{",
    r"\}",
    r"\,",
    r"\frac{\partial}{\partial x}",
    "{x}",
    "^{(l)}",
    "^{[l]T}",
    "_{ij}",
    r"\to",
    r"\foo",
    "#1",
    "$",
    "%",
    r"\mathrm{d}",
]


def _tree(node: object) -> Iterator[object]:
    yield node
    if isinstance(node, tuple):
        for part in node:
            yield from _tree(part)
    elif is_dataclass(node) and not isinstance(node, Span):
        for f in fields(node):
            yield from _tree(getattr(node, f.name))


def _flat(tokens: tuple[Token, ...]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.inner)


def _counts(token: Token) -> bool:
    return token.kind in ("letter", "number") or token.text in GREEK


def _letters(statements: tuple[Statement, ...]) -> Counter[str]:
    """Letters, Greek letters and digits of the leaves, with the signs of derivatives and variables of integrals."""
    found: Counter[str] = Counter()
    for node in _tree(statements):
        if isinstance(node, Name) and not node.upright:
            found.update(
                t.text
                for t in _flat(clean(tokenize(node.text))[0])
                if t.kind in ("letter", "number") or t.text in GREEK
            )
        elif isinstance(node, Number):
            found[str(node.value)] += 1
    return found


@pytest.mark.parametrize("tex", SAMPLES)
def test_no_letter_or_number_of_a_formula_is_lost(tex: str) -> None:
    statements = read_surface(tex)
    assert not isinstance(statements, NotRead), statements
    tokens = list(_flat(clean(tokenize(tex))[0]))
    written = Counter(t.text for t in tokens if _counts(t))
    nodes = list(_tree(statements))
    orders = [n for n in nodes if (isinstance(n, Derivative) and n.order > 1) or (isinstance(n, Root) and n.degree > 2)]
    for counter in (written, read := _letters(statements)):
        counter.pop("d", None)  # the sign of derivatives and integrals
        if orders:
            counter.pop("2", None)
    assert written == read


@pytest.mark.parametrize("tex", SAMPLES)
def test_the_normal_form_reads_back_to_the_same_tree(tex: str) -> None:
    first = read_surface(tex)
    again = read_surface(write_statements(first))
    assert not isinstance(again, NotRead), (again, write_statements(first))
    assert unplaced(again) == unplaced(first)


@pytest.mark.parametrize("tex", SAMPLES)
def test_the_span_of_a_name_holds_its_letter(tex: str) -> None:
    for node in _tree(read_surface(tex)):
        if isinstance(node, Name) and len(node.text) == 1:
            assert node.text in tex[node.span.start : node.span.end]
        elif isinstance(node, Number) and node.value.denominator == 1:
            assert str(node.value) in tex[node.span.start : node.span.end]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(_PIECES), min_size=1, max_size=14), st.sampled_from(["", " "]))
def test_anything_is_read_or_refused_and_what_is_read_reads_back(pieces: list[str], blank: str) -> None:
    tex = blank.join(pieces)
    first = read_surface(tex)
    if isinstance(first, NotRead):
        assert first.reason and 0 <= first.span.start <= first.span.end <= len(tex)
        return
    for node in _tree(first):
        if isinstance(node, Span):
            assert 0 <= node.start <= node.end <= len(tex)
    assert isinstance(write_statements(first), str)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert isinstance(read_surface(text), NotRead | tuple)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(SAMPLES), st.data())
def test_a_formula_cut_anywhere_is_never_read_as_less_than_it_says(tex: str, data: st.DataObject) -> None:
    cut = tex[: data.draw(st.integers(1, len(tex)))]
    statements = read_surface(cut)
    if not isinstance(statements, NotRead):
        tokens = list(_flat(clean(tokenize(cut))[0]))
        written = Counter(t.text for t in tokens if t.kind == "letter" or t.text in GREEK)
        read = Counter({text: count for text, count in _letters(statements).items() if not text[0].isdigit()})
        written.pop("d", None)
        read.pop("d", None)
        assert written == read
