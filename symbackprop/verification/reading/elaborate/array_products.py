r"""Products of matrices over a running number, ``\prod_{i=k+1}^t \frac{\partial h_i}{\partial h_{i-1}}``.

The product of m factors is a member of a family of its own: P⁰ = I, and Pᵐ is a factor at one end times Pᵐ⁻¹. What else
the factors and their bounds depend on numbers the family as well. The factor is the last one, or where the last one is
that of the last member of all the first: over the number at the other end there is no induction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from symbackprop.verification.reading.elaborate.state import NotUnderstood, Reader
from symbackprop.verification.reading.shapes import Array
from symbackprop.verification.reading.surface import Span
from symbackprop.verification.reading.symbols import Symbol
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import PRODUCT, Definition
from symbackprop.verification.terms.nodes import Delta, Entry, Mul, Range, Sum, Term
from symbackprop.verification.terms.walk import Names, axis_at, free_symbols, freshen

DOWN = "…↓"  #: how the letter of a product with dots begins whose numbers run down
COUNT = "∏m"
LEFT = "in a product of matrices the last factor stands on the left"
RIGHT = "in a product of matrices the last factor stands on the right"


@dataclass(frozen=True)
class Factors:
    """The factors ``body`` for ``name`` over ``over``; ``left`` has the last one on the left, ``top`` peels it off."""

    body: Array
    name: str
    over: Range
    left: bool
    top: bool

    def number(self, first: int) -> Affine:
        """The number of the factor that is peeled off a product of m."""
        return self.over.lo + Affine.symbol(COUNT) + (-first) if self.top else self.over.lo

    def ends(self, first: int) -> tuple[Affine, Affine]:
        """The numbers of the leftmost and the rightmost factor."""
        last = self.over.lo + Affine.symbol(COUNT) + (-first)
        return (last, self.over.lo) if self.left else (self.over.lo, last)


def array_product(reader: Reader, body: Array, letter: str, name: str, over: Range, span: Span) -> Array:
    """The product of ``body`` for ``name`` over a range of labels, as a member of a family that defines it."""
    if len(body.axes) != 2:
        raise NotUnderstood("a product of vectors over an index", span)
    left = _last_on_the_left(reader, letter)
    rows, columns = body.axes
    before = {name: Affine.symbol(name) + (-1)}
    if left and columns != axis_at(rows, before) or not left and rows != axis_at(columns, before):
        raise NotUnderstood("the shapes of neighbouring factors of this product do not fit", span)
    top = reader.scope.last not in over.hi.symbols or over.lo.name is None and len(over.lo.parts) != 1
    symbol = _defined(reader, Factors(body, name, over, left, top))
    labels = (over.hi - over.lo + reader.scope.first, *(Affine.symbol(x) for x in symbol.labels[1:]))
    env = dict(zip(symbol.labels, labels, strict=True))
    axes = tuple(axis_at(axis, env) for axis in symbol.axes or ())
    made = replace(body, axes=axes, at=lambda idx: Entry(symbol.name, labels, idx))
    return made if letter.startswith("…") else made.noted(LEFT if left else RIGHT)


def _last_on_the_left(reader: Reader, letter: str) -> bool:
    """As written with dots; else as the convention says: Jacobians of later steps stand on the left."""
    if letter.startswith("…"):
        return letter.startswith(DOWN)
    reader.used.add("order")
    return reader.convention.last_left


def _defined(reader: Reader, factors: Factors) -> Symbol:
    """Add the family of the product to the scope."""
    i, j, s = (reader.fresh("p") for _ in range(3))
    row, column, inner = Affine.symbol(i), Affine.symbol(j), Affine.symbol(s)
    first = reader.scope.first
    before = factors.left == factors.top  # whether the factor that is peeled off stands on the left
    env = {factors.name: factors.number(first)}
    term = freshen(factors.body.at((row, inner) if before else (inner, column)), env, Names())
    others = tuple(sorted((free_symbols(term) | factors.over.lo.symbols) - {i, j, s, COUNT}))
    ends = [{factors.name: end} for end in factors.ends(first)]
    axes = tuple(axis_at(axis, end) for axis, end in zip(factors.body.axes, ends, strict=True))
    symbol = Symbol(reader.fresh(PRODUCT), "quantity", axes, (COUNT, *others), why="a product of matrices")
    moved = {} if factors.top else {str(x): Affine.symbol(x) + 1 for x in factors.over.lo.symbols}
    fewer = (Affine.symbol(COUNT) + (-1), *(Affine.symbol(x).substitute(moved) for x in others))
    rest = Entry(symbol.name, fewer, (inner, column) if before else (row, inner))
    between = axis_at(factors.body.axes[1 if before else 0], env)
    step: Term = Sum(s, between, Mul((term, rest) if before else (rest, term)))
    scope = reader.scope.with_symbol(symbol)
    for count, value in ((Affine.of(first - 1), Delta(row, column)), (Affine.symbol(COUNT), step)):
        made = Definition(symbol.name, (count, *map(Affine.symbol, others)), (i, j), value)
        scope = replace(scope, definitions=(*scope.definitions, made))
    reader.scope = replace(scope, running=reader.scope.running, last=reader.scope.last)
    return symbol
