"""What a loss declares: its value for one example and how examples of a batch are put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from sympy import Expr, S, Set, Sum, Symbol

from symbackprop.errors import InvalidSpec
from symbackprop.model import Assumption
from symbackprop.registry import Registry

Entry = Callable[[Expr], Expr]


@dataclass(frozen=True)
class Loss:
    """A scalar J of the network's output a and the target y.

    ``per_example`` takes the entry functions of a and y, an index i and its size n. ``over_batch`` says what a batch
    does: ``"mean"`` and ``"sum"`` over its samples, ``"one"`` refuses a batch. ``assumptions`` takes the same
    arguments and lists what is agreed about the target; ``targets`` is what an entry of it may be. ``claims`` are
    forms of ∂J/∂a_i from the literature, with the arguments of ``per_example``; they are proved, never trusted.
    """

    name: str
    per_example: Callable[[Entry, Entry, Symbol, Expr], Expr] = field(repr=False)
    over_batch: Literal["one", "mean", "sum"] = "sum"
    assumptions: Callable[[Entry, Symbol, Expr], tuple[Assumption, ...]] = field(default=lambda y, i, n: (), repr=False)
    claims: tuple[Callable[[Entry, Entry, Symbol, Expr], Expr], ...] = field(default=(), repr=False)
    targets: Set = field(default=S.Reals, repr=False)

    def __reduce__(self) -> str | tuple[Any, ...]:
        """One of the registry goes by its name where it is copied or pickled."""
        own = self.name in losses and losses[self.name] is self
        return (_registered, (self.name,)) if own else super().__reduce__()

    def over(self, example: Expr, sample: Symbol, batch: Expr) -> Expr:
        """The loss of a batch, ``example`` being the loss of the sample numbered ``sample``."""
        if self.over_batch == "one":
            raise InvalidSpec(f"the loss {self.name} is a loss of one example; leave out the batch size")
        total = Sum(example, (sample, 1, batch))
        return total / batch if self.over_batch == "mean" else total


losses: Registry[Loss] = Registry("loss")


def _registered(name: str) -> Loss:
    return losses[name]
