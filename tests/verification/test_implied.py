r"""What a note restricts without saying so: a class is compared with numbers, a moment speaks of something random.

What is true of the letters that are meant is not called wrong of any others.
"""

from __future__ import annotations

import pytest

from symbackprop.verification.check import judge_share
from symbackprop.verification.note import find_formulas
from symbackprop.verification.settings import Settings

SOFTMAX = r"'p_k = \frac{e^{z_k}}{\sum_{j=1}^K e^{z_j}}'"
OF_CLASS = (
    rf"given: [{SOFTMAX}, 'J = -\sum_{{k=1}}^K 1\{{y = k\}} \log p_k']"
    "\nsymbols: {z: vector(K), J: scalar, y: scalar}"
)
BINARY = (
    r"given: ['p = \sigma(z)', 'J = -1\{y=1\} \log p - 1\{y=0\} \log(1-p)']"
    "\n"
    r"symbols: {z: scalar, y: scalar, \sigma: sigmoid}"
)
DENSITY = r"given: ['F = p_g(x) \log g']" "\nsymbols: {x: scalar, g: scalar, F: scalar, 'p_g(x)': scalar}"
BELOW_A_SUM = rf"given: [{SOFTMAX}]" "\nsymbols: {z: vector(K), 'y^{(i)}': index, 'x^{(i)}': scalar}"


def verdict(formula: str, block: str) -> str:
    note = find_formulas(f"<!-- symbackprop\n{block}\n-->\n$${formula}$$\n", path="n.md")
    (found,) = judge_share(note, Settings(), 0, 1, frozenset())
    return str(found["verdict"])


@pytest.mark.parametrize(
    ("right", "wrong", "block"),
    [
        (r"\frac{\partial J}{\partial z_k} = p_k - 1\{y = k\}", r"\frac{\partial J}{\partial z_k} = p_k", OF_CLASS),
        (
            r"\frac{\partial J}{\partial z_j} = p_j - [j = y]",
            r"\frac{\partial J}{\partial z_j} = p_j - [j \ne y]",
            OF_CLASS,
        ),
        (r"\frac{dJ}{dz} = p - y", r"\frac{dJ}{dz} = y - p", BINARY),
        (
            r"\frac{\partial F}{\partial g} = \frac{p_g(x)}{g}",
            r"\frac{\partial F}{\partial g} = -\frac{p_g(x)}{g}",
            DENSITY,
        ),
        (r"1\{y = 1\} = y", r"1\{y = 1\} = 1 - y", "symbols: {y: scalar}"),
        (r"2 \cdot 1\{y = 1\} - 1 = y", r"3 \cdot 1\{y = 1\} = y", "symbols: {y: scalar}"),
    ],
)
def test_what_holds_of_the_letters_that_are_meant_is_not_refuted(right: str, wrong: str, block: str) -> None:
    assert verdict(right, block) in ("proved", "undecided")
    assert verdict(wrong, block) == "refuted"


@pytest.mark.parametrize(
    ("formula", "block"),
    [
        (r"\sum_{i=1}^m x^{(i)} 1\{y^{(i)} = k\} = x^{(k)} p_k", BELOW_A_SUM),
        (r"\text{Var}(q \cdot k) = d", "symbols: {q: vector(d), k: vector(d)}"),
        (r"\mathbb{E}[X Y] = \mathbb{E}[X] \mathbb{E}[Y]", "symbols: {X: scalar, Y: scalar}"),
        (r"\frac{\partial F}{\partial x} = \log g \cdot p_g'(x)", DENSITY),
        (r"p_k - \delta_{yk} = p_k", "symbols: {p: vector(K), y: scalar}"),
    ],
)
def test_what_is_left_open_is_not_understood(formula: str, block: str) -> None:
    assert verdict(formula, block) == "not_understood"
