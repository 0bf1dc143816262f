"""Every rule of the diagnosis mends the slip it is for; a mended formula is proved, and says what was done."""

import pytest

from symbackprop.verification.check import check_text
from symbackprop.verification.diagnosis.edits import RULES
from symbackprop.verification.settings import Settings
from symbackprop.verification.verdict import Verdict

NET = r"""
symbols:
  {W: "matrix(m, n)", x: vector(n), b: vector(m), z: vector(m), a: vector(m), L: scalar, h: unknown, \ell: unknown}
given: ['z = W x + b', 'a = h(z)', 'L = \ell(a)']
"""
SUMS = r"""
symbols: {W: "matrix(m, n)", x: vector(n), z: vector(m), L: scalar, \ell: unknown}
given: ['z_i = \sum_j W_{ij} x_j', 'L = \ell(z)']
"""

#: Rule, block, wrong formula. That the correction is right is for the judge to say, not for this table.
SLIPS = [
    ("signs", "symbols: {y: scalar, a: scalar}\ngiven: ['J = (a - y)^2']", r"\frac{dJ}{da} = 2(y - a)"),
    ("factors", "symbols: {y: scalar, a: scalar}\ngiven: ['J = (a - y)^2']", r"\frac{dJ}{da} = a - y"),
    ("transposes", NET, r"\frac{\partial L}{\partial x} = W \frac{\partial L}{\partial z}"),
    ("primes", NET, r"\frac{\partial L}{\partial z} = \frac{\partial L}{\partial a} \odot h(z)"),
    ("scripts", SUMS, r"\frac{\partial L}{\partial x_j} = \sum_i W_{ji} \frac{\partial L}{\partial z_i}"),
    ("whole", NET, r"\frac{\partial L}{\partial W} = x \frac{\partial L}{\partial z}^T"),
    ("inner_signs", "", r"\text{sigmoid}(-x) = -\text{sigmoid}(x)"),
    ("missing_factors", NET, r"\frac{\partial L}{\partial z} = \frac{\partial L}{\partial a}"),
    ("sums", SUMS, r"\sum_i \frac{\partial L}{\partial z_i} x_j = \frac{\partial L}{\partial z_i} x_j"),
    ("orders", NET, r"\frac{\partial L}{\partial W} = x^T \frac{\partial L}{\partial z}"),
    ("dropped_parts", NET, r"\frac{\partial L}{\partial b} = \frac{\partial L}{\partial z} \odot b"),
    ("arguments", "", r"\tanh(x) = 2\,\text{sigmoid}(x) - 1"),
    ("exponents", "", r"\tanh'(x) = 1 - \tanh(x)"),
]


def test_every_rule_has_a_slip() -> None:
    assert {name for name, _, _ in SLIPS} == {rule.__name__ for rule in RULES}


@pytest.mark.parametrize(("rule", "block", "tex"), SLIPS, ids=[rule for rule, _, _ in SLIPS])
def test_the_slip_is_mended(rule: str, block: str, tex: str) -> None:
    settings = Settings(timeout=30, block=block)
    finding = check_text(f"$${tex}$$", settings)[0]
    assert finding.verdict is Verdict.REFUTED
    assert finding.suggestion is not None
    assert finding.suggestion != tex
    assert check_text(f"$${finding.suggestion}$$", settings)[0].verdict is Verdict.PROVED


def test_no_correction_is_offered_where_no_single_edit_helps() -> None:
    block = 'symbols: {A: "matrix(n, n)", x: vector(n)}'
    finding = check_text(r"$$\nabla_x (x^T A x) = 2 A x$$", Settings(timeout=30, block=block))[0]
    assert finding.verdict is Verdict.REFUTED
    assert finding.suggestion is None
