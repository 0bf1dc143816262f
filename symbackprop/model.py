"""The one form in which every later stage sees a network: equations in order, parameters, and the scalar J."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Expr, Symbol

from symbackprop.quantities import PARAMETER_ROLES, Quantity


@dataclass(frozen=True)
class Equation:
    """``quantity[indices] := expression`` over quantities that come earlier.

    ``indices`` are the free indices, one an axis; index k runs from 1 to ``quantity.axes[k]``.
    """

    quantity: Quantity
    indices: tuple[Symbol, ...]
    expression: Expr

    @cached_property
    def lhs(self) -> Expr:
        """The entry that is defined."""
        return self.quantity[self.indices]

    @cached_property
    def letters(self) -> tuple[Symbol, ...]:
        """All letters of the right side by name: labels of the quantities that it reads, indices, sizes."""
        return tuple(sorted(self.expression.atoms(Symbol), key=lambda letter: str(letter.name)))


@dataclass(frozen=True)
class Assumption:
    """An equality that holds by agreement and that a step may use, such as a target that sums to one.

    ``lhs`` may be replaced by ``rhs``; ``reason`` says it in words.
    """

    lhs: Expr
    rhs: Expr
    reason: str


@dataclass(frozen=True)
class Claim:
    """The form in which the literature gives the derivative of J by a quantity; the tests prove it equal.

    ``expression`` is the derivative by ``quantity[indices]`` (the error, for a pre-activation) in terms of the layer's
    quantities and of derivatives of J by later ones; ``source`` names the paper and equation. Where ``through`` is
    given, it holds if J depends on the quantity through these alone (an input that no other layer reads).
    """

    quantity: Quantity
    indices: tuple[Symbol, ...]
    expression: Expr
    source: str
    through: tuple[Quantity, ...] = ()


@dataclass(frozen=True)
class Model:
    """Equations in order of computation; the last one defines the objective J.

    ``inputs`` are the quantities that no equation defines (inputs, targets, parameters). ``functions`` maps the name of
    each :class:`~symbackprop.quantities.Apply` head to the closed form of the function in its argument, or to ``None``
    for an unknown function. ``given`` holds quantities whose derivative of J is known as a named error and is not
    derived further (the next layer's error in the general step for any l). ``starts`` holds the number at which a
    parameter begins, by its label, where that is not 0 for a bias and a draw for a weight. ``claims`` are the
    literature's forms of derivatives.
    """

    equations: tuple[Equation, ...]
    inputs: tuple[Quantity, ...]
    objective: Quantity
    functions: Mapping[str, Expr | None] = field(default_factory=dict)
    assumptions: tuple[Assumption, ...] = ()
    given: tuple[Quantity, ...] = ()
    batch: Expr | None = None
    starts: Mapping[str, Expr] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()

    @cached_property
    def parameters(self) -> tuple[Quantity, ...]:
        """The weights, biases and further parameters, in order of use."""
        return tuple(q for q in self.inputs if q.role in PARAMETER_ROLES)

    @cached_property
    def quantities(self) -> Mapping[str, Quantity]:
        """Every quantity by its label."""
        known = (*self.inputs, *(e.quantity for e in self.equations), *self.given, self.objective)
        return {q.label: q for q in known}

    def equation(self, quantity: Quantity) -> Equation | None:
        """The equation that defines ``quantity``, if it is computed."""
        found = self.defining.get(quantity.label)
        return found if found is not None and found.quantity == quantity else None

    @cached_property
    def defining(self) -> Mapping[str, Equation]:
        """The equation of every computed quantity, by its label."""
        return {e.quantity.label: e for e in reversed(self.equations)}
