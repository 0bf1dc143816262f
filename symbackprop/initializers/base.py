"""What an initializer declares: the variance of a weight from fan_in and fan_out, and the law it is drawn from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from sympy import Expr, Integer

from symbackprop.activations import Activation, identity
from symbackprop.registry import Registry

#: What is kept: second moments on the way forward, on the way back, or both on the average.
Keeps = Literal["forward", "backward", "average", "nothing"]


@dataclass(frozen=True)
class Initializer:
    """Independent weights of mean zero; ``variance`` takes fan_in and fan_out.

    ``keeps`` and ``activation`` say which condition the variance is meant to fulfil and through which activation, and
    ``factor`` what is left of a second moment instead of 1; that is derived and compared, never trusted.

    >>> from sympy import symbols
    >>> from symbackprop.initializers import initializers
    >>> initializers["he"].variance(*symbols("n_in n_out"))
    2/n_in
    """

    name: str
    variance: Callable[[Expr, Expr], Expr] = field(repr=False)
    law: Literal["normal", "uniform"] = "normal"
    keeps: Keeps = "nothing"
    activation: Activation = identity
    factor: Expr = Integer(1)


initializers: Registry[Initializer] = Registry("initializer")
