"""The core behind its adapter: its language, its order, and what happens when it fails."""

import importlib.util

import pytest
import sympy

from symbackprop.verification.reading import adapter, arithmetic
from symbackprop.verification.reading.arithmetic import product_of, quotient_of, root_of, sum_of
from symbackprop.verification.reading.surface import Name, Quotient, Span, Times

NAMES = [Name(c, Span(k, k + 1)) for k, c in enumerate("abcfghkmnpqrs")]
CORES = {"latex2sympy2": adapter._Latex2sympy2, "latex2sympy2_extended": adapter._Latex2sympy2Extended}
STRINGS = [
    r"q_{0}\cdot q_{1}/q_{2}\cdot q_{3}",
    "-q_{0}+q_{1}-q_{2}",
    r"\frac{q_{0}}{q_{1}}",
    r"\sqrt{q_{0}}",
    r"\sqrt[3]{q_{0}}",
]


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "q_{0}=q_{1}",
        "q_{0}!",
        "q_{0}^{2}",
        "1E9",
        r"\int q_{0}",
        "q_{0}, q_{1}",
        r"q_{0}\rightarrow q_{1}",
        "",
        r"\det",
    ],
)
def test_a_string_outside_the_token_language_is_refused(text: str) -> None:
    with pytest.raises(adapter.NotArithmetic, match="not in the token language"):
        adapter.parse(text)


@pytest.mark.parametrize("text", ["q_{0}) q_{1}", "q_{0}+", "(q_{0}", "q_{0} q_{1})", "}"])
def test_a_string_that_is_not_read_to_its_end_is_refused(text: str) -> None:
    with pytest.raises(adapter.NotArithmetic):
        adapter.parse(text)


@pytest.mark.parametrize("name", sorted(CORES))
def test_every_installed_core_reads_the_token_language_alike(name: str) -> None:
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    core = CORES[name]()
    assert core.name == name
    for text in STRINGS:
        assert arithmetic_names(core.parse(text)) == sorted(arithmetic_names(core.parse(text)))
    assert sympy.simplify(core.parse(STRINGS[2]) - core.parse(r"q_{0}/q_{1}")) == 0


def arithmetic_names(tree: sympy.Expr) -> list[str]:
    return [str(part) for part in sympy.preorder_traversal(tree) if part.is_Symbol]


def test_a_formula_with_differentials_does_not_break_the_next_one() -> None:
    latex2sympy2 = pytest.importorskip("latex2sympy2")
    core = adapter._Latex2sympy2()
    for formula in ("dW x", "x y"):  # the first overwrites a table of that module: every later conversion fails
        with pytest.raises(TypeError):
            latex2sympy2.latex2sympy(formula)
    assert arithmetic_names(core.parse(r"q_{0}\cdot q_{1}")) == ["q_0", "q_1"]


def test_long_products_and_sums_keep_their_order() -> None:
    assert product_of([("", n) for n in NAMES]).factors == tuple(NAMES)
    assert sum_of([("+" if k else "", n) for k, n in enumerate(NAMES)]).terms == tuple(NAMES)
    slashed = product_of([("", NAMES[0]), (r"\cdot", NAMES[1]), ("/", NAMES[2]), ("", NAMES[3])])
    assert isinstance(slashed, Times) and isinstance(slashed.factors[0], Quotient) and slashed.operators == ("",)


def test_a_nested_product_is_not_flattened() -> None:
    inner = product_of([("", NAMES[0]), ("", NAMES[1])])
    assert product_of([("", inner), (r"\odot", NAMES[2])]).factors == (inner, NAMES[2])


@pytest.mark.parametrize("broken", ["q_1*q_0", "q_0", "q_0*q_1*q_2"])
def test_a_core_that_loses_adds_or_swaps_tokens_is_caught(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    symbols = [sympy.Symbol(name) for name in broken.split("*")]
    wrong = sympy.Mul(*symbols, evaluate=False) if len(symbols) > 1 else symbols[0]
    monkeypatch.setattr(arithmetic, "parse", lambda _: wrong)
    with pytest.raises(adapter.NotArithmetic):
        product_of([("", NAMES[0]), ("", NAMES[1])])
    with pytest.raises(adapter.NotArithmetic):
        quotient_of(NAMES[0], NAMES[1], Span(0, 1))


def test_a_core_that_reads_a_root_wrongly_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arithmetic, "parse", lambda _: sympy.Symbol("q_0") ** 2)
    with pytest.raises(adapter.NotArithmetic):
        root_of(NAMES[0], 2, Span(0, 1))


def test_without_a_core_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(adapter, "_imported", missing)
    adapter._core.cache_clear()
    try:
        with pytest.raises(adapter.NoParser, match="pip install latex2sympy2"):
            adapter.core()
    finally:
        adapter._core.cache_clear()


def test_warming_leaves_the_commonest_strings_remembered() -> None:
    adapter.warm()
    before = adapter.parse.cache_info().misses
    product_of([("", n) for n in NAMES[:4]])
    assert adapter.parse.cache_info().misses == before
