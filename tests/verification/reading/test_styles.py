"""How large, how bold and in what box a formula is set says nothing: it is read as the same formula without."""

from __future__ import annotations

import pytest

from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.surface import NotRead
from symbackprop.verification.reading.write import write_statements

PAIRS = [
    (r"\large a = b", "a = b"),
    (r"{\Large a = \frac{1}{2}}", r"a = \frac{1}{2}"),
    (r"\boxed{a = b + c}.", "a = b + c"),
    (r"\boxed{\begin{aligned} a &= b \\ c &= d \end{aligned}}", r"a = b \\ c = d"),
    (r"\mathbf{ \frac{\partial L}{\partial x_i} = y }", r"\frac{\partial L}{\partial x_i} = y"),
    (r"a = \mathbf{\frac{p}{1 - p} h_i^2}", r"a = \frac{p}{1 - p} h_i^2"),
    (r"\text{Var}\qty [o_i] = 2", r"\text{Var} [o_i] = 2"),
    (r"a = (b)\ .*\ c", r"a = (b) \odot c"),
    ("x = y \\", "x = y"),
    (r"\dfrac{\part x}{\part y} = 1", r"\frac{\partial x}{\partial y} = 1"),
    (r"y = X \bold{1_m}^T", r"y = X \mathbf{1}_m^T"),
    (r"\pdv{L}{w} = \abs{x} + \norm{y}", r"\frac{\partial L}{\partial w} = |x| + \|y\|"),
    (r"x \in \R", r"x \in \mathbb{R}"),
    (
        r"f = \begin{cases} 1 & if\; x > 0 \\ 0 & otherwise \end{cases}",
        r"f = \begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",
    ),
    (r"\mathbf{W x} = z", r"\mathbf{W} \mathbf{x} = z"),
]


@pytest.mark.parametrize(("styled", "plain"), PAIRS)
def test_style_says_nothing(styled: str, plain: str) -> None:
    left, right = read_surface(styled), read_surface(plain)
    assert not isinstance(left, NotRead), left
    assert not isinstance(right, NotRead), right
    assert write_statements(left) == write_statements(right)
