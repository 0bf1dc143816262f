"""A derivation as data: a list of steps, each with its left side, right side, reason and conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Expr

from symbackprop.model import Model
from symbackprop.quantities import Quantity
from symbackprop.registry import Registry


@dataclass(frozen=True)
class Step:
    """One line: ``lhs = rhs``, because of a rule a student would accept, provided some conditions hold.

    Successive steps with one ``lhs`` form a chain ``lhs = rhs1 = rhs2 = …``; the last is the result.
    """

    lhs: Expr
    rhs: Expr
    because: str
    provided: tuple[str, ...] = ()


@dataclass(frozen=True)
class NotDerived:
    """What could not be derived, and why. It is never replaced by zero."""

    lhs: Expr
    reason: str


@dataclass(frozen=True, repr=False)
class Derivation:
    """The steps that lead from a model to every gradient, in the order in which they are used.

    ``quantities`` holds the model's quantities and the errors, by label. Where backpropagation through time is cut
    (:func:`~symbackprop.derivation.truncation.cut`), ``counted`` says for each result with a name of its own which
    quantity it is the derivative by.
    """

    model: Model
    steps: tuple[Step, ...]
    quantities: Mapping[str, Quantity]
    counted: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def chains(self) -> tuple[tuple[Step, ...], ...]:
        """The steps grouped by left side, in order."""
        grouped: dict[Expr, list[Step]] = {}
        for step in self.steps:
            grouped.setdefault(step.lhs, []).append(step)
        return tuple(tuple(chain) for chain in grouped.values())

    @cached_property
    def results(self) -> Mapping[Expr, Expr]:
        """Each left side with the last right side of its chain."""
        return {chain[0].lhs: chain[-1].rhs for chain in self.chains}

    def __repr__(self) -> str:
        return f"Derivation(steps={len(self.steps)}, results={len(self.results)})"

    def _repr_latex_(self) -> str | None:
        return displays["latex"](self) if "latex" in displays else None

    def _repr_html_(self) -> str | None:
        return displays["html"](self) if "html" in displays else None


#: How a derivation shows itself in a notebook, by format. The rendering stage fills it: nothing here knows a spelling.
displays: Registry[Callable[[Derivation], str]] = Registry("display")
