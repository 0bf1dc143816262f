"""How well the shapes that are tried for the letters of a note fit its formulas: what does not fit has a price."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatchmethod
from typing import TypeAlias

from symbackprop.verification.reading.elaborate.occurrences import calls
from symbackprop.verification.reading.elaborate.usage import FUNCTION_LETTERS, SCALAR_NAMES
from symbackprop.verification.reading.inference.letters import Letter, Usage, called_name, value_of
from symbackprop.verification.reading.labels import is_transpose
from symbackprop.verification.reading.scope import LAYER_LETTERS
from symbackprop.verification.reading.shapes import ONE
from symbackprop.verification.reading.surface import (
    Applied,
    Big,
    CaseRows,
    Comparison,
    Derivative,
    EvaluatedAt,
    Group,
    Name,
    Negative,
    Node,
    Norm,
    Number,
    Plus,
    Quotient,
    Root,
    Scripted,
    Statement,
    Times,
)
from symbackprop.verification.reading.symbols import DEFAULT_FUNCTIONS, head_name, known_function
from symbackprop.verification.terms.nodes import Axis

Shape: TypeAlias = tuple[Axis, ...]
ELEMENTWISE = (r"\odot", r"\circ", "*", "⊙", "∘")
ARRAY_WORDS = {"softmax": 1, "Softmax": 1, "log_softmax": 1, "diag": 1, "Diag": 1, "tr": 2, "Tr": 2, "trace": 2}
SCALARS = frozenset(SCALAR_NAMES) - {"e", "l"}
SUMMARIES = ("tr", "Tr", "trace", "sum", "mean", "logsumexp", "det")
WRONG, ODD, LOOSE = 4, 2, 1


class Fitter:
    """Adds up the price of statements under the shapes that ``shape_of`` gives; ``join`` makes two axes one.

    A shape is ``None`` where nothing is known of it, and then it fits anything. ``space`` gives the shape of the
    members of a space.
    """

    def __init__(
        self,
        shape_of: Callable[[Letter], Shape | None],
        join: Callable[[Axis, Axis], bool],
        space: Callable[[Node], Shape | None],
        usage: Usage,
    ) -> None:
        self.shape_of, self.join, self.space, self.usage = shape_of, join, space, usage
        self.price = 0

    def statement(self, statement: Statement) -> None:
        shapes = [None if side is None else self.of(side) for side in statement.sides]
        for k, relation in enumerate(statement.relations):
            if relation in ("=", ":=", "≡", "←", "≈"):
                left, right = statement.sides[k], statement.sides[k + 1]
                if _is_cost(left) and right is not None and self._is_open_call(right):
                    continue  # L = ℓ(a): a number, whatever the shape of a
                self._equal(shapes[k], shapes[k + 1], isinstance(left, Number) or isinstance(right, Number))
            elif relation == "∈" and (right := statement.sides[k + 1]) is not None:
                self._equal(shapes[k], self.space(right), False)

    def _is_open_call(self, node: Node) -> bool:
        """Whether a side is nothing but a function of which nothing says what it is, with its arguments."""
        factors = node.factors if isinstance(node, Times) else ()
        name = head_name(factors[0]) if len(factors) == 2 and isinstance(factors[1], Group) else None
        known = name is None or known_function(name.text) or name.text in (*DEFAULT_FUNCTIONS, *ARRAY_WORDS, *SUMMARIES)
        return not known and called_name(factors[0]) not in self.usage.bodies

    def _equal(self, left: Shape | None, right: Shape | None, number: bool) -> None:
        if left is None or right is None or number and not (left and right):
            return
        if len(left) != len(right):
            self.price += WRONG if not (left and right) else ODD
        elif not self._joined(left, right):
            self.price += WRONG

    def _joined(self, left: Shape, right: Shape) -> bool:
        joined = [self.join(a, b) for a, b in zip(left, right, strict=True)]  # every pair, also after a misfit
        return all(joined)

    def _same(self, shapes: list[Shape | None], numbers: list[bool]) -> Shape | None:
        """The shape of terms that are added or multiplied entry by entry."""
        known = [shape for shape in shapes if shape is not None]
        largest = max(known, key=len, default=None)
        for shape, number in zip(shapes, numbers, strict=True):
            if shape is None or largest is None or shape is largest or number and not shape:
                continue
            if len(shape) != len(largest):
                self.price += LOOSE if not shape else ODD
            elif not self._joined(largest, shape):
                self.price += WRONG
        return largest

    @singledispatchmethod
    def of(self, node: Node) -> Shape | None:
        """The shape of an expression."""
        return None

    @of.register
    def _(self, node: Number) -> Shape | None:
        return ()

    @of.register(Name)
    @of.register(Scripted)
    def _(self, node: Name | Scripted) -> Shape | None:
        if isinstance(node, Scripted) and not isinstance(node.base, Name):
            return self._marked(self.of(node.base), ["transpose" for s in node.sups if is_transpose(s)])
        name = head_name(node)
        if name is None or known_function(name.text):
            return None
        letter = self.usage.letter_of(node)
        if letter is None:
            return None
        if letter.name in SCALARS and not letter.indices:
            return ()
        shape = self.shape_of(letter)
        return None if shape is None else self._marked(self._entry(shape, letter), [*letter.marks])

    def _entry(self, shape: Shape, letter: Letter) -> Shape:
        if letter.indices > len(shape):
            self.price += WRONG
            return ()
        return shape[letter.indices :]

    def _marked(self, shape: Shape | None, marks: list[str]) -> Shape | None:
        for mark in marks:
            if shape is None:
                return None
            if mark == "transpose":
                shape = self._transposed(shape)
            elif mark == "inverse" and len(shape) == 2:
                self.price += 0 if self.join(shape[0], shape[1]) else WRONG
            elif mark != "power" and shape:
                self.price += ODD
        return shape

    def _transposed(self, shape: Shape) -> Shape:
        if not shape:
            self.price += ODD
            return shape
        if len(shape) == 1:
            return (ONE, shape[0])
        return shape[1:] if shape[0] == ONE and len(shape) == 2 else (*shape[:-2], shape[-1], shape[-2])

    @of.register
    def _(self, node: Negative) -> Shape | None:
        return self.of(node.operand)

    @of.register
    def _(self, node: Group) -> Shape | None:
        shapes = [self.of(item) for item in node.items]
        return shapes[0] if len(shapes) == 1 else None

    @of.register
    def _(self, node: Plus) -> Shape | None:
        return self._same([self.of(term) for term in node.terms], [_is_number(term) for term in node.terms])

    @of.register
    def _(self, node: Root) -> Shape | None:
        return self.of(node.radicand)

    @of.register
    def _(self, node: Norm) -> Shape | None:
        shape = self.of(node.body)
        if node.kind == "abs":
            return shape if not shape else None
        self.price += LOOSE if shape == () else 0
        return ()

    @of.register
    def _(self, node: EvaluatedAt) -> Shape | None:
        return self.of(node.body)

    @of.register
    def _(self, node: CaseRows) -> Shape | None:
        return self._same([self.of(value) for value, _ in node.rows], [True for _ in node.rows])

    @of.register
    def _(self, node: Comparison) -> Shape | None:
        self.of(node.left), self.of(node.right)
        return None

    @of.register
    def _(self, node: Big) -> Shape | None:
        shape = self.of(node.body)
        return shape if node.kind.lstrip("\\") in ("sum", "prod", "int", "lim") else None

    @of.register
    def _(self, node: Quotient) -> Shape | None:
        above, below = self.of(node.numerator), self.of(node.denominator)
        if below:
            return self._same([above, below], [_is_number(node.numerator), False])
        return above if below is not None else None

    @of.register
    def _(self, node: Applied) -> Shape | None:
        name = head_name(node.function)
        return self._value(name.text if name is not None else "", [self.of(node.argument)])

    @of.register
    def _(self, node: Derivative) -> Shape | None:
        what = self.of(node.operand)
        by = [self.of(variable) for variable, _ in node.by]
        if not by or node.order != 1 or what is None or by[0] is None:
            return None
        if len(what) <= 0:
            return by[0]
        if len(what) == 1 and len(by[0]) <= 1:
            return (*what, *by[0])
        return None

    @of.register
    def _(self, node: Times) -> Shape | None:
        called = {id(factor): group for factor, group in calls(node)}
        shape: Shape | None = ()
        skip: Group | None = None
        first = True
        before: Node = node
        for factor, operator in zip(node.factors, ("", *node.operators), strict=True):
            if skip is not None and (factor is skip or isinstance(factor, Scripted) and factor.base is skip):
                skip = None
                continue
            group = called.get(id(factor))
            if group is not None and self._is_call(factor):
                value, skip = self._call(factor, group), group
            else:
                value = self.of(factor)
            if operator == "" and shape == () and value and self._changes_layer(before, factor):
                self.price += LOOSE  # w^l a^{l-1} with a number w^l would make all layers of one width
            if operator == "" and shape is not None and len(shape) == 2 and value == () and _is_small(factor):
                self.price += LOOSE  # what stands behind a matrix is seldom a number
            shape = value if first else self._product(shape, value, operator)
            first, before = False, factor
        return shape

    def _changes_layer(self, left: Node, right: Node) -> bool:
        """Whether two members of families stand side by side that belong to different layers."""
        both = [self.usage.letter_of(node) for node in (left, right) if isinstance(node, Name | Scripted)]
        labels = {letter.label for letter in both if letter is not None and letter.counts in LAYER_LETTERS}
        return len(both) == len(labels) == 2

    def _is_call(self, factor: Node) -> bool:
        name = head_name(factor)
        if name is None:
            return False
        if called_name(factor) in self.usage.bodies:
            return True
        primed = isinstance(factor, Scripted) and factor.primes > 0
        known = known_function(name.text) or name.text in (*DEFAULT_FUNCTIONS, *ARRAY_WORDS, *SUMMARIES, "E", "Var")
        free = name.text in (*FUNCTION_LETTERS, *SCALAR_NAMES) and name.text not in self.usage.bare
        return primed or bool(known) or free or name.text in self.usage.functions or name.upright and len(name.text) > 1

    def _call(self, factor: Node, group: Group) -> Shape | None:
        name, arguments = head_name(factor), [self.of(item) for item in group.items]
        defined = called_name(factor)
        parameters = self.usage.bodies.get(defined, ())
        if len(parameters) == len(arguments) and parameters:
            expected = [self.shape_of(Letter(letter)) for letter in parameters]
            if expected == [()]:
                return arguments[0]  # a function of one number is taken entry by entry
            for one, shape in zip(expected, arguments, strict=True):
                self._equal(one, shape, False)
            if defined in SCALARS:
                return ()
            if (value := self.shape_of(Letter(value_of(defined)))) is not None:
                return value
        return self._value(name.text if name is not None else "", arguments)

    def _value(self, name: str, arguments: list[Shape | None]) -> Shape | None:
        """The shape of the value of a function: of the shape of its argument, unless its name says otherwise."""
        shape = arguments[0] if len(arguments) == 1 else None
        if name in ARRAY_WORDS and shape is not None and len(shape) < ARRAY_WORDS[name]:
            self.price += ODD
        if name in (*SUMMARIES, *SCALAR_NAMES):
            return ()
        if name in ("diag", "Diag"):
            return None if shape is None or not shape else shape[:1] * 2 if len(shape) == 1 else shape[:1]
        return shape

    def _product(self, left: Shape | None, right: Shape | None, operator: str) -> Shape | None:
        if left is None or right is None:
            return None
        if operator in ELEMENTWISE:
            self.price += LOOSE if operator in ELEMENTWISE[:2] and not (left and right) else 0
            return self._same([left, right], [False, False])
        if not left or not right:
            return left or right
        if len(left) == 1 and len(right) == 1:
            self.price += LOOSE + (0 if self.join(left[0], right[0]) else WRONG) - (operator == r"\cdot")
            return () if operator == r"\cdot" else left
        return self._matrices(left, right)

    def _matrices(self, left: Shape, right: Shape) -> Shape | None:
        """The product of two arrays of which one at least is a matrix, rows being matrices and vectors columns."""
        if len(left) == 1:
            if right[0] != ONE:
                self.price += WRONG
                return None
            return (left[0], right[1])
        if len(left) > 2 or len(right) > 2:
            return None
        if not self.join(left[1], right[0]):
            self.price += WRONG
        if len(right) == 1:
            return () if left[0] == ONE else left[:1]
        return (left[0], right[1]) if (left[0], right[1]) != (ONE, ONE) else ()


def _is_small(node: Node) -> bool:
    """Whether a factor is a small Latin letter."""
    name = head_name(node)
    return name is not None and len(name.text) == 1 and name.text.islower()


def _is_cost(node: Node | None) -> bool:
    return isinstance(node, Name) and node.text in SCALARS


def _is_number(node: Node) -> bool:
    """Whether a term is a number, which is added to every entry of an array."""
    return isinstance(node, Number) or isinstance(node, Negative) and _is_number(node.operand)
