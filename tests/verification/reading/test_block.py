"""Comment blocks: their words, their limits, and the loose YAML that people write."""

from __future__ import annotations

import pytest

from symbackprop.errors import InvalidSpec
from symbackprop.verification.reading import Scope, read_block, with_block
from symbackprop.verification.reading.block import line_of
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Axis


@pytest.mark.parametrize(
    ("key", "word", "axes", "labels"),
    [
        ("s", "scalar", (), ()),
        ("x", "vector(n)", (Axis("n"),), ()),
        ("x", "matrix(1, n)", (Axis("1", (), 1), Axis("n")), ()),
        ("T", "tensor(a, b, 3)", (Axis("a"), Axis("b"), Axis("3", (), 3)), ()),
        ("a^l", "vector(n_l)", (Axis("n", (Affine.symbol("l"),)),), ("l",)),
        (
            "W^{(l)}",
            "matrix(n_l, n_{l-1})",
            (Axis("n", (Affine.symbol("l"),)), Axis("n", (Affine.symbol("l") - 1,))),
            ("l",),
        ),
        ("x_t", "vector(n)", (Axis("n"),), ("t",)),
        ("y", "vector(n_L)", (Axis("n", (Affine.symbol("L"),)),), ()),
        ("x", "vector(n_{in})", (Axis("n_{in}"),), ()),
    ],
)
def test_shapes(key: str, word: str, axes: tuple[Axis, ...], labels: tuple[str, ...]) -> None:
    scope = with_block(Scope.empty(), read_block(f"symbols: {{'{key}': '{word}'}}"))
    (symbol,) = [s for s in scope.symbols.values() if s.kind == "quantity"]
    assert symbol.axes == axes and symbol.labels == labels and symbol.declared


@pytest.mark.parametrize(
    ("word", "kind", "function"),
    [
        ("sigmoid", "function", "sigmoid"),
        ("ReLU", "function", "relu"),
        ("unknown", "function", ""),
        ("index", "index", ""),
    ],
)
def test_words_that_are_no_shapes(word: str, kind: str, function: str) -> None:
    symbol = with_block(Scope.empty(), read_block(f"symbols: {{g: {word}}}")).symbols["g"]
    assert symbol.kind == kind and symbol.function == function


def test_samples_are_an_axis_of_their_own_that_letters_share() -> None:
    block = "symbols: {'x^{(i)}': vector(n), 'y^{(i)}': scalar}\ngiven: ['s = \\sum_i y^{(i)} x^{(i)}_1']"
    scope = with_block(Scope.empty(), read_block(block))
    assert scope.problems == ()
    assert (scope.symbols["x"].axes or ())[0] == (scope.symbols["y"].axes or ())[0]


@pytest.mark.parametrize(
    "text",
    [
        r"symbols: {\mathbf{x}: vector(n), \theta: scalar}",
        'symbols: {"\\mathbf{x}": "vector(n)", "\\theta": scalar}',
        "symbols:\n  \\mathbf{x}: vector(n)\n  \\theta: scalar",
    ],
)
def test_loose_yaml_keeps_its_backslashes(text: str) -> None:
    assert dict(read_block(text).symbols) == {r"\mathbf{x}": "vector(n)", r"\theta": "scalar"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("symbols: [a, b]", "must map letters"),
        ("wrong: 1", "no key named"),
        ("given: {a: 1}", "list of formulas"),
        ("- a", "expected keys"),
        ("symbols: {a: &x scalar, b: *x}", "aliases"),
        ("layout: sideways", "no layout named"),
        ("given: ['" + "x" * 30_000 + "']", "characters"),
        ("symbols: " + "[" * 500, "too many brackets"),
    ],
)
def test_bad_blocks_are_errors_that_say_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(InvalidSpec, match=words):
        read_block(text)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("a: vektor(n)", "vektor"),
        ("a: vector(m, n)", "2 sizes"),
        ("a: random(0)", "two values"),
        ("'a + b': scalar", "letter"),
        ("a: vector(n", "bracket"),
    ],
)
def test_an_entry_that_is_not_understood_is_listed_and_the_rest_holds(entry: str, words: str) -> None:
    scope = with_block(Scope.empty(), read_block(f"symbols:\n  {entry}\n  z: scalar"))
    assert len(scope.problems) == 1 and words in scope.problems[0]
    assert scope.knows("z")


UNREAD = {
    r"assume: ['\text{the samples are independent}']": "no relation",
    "assume: [x]": "no relation",
    "assume: ['x =']": "a side of its relation is missing",
    r"assume: ['x = 2 \implies y = 3']": "follows from another",
    r"assume: ['x > 0 \text{ if } y > 0']": "under a condition",
    r"assume: ['x_i x_j = 0, i \ne j']": "under a condition",
    r"assume: ['x = 1 \text{ when it is small}']": "which is not read",
    r"assume: ['x = 1 \text{ (a remark)}']": "'(a remark)' is not read; the rest is",
    r"assume: ['x \approx 3']": "cannot be assumed",
    r"given: ['\text{the samples are independent}']": "no relation",
    "given: [the loss is J]": "no relation",
    "given: ['f(x) =']": "a side of its relation is missing",
    "given: ['f(x) = x, x > 0']": "under a condition",
    r"given: ['z = x \implies y = x']": "follows from another",
    r"given: ['z = x + b \text{ (pre-activation)}']": "is not read; the rest is",
    "symbols: {x: vector(n) sigmoid}": "'vector(n)' is not read; the rest is",
    "symbols: {x: index(3)}": "'(3)' is not read; the rest is",
    "symbols: {x: unknown scalar}": "'scalar' is not read; the rest is",
    "symbols: {x: scalar vector(n)}": "found scalar vector(n)",
    "symbols: {x: ''}": "found nothing",
    "symbols: {x: 'random(0, )'}": "two values",
    r"symbols: {x: 'random(0, \foo)'}": "cannot read",
    "symbols: {x: vektor(n)}": "did you mean vector?",
    "symbols: {x: sigmod}": "did you mean sigmoid?",
    "symbols:\n  x: scalar\n  x: vector(n)": "'x' stands twice",
    "given: [a = b]\ngiven: [c = d]": "'given' stands twice",
}


@pytest.mark.parametrize("text", UNREAD)
def test_nothing_in_a_block_is_passed_over_in_silence(text: str) -> None:
    problems = with_block(Scope.empty(), read_block(text)).problems
    assert len(problems) == 1 and UNREAD[text] in problems[0], problems


@pytest.mark.parametrize(
    ("text", "assumed", "defined"),
    [
        ("assume: ['x > 0, y > 0']", 2, 0),
        (r"assume: ['x > 0 \quad y > 0']", 2, 0),
        (r"assume: ['0 < x < 1', 'y_i > 0 \text{ for all } i']", 3, 0),
        ("given: ['x > 0']", 1, 0),
        (r"assume: ['x \in \mathbb{R}^n']", 0, 0),
        ("assume: ['x := 3']", 0, 1),
        ("given: ['h_t = w h_{t-1}, t > 0', 'y_i = x_i, i = 1, \\dots, n']", 0, 2),
        (r"given: ['a = \sigma(z) \text{ where } z = w x', 'b = c, c = 2 x']", 0, 4),
        (r"given: ['x = 1 \text{ (a remark)}']", 0, 1),
    ],
)
def test_what_is_understood_is_taken_in(text: str, assumed: int, defined: int) -> None:
    scope = with_block(Scope.empty(), read_block(text))
    assert (len(scope.assumptions), len(scope.definitions)) == (assumed, defined), scope.problems


@pytest.mark.parametrize("text", [text for text in UNREAD if text.startswith("assume") and "remark" not in text])
def test_what_is_not_understood_is_not_assumed(text: str) -> None:
    assert with_block(Scope.empty(), read_block(text)).assumptions == ()


@pytest.mark.parametrize(("key", "near"), [("symbol", "symbols"), ("Given", "given"), ("asume", "assume")])
def test_a_wrong_key_names_the_nearest(key: str, near: str) -> None:
    with pytest.raises(InvalidSpec, match=f"no key named '{key}'; did you mean {near}"):
        read_block(f"{key}: 1")


@pytest.mark.parametrize(
    ("problem", "line"),
    [("symbol 'x': no", 1), (r"given '\\sigma = x': no", 3), (r"assume 'x > 0': no", 4), ("something else", 0)],
)
def test_the_line_of_a_problem(problem: str, line: int) -> None:
    text = "symbols:\n  x: scalar\ngiven:\n  - \"\\\\sigma = x\"\nassume: ['x > 0']"
    assert line_of(text, problem) == line


def test_a_prime_in_a_quoted_line_stays_one_prime() -> None:
    block = read_block(
        "given: ['u = {v''}^\\top h', 'w = u']\nsymbols: {u_{i}: scalar, \"v'_j\": vector(n), x': scalar}"
    )
    assert block.given == ("u = {v'}^\\top h", "w = u")
    assert [key for key, _ in block.symbols] == ["u_{i}", "v'_j", "x'"]
