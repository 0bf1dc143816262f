"""Comment blocks: their words, their limits, and the loose YAML that people write."""

from __future__ import annotations

import pytest

from symbackprop.errors import InvalidSpec
from symbackprop.verification.reading import Scope, read_block, with_block
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
