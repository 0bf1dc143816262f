"""A quantity derived like an earlier one: what a derivation reads, with the labels numbered, and its steps renamed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import is_

from sympy import Add, Basic, Expr, Indexed, IndexedBase, Mul, Pow, Sum, Symbol

from symbackprop.derivation.step import Step
from symbackprop.quantities import array_of, entry_of

#: What tells an array of a layer (``w^2``) from a letter: only those are numbered.
_MARK = "^"


class Numbering:
    """The labels of layers in order of first use; two readings that give equal shapes differ in the labels alone.

    ``literal`` labels stand for themselves.

    >>> from sympy import IndexedBase
    >>> i = Symbol("i", integer=True)
    >>> one, two = (Numbering().shape(IndexedBase(f"w^{k}")[i] * IndexedBase(f"a^{k}")[i]) for k in (1, 2))
    >>> one == two
    True
    """

    def __init__(self, literal: Collection[str] = ()) -> None:
        self.literal = frozenset(literal)
        self.labels: dict[str, int] = {}

    def label(self, label: str) -> int | str:
        """The number of a label, or the label itself where it stands for itself."""
        return label if _MARK not in label or label in self.literal else self.labels.setdefault(label, len(self.labels))

    def shape(self, expression: Basic) -> object:
        """The expression as nested tuples with numbers for labels."""
        if isinstance(expression, Symbol):
            return self.label(expression.name) if _MARK in expression.name else expression
        return (expression.func, *map(self.shape, expression.args)) if expression.args else expression

    def order(self) -> tuple[tuple[str, int], ...]:
        """The letter of each label and its rank: where these agree, SymPy puts terms in the same order."""
        rank = {label: number for number, label in enumerate(sorted(self.labels))}
        return tuple((label.partition(_MARK)[0], rank[label]) for label in self.labels)


@dataclass(frozen=True)
class Pattern:
    """The steps of one quantity, the ``labels`` that stand in them in the order of a numbering, and its indices."""

    labels: tuple[str, ...]
    indices: tuple[Symbol, ...]
    entry: Expr
    steps: tuple[Step, ...]

    def renamed(self, labels: Iterable[str]) -> Pattern:
        """The same for other labels."""
        labels = tuple(labels)
        names = dict(zip(self.labels, labels, strict=True))
        known: dict[Basic, Basic] = {}
        steps = tuple(
            Step(_renamed(s.lhs, names, known), _renamed(s.rhs, names, known), s.because, s.provided)
            for s in self.steps
        )
        return Pattern(labels, self.indices, _renamed(self.entry, names, known), steps)


def pattern_of(
    numbering: Numbering, indices: tuple[Symbol, ...], entry: Expr, steps: tuple[Step, ...]
) -> Pattern | None:
    """The pattern of some steps; ``None`` where more than what was numbered may matter.

    A step with a quotient may have been shortened by what is claimed of a function elsewhere in the model.
    """
    sides = [side for step in steps for side in (step.lhs, step.rhs)]
    if any(power.exp.could_extract_minus_sign() for side in sides for power in side.atoms(Pow)):
        return None
    found = {symbol.name for side in sides for symbol in side.atoms(Symbol) if _MARK in symbol.name}
    return Pattern(tuple(numbering.labels), indices, entry, steps) if found <= set(numbering.labels) else None


def _renamed(expression: Basic, names: Mapping[str, str], known: dict[Basic, Basic]) -> Basic:
    if isinstance(expression, Symbol):
        return Symbol(names[expression.name], **expression.assumptions0) if expression.name in names else expression
    if isinstance(expression, IndexedBase):
        return array_of(names[expression.name]) if expression.name in names else expression
    if not expression.args:
        return expression
    new = known.get(expression)
    if new is None:
        arguments = [_renamed(argument, names, known) for argument in expression.args]
        if all(map(is_, arguments, expression.args)):
            new = expression
        else:
            new = entry_of(*arguments) if isinstance(expression, Indexed) else with_arguments(expression, arguments)
        known[expression] = new
    return new


def with_arguments(expression: Basic, arguments: Sequence[Basic]) -> Basic:
    """The node with other arguments that differ in names alone and stand in the same order: SymPy need not look again.

    >>> x, y, z = map(Symbol, "xyz")
    >>> with_arguments(x * y, (x, z))
    x*z
    """
    if isinstance(expression, Add | Mul):
        return expression._new_rawargs(*arguments, reeval=False)
    if isinstance(expression, Sum):
        new = Expr.__new__(Sum, *arguments)
        new.is_commutative = expression.is_commutative
        return new
    return expression.func(*arguments)
