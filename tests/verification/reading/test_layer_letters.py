"""Index letters that tell layers apart, as a block declares them: hidden units are numbered by j, outputs by k."""

from __future__ import annotations

import pytest

from symbackprop.verification.check import judge_share
from symbackprop.verification.note import find_formulas
from symbackprop.verification.settings import Settings

NET = r"""given:
  - a_j = \sum_i w_{ji} z_i
  - z_j = h(a_j)
  - a_k = \sum_j w_{kj} z_j
  - y_k = a_k
  - E = \frac12 \sum_k (y_k - t_k)^2
  - \delta_j = \frac{\partial E}{\partial a_j}
  - \delta_k = \frac{\partial E}{\partial a_k}
symbols: {h: unknown}"""
SIZES = r"""given:
  - z_j = \tanh(a_j)
  - a_k = \sum_j w_{kj} z_j
  - E = \frac12 \sum_k (a_k - t_k)^2
symbols: {a_j: vector(M), a_k: vector(K), z_j: vector(M), w_{kj}: "matrix(K, M)"}"""
ONE_MATRIX = r"""given:
  - z_j = h(a_j)
  - a_k = \sum_j w_{kj} z_j
  - \delta_j = \frac{\partial E}{\partial a_j}
  - \delta_k = \frac{\partial E}{\partial a_k}
symbols: {E: scalar, w: "matrix(K, J)", h: unknown}"""
ONE_LAYER = r"""given: ['y_k = \frac{\exp(a_k)}{\sum_j \exp(a_j)}']
symbols: {a_k: scalar, y_k: scalar}"""
LATER_SIZE = r"""given: ['z_j = h(a_j)', 'c_k = \sum_j w_{kj} z_j']
symbols: {w: "matrix(K, J)", h: unknown}"""
CASES = [
    (NET, r"\delta_k = y_k - t_k", "proved"),
    (NET, r"\delta_j = h'(a_j) \sum_k w_{kj} \delta_k", "proved"),
    (NET, r"\delta_j = \sum_k w_{kj} \delta_k", "refuted"),
    (NET, r"\delta_j = h'(a_j) \sum_k w_{jk} \delta_k", "not_understood"),
    (NET, r"\frac{\partial E}{\partial w_{ji}} = \delta_j z_i", "proved"),
    (NET, r"\frac{\partial E}{\partial w_{kj}} = \delta_k z_j = \delta_j z_k", "not_understood"),
    (NET, r"\delta_j = \sum_k \frac{\partial E}{\partial a_k} \frac{\partial a_k}{\partial a_j}", "proved"),
    (NET, r"\frac{\partial y_k}{\partial a_j} = I_{kj}", "not_understood"),
    (NET, r"y_k = \frac{a_k}{\sum_j a_j}", "not_understood"),
    (NET, r"\frac{\partial a_m}{\partial a_j} = w_{mj}", "not_understood"),
    (SIZES, r"\frac{\partial E}{\partial a_j} = (1 - z_j^2) \sum_k w_{kj} (a_k - t_k)", "proved"),
    (SIZES, r"\frac{\partial E}{\partial a_j} = (1 - z_j) \sum_k w_{kj} (a_k - t_k)", "refuted"),
    (ONE_MATRIX, r"\delta_j = h'(a_j) \sum_k w_{kj} \delta_k", "proved"),
    (ONE_MATRIX, r"\delta_j = h'(a_j) \sum_k w_{jk} \delta_k", "refuted"),
    (ONE_LAYER, r"\frac{\partial y_k}{\partial a_j} = y_k (\delta_{kj} - y_j)", "proved"),
    (ONE_LAYER, r"\frac{\partial y_k}{\partial a_j} = y_k (\delta_{kj} + y_j)", "refuted"),
    (LATER_SIZE, r"\frac{\partial c_k}{\partial a_j} = w_{kj} h'(a_j)", "proved"),
    (LATER_SIZE, r"\frac{\partial c_k}{\partial a_j} = w_{kj} h(a_j)", "refuted"),
]


@pytest.mark.parametrize(("block", "latex", "verdict"), CASES, ids=range(len(CASES)))
def test_the_verdict_is_right(block: str, latex: str, verdict: str) -> None:
    note = find_formulas(f"<!-- symbackprop\n{block}\n-->\n${latex}$\n", path="n.md")
    (found,) = judge_share(note, Settings(), 0, 1, frozenset())
    assert found["verdict"] == verdict, found["message"]


def test_a_correction_is_in_the_spelling_of_the_note() -> None:
    wrong = r"$\frac{\partial E}{\partial a_j} = h'(a_j) \sum_k w_{kj} (t_k - y_k)$"
    note = find_formulas(f"<!-- symbackprop\n{NET}\n-->\n{wrong}\n", path="n.md")
    (found,) = judge_share(note, Settings(), 0, 1, frozenset())
    assert found["suggestion"] == wrong.strip("$").replace("(t_k - y_k)", "(y_k - t_k)")
