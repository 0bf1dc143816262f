"""What an optimizer declares: how a parameter and its memory change in one step, entry by entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Rational, Symbol

from symbackprop.registry import Registry

#: The parameter before the step, the gradient of J by it, and the number of the step (from 1).
PARAMETER = Symbol("theta", real=True)
GRADIENT = Symbol("g", real=True)
STEP = Symbol("t", integer=True, positive=True)
#: The length of the gradient by all parameters together.
NORM = Symbol("g_norm", nonnegative=True)


@dataclass(frozen=True)
class Optimizer:
    """An update rule in closed form.

    ``parameter`` is the new parameter and ``memory`` the new value of each remembered quantity (it starts at 0), all
    as expressions in the old values. ``settings`` holds the default of every other symbol, exact.

    >>> from symbackprop.optimizers import optimizers
    >>> optimizers["sgd"].parameter
    -eta*g + theta
    """

    name: str
    parameter: Expr
    memory: Mapping[Symbol, Expr]
    settings: Mapping[Symbol, Rational]

    @property
    def uses_norm(self) -> bool:
        """Whether the rule needs the length of the whole gradient."""
        return any(NORM in rule.free_symbols for rule in (self.parameter, *self.memory.values()))


optimizers: Registry[Optimizer] = Registry("optimizer")
