"""What a layer states: forward equations in index form, and the parameters in them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from sympy import Expr, Symbol

from symbackprop.model import Assumption, Claim, Equation
from symbackprop.quantities import Quantity, as_index
from symbackprop.registry import Registry


@dataclass(frozen=True)
class LayerEquations:
    """The equations of one layer in order, its parameters in order of use, and the quantity it hands on.

    ``given`` are arrays from outside by which J is not differentiated (a mask), ``starts`` the number at which a
    parameter begins, by its label, where that is not 0 for a bias and a draw for a weight. ``claims`` are derivatives
    as the literature gives them.
    """

    equations: tuple[Equation, ...]
    parameters: tuple[Quantity, ...]
    output: Quantity
    given: tuple[Quantity, ...] = ()
    starts: Mapping[str, Expr] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    functions: Mapping[str, Expr | None] = field(default_factory=dict)
    assumptions: tuple[Assumption, ...] = ()


class Layer(ABC):
    """A layer of a network; a new one states its equations and nothing about gradients."""

    #: Whether its input are whole numbers that stand in an index (tokens), by which nothing is differentiated.
    reads_positions: ClassVar[bool] = False

    @abstractmethod
    def equations(self, layer: Expr, previous: Quantity, batch: Expr | None) -> LayerEquations:
        """The forward equations of layer number ``layer`` on ``previous``; ``batch`` is the number of samples."""


@dataclass(frozen=True)
class CatalogueEntry:
    """A layer as the catalogue shows it, and small copies of it with numbers for sizes, on which its kernel is tested.

    ``shape`` is that of one example of the input. ``small`` pairs further layers of the same kind with the shapes of
    their inputs: odd sizes and sizes of 1 among them. A layer that needs the samples of a batch has a ``batch``.
    """

    layer: Layer
    shape: tuple[str | int | Expr, ...]
    small: tuple[tuple[Layer, tuple[int, ...]], ...]
    batch: str | None = None


#: What the catalogue holds, by name: ``symbackprop derive --layer NAME``.
layers: Registry[CatalogueEntry] = Registry("layer")


def sample_index(batch: Expr | None) -> tuple[Symbol, ...]:
    """The leading index of a batched quantity: ``(s,)``, or nothing for one example."""
    return () if batch is None else (as_index("s"),)


def sample_axis(batch: Expr | None) -> tuple[Expr, ...]:
    """The leading axis of a batched quantity, or nothing for one example."""
    return () if batch is None else (batch,)


def places(quantity: Quantity) -> tuple[Symbol, ...]:
    """Letters for the indices of a quantity: s for the samples of a batch, t for the first of two axes, i for units.

    >>> from symbackprop.quantities import Role, as_size
    >>> places(Quantity(Role.INPUT, None, (as_size("N"), as_size("T"), as_size("n")), batched=True))
    (s, t, i)
    """
    sample = (as_index("s"),) if quantity.batched else ()
    own = len(quantity.axes) - len(sample)
    letters = {0: "", 1: "i", 2: "ti"}.get(own, "ijkmpq"[:own])
    return (*sample, *map(as_index, letters))
