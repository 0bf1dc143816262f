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

LAYERS = r"""
symbols:
  {"W^{l}": "matrix(n_l, n_{l-1})", "a^{l}": vector(n_l), "z^{l}": vector(n_l), L: scalar, \ell: unknown, h: unknown}
given:
  - z^{l} = W^{l} a^{l-1}
  - a^{l} = h(z^{l})
  - L = \ell(a^{L})
  - \delta^{l} = \frac{\partial L}{\partial z^{l}}
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
    ("powers", "", r"\tanh'(x) = 1 - \tanh^3(x)"),
    (
        "widths",
        "symbols: {x: vector(n)}\ngiven: ['m = \\frac{1}{n} \\sum_i x_i']",
        r"\frac{\partial m}{\partial x_j} = 1",
    ),
    ("layers_of_the_left", LAYERS, r"\frac{\partial L}{\partial a^{l}} = (W^{l})^T \delta^{l}"),
    ("primed_factors", NET, r"\frac{\partial L}{\partial z} = \frac{\partial L}{\partial a}"),
    ("missing_factors", NET, r"\frac{\partial L}{\partial W} = \frac{\partial L}{\partial z}"),
    ("missing_terms", "symbols: {X: 'random(\\mu, \\sigma^2)', \\mu: scalar}", r"\mathbb{E}[X^2] = \sigma^2"),
    ("other_letters", NET, r"\frac{\partial L}{\partial z} = \frac{\partial L}{\partial a} \odot h'(a)"),
    ("sums", SUMS, r"\frac{\partial L}{\partial x_j} = \frac{\partial L}{\partial z_i} W_{ij}"),
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


SCALARS = "symbols: {y: scalar, a: scalar, m: scalar}"
MEAN = "symbols: {x: vector(n)}\ngiven: ['r = \\frac{1}{n} \\sum_i x_i^2']"


@pytest.mark.parametrize(
    ("block", "wrong", "right"),
    [
        (SCALARS, "a y = 2 a y", "a y = a y"),
        (SCALARS, r"\frac{a}{m} = \frac{1}{2} \frac{a}{m}", r"\frac{a}{m} = \frac{a}{m}"),
        (SCALARS, r"a y - a = a(1 - y)", r"a y - a = a(y - 1)"),
        (MEAN, r"\frac{\partial r}{\partial x_j} = 2 x_j", r"\frac{\partial r}{\partial x_j} = \frac{2}{n} x_j"),
        (NET, r"\frac{\partial L}{\partial W} = x \frac{\partial L}{\partial z}^T", None),
    ],
)
def test_a_correction_is_written_as_a_person_would(block: str, wrong: str, right: str | None) -> None:
    """No factor 1, no 2/2, numbers in front, no transpose inside a derivative."""
    suggestion = check_text(f"$${wrong}$$", Settings(timeout=30, block=block))[0].suggestion
    assert suggestion is not None
    assert right is None or suggestion == right
    assert not any(silly in suggestion for silly in ("1 ", r"\frac{2}{2}", "+0", "^1", r"1 \odot"))


@pytest.mark.parametrize(
    ("block", "wrong"),
    [
        (NET, r"\frac{\partial L}{\partial z} = \frac{\partial L}{\partial a}"),
        ("symbols: {\\sigma: sigmoid}\ngiven: ['f(x) = x \\sigma(x)']", "f'(x) = f(x) + (1 - f(x))"),
    ],
)
def test_the_left_side_itself_is_no_correction(block: str, wrong: str) -> None:
    left = wrong.split(" = ")[0]
    suggestion = check_text(f"$${wrong}$$", Settings(timeout=30, block=block))[0].suggestion
    assert suggestion is None or left not in suggestion.split(" = ")[1]
