"""The largest of many entries: what holds for any function of them is proved, everything else is left open."""

from __future__ import annotations

import pytest

from symbackprop.verification.check import check_text

BLOCK = '<!-- symbackprop\ngiven:\n  - m = \\max_k z_k\n  - n = \\max_k (2 z_k)\nsymbols: {z: "vector(K)"}\n-->\n\n'


def verdict(tex: str) -> str:
    (finding,) = check_text(f"{BLOCK}$$\n{tex}\n$$\n", path="note.md")
    return finding.verdict.value


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{e^{z_i}}{\sum_j e^{z_j}} = \frac{e^{z_i - m}}{\sum_j e^{z_j - m}}",
        r"\log \sum_j e^{z_j} = \max_k z_k + \log \sum_j e^{z_j - \max_k z_k}",
        r"\operatorname{softmax}(z - \max(z))_i = \operatorname{softmax}(z)_i",
    ],
)
def test_a_shift_by_the_maximum_cancels(tex):
    assert verdict(tex) == "proved"


@pytest.mark.parametrize("tex", [r"\max_k (z_k + 1) = \max_k z_k + 1", "n = 2m", r"\max_k (-z_k) = -\min_k z_k"])
def test_what_needs_the_order_of_the_entries_is_neither_proved_nor_refuted(tex):
    assert verdict(tex) in ("not_understood", "undecided")
