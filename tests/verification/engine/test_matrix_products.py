r"""Products of matrices and symbolic powers as a note writes them: what is true is proved, what is spoiled is not."""

from __future__ import annotations

import pytest

from symbackprop.verification.budget import Budget
from symbackprop.verification.proof.prove import prove
from symbackprop.verification.reading import Choice, Scope, read_block, read_formula, with_block

LINEAR = """given: ['h_t = W h_{t-1}']
symbols: {h_t: vector(d), W: "matrix(d, d)", t: index, k: index}
assume: ['k < t']"""
STATES = LINEAR.replace("W h_{t-1}", r"\tanh(W h_{t-1} + x_t)").replace("symbols: {", "symbols: {x_t: vector(d), ")
RESIDUAL = """given: ['x_{k+1} = x_k + f_k(x_k)']
symbols: {x_k: vector(n), f_k: unknown, k: index, l: index, L: index}
assume: ['l < L']"""
SIMILAR = r"""given: ['y_t = Q \Lambda Q^{-1} y_{t-1}']
symbols: {y_t: vector(d), Q: "matrix(d, d)", \Lambda: "matrix(d, d)", t: index}"""
SLOPE = r"\frac{\partial h_t}{\partial h_k} = "

TRUE = [
    (LINEAR, SLOPE + "W^{t-k}"),
    (STATES, SLOPE + r"\prod_{i=k+1}^{t} \frac{\partial h_i}{\partial h_{i-1}}"),
    (STATES, SLOPE + r"\prod_{i=k+1}^{t} \operatorname{diag}(1 - h_i^2) W"),
    (STATES, SLOPE + r"\prod_{i=k}^{t-1} \operatorname{diag}(1 - h_{i+1}^2) W"),
    (
        RESIDUAL,
        r"\frac{\partial x_L}{\partial x_l} = \prod_{k=l}^{L-1} \left(I + \frac{\partial f_k}{\partial x_k}\right)",
    ),
    (SIMILAR, r"y_t = Q \Lambda^t Q^{-1} y_0"),
]
SPOILED = [
    (LINEAR, SLOPE + "W^{t-k-1}"),
    (LINEAR, SLOPE + "W^{t-k+1}"),
    (LINEAR, SLOPE + "(W^T)^{t-k} W^{0}"),
    (LINEAR, SLOPE + "-W^{t-k}"),
    (STATES, SLOPE + r"\prod_{i=k}^{t} \operatorname{diag}(1 - h_i^2) W"),
    (STATES, SLOPE + r"\prod_{i=k+1}^{t} \operatorname{diag}(1 - h_{i-1}^2) W"),
    (STATES, SLOPE + r"\prod_{i=k+1}^{t} W \operatorname{diag}(1 - h_i^2)"),
    (STATES, SLOPE + r"\prod_{i=k+1}^{t} \operatorname{diag}(1 - h_i) W"),
    (RESIDUAL, r"\frac{\partial x_L}{\partial x_l} = \prod_{k=l}^{L-1} \frac{\partial f_k}{\partial x_k}"),
    (
        RESIDUAL,
        r"\frac{\partial x_L}{\partial x_l} = \prod_{k=l}^{L} \left(I + \frac{\partial f_k}{\partial x_k}\right)",
    ),
    (SIMILAR, r"y_t = Q^{-1} \Lambda^t Q y_0"),
    (SIMILAR, r"y_t = Q \Lambda^{t-1} Q^{-1} y_0"),
]


def _readings(block: str, latex: str) -> tuple[Choice, ...]:
    (link,) = read_formula(latex, with_block(Scope.empty(), read_block(block))).links
    return link.readings


@pytest.mark.parametrize(("block", "latex"), TRUE, ids=[latex for _, latex in TRUE])
def test_true(block: str, latex: str) -> None:
    first = _readings(block, latex)[0]
    assert prove(first.claim, first.context, budget=Budget()).proved


@pytest.mark.parametrize(("block", "latex"), SPOILED, ids=[latex for _, latex in SPOILED])
def test_spoiled(block: str, latex: str) -> None:
    for choice in _readings(block, latex):
        assert not prove(choice.claim, choice.context, budget=Budget(operations=15_000)).proved
