"""Rows of dots: what plain patterns stand for, and that everything else is left alone."""

from __future__ import annotations

import pytest

from symbackprop.verification.reading.dots import without_dots
from symbackprop.verification.reading.elaborate.walk import every
from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.surface import Big, Dots

PLAIN = {
    r"(x_1, \dots, x_n)": ["column"],
    r"[x_1, x_2, \ldots, x_n]": ["column"],
    r"(x_1, \dots, x_n)^T": ["column"],
    r"\begin{bmatrix} w_1 & \cdots & w_n \end{bmatrix}": ["row"],
    r"\begin{bmatrix} w_{11} & \cdots & w_{1n} \\ \vdots & \ddots & \vdots \\ w_{m1} & \cdots & w_{mn} \end{bmatrix}": [
        "column",
        "row",
    ],
    r"\begin{bmatrix} \lambda_1 & & \\ & \ddots & \\ & & \lambda_d \end{bmatrix}": ["column", "row"],
    r"w_1 x_1 + w_2 x_2 + \cdots + w_n x_n": ["sum"],
    r"b - y_1 \log p_1 - \cdots - y_K \log p_K": ["sum"],
    r"A_t A_{t-1} \cdots A_{k+1} x": ["prod"],
}
NOT_PLAIN = [
    r"(x_1, x_3, \dots, x_n)",
    r"(a, \dots, z_n)",
    r"x_1 + x_3 + \dots + x_n",
    r"x_1 y_n + \dots + x_n y_1",
    r"2 + 4 + \dots + 2 n",
    r"a + \dots",
    r"\dots + a_n",
    r"x_1 + \dots + x_m + \dots + x_n",
    r"f(x_1, \dots, x_n)",
    r"A_t \cdots A_k x",
    r"\begin{bmatrix} 1 & \cdots & 2 \\ \vdots & \ddots & \vdots \\ 3 & \cdots & 5 \end{bmatrix}",
]


def kinds(tex: str) -> tuple[list[str], bool]:
    (statement,) = without_dots(read_surface(tex))
    nodes = list(every(statement.sides[0]))
    return [node.kind for node in nodes if isinstance(node, Big)], any(isinstance(node, Dots) for node in nodes)


@pytest.mark.parametrize("tex", PLAIN)
def test_a_plain_pattern_is_spelled_out(tex):
    found, left = kinds(tex)
    assert [kind.partition("_")[0] for kind in found] == PLAIN[tex] and not left


@pytest.mark.parametrize("tex", NOT_PLAIN)
def test_anything_else_keeps_its_dots(tex):
    found, left = kinds(tex)
    assert found == [] and left


def test_the_ends_are_those_written():
    (statement,) = without_dots(read_surface(r"x_1^2 + x_2^2 + \cdots + x_n^2"))
    total = statement.sides[0]
    assert isinstance(total, Big) and (total.lower[0].right.value, total.upper.text) == (1, "n")


def test_a_formula_without_dots_is_the_same_object():
    statements = read_surface(r"a = \sum_i w_i x_i")
    assert without_dots(statements) is statements
