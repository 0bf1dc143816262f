"""Checks that every symbol is defined before use and that indices, ranges and shapes agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Indexed, IndexedBase, Sum, Symbol

from symbackprop.derivation.step import Derivation
from symbackprop.errors import IllFormed
from symbackprop.model import Equation, Model
from symbackprop.quantities import Apply, ArgMaximum, Partial, Quantity, Role


def check_model(model: Model) -> None:
    """Raise :class:`~symbackprop.errors.IllFormed` where an equation uses what is not there, or mixes up indices.

    >>> from symbackprop.network import Network
    >>> check_model(Network.from_spec("3-4-2").model)
    """
    later = {e.quantity.label: e.quantity for e in model.equations}
    checker = _Checker({q.label: q for q in model.inputs}, model.functions, _size_symbols(model), later)
    for equation in model.equations:
        place = f"the equation of {equation.quantity.label}"
        if equation.quantity.label in checker.known:
            raise IllFormed(f"{place}: {equation.quantity.label} is defined twice")
        if not all(i.is_Symbol for i in equation.indices) or len(set(equation.indices)) != len(equation.indices):
            raise IllFormed(f"{place}: the indices {equation.indices} on the left are not distinct index names")
        if len(equation.indices) != len(equation.quantity.axes):
            raise IllFormed(f"{place}: {len(equation.quantity.axes)} axes but {len(equation.indices)} indices")
        ranges = dict(zip(equation.indices, equation.quantity.axes, strict=True))
        checker.check(_as_sum(equation.expression), ranges, place)
        checker.known[equation.quantity.label] = equation.quantity
    if model.objective.axes:
        raise IllFormed(f"the objective {model.objective.label} is not a scalar")
    if not model.given and (not model.equations or model.equations[-1].quantity != model.objective):
        raise IllFormed(f"the last equation does not define the objective {model.objective.label}")


def check_derivation(derivation: Derivation) -> None:
    """Raise :class:`~symbackprop.errors.IllFormed` where a step uses an error or a gradient not derived before it."""
    model = derivation.model
    check_model(model)
    errors = {label: q for label, q in derivation.quantities.items() if q.role is Role.ERROR}
    given = {q.error.label for q in model.given if q.role is Role.PREACTIVATION}
    known = {label: q for label, q in derivation.quantities.items() if label not in errors or label in given}
    ahead = {e.quantity for e in model.equations if _reads_ahead(e, model)}
    later = {q.error.label: q.error for q in ahead if q.role is Role.PREACTIVATION}
    checker = _Checker(dict(known) | later, model.functions, _size_symbols(model), {})
    derived = {q.label for q in (*model.given, *ahead)}
    for chain in derivation.chains:
        head = chain[0].lhs
        place = f"the derivation of {head}"
        own = head.denominator if isinstance(head, Partial) else head
        label = _label(own)
        if label not in derivation.quantities:
            raise IllFormed(f"{place}: {label} is no quantity of the model")
        quantity = derivation.quantities[label]
        indices = own.indices if isinstance(own, Indexed) else ()
        if len(indices) != len(quantity.axes):
            raise IllFormed(f"{place}: {len(quantity.axes)} axes but {len(indices)} indices")
        ranges = dict(zip(indices, quantity.axes, strict=True))
        allowed = derived | {q.label for q in model.quantities.values() if _error_of(q, quantity)}
        for step in chain:
            checker.check(step.rhs, ranges, place)
            _check_gradients(step.rhs, model.objective, allowed, place)
        checker.known[label] = quantity
        derived.add(label)


def _error_of(candidate: Quantity, error: Quantity) -> bool:
    return error.role is Role.ERROR and candidate.role is Role.PREACTIVATION and candidate.error == error


def _as_sum(expression: Expr) -> Expr:
    """The argument of a maximum binds its index as a sum does, and is checked as one."""
    return Sum(*expression.args) if isinstance(expression, ArgMaximum) else expression


def reads_ahead(model: Model) -> bool:
    """Whether the equations are a recurrence: one reads what is computed no earlier than its own quantity."""
    return any(_reads_ahead(equation, model) for equation in model.equations)


def _reads_ahead(equation: Equation, model: Model) -> bool:
    """Whether an equation reads what is computed no earlier than its own quantity, one step of a recurrence before."""
    order = [e.quantity.label for e in model.equations]
    own = order.index(equation.quantity.label)
    return any(_label(entry) in order[own:] for entry in equation.expression.atoms(Indexed))


def _check_gradients(expression: Expr, objective: Quantity, allowed: set[str], place: str) -> None:
    for held in sorted(expression.atoms(Partial), key=str):
        if held.numerator == objective[()] and _label(held.denominator) not in allowed:
            raise IllFormed(f"{place}: {held} is used before it is derived")


def _label(leaf: Expr) -> str:
    return str(leaf.base.label) if isinstance(leaf, Indexed) else str(leaf)


def _is_shifted(entry: Indexed, ranges: Mapping[Symbol, Expr]) -> bool:
    """Whether an index is one of ``ranges`` moved back by a whole number: an earlier step of a recurrence."""
    return any((own - at).is_Integer and (own - at).is_positive for at in entry.indices for own in ranges)


def _size_symbols(model: Model) -> frozenset[Symbol]:
    sizes = [size for q in model.quantities.values() for size in q.axes]
    return frozenset(s for size in sizes for s in size.free_symbols)


@dataclass(frozen=True)
class _Checker:
    """The quantities defined so far, the functions, the symbols that stand for sizes, and what recurrences may read."""

    known: dict[str, Quantity]
    functions: Mapping[str, Expr | None]
    sizes: frozenset[Symbol]
    later: Mapping[str, Quantity]

    def check(self, expression: Expr, ranges: Mapping[Symbol, Expr], place: str) -> None:
        """Walk through an expression under the indices in ``ranges``."""
        if isinstance(expression, Sum):
            self._check_sum(expression, ranges, place)
        elif isinstance(expression, Indexed):
            self._check_entry(expression, ranges, place)
        elif isinstance(expression, IndexedBase):
            raise IllFormed(f"{place}: {expression} stands without indices")
        elif isinstance(expression, Symbol):
            self._check_symbol(expression, ranges, place)
        elif isinstance(expression, Apply):
            if expression.name not in self.functions:
                raise IllFormed(f"{place}: the function {expression.name} is not declared by the model")
            self.check(expression.argument, ranges, place)
        elif isinstance(expression, Partial):
            for part in (p for p in expression.args if isinstance(p, Indexed)):
                self.check(part, ranges, place)
        else:
            for argument in expression.args:
                self.check(argument, ranges, place)

    def _check_sum(self, total: Sum, ranges: Mapping[Symbol, Expr], place: str) -> None:
        inner = dict(ranges)
        for index, low, high in total.limits[::-1]:
            if index in inner:
                raise IllFormed(f"{place}: the index {index} is already in use where a sum over it begins")
            for bound in (low, high):
                self.check(bound, inner, place)
            inner[index] = high
        self.check(total.function, inner, place)

    def _check_entry(self, entry: Indexed, ranges: Mapping[Symbol, Expr], place: str) -> None:
        label = _label(entry)
        quantity = self.known.get(label) or (self.later.get(label) if _is_shifted(entry, ranges) else None)
        if quantity is None:
            raise IllFormed(f"{place}: {label} is used before it is defined")
        axes = quantity.axes
        if len(entry.indices) != len(axes):
            raise IllFormed(f"{place}: {entry} has {len(entry.indices)} indices, {label} has {len(axes)} axes")
        for index, size in zip(entry.indices, axes, strict=True):
            if index.is_Symbol and index in ranges and ranges[index] != size:
                raise IllFormed(f"{place}: in {entry} the index {index} runs to {ranges[index]}, the axis to {size}")
            self.check(index, ranges, place)

    def _check_symbol(self, symbol: Symbol, ranges: Mapping[Symbol, Expr], place: str) -> None:
        scalar = symbol.name in self.known and not self.known[symbol.name].axes
        size = symbol in self.sizes or symbol.is_positive
        if not (symbol in ranges or size or scalar):
            raise IllFormed(f"{place}: {symbol} is neither an index of the left side nor a defined quantity")
