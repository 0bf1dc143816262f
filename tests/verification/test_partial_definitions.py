"""What is defined under a condition only is known nowhere else: nothing is proved or refuted with it."""

from __future__ import annotations

import pytest

from symbackprop.verification.check import check_text


def verdicts(text: str) -> list[str]:
    return [finding.verdict.value for finding in check_text(text, path="n.md")]


@pytest.mark.parametrize(
    "text",
    [
        r"$f(x) = x, x > 0$ $f(-1) = -1$",
        r"$f(x) = x \text{ if } x > 0$ $f(-1) = -1$",
        r"$x > 0 \implies f(x) = x$ $f(-1) = -1$",
        r"$f(x) = 1, x \ne 0$ $f(0) = 1$",
        r"$y = x, x > 0$ $y = -x, x < 0$ $|x| = y$",
        r"$w_{ij} = 0, i \ne j$ $w_{11} + 1 = 1$",
        "<!-- symbackprop\ngiven: ['f(x) = x, x > 0']\n-->\n$f(-1) = -1$",
        "<!-- symbackprop\nsymbols: {x: vector(n)}\nassume: ['x_i x_j = 0, i \\ne j']\n-->\n$x_1 x_1 + 1 = 1$",
    ],
)
def test_a_condition_is_not_forgotten(text: str) -> None:
    assert not {"proved", "refuted", "definition"} & set(verdicts(text))


@pytest.mark.parametrize(
    "text",
    [
        r"$f(x) = x$ $f(-1) = -1$",
        r"$h_t = \tanh(w h_{t-1}), t > 0$ $h_2 = \tanh(w h_1)$",
        r"$y_i = 2 x_i, \quad i = 1, \dots, n$ $y_1 = 2 x_1$",
        r"$y = w x, w \ne 0$ $\frac{dy}{dx} = w$",
        r"$a = 2 z, z = w x$ $\frac{da}{dx} = 2 w$",
    ],
)
def test_what_narrows_nothing_defines(text: str) -> None:
    assert verdicts(text)[-1] == "proved", verdicts(text)
