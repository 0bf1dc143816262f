"""Statements: chains, rows, what follows from what, and conditions."""

import pytest

from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.surface import Comparison, NotRead
from symbackprop.verification.reading.write import write, write_statement


def outline(tex: str, macros: dict[str, tuple[int, str]] | None = None) -> list[tuple[str, tuple[str, ...], list[str]]]:
    """Connective, relations and conditions of each statement."""
    statements = read_surface(tex, macros or {})
    assert not isinstance(statements, NotRead), statements
    return [(s.connective, s.relations, [write(c) for c in s.conditions]) for s in statements]


CASES = [
    (r"a = b = c", [("", ("=", "="), [])]),
    (r"= b =", [("", ("=", "="), [])]),
    (r"a &= b \\ &\approx c", [("", ("=", "≈"), [])]),
    (r"a = b \\ c = d", [("", ("=",), []), ("", ("=",), [])]),
    (r"a &= b \\ &\quad + c \\ &= d", [("", ("=", "="), [])]),
    (r"a = \\ = b", [("", ("=",), [])]),
    (r"\begin{aligned} z &= x \\[1.6em] a &= y \end{aligned}", [("", ("=",), []), ("", ("=",), [])]),
    (r"a = b, \quad i \neq j.", [("", ("=",), [r"i \neq j"])]),
    (r"a = b, \quad i = j", [("", ("=",), ["i = j"])]),
    (r"a = b \quad \text{for } i = 1, \dots, n", [("", ("=",), [r"i = 1 , \dots , n"])]),
    (r"a = b \text{ if } x > 0, y > 0", [("", ("=",), ["x > 0", "y > 0"])]),
    (r"a = \sigma(z), \quad z = Wx", [("", ("=",), []), ("and", ("=",), [])]),
    (
        r"y = A x \implies u = A \;\; \text{and} \;\; v = B",
        [("", ("=",), []), ("implies", ("=",), []), ("and", ("=",), [])],
    ),
    (r"z = y \text{ with } y = x", [("", ("=",), []), ("with", ("=",), [])]),
    (r"s = 1 \rightarrow \sigma = 2", [("", ("=",), []), ("implies", ("=",), [])]),
    (r"w \rightarrow w - g", [("", ("→",), [])]),
    (r"w := w - g", [("", (":=",), [])]),
    (r"a \stackrel{\text{def}}{=} b", [("", (":=",), [])]),
    (r"p^D \underset{D \to \infty}{\longrightarrow} \infty", [("", ("→",), [r"D \rightarrow \infty"])]),
    (r"\forall x, x^T H x \ge 0", [("", ("≥",), ["x"])]),
    (r"\forall i: a_i = 1", [("", ("=",), ["i"])]),
    (r"\text{if } x > 0 \text{ then } y = 1", [("", ("=",), ["x > 0"])]),
    (r"0 \le x < 1", [("", ("≤", "<"), [])]),
    (r"\implies", [("implies", (), [])]),
    (r"\mapsto", [("", ("↦",), [])]),
    (r"a = b \quad (3)", [("", ("=",), [r"\text{(3)}"])]),
    (r"a = b \quad \text{(chain rule)}", [("", ("=",), [r"\text{(chain rule)}"])]),
    (r"x_0, h_0", [("", (), [])]),
]


@pytest.mark.parametrize(("tex", "expected"), CASES)
def test_statements(tex: str, expected: list[tuple[str, tuple[str, ...], list[str]]]) -> None:
    assert outline(tex) == expected


def test_a_colon_and_a_space_behind_an_implication_say_nothing() -> None:
    assert outline(r"a = 2 \implies : \quad b = 1") == [("", ("=",), []), ("implies", ("=",), [])]


def test_words_in_a_side_are_names() -> None:
    assert outline(r"\text{pReLU}(x) = \max(0, x)") == [("", ("=",), [])]


def test_author_macros_keep_the_places_of_the_call_and_of_the_arguments() -> None:
    macros = {r"\pd": (2, r"\frac{\partial #1}{\partial #2}"), "L": (0, r"\mathcal{L}")}
    tex = r"x + \pd{\L}{w_i}"
    (statement,) = read_surface(tex, macros)
    assert write_statement(statement) == r"x + \frac{\partial \mathcal{L}}{\partial w_{i}}"
    derivative = statement.sides[0].terms[1]
    variable = derivative.by[0][0]
    assert tex[variable.span.start : variable.span.end] == "w_i"
    assert tex[derivative.span.start : derivative.span.start + 3] == r"\pd"


def test_conditions_are_comparisons() -> None:
    (statement,) = read_surface(r"a = b, \quad 0 < x < 1")
    assert all(isinstance(c, Comparison) for c in statement.conditions) and len(statement.conditions) == 2
