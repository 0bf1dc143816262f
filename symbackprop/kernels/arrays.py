"""The arrays of a program in the making: what stands for each in a scalar expression, and sums over their labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Mul, Symbol

from symbackprop.kernels.names import Names
from symbackprop.kernels.program import (
    Array,
    Contraction,
    Iota,
    Label,
    Operand,
    Operation,
    Reduction,
    Statement,
    elementwise,
    letter,
    view,
)

SAMPLE: Label = "samples"


@dataclass(frozen=True)
class Place:
    """Where a quantity is kept: its array, whether that has a sample axis, and whether the indices name it first.

    The axis of the samples is the last in memory.
    """

    array: Array
    sampled: bool
    leading: bool

    def order(self, indices: Sequence[Expr]) -> tuple[Expr, ...]:
        """The indices of an entry in the order of the array's axes."""
        if self.leading:
            return (*indices[1:], indices[0])
        return (*indices, letter(SAMPLE)) if self.sampled else tuple(indices)

    @property
    def sizes(self) -> tuple[Expr, ...]:
        """The sizes of the axes in the order of the indices."""
        own = self.array.shape[:-1] if self.sampled else self.array.shape
        return (self.array.shape[-1], *own) if self.leading else own


class Arrays:
    """The statements so far, the views of what they made, and the extents of the labels in scope."""

    def __init__(self, names: Names, batch: Expr) -> None:
        self.names = names
        self.batch = batch
        self.statements: list[Statement] = []
        self.views: dict[Symbol, Operand] = {}
        self.numbers: dict[Expr, Array] = {}
        self.sizes: dict[Label, Expr] = {SAMPLE: batch}

    def begin(self, indices: Sequence[Symbol], sizes: Sequence[Expr]) -> None:
        """The free indices of the next equation, each from 1 to its size."""
        self.sizes = {**{str(i): size for i, size in zip(indices, sizes, strict=True)}, SAMPLE: self.batch}

    def number(self, label: Label) -> Symbol:
        """A label as a number: 1, 2, … along its axis."""
        size = self.sizes[label]
        if size not in self.numbers:
            self.numbers[size] = Array(self.names.temporary(), (size,))
            self.statements.append(Statement(Operand(self.numbers[size], (label,)), Iota()))
        return self.view(Operand(self.numbers[size], (label,)))

    def total(self, body: Expr, summed: list[Label]) -> Expr:
        """The sum of a scalar expression over labels: elementwise first where all terms share their axes."""
        if not summed:
            return body
        terms = Add.make_args(body)
        if len({frozenset(self.labels(term)) for term in terms}) > 1:
            return Add(*(self.total(term, summed) for term in terms))
        if body.could_extract_minus_sign():
            return -self._total_of_product(-body, summed)
        return self._total_of_product(body, summed)

    def _total_of_product(self, term: Expr, summed: list[Label]) -> Expr:
        outside, groups = [], dict[frozenset[Label], list[Expr]]()
        for factor in Mul.make_args(term):
            labels = frozenset(self.labels(factor))
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
            return Mul(*outside, self.reduce("sum", inside[0], [label for label in summed if label in present]))
        operands = tuple(self.materialise(factor) for factor in inside)
        kept = [label for label in self.labels(Mul(*inside)) if label not in summed]
        return Mul(*outside, self.temporary(Contraction(operands), kept))

    def reduce(self, kind: str, body: Expr, gone: list[Label]) -> Expr:
        """``body`` summed or maximised over labels; a position is counted along a label even where nothing runs."""
        operand = self.materialise(body, None if kind != "argmax" else self._with(body, gone))
        return self.temporary(Reduction(kind, operand), [label for label in operand.axes if label not in gone])

    def _with(self, body: Expr, labels: list[Label]) -> list[Label]:
        return self.in_order(dict.fromkeys([*self.labels(body), *labels]))

    def view(self, operand: Operand) -> Symbol:
        """The symbol of an operand, known from here on."""
        symbol = view(operand)
        self.views[symbol] = operand
        return symbol

    def labels(self, expression: Expr) -> list[Label]:
        """The labels that a scalar expression runs along, samples last, so that memory runs along them."""
        used = sorted(expression.free_symbols & self.views.keys(), key=lambda s: s.name)
        found = dict.fromkeys(label for symbol in used for label in self.views[symbol].axes)
        alike = (axes for symbol in used if len(axes := self.views[symbol].axes) == len(found))
        return list(next(alike, None) or self.in_order(found))

    def in_order(self, labels: Iterable[Label]) -> list[Label]:
        """Labels as the equation names them, free ones before bound ones, samples last."""
        place = {label: number for number, label in enumerate(self.sizes)}
        return sorted(labels, key=lambda label: (label == SAMPLE or self.sizes[label] == self.batch, place[label]))

    def materialise(self, expression: Expr, labels: list[Label] | None = None) -> Operand:
        """An operand that holds the value of ``expression``, along ``labels`` or those that it runs along."""
        wanted = self.labels(expression) if labels is None else labels
        if expression not in self.views or set(self.views[expression].axes) != set(wanted):
            expression = self.temporary(elementwise(expression, self.views), wanted)
        return self.views[expression]

    def temporary(self, operation: Operation, labels: list[Label]) -> Symbol:
        """The symbol of a new array that holds the result of an operation."""
        array = Array(self.names.temporary(), tuple(self.sizes[label] for label in labels))
        target = Operand(array, tuple(labels))
        self.statements.append(Statement(target, operation))
        return self.view(target)

    def assign(self, place: Place, indices: Sequence[Symbol], value: Expr, note: str) -> None:
        """The statement that fills the array of a quantity."""
        target = Operand(place.array, tuple(str(i) for i in place.order(indices)))
        self.statements.append(Statement(target, elementwise(value, self.views), note))
