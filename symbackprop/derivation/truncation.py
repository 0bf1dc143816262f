"""Truncated backpropagation through time: the derived recursion, in which an error counts the steps left to it."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Indexed, Integer, Symbol

from symbackprop.derivation.argument import Argument, Part, chain
from symbackprop.derivation.backprop import derive, labels
from symbackprop.derivation.step import Derivation, Step
from symbackprop.errors import InvalidSpec
from symbackprop.model import Model
from symbackprop.network import Network
from symbackprop.quantities import PARAMETER_ROLES, TIMES, Partial, Quantity, Role, as_index, as_size

#: How many steps a loss reaches, its own among them; it does not run, so it keeps its letter in every notation.
_LEFT = as_size("r")
_MOST = as_size("R")
#: The same where it runs, from 1 to a number.
_RUNNING = as_index("left")
_WORDS = (
    "A loss reaches the $r$ steps that end with its own. The index $r$ of an error counts them, and $D_{q}$ with "
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
    counted = _Counted(source if isinstance(source, Derivation) else derive(source), _LEFT, _MOST)
    errors: list[tuple[Step, ...]] = []
    gradients: list[tuple[Step, ...]] = []
    for lhs, rhs in counted.derivation.results.items():
        found = counted.value(lhs, rhs)
        because = "as derived; a later step has one less left" if found.has(_LEFT - 1) else "as derived"
        part = gradients if counted.of_parameter(lhs) else errors
        part.append(chain(counted.own(lhs), (found, because)))
    parts = (Part("Errors that reach r steps", tuple(errors)), Part("Gradients", tuple(gradients)))
    return Argument("Truncated backpropagation through time", parts, _WORDS, counted.quantities)


def cut(source: Network | Model | Derivation, steps: int) -> Derivation:
    """The same with a number of steps, as a derivation that kernels are compiled from.

    Its errors have one more axis, which counts the steps left; the derivatives by parameters are those with all
    ``steps``, so they are no derivatives of J where that is less than the length.

    >>> from symbackprop.layers import Recurrent
    >>> found = cut(Network((5, 3), Recurrent(2)), 2).results
    >>> [str(rhs) for lhs, rhs in found.items() if "b^1" in str(lhs)]
    ['Sum(epsilon^1[2, t, i], (t, 1, 5))']
    """
    if not isinstance(steps, int) or isinstance(steps, bool) or steps < 1:
        raise InvalidSpec(f"backpropagation through time is cut after a whole number of steps from 1, not {steps!r}")
    counted = _Counted(source if isinstance(source, Derivation) else derive(source), _RUNNING, Integer(steps))
    made: list[Step] = []
    for lhs, rhs in counted.derivation.results.items():
        if counted.of_parameter(lhs):
            made.append(Step(lhs, counted.value(lhs, rhs, Integer(steps)), "with all steps"))
        else:
            made.append(Step(counted.own(lhs), counted.value(lhs, rhs), "a later step has one less left"))
    return replace(counted.derivation, steps=tuple(made), quantities=counted.quantities, counted=counted.stand_for)


class _Counted:
    """The results of a derivation with a count of the steps left among the indices of what is derived."""

    def __init__(self, derivation: Derivation, left: Symbol, most: Expr) -> None:
        self.derivation, self.left, self.most = derivation, left, most
        model = derivation.model
        self.errors = {q.error.label: q.label for q in model.quantities.values() if q.role is Role.PREACTIVATION}
        # What the equation of a quantity reads, directly or through others: in a recurrence each reads itself.
        self.states = _closed({e.quantity.label: set(labels(e.expression)) for e in model.equations})
        self.derived = self._named_anew()
        if not any(self._later(lhs, e) for lhs, rhs in derivation.results.items() for e in rhs.atoms(Partial, Indexed)):
            raise InvalidSpec("there is no recurrence in time to cut")
        self.quantities = {**derivation.quantities, **{q.label: q for q in self.derived.values()}}

    @property
    def stand_for(self) -> dict[str, str]:
        """What J is differentiated by, for each result that goes by a name of its own."""
        return {q.label: label for label, q in self.derived.items() if q.role is not Role.ERROR}

    def of_parameter(self, lhs: Expr) -> bool:
        """Whether a result is the derivative by a parameter."""
        return self.derivation.quantities[_label(_leaf(lhs))].role in PARAMETER_ROLES

    def own(self, lhs: Expr) -> Expr:
        """A left side with r steps left; what a cut does not change stays as it is."""
        counted = self.derived.get(_label(_leaf(lhs)))
        return lhs if counted is None else self._with(counted, self.left, _indices(_leaf(lhs)))

    def value(self, lhs: Expr, rhs: Expr, left: Expr | None = None) -> Expr:
        """What was derived of an entry, its parts counted; with r steps left, or so many."""
        return self._count(lhs, rhs, self.left if left is None else left)

    def _named_anew(self) -> dict[str, Quantity]:
        """What a cut changes: the results for a recurrence, and those that read one of them."""
        read = _closed(
            {
                _label(_leaf(lhs)): {
                    _label(_leaf(e)) for e in rhs.atoms(Partial, Indexed, Symbol) if self._is_derived(e)
                }
                for lhs, rhs in self.derivation.results.items()
            }
        )
        recurrent = {label for label in read if self._of(label) in self.states.get(self._of(label), ())}
        leaves = {_label(_leaf(lhs)): _leaf(lhs) for lhs in self.derivation.results}
        return {label: self._named(leaf) for label, leaf in leaves.items() if recurrent & {label, *read[label]}}

    def _of(self, label: str) -> str:
        """The label of what J is differentiated by: for an error, that of its pre-activation."""
        return self.errors.get(label, label)

    def _later(self, lhs: Expr, e: Expr) -> int:
        """How many steps a recurrence takes from one entry to another."""
        own, other = _leaf(lhs), _leaf(e)
        if self._of(_label(own)) not in self.states.get(self._of(_label(other)), ()):
            return 0
        time = next((i for i in _indices(own) if isinstance(i, Symbol) and i.name in TIMES), None)
        moved = [index - time for index in _indices(other) if time is not None and index.has(time)]
        return abs(int(moved[0])) if moved and moved[0].is_Integer else 0

    def _count(self, lhs: Expr, e: Expr, left: Expr) -> Expr:
        if isinstance(e, Partial | Indexed | Symbol):
            counted = self.derived.get(_label(_leaf(e))) if self._is_derived(e) else None
            return e if counted is None else self._with(counted, left - self._later(lhs, e), _indices(_leaf(e)))
        return e.func(*(self._count(lhs, part, left) for part in e.args)) if e.args else e

    def _is_derived(self, e: Expr) -> bool:
        quantity = self.derivation.quantities.get(_label(_leaf(e)))
        return isinstance(e, Partial) or quantity is not None and quantity.role is Role.ERROR

    def _with(self, counted: Quantity, left: Expr, indices: tuple[Expr, ...]) -> Expr:
        """The count stands behind the sample."""
        lead = 1 if counted.batched else 0
        return counted[(*indices[:lead], left, *indices[lead:])]

    def _named(self, leaf: Expr) -> Quantity:
        """ε keeps its name, the derivative by q is called D_q."""
        quantity = self.derivation.quantities[_label(leaf)]
        letter = quantity.label.partition("^")[0]
        name = quantity.name if quantity.role is Role.ERROR else f"D_{letter.replace('_', '')}"
        role = quantity.role if quantity.role is Role.ERROR else Role.INTERMEDIATE
        lead = 1 if quantity.batched else 0
        axes = (*quantity.axes[:lead], self.most, *quantity.axes[lead:])
        return Quantity(role, quantity.layer, axes, quantity.batched, name)


def _closed(read: dict[str, set[str]]) -> dict[str, set[str]]:
    """Who reads whom, directly or through others (Warshall 1962)."""
    for middle in read:
        for names in read.values():
            names |= read[middle] if middle in names else set()
    return read


def _leaf(e: Expr) -> Expr:
    """That by which J is differentiated, or the entry itself."""
    return e.denominator if isinstance(e, Partial) else e


def _label(leaf: Expr) -> str:
    return str(leaf.base.label if isinstance(leaf, Indexed) else leaf)


def _indices(leaf: Expr) -> tuple[Expr, ...]:
    return tuple(leaf.indices) if isinstance(leaf, Indexed) else ()
