"""A derivation in index form becomes a program over arrays, with the axis of the samples put in.

Layout: an array of samples is (units, samples), one sample a column, so that z = W a + b reads as in a note, a
bias runs along the rows, transposes are flags of the matrix product, and a sum over samples runs along memory.
The caller's X and Y have one sample a row; the kernel sees their transposed views.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sympy import Add, Expr, Indexed, Integer, Mul, Sum, Symbol

from symbackprop.derivation import Derivation
from symbackprop.errors import NotDerivable
from symbackprop.kernels.logits import Maximum, logs_from_logits, shifted
from symbackprop.kernels.names import Names, note_of
from symbackprop.kernels.program import (
    Array,
    Contraction,
    Label,
    Operand,
    Operation,
    Program,
    Reduction,
    Statement,
    check,
    elementwise,
    view,
)
from symbackprop.model import Model
from symbackprop.quantities import Partial, Quantity, Role

SAMPLE: Label = "samples"
OverBatch = Literal["mean", "sum"]


@dataclass(frozen=True)
class _Stored:
    """Where a quantity is kept: its array, whether that has a sample axis, and whether the indices name it first."""

    array: Array
    sampled: bool
    leading: bool


def lower(derivation: Derivation, over_batch: OverBatch = "mean") -> Program:
    """The program for every quantity and every gradient.

    Outputs are keyed by label of the quantity (``z^1``), ``J``, ``output``, and ``dJ/d`` with the label for a gradient.

    A model of one example is run over a batch, J being the mean or the sum over its samples; a model with a batch of
    its own is taken as it is. Raises :class:`~symbackprop.errors.NotDerivable` where no array operation fits.
    """
    lowering = _Lowering(derivation, over_batch)
    lowering.forward()
    lowering.backward()
    return check(lowering.program())


class _Lowering:
    def __init__(self, derivation: Derivation, over_batch: OverBatch) -> None:
        self.derivation = derivation
        self.model: Model = derivation.model
        self.own_batch = self.model.batch is not None
        self.batch: Expr = self.model.batch or Symbol("N", integer=True, positive=True)
        self.weight = Integer(1) if self.own_batch or over_batch == "sum" else 1 / self.batch
        self.names = Names()
        self.statements: list[Statement] = []
        self.views: dict[Symbol, Operand] = {}
        self.sizes: dict[Label, Expr] = {SAMPLE: self.batch}
        self.errors = {q.label for q in derivation.quantities.values() if q.role is Role.ERROR}
        self.stored: dict[str, _Stored] = {}
        self.gradients: dict[str, _Stored] = {}
        for quantity in self.model.inputs:
            sampled = quantity.role in (Role.INPUT, Role.TARGET)
            self.stored[quantity.label] = self._place(quantity, self.names.quantity(quantity), sampled)
        self.inputs = tuple(place.array for place in self.stored.values())

    def program(self) -> Program:
        outputs = {e.quantity.label: self.stored[e.quantity.label].array.name for e in self.model.equations}
        outputs["output"] = self.stored[self.model.equations[-2].quantity.label].array.name
        outputs["J"] = self.stored[self.model.objective.label].array.name
        outputs |= {f"dJ/d{label}": place.array.name for label, place in self.gradients.items()}
        sampled = frozenset(p.array.name for p in (*self.stored.values(), *self.gradients.values()) if p.sampled)
        sizes: dict[Symbol, tuple[str, int]] = {}
        for array in self.inputs:
            for axis, size in enumerate(array.shape):
                if isinstance(size, Symbol):
                    sizes.setdefault(size, (array.name, axis))
        return Program(self.inputs, tuple(self.statements), outputs, sizes, sampled)

    def _place(self, quantity: Quantity, name: str, sampled: bool) -> _Stored:
        sampled = sampled or quantity.batched
        own = quantity.axes[1:] if quantity.batched else quantity.axes
        return _Stored(Array(name, (*own, self.batch) if sampled else own), sampled, quantity.batched)

    def forward(self) -> None:
        """One array for each equation; J is put together from its samples."""
        for equation in self.model.equations:
            form = shifted(logs_from_logits(equation.expression, self.model))
            value = self._scalar(form)
            quantity = equation.quantity
            if quantity == self.model.objective and not self.own_batch:
                value = self.weight * self._total(value, [SAMPLE])
            place = self._place(quantity, self.names.quantity(quantity), SAMPLE in self._labels(value))
            self._assign(place, equation.indices, value, note_of(quantity))
            self.stored[quantity.label] = place

    def backward(self) -> None:
        """One array for each result of the derivation: an error, or the derivative of J by a quantity."""
        for lhs, rhs in self.derivation.results.items():
            entry = lhs.denominator if isinstance(lhs, Partial) else lhs
            quantity = self.derivation.quantities[_label(entry)]
            primal = self.stored.get(quantity.label)
            value = self._scalar(shifted(self._weighted(rhs)))
            if isinstance(lhs, Partial) and primal is not None and not primal.sampled and not self.own_batch:
                value = self._total(value, [SAMPLE])
            name = self.names.gradient(quantity) if isinstance(lhs, Partial) else self.names.quantity(quantity)
            sampled = primal.sampled if primal is not None else not self.own_batch
            place = self._place(quantity, name, sampled)
            indices = tuple(entry.indices) if isinstance(entry, Indexed) else ()
            self._assign(place, indices, value, note_of(quantity, gradient=isinstance(lhs, Partial)))
            (self.gradients if isinstance(lhs, Partial) else self.stored)[quantity.label] = place

    def _weighted(self, rhs: Expr) -> Expr:
        """The result for a batch: what stems from J itself, not from a later error, gets the weight of one sample."""
        direct = rhs.replace(
            lambda e: isinstance(e, Partial) or (isinstance(e, Indexed) and _label(e) in self.errors),
            lambda e: Integer(0),
        ).replace(lambda e: isinstance(e, Sum) and e.function == 0, lambda e: Integer(0))
        return rhs if self.weight == 1 or direct == 0 else self.weight * direct + (rhs - direct)

    # Index form to scalar expressions over views of arrays.

    def _scalar(self, expression: Expr) -> Expr:
        """``expression`` with arrays, sums and maxima replaced by the symbols that stand for them."""
        if isinstance(expression, Partial | Indexed):
            return self._entry(expression)
        if isinstance(expression, Symbol) and expression.name in self.stored:
            return self._entry(expression)
        if isinstance(expression, Sum):
            return self._sum(expression)
        if isinstance(expression, Maximum):
            body, limits = expression.args
            return self._reduce("max", self._scalar(body), self._bound([limits]))
        if isinstance(expression, Symbol) and expression.name in self.sizes:
            raise NotDerivable(f"no kernel for the index {expression} as a number")
        if not expression.args:
            return expression
        return expression.func(
            *(self._scalar(arg) if isinstance(arg, Expr) else self._inside(arg) for arg in expression.args)
        )

    def _inside(self, part: Expr) -> Expr:
        """Branches and conditions of a ``Piecewise``, whose parts are not all expressions."""
        return part.func(*map(self._scalar, part.args)) if part.args else part

    def _entry(self, entry: Expr) -> Expr:
        of = entry.denominator if isinstance(entry, Partial) else entry
        known = self.gradients if isinstance(entry, Partial) else self.stored
        indices = tuple(of.indices) if isinstance(of, Indexed) else ()
        plain = all(isinstance(i, Symbol) for i in indices) and len(set(indices)) == len(indices)
        if _label(of) not in known or not plain:
            raise NotDerivable(f"no kernel for {entry}: it is not known here, or an index is not a plain letter")
        place = known[_label(of)]
        letters = tuple(str(i) for i in indices)
        if place.leading:
            letters = (*letters[1:], letters[0])
        elif place.sampled:
            letters = (*letters, SAMPLE)
        return self._view(Operand(place.array, letters))

    def _view(self, operand: Operand) -> Symbol:
        self.sizes |= dict(zip(operand.axes, operand.array.shape, strict=True))
        symbol = view(operand)
        self.views[symbol] = operand
        return symbol

    def _bound(self, limits: list[Expr]) -> list[Label]:
        for index, lower_end, upper in limits:
            if lower_end != 1 or self.sizes.setdefault(str(index), upper) != upper:
                raise NotDerivable(f"no kernel for a sum over {index} from {lower_end} to {upper}, a part of its axis")
        return [str(index) for index, _, _ in limits]

    def _sum(self, total: Sum) -> Expr:
        outer = dict(self.sizes)
        body = self._scalar(total.function)
        value = self._total(body, self._bound(list(total.limits)))
        # A letter that is bound here may be bound again with another range.
        self.sizes = {**outer, SAMPLE: self.batch}
        return value

    def _labels(self, expression: Expr) -> list[Label]:
        """The labels that a scalar expression runs along, samples last, so that memory runs along them."""
        used = sorted(expression.free_symbols & self.views.keys(), key=lambda s: s.name)
        found = dict.fromkeys(label for symbol in used for label in self.views[symbol].axes)
        return sorted(found, key=lambda label: label == SAMPLE or self.sizes.get(label) == self.batch)

    def _total(self, body: Expr, summed: list[Label]) -> Expr:
        """The sum of a scalar expression over labels: elementwise first where all terms share their axes."""
        terms = Add.make_args(body)
        if len({frozenset(self._labels(term)) for term in terms}) > 1:
            return Add(*(self._total(term, summed) for term in terms))
        if body.could_extract_minus_sign():
            return -self._total_of_product(-body, summed)
        return self._total_of_product(body, summed)

    def _total_of_product(self, term: Expr, summed: list[Label]) -> Expr:
        outside, groups = [], dict[frozenset[Label], list[Expr]]()
        for factor in Mul.make_args(term):
            labels = frozenset(self._labels(factor))
            if labels & set(summed):
                groups.setdefault(labels, []).append(factor)
            else:
                outside.append(factor)
        present = set().union(*groups)
        outside += [self.sizes[label] for label in summed if label not in present]
        inside = [Mul(*factors) for factors in groups.values()]
        if not inside:
            return Mul(*outside)
        if len(inside) == 1:
            return Mul(*outside, self._reduce("sum", inside[0], [label for label in summed if label in present]))
        operands = tuple(self._materialise(factor) for factor in inside)
        kept = [label for label in self._labels(Mul(*inside)) if label not in summed]
        return Mul(*outside, self._temporary(Contraction(operands), kept))

    def _reduce(self, kind: str, body: Expr, gone: list[Label]) -> Expr:
        operand = self._materialise(body)
        return self._temporary(Reduction(kind, operand), [label for label in operand.axes if label not in gone])

    def _materialise(self, expression: Expr) -> Operand:
        """An operand that holds the value of ``expression``."""
        if expression not in self.views:
            expression = self._temporary(elementwise(expression, self.views), self._labels(expression))
        return self.views[expression]

    def _temporary(self, operation: Operation, labels: list[Label]) -> Symbol:
        array = Array(self.names.temporary(), tuple(self.sizes[label] for label in labels))
        target = Operand(array, tuple(labels))
        self.statements.append(Statement(target, operation))
        return self._view(target)

    def _assign(self, place: _Stored, indices: tuple[Symbol, ...], value: Expr, note: str) -> None:
        letters = [str(i) for i in indices]
        if place.leading:
            letters = [*letters[1:], letters[0]]
        elif place.sampled:
            letters.append(SAMPLE)
        target = Operand(place.array, tuple(letters))
        self.statements.append(Statement(target, elementwise(value, self.views), note))


def _label(entry: Expr) -> str:
    return str(entry.base.label) if isinstance(entry, Indexed) else str(entry.name)
