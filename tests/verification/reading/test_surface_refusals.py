"""What is not read is said, with the construct and its place; nothing is guessed and no tail is dropped."""

import time

import pytest

from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.surface import NotRead

REFUSED = [
    (r"z_{j}{L}", "right behind a subscript", "{L}"),
    (r"\frac{\partial C}{\w_j^l} = 1", r"unknown macro \w", r"\w"),
    (r"\foo{x} + 1", r"unknown macro \foo", r"\foo"),
    (r"\binom{n}{k}", "binomial", r"\binom"),
    (r"a \pm b", "±", r"\pm"),
    (r"5!", "factorial", "!"),
    (r"x_", "nothing after _", "_"),
    (r"x^-1", "braces are missing", "-"),
    (r"( a", "without its partner", "("),
    (r"a ) + b", "without its partner", ")"),
    (r"\left( a \right] + \left[ b )", "is closed by", None),
    (r"{a b}^2", "brackets are needed", "{a b}"),
    (r"\sum_k{a + b}", "brackets are needed", "{a + b}"),
    (r"\log p(x) q(x)", "not clear", "q"),
    (r"1/2n", "above or below", None),
    (r"1e-8", "10^{-8}", None),
    (r"learning = 3", r"\text{learning}", "learning"),
    (r"\hat{\log}", "over a word", None),
    (r"\overline{a b}", "more than one letter", None),
    (r"\nabla \cdot F", "divergence", r"\nabla"),
    (r"\frac{\partial f}{x}", "∂", None),
    (r"\frac{\partial^2 f}{\partial x}", "orders", None),
    (r"\frac{\partial a + b}{\partial x}", "sum", None),
    (r"\int x", "integral", r"\int"),
    (r"a + ", "missing at the end", None),
    (r"f()", "empty bracket", "()"),
    (r"(a,,b)", "between two commas", None),
    (r"a = < b", "two relations", None),
    (r"|x", "bar without its partner", "|"),
    (r"\begin{foo} x \end{foo}", "environment foo", None),
    (r"x^{66}", "exponent above 64", None),
    (r"9^{9^{9}}", "power of a power", None),
    (r"(x \text{ if } y)", "the word 'if'", None),
    (r"☃ = 1", "not known", "☃"),
    (r"", "nothing is written", None),
    (r"\ ", "nothing is written", None),
    (r"\text{a", "closing brace", None),
]


@pytest.mark.parametrize(("tex", "reason", "place"), REFUSED)
def test_is_refused_with_reason_and_place(tex: str, reason: str, place: str | None) -> None:
    result = read_surface(tex)
    assert isinstance(result, NotRead), result
    assert reason in result.reason
    assert 0 <= result.span.start <= result.span.end <= len(tex)
    if place is not None:
        assert tex[result.span.start : result.span.end] == place


HOSTILE = {
    "braces": "{" * 5000,
    "closed braces": "{" * 1900 + "x" + "}" * 1900,
    "brackets": "(" * 100 + "x" + ")" * 100,
    "fractions": r"\frac{1}{1+" * 100 + "x" + "}" * 100,
    "hats": r"\hat " * 900 + "x",
    "roots": r"\sqrt" * 700 + "x",
    "functions": r"\log " * 900 + "x",
    "sums": r"\sum " * 900 + "x",
    "nablas": r"\nabla " * 900 + "x",
    "minus signs": "-" * 990 + "x",
    "terms": "+".join(["x"] * 500),
    "mixed terms": "x" + "+a-b*c/f-" * 90 + "y",
    "factors": "x " * 990,
    "scripts": "x" + "_{a" * 200 + "}" * 200,
    "tower": "x" + "^{x" * 39 + "}" * 39,
    "powers of numbers": "9^{9^{9^{9}}}",
    "scientific": "1E99999999",
    "binomial": r"\binom{99999999}{50000000}",
    "factorial": "999999999!",
    "long number": "1" * 3000,
    "matrix": r"\begin{vmatrix}" + r"\\".join(["&".join("abcdefg")] * 7) + r"\end{vmatrix}",
    "environments": r"\begin{matrix}" * 60 + "x" + r"\end{matrix}" * 60,
    "bars": "|" * 900,
    "primes": "x" + "'" * 900,
    "megabyte": "x+" * 500_000,
    "nul": "x\x00y",
    "bidi": "x‮y",
    "code": r"x + r_{+eval(chr(95))}",
    "dunder": r"\text{__import__('os').system('true')}(x)",
    "variable": r"\variable{__import__('os')}",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_input_ends_quickly(name: str) -> None:
    start = time.perf_counter()
    result = read_surface(HOSTILE[name])
    assert time.perf_counter() - start < 5
    assert isinstance(result, NotRead | tuple)


def test_a_macro_that_calls_itself_ends() -> None:
    assert "without end" in read_surface(r"\a", {"a": (0, r"\a\a")}).reason
    assert "argument" in read_surface(r"\b", {"b": (1, "#1")}).reason
    assert "no argument #2" in read_surface(r"\b x", {"b": (1, "#2")}).reason
