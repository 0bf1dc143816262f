"""Numbers that a user gives, Python's own or NumPy's: checked, and handed on as Python's own."""

from __future__ import annotations

from math import isfinite
from numbers import Integral, Real

from symbackprop.errors import InvalidSpec


def whole(name: str, value: object, lowest: int) -> int:
    """A whole number that is not below the lowest.

    >>> whole("epochs", 5, 1)
    5
    >>> whole("epochs", True, 1)
    Traceback (most recent call last):
        ...
    symbackprop.errors.InvalidSpec: epochs is a whole number from 1, not True
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < lowest:
        raise InvalidSpec(f"{name} is a whole number from {lowest}, not {value!r}")
    return int(value)


def real(name: str, value: object, positive: bool = False) -> float:
    """A finite number that is not below 0, or above it.

    >>> real("the learning rate", 0, positive=True)
    Traceback (most recent call last):
        ...
    symbackprop.errors.InvalidSpec: the learning rate is a positive number, not 0
    """
    wanted = "positive number" if positive else "number from 0"
    if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
        raise InvalidSpec(f"{name} is a {wanted}, not {value!r}")
    if value < 0 or positive and value == 0:
        raise InvalidSpec(f"{name} is a {wanted}, not {value!r}")
    return float(value)
