"""A derivation in index form becomes a program over arrays, with the axis of the samples put in.

Layout: an array of samples is (units, samples), one sample a column, so that z = W a + b reads as in a note, a
bias runs along the rows, transposes are flags of the matrix product, and a sum over samples runs along memory.
The caller's X and Y have one sample a row; the kernel sees them with the samples last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from sympy import Expr, Indexed, Integer, Symbol

from symbackprop.derivation import Derivation
from symbackprop.derivation.alike import Numbering
from symbackprop.kernels.alike import Lowered, lowered, read_of
from symbackprop.kernels.arrays import SAMPLE, Arrays, Place
from symbackprop.kernels.compensation import compensated
from symbackprop.kernels.linear import term_by_term
from symbackprop.kernels.logits import shifted
from symbackprop.kernels.loops import scheduled
from symbackprop.kernels.names import Names, note_of
from symbackprop.kernels.outputs import settled, stays
from symbackprop.kernels.program import Array, Elementwise, Operand, Program, Statement, check, elementwise, view
from symbackprop.kernels.scalars import Scalars, label_of
from symbackprop.model import Equation, Model
from symbackprop.quantities import PARAMETER_ROLES, Partial, Quantity, Role

OverBatch = Literal["mean", "sum"]


#: What the errors of a step carry in the place of the weight of one sample: that times the learning rate.
SCALE = Array("scale", ())
_SAMPLES = Symbol("N", integer=True, positive=True)


def lower(
    derivation: Derivation, over_batch: OverBatch = "mean", scaled: bool = False, accurate: bool = False
) -> Program:
    """The program for every quantity and every gradient.

    Outputs are keyed by label of the quantity (``z^1``), ``J``, ``output``, and ``dJ/d`` with the label for a gradient.
    ``scaled`` adds the input :data:`SCALE`, by which the errors of the output are multiplied in the place of 1/N.
    ``accurate`` takes the forms of J and its derivatives that keep all digits, where they cost more.

    A model of one example is run over a batch, J being the mean or the sum over its samples; a model with a batch of
    its own is taken as it is. Raises :class:`~symbackprop.errors.NotDerivable` where no array operation fits.
    """
    lowering = _Lowering(derivation, over_batch, scaled, accurate)
    lowering.forward()
    lowering.backward()
    return check(lowering.program())


def unscaled(program: Program, over_batch: OverBatch) -> Program:
    """The program with the weight of one sample in the place of :data:`SCALE`."""
    symbol, weight = view(Operand(SCALE, ())), _weight(over_batch)

    def weighted(statement: Statement) -> Statement:
        operation = statement.operation
        if SCALE.name not in statement.reads or not isinstance(operation, Elementwise):
            return statement
        views = dict(operation.bindings)
        return replace(statement, operation=elementwise(operation.expression.xreplace({symbol: weight}), views))

    plain = program.with_statements(map(weighted, program.statements))
    return replace(plain, inputs=tuple(array for array in plain.inputs if array != SCALE))


def _weight(over_batch: OverBatch) -> Expr:
    """The weight of one sample in J."""
    return Integer(1) if over_batch == "sum" else 1 / _SAMPLES


def output_of(model: Model) -> Quantity:
    """What the network hands to its loss: the last computed quantity that the equation of J reads.

    A model whose J reads no computed quantity hands on the one computed last.
    """
    *computed, objective = model.equations
    read = _labels(objective)
    of_loss = [e.quantity for e in computed if e.quantity.label in read]
    return of_loss[-1] if of_loss else (computed or [objective])[-1].quantity


@dataclass(frozen=True)
class Target:
    """What an equation or a result fills: its place, the letters of an entry, the sizes of its axes, and its note."""

    place: Place
    indices: tuple[Symbol, ...]
    axes: tuple[Expr, ...]
    note: str


class _Lowering:
    def __init__(self, derivation: Derivation, over_batch: OverBatch, scaled: bool, accurate: bool) -> None:
        self.derivation, self.accurate = derivation, accurate
        self.model: Model = derivation.model
        self.own_batch = self.model.batch is not None
        self.batch: Expr = self.model.batch or _SAMPLES
        self.weight = Integer(1) if self.own_batch else _weight(over_batch)
        self.names = Names()
        self.arrays = Arrays(self.names, self.batch)
        self.scalars = Scalars(self.arrays)
        self.errors = {q.error.label: q.label for q in self.model.quantities.values() if q.role is Role.PREACTIVATION}
        self.errors |= derivation.counted
        self.sampled = _sampled(self.model)
        self._keep(self.model.inputs)
        self.inputs = tuple(place.array for place in self.scalars.stored.values())
        self.error_weight = self.weight
        self.alike: dict[object, Lowered] = {}
        if scaled:
            self.error_weight = self.arrays.view(Operand(SCALE, ()))
            self.inputs += (SCALE,)

    def program(self) -> Program:
        stored, gradients = self.scalars.stored, self.scalars.gradients
        outputs = {e.quantity.label: stored[e.quantity.label].array.name for e in self.model.equations}
        outputs["output"] = stored[output_of(self.model).label].array.name
        outputs["J"] = stored[self.model.objective.label].array.name
        outputs |= {f"dJ/d{label}": place.array.name for label, place in gradients.items()}
        sampled = frozenset(p.array.name for p in (*stored.values(), *gradients.values()) if p.sampled)
        sizes: dict[Symbol, tuple[str, int]] = {}
        for array in self.inputs:
            for axis, size in enumerate(array.shape):
                if isinstance(size, Symbol):
                    sizes.setdefault(size, (array.name, axis))
        return Program(self.inputs, scheduled(self.arrays.statements), outputs, sizes, sampled)

    def _keep(self, quantities: tuple[Quantity, ...]) -> None:
        for q in quantities:
            self.scalars.stored[q.label] = self._place(q, self.names.quantity(q), q.label in self.sampled)

    def _place(self, quantity: Quantity, name: str, sampled: bool) -> Place:
        own = quantity.axes[1:] if quantity.batched else quantity.axes
        sampled = sampled or quantity.batched
        return Place(Array(name, (*own, self.batch) if sampled else own), sampled, quantity.batched)

    def forward(self) -> None:
        """One array for each equation; J is put together from its samples."""
        self._keep(tuple(equation.quantity for equation in self.model.equations))
        for equation in self.model.equations:
            quantity, value_of = equation.quantity, self._scalar
            if quantity == self.model.objective and not self.own_batch:
                value_of = self._objective
            target = Target(self.scalars.stored[quantity.label], equation.indices, quantity.axes, note_of(quantity))
            self._lower(equation.expression, target, value_of)

    def _objective(self, expression: Expr) -> Expr:
        return self.weight * self.arrays.total(self._scalar(expression), [SAMPLE])

    def backward(self) -> None:
        """One array for each result of the derivation: an error, or the derivative of J by a quantity."""
        results = [(lhs, self._entry_of(lhs), rhs) for lhs, rhs in self.derivation.results.items()]
        for lhs, entry, _ in results:
            self._keep_result(lhs, self.derivation.quantities[label_of(entry)])
        value_of = {sampled: partial(self._over_samples, sampled=sampled) for sampled in (False, True)}
        for lhs, entry, rhs in results:
            quantity = self.derivation.quantities[label_of(entry)]
            indices = tuple(entry.indices) if isinstance(entry, Indexed) else ()
            of_partial = isinstance(lhs, Partial)
            place = (self.scalars.gradients if of_partial else self.scalars.stored)[quantity.label]
            target = Target(place, indices, quantity.axes, note_of(quantity, gradient=of_partial))
            self._lower(rhs, target, value_of[place.sampled])

    def _lower(self, expression: Expr, target: Target, value_of: Callable[[Expr], Expr]) -> None:
        """The statements of an equation or a result; one that reads the same as an earlier one has the same."""
        key, arrays = self._read(expression, target, value_of)
        known = self.alike.get(key)
        value = expression if known and known.stays else settled(expression, self.model, self.accurate)
        if known is not None and value is expression:
            known.again(arrays, self.arrays, target.note)
            return
        first = len(self.arrays.statements)
        self._assign(value, target, value_of)
        # Where a definition elsewhere was put in, more may matter than what stands here.
        if value is expression:
            made = self.arrays.statements[first:]
            found = lowered(arrays, made, stays(expression, self.accurate))
            self.alike |= {} if found is None else {key: found}

    def _read(self, value: Expr, target: Target, value_of: Callable[[Expr], Expr]) -> tuple[object, list[Array | None]]:
        """All that the statements depend on but the names of arrays, and those."""
        numbering, place = Numbering(), target.place
        shape = numbering.shape(value), target.indices, target.axes, place.array.shape, place.sampled, place.leading
        kinds = tuple(
            (label in self.sampled, label in self.errors, self.errors.get(label) in self.sampled)
            for label in numbering.labels
        )
        read, arrays = read_of(list(numbering.labels), self.scalars.stored, self.scalars.gradients)
        return (value_of, shape, kinds, read, numbering.order()), [*arrays, place.array]

    def _assign(self, value: Expr, target: Target, value_of: Callable[[Expr], Expr]) -> None:
        self.scalars.begin(target.indices, target.axes)
        self.arrays.assign(target.place, target.indices, value_of(value), target.note)

    def _over_samples(self, rhs: Expr, sampled: bool) -> Expr:
        """The value of a result; for what no sample changes, the sum over the samples where that is not yet taken.

        What stems from J itself, not from a later error, gets the weight of one sample.
        """

        def weighted(term: Expr) -> Expr:
            return self.error_weight * term

        if sampled or self.own_batch:
            return self._scalar(term_by_term(rhs, self.errors, lambda _, e: e, weighted))
        nothing, counted = Integer(0), list[str]()

        def sampled_alone(label: str, entry: Expr) -> Expr:
            counted.extend([] if label in self.sampled else [label])
            return entry if label in self.sampled else nothing

        rest = term_by_term(rhs, self.errors, sampled_alone, weighted)
        value = self.arrays.total(self._scalar(rest), [SAMPLE])
        if not counted:
            return value
        done = term_by_term(
            rhs, self.errors, lambda label, e: nothing if label in self.sampled else e, lambda _: nothing
        )
        return value + self._scalar(done)

    def _scalar(self, expression: Expr) -> Expr:
        """The expression over arrays, its exponentials taken from their largest."""
        form = shifted(expression)
        return self.scalars.scalar(compensated(form) if self.accurate else form)

    def _entry_of(self, lhs: Expr) -> Expr:
        return lhs.denominator if isinstance(lhs, Partial) else lhs

    def _keep_result(self, lhs: Expr, quantity: Quantity) -> None:
        if isinstance(lhs, Partial):
            place = self._place(quantity, self.names.gradient(quantity), quantity.label in self.sampled)
            self.scalars.gradients[quantity.label] = place
        else:
            place = self._place(quantity, self.names.quantity(quantity), self.errors[quantity.label] in self.sampled)
            self.scalars.stored[quantity.label] = place


def _labels(equation: Equation) -> set[str]:
    return {letter.name for letter in equation.letters}


def _sampled(model: Model) -> frozenset[str]:
    """The labels of what is another array for each sample of a batch."""
    if model.batch is not None:
        return frozenset(q.label for q in model.quantities.values() if q.batched)
    found = {q.label for q in model.inputs if q.role not in PARAMETER_ROLES}
    reads = {e.quantity.label: _labels(e) for e in model.equations}
    del reads[model.objective.label]
    while new := {label for label, read in reads.items() if label not in found and read & found}:
        found |= new
    return frozenset(found)
