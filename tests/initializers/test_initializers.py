"""Variances of the initializers at widths that are all different."""

from __future__ import annotations

import pytest
from sympy import Integer, Rational

from symbackprop.initializers import initializers

VARIANCES = {
    "xavier": Rational(2, 7),
    "xavier_uniform": Rational(2, 7),
    "he": Rational(2, 3),
    "lecun": Rational(1, 3),
    "xavier_backward": Rational(1, 4),
    "he_uniform": Rational(2, 3),
    "he_backward": Rational(1, 2),
    "lecun_uniform": Rational(1, 3),
    "uniform_fan_in": Rational(1, 9),
    "zeros": Integer(0),
}


@pytest.mark.parametrize("name", list(initializers))
def test_variance(name):
    assert initializers[name].variance(Integer(3), Integer(4)) == VARIANCES[name]
