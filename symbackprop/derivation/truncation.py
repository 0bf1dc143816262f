"""Truncated backpropagation through time: the derived recursion, in which an error counts the steps left to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sympy import Expr, Indexed, Symbol

from symbackprop.derivation.argument import Argument, Part, chain
from symbackprop.derivation.backprop import derive
from symbackprop.derivation.step import Derivation, Step
from symbackprop.errors import InvalidSpec
from symbackprop.model import Model
from symbackprop.network import Network
from symbackprop.quantities import PARAMETER_ROLES, TIMES, Partial, Quantity, Role, as_size

#: How many steps a loss reaches, its own among them; it does not run, so it keeps its letter in every notation.
_LEFT = as_size("r")
_MOST = as_size("R")
_WORDS = (
    "A loss reaches the $r$ steps that end with its own. The first index of an error counts them, and $D_{q}$ with "
    "that index is the derivative by $q$; both are 0 for $r = 0$, and with $r = T$ nothing is cut."
)


def truncated(source: Network | Model | Derivation) -> Argument:
    """Backprop through time cut after r steps, for any r and any length: what comes from step t + 1 has r - 1 left.

    Elman, LSTM and GRU alike, and whatever steps along one index: the results of the derivation are taken as they are
    and their entries counted. Williams and Peng 1990, section 3. A model without a recurrence raises
    :class:`~symbackprop.errors.InvalidSpec`.

    >>> from symbackprop.derivation import layer_step
    >>> from symbackprop.layers import Recurrent
    >>> results = truncated(layer_step(Recurrent("m"), "T", "n")).results
    >>> for lhs, rhs in list(results.items())[:1]:
    ...     print(lhs, "=", rhs)
    D_a^1[r, t, i] = Partial(J, a^2[t, i]) + Sum(U^1[j, i]*epsilon^1[r - 1, t + 1, j], (j, 1, m))
    """
    derivation = source if isinstance(source, Derivation) else derive(source)
    counted = _Counted(derivation)
    errors, gradients = tuple(counted.chains(parameters=False)), tuple(counted.chains(parameters=True))
    if not counted.steps_back:
        raise InvalidSpec("there is no recurrence in time to cut")
    parts = (Part("Errors that reach r steps", errors), Part("Gradients", gradients))
    return Argument("Truncated backpropagation through time", parts, _WORDS, counted.quantities)


@dataclass
class _Counted:
    """The results of a derivation with a count of steps in front of the indices of what is derived."""

    derivation: Derivation
    steps_back: bool = False
    quantities: dict[str, Quantity] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.quantities = dict(self.derivation.quantities)
        entries = ((_entry(lhs), lhs) for lhs in self.derivation.results)
        self.derived = {e.base.label.name: self._named(lhs) for e, lhs in entries if e is not None}
        self.quantities |= {q.label: q for q in self.derived.values()}

    def chains(self, parameters: bool) -> Iterator[tuple[Step, ...]]:
        """One chain for each derivative by a parameter, or for each of the others."""
        for lhs, rhs in self.derivation.results.items():
            entry = _entry(lhs)
            if entry is None or (self._quantity(entry).role in PARAMETER_ROLES) is not parameters:
                continue
            time = next((i for i in entry.indices if isinstance(i, Symbol) and i.name in TIMES), None)
            own = self.derived[entry.base.label.name][_LEFT, *entry.indices]
            counted = self._count(rhs, time)
            less = counted.has(_LEFT - 1)
            yield chain(own, (counted, "as derived; a later step has one less left" if less else "as derived"))

    def _count(self, e: Expr, time: Symbol | None) -> Expr:
        entry = _entry(e)
        if entry is not None and (isinstance(e, Partial) or self._quantity(entry).role is Role.ERROR):
            counted = self.derived.get(entry.base.label.name)
            return e if counted is None else counted[_LEFT - self._later(entry, time), *entry.indices]
        return e if not e.args or isinstance(e, Indexed) else e.func(*(self._count(part, time) for part in e.args))

    def _later(self, entry: Indexed, time: Symbol | None) -> int:
        """By how many steps an entry is later."""
        moved = [index - time for index in entry.indices if time is not None and index.has(time)]
        steps = int(moved[0]) if moved else 0
        self.steps_back = self.steps_back or steps > 0
        return steps

    def _quantity(self, entry: Indexed) -> Quantity:
        return self.derivation.quantities[entry.base.label.name]

    def _named(self, lhs: Expr) -> Quantity:
        """ε keeps its name, the derivative by q is called D_q."""
        entry = _entry(lhs)
        assert entry is not None
        quantity = self._quantity(entry)
        letter = quantity.label.partition("^")[0]
        name = quantity.name if quantity.role is Role.ERROR else f"D_{letter.replace('_', '')}"
        role = quantity.role if quantity.role is Role.ERROR else Role.INTERMEDIATE
        return Quantity(role, quantity.layer, (_MOST, *quantity.axes), name=name)


def _entry(e: Expr) -> Indexed | None:
    """The entry of an error, or that by which J is differentiated."""
    leaf = e.denominator if isinstance(e, Partial) else e
    return leaf if isinstance(leaf, Indexed) else None
