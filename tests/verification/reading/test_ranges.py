"""What an index runs through, as it is written beside a formula: all of its axis, or a part to which it narrows."""

from __future__ import annotations

import pytest

from symbackprop.verification.links import judge_link
from symbackprop.verification.reading import Scope, read_block, read_formula, with_block
from symbackprop.verification.verdict import Verdict

EVERYWHERE = r"given: ['L = \frac12\sum_j (x_j - y_j)^2']"
NOT_FIRST = r"given: ['L = \frac12\sum_j (x_j - y_j)^2 - x_1']"
SYMBOLS = '\nsymbols: {x: "vector(n)", y: "vector(n)"}'
RANGES = [
    r"\quad \text{for } j = {1}, \dots, {2}",
    r", \quad j = {1}, \ldots, {2}",
    r"\quad (j = {1}, \dots, {2})",
    r"\quad \forall j \in \{{1}, \dots, {2}\}",
]


def verdict(block: str, latex: str) -> Verdict:
    scope = with_block(Scope.empty(), read_block(block + SYMBOLS))
    return judge_link(read_formula(latex, scope).links[0]).verdict


@pytest.mark.parametrize("words", RANGES)
def test_a_range(words: str) -> None:
    claim = r"\frac{\partial L}{\partial x_j} = x_j - y_j"
    whole, part = (words.replace("{1}", low).replace("{2}", high) for low, high in (("1", "n"), ("2", "n")))
    assert verdict(EVERYWHERE, claim + whole) is Verdict.PROVED
    assert verdict(EVERYWHERE, claim.replace("- y", "+ y") + whole) is Verdict.REFUTED
    assert verdict(NOT_FIRST, claim + whole) is Verdict.REFUTED
    assert verdict(NOT_FIRST, claim + part) is Verdict.PROVED
    assert verdict(NOT_FIRST, claim.replace("- y", "+ y") + part) is Verdict.REFUTED


def test_a_range_that_ends_before_the_last() -> None:
    block = "given: ['J = (x_1 - x_2)^2 + (x_2 - x_3)^2']\nsymbols: {x: vector(3)}"
    scope = with_block(Scope.empty(), read_block(block))
    inner = r"\frac{\partial J}{\partial x_j} = 2(x_j - x_{j+1}) - 2(x_{j-1} - x_j), \quad j = 2, \dots, 3 - 1"
    found = judge_link(read_formula(inner, scope).links[0]).verdict
    assert found is not Verdict.REFUTED


LAYERS = r"""
given:
  - z^{(l+1)} = W^{(l)} a^{(l)}
  - a^{(l)} = f(z^{(l)})
  - \delta^{(l)} = \frac{\partial J}{\partial z^{(l)}}
symbols: {J: scalar, a^{(l)}: vector(s_l), z^{(l)}: vector(s_l), "W^{(l)}": "matrix(s_{l+1}, s_l)", f: unknown}
"""
LINEAR = r"""
given:
  - h_t = W h_{t-1} + U x_t
  - o_t = V h_t
  - L = \sum_{t=1}^T \ell(o_t, y_t)
symbols: {L: scalar, T: index, \ell: unknown, y_t: scalar, x_t: vector(d), h_t: vector(h), o_t: vector(q),
  W: "matrix(h, h)", U: "matrix(h, d)", V: "matrix(q, h)"}
"""


@pytest.mark.parametrize(
    "words",
    [
        r", \quad l = L-1, \dots, 1",
        r"\quad \text{for } l = L-1, L-2, \dots, 2",
        r"\quad \text{for } l = n_l - 1, n_l - 2, \ldots, 2",
        r"\quad (l = 2, 3, \dots, L-1)",
        r"\quad 1 \le l < L",
    ],
)
def test_layers_of_which_a_formula_holds(words: str) -> None:
    scope = with_block(Scope.empty(), read_block(LAYERS))
    right = r"\delta^{(l)} = (W^{(l)})^T \delta^{(l+1)} \odot f'(z^{(l)})"
    assert judge_link(read_formula(right + words, scope).links[0]).verdict is Verdict.PROVED
    wrong = right.replace("f'(z^{(l)})", "f'(a^{(l)})")
    assert judge_link(read_formula(wrong + words, scope).links[0]).verdict is Verdict.REFUTED


def test_times_before_the_last() -> None:
    right = r"\frac{\partial L}{\partial h_t} = W^T \frac{\partial L}{\partial h_{t+1}}"
    right += r" + V^T \frac{\partial L}{\partial o_t}"
    scope = with_block(Scope.empty(), read_block(LINEAR + "assume: ['t < T']"))
    assert judge_link(read_formula(right, scope).links[0]).verdict is Verdict.PROVED
    assert judge_link(read_formula(right.replace("W^T", "W"), scope).links[0]).verdict is Verdict.REFUTED
