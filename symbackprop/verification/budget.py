"""Deterministic limits of one judgement, counted in work and not in seconds."""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.errors import SymbackpropError


@dataclass(frozen=True)
class Budget:
    """What one judgement may cost; the same claim stops at the same place on every machine.

    ``operations`` counts evaluated nodes and multiplied monomials, ``terms`` the monomials of one normal form,
    ``power`` the largest exponent that is multiplied out, ``permutations`` the orders of bound indices tried,
    ``nodes`` and ``depth`` the size of the claim itself, ``outcomes`` the joint outcomes of random entries.
    """

    operations: int = 400_000
    terms: int = 20_000
    power: int = 64
    permutations: int = 5_040
    nodes: int = 5_000
    depth: int = 120
    outcomes: int = 1_024


class OverBudget(SymbackpropError):
    """A judgement that would cost more than its budget allows."""

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"out of budget: more than {limit} {what}")
        self.what = what


class NotSupported(SymbackpropError):
    """A construct that this stage of the engine has no rule for."""


class Meter:
    """Counts the operations of one stage against its budget.

    >>> meter = Meter(Budget(operations=2))
    >>> meter.spend(2)
    >>> meter.spend(1)
    Traceback (most recent call last):
        ...
    symbackprop.verification.budget.OverBudget: out of budget: more than 2 operations
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.spent = 0

    def spend(self, amount: int = 1) -> None:
        self.spent += amount
        if self.spent > self.budget.operations:
            raise OverBudget("operations", self.budget.operations)

    def limit(self, what: str, amount: int) -> None:
        """Refuse an ``amount`` of what the budget calls ``what``."""
        allowed = getattr(self.budget, what)
        if amount > allowed:
            raise OverBudget(what, allowed)
