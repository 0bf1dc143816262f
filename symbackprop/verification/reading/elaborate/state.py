"""What is at hand while one formula is read: errors, bound letters, conventions, and the reader itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Literal

from symbackprop.verification.reading.scope import Layout, Scope
from symbackprop.verification.reading.shapes import Array, Misfit
from symbackprop.verification.reading.surface import Node, Span
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Axis, Over, Range, Relation
from symbackprop.verification.terms.walk import Names

MAX_READINGS = 12
DIRECT = {
    "right": "∂ on the right is along the direct path only",
    "same": "∂ on the right, where it is that of the left side, is along the direct path only",
    "ordered": "∂⁺ is along every path, ∂ along the direct path only",
}
PLUS = "∂⁺ is along the direct path only, with all that is of other times held fixed"
SLOTS = "∂f(…) by one of its arguments is the partial derivative of f with the other arguments held fixed"


class NotUnderstood(Exception):
    """A part of a formula that cannot be given a meaning: why, and where."""

    def __init__(self, reason: str, span: Span) -> None:
        super().__init__(reason)
        self.reason, self.span = reason, span


class Unexplained(NotUnderstood):
    """A derivative of which nothing says how one thing depends on the other: it may only be given a name."""


class ShapeConflict(Exception):
    """A part that is understood, and whose shapes do not fit."""

    def __init__(self, misfit: Misfit, span: Span) -> None:
        super().__init__(str(misfit))
        self.misfit, self.span = misfit, span


@dataclass(frozen=True)
class Convention:
    """One way to read what a note leaves open.

    ``layout`` says how derivatives by arrays are laid out. ``direct`` reads ∂ of a quantity by what stands in its own
    definition as the derivative along that one path, as is done in unrolled recurrent nets: every one on the right, or
    only that which stands on the left as well; ``ordered`` every one but ``∂⁺``, which is along the direct path else.
    ``slots`` reads ∂f(x, y)/∂y as the partial derivative of f by that argument; ``entrywise`` a random letter without
    indices in a moment as any one of its entries: also in products of several, or only where it stands alone.
    ``last_left`` writes the last factor of a product of matrices on the left. ``near`` lets an operator or a function
    without brackets apply to the next factor only.
    """

    layout: Layout = "shape"
    direct: Literal["", "right", "same", "ordered"] = ""
    slots: bool = True
    last_left: bool = True
    entrywise: Literal["all", "alone", ""] = "all"
    near: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        named = {"numerator": "numerator layout", "denominator": "denominator layout"}
        layout = (named[self.layout],) if self.layout in named else ()
        return layout + ((DIRECT[self.direct],) if self.direct else ())


@dataclass(frozen=True)
class Bound:
    """A letter bound by a sum: its fresh name, what it runs over, and the number at which it is said to start."""

    name: str
    over: Over
    start: int | None = None


@dataclass(frozen=True)
class Env:
    """The bound letters and the values of parameters at one place of the formula.

    ``one_entry`` holds where a letter without indices stands for any one of its entries.
    """

    bound: Mapping[str, Bound] = field(default_factory=dict)
    values: Mapping[str, Array] = field(default_factory=dict)
    one_entry: bool = False

    def binding(self, letter: str, bound: Bound) -> Env:
        return replace(self, bound={**self.bound, letter: bound})

    def valued(self, values: Mapping[str, Array]) -> Env:
        return replace(self, values={**self.values, **values})


@dataclass
class Reader:
    """Reads the nodes of one formula under one convention.

    ``free`` collects the free index letters with their axes in the order met, ``words`` the decisions taken on the
    way, ``used`` whether a convention made a difference, ``on_left`` which derivatives the left side has along several
    paths. ``arguments`` holds what each function of the formula is
    applied to, for places where the author leaves the argument out; ``outer`` are the index letters of the other side.
    ``doubt`` is a guess without which a part would have no meaning.
    ``letters`` are the free and the bound index letters of the formula along each axis, ``counts`` letters that are 1
    because one example is looked at. ``aliases`` are sizes that turned out to be the size of another axis, ``wanted``
    the shape that the other side has. ``existing`` says where the entries with shifted indices exist that the formula
    names outside of its sums.
    """

    scope: Scope
    dispatch: Callable[[Reader, Node, Env], list[Array]]
    convention: Convention = Convention()
    on_right: bool = False
    free: dict[str, Axis] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    on_left: set[tuple[object, ...]] = field(default_factory=set)
    arguments: Mapping[str, Node] = field(default_factory=dict)
    wanted: tuple[Axis, ...] | None = None
    outer: frozenset[str] = frozenset()
    indices: frozenset[str] = frozenset()
    running: set[str] = field(default_factory=set)
    aliases: dict[Axis, Axis] = field(default_factory=dict)
    one_example: bool = False
    doubt: str = ""
    counts: frozenset[str] = frozenset()
    letters: Mapping[Axis, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    depth: int = 0
    existing: list[Relation] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def fresh(self, letter: str) -> str:
        """A name that nothing else in this formula has."""
        return f"{letter}#{next(self._numbers)}"

    def names(self) -> Names:
        """A supply of such names."""
        return Names(self.fresh("s") + ".")

    def read(self, node: Node, env: Env) -> list[Array]:
        """Every reading of a node, cheapest first.

        Raises:
            NotUnderstood: nothing is known of a part.
            ShapeConflict: no reading of a part has shapes that fit.
        """
        self.depth += 1
        try:
            if self.depth > 80:
                raise NotUnderstood("nested too deeply", node.span)
            found = self.dispatch(self, node, env)
        except Misfit as misfit:
            raise ShapeConflict(misfit.written(self.scope.counting), node.span) from misfit
        finally:
            self.depth -= 1
        if not found:
            raise NotUnderstood("nothing fits together here", node.span)
        return sorted(found, key=lambda array: array.cost)[:MAX_READINGS]

    def scalar(self, node: Node, env: Env) -> Array:
        """The reading of a node that must be a number."""
        for array in self.read(node, env):
            if not array.axes:
                return array
        raise NotUnderstood("a single number is expected here", node.span)

    def use_index(self, letter: str, axis: Axis, span: Span, env: Env, sure: bool = True) -> Affine:
        """Note that an index letter runs over an axis, and give its name."""
        bound = env.bound.get(letter)
        over: Over | None = bound.over if bound else self.free.setdefault(letter, axis)
        if isinstance(over, Axis) and over != axis:
            misfit = Misfit((over,), (axis,), f"index {letter} runs over two axes", sure)
            raise ShapeConflict(misfit.written(self.scope.counting), span)
        if isinstance(over, Range):
            raise NotUnderstood(f"{letter} numbers layers or times and is used as an index as well", span)
        return Affine.symbol(bound.name if bound else letter)
