"""What an initializer declares: the variance of a weight from fan_in and fan_out, and the law it is drawn from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from sympy import Expr

from symbackprop.registry import Registry


@dataclass(frozen=True)
class Initializer:
    """Independent weights of mean zero; ``variance`` takes fan_in and fan_out.

    >>> from sympy import symbols
    >>> from symbackprop.initializers import initializers
    >>> initializers["he"].variance(*symbols("n_in n_out"))
    2/n_in
    """

    name: str
    variance: Callable[[Expr, Expr], Expr] = field(repr=False)
    law: Literal["normal", "uniform"] = "normal"


initializers: Registry[Initializer] = Registry("initializer")
