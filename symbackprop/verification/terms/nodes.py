"""The language in which a claim is judged: immutable terms, never evaluated when they are built, no strings of code.

Every term is a scalar. Vectors and matrices are entries with free indices; matrix notation is elaborated to these
before it gets here. Widths, layer numbers and times may be symbols.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from symbackprop.verification.terms.affine import Affine


@dataclass(frozen=True, slots=True)
class Axis:
    """A direction of an array, over 1 … size. Two axes are the same if and only if they are equal.

    ``labels`` make a family (the width ``n_l`` of layer l is ``Axis("n", (l,))``); ``size`` is set where it is a
    known number, else the size is a symbol of its own. ``parts`` and ``pairs`` are for reading only: an axis that is
    made of others, end to end or as pairs, stands in no term.
    """

    name: str
    labels: tuple[Affine, ...] = ()
    size: int | None = None
    parts: tuple[Axis, ...] = ()
    pairs: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """Whole numbers lo … hi, for sums over layers, times or samples that label families."""

    lo: Affine
    hi: Affine


Over: TypeAlias = Axis | Range


@dataclass(frozen=True, slots=True)
class Num:
    """An exact rational number."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Const:
    """A named real constant; Euler's number is ``Fn("exp", 0, Num(1))``."""

    name: Literal["pi"]


@dataclass(frozen=True, slots=True)
class Size:
    """The number of entries along an axis."""

    axis: Axis


@dataclass(frozen=True, slots=True)
class Whole:
    """An index expression used as a number (the t of ``β^t``, the T of ``1/T``)."""

    value: Affine


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a tensor: ``w^{l+1}_{k i}`` is ``Entry("w", (l + 1,), (k, i))``; a scalar has neither.

    ``labels`` number the member of a family (layer, time, sample number); ``indices`` run over its axes.
    """

    name: str
    labels: tuple[Affine, ...] = ()
    indices: tuple[Affine, ...] = ()


@dataclass(frozen=True, slots=True)
class Add:
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Mul:
    factors: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Pow:
    """base ** exponent; division is a power of -1, a root a fractional power."""

    base: Term
    exponent: Term


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of ``body`` for ``index`` over an axis or range; ``index`` is bound in ``body`` and nowhere else."""

    index: str
    over: Over
    body: Term


@dataclass(frozen=True, slots=True)
class Prod:
    """The product of ``body`` for ``index`` over an axis or range."""

    index: str
    over: Over
    body: Term


@dataclass(frozen=True, slots=True)
class Delta:
    """1 where the two index expressions are equal, else 0."""

    left: Affine
    right: Affine


@dataclass(frozen=True, slots=True)
class Fn:
    """The ``order``-th derivative of a scalar function of one variable, at ``argument``.

    Known names are in ``functions.KNOWN`` (exp, log, sin, cos, erf, step, abs, sigmoid, tanh, relu, …); every other
    name is an unknown function, as often differentiable as is asked for.
    """

    name: str
    order: int
    argument: Term


@dataclass(frozen=True, slots=True)
class Lambda:
    """An array handed to an unknown function: ``body`` with one bound index an axis (none for a scalar)."""

    indices: tuple[tuple[str, Axis], ...]
    body: Term


@dataclass(frozen=True, slots=True)
class Call:
    """An entry of an unknown function of arrays, or of a partial derivative of it.

    ``component`` picks the entry of its value. ``slots`` lists the derivatives: (number of the argument, index of
    the entry of that argument); their order does not matter.
    """

    name: str
    labels: tuple[Affine, ...]
    component: tuple[Affine, ...]
    arguments: tuple[Lambda, ...]
    slots: tuple[tuple[int, tuple[Affine, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Diff:
    """The derivative of ``body`` by one entry.

    ``total`` follows every path through the definitions; otherwise only what ``body`` says (its definition, one level)
    is differentiated and all other named quantities are held fixed. The indices of ``by`` are those of the outer
    scope: an index bound inside ``body`` is never captured by them.
    """

    body: Term
    by: Entry
    total: bool = True


@dataclass(frozen=True, slots=True)
class Expect:
    """The expectation over every random letter of the context."""

    body: Term


@dataclass(frozen=True, slots=True)
class Relation:
    left: Term
    op: Literal["<", "<=", "=", "!=", ">=", ">"]
    right: Term


@dataclass(frozen=True, slots=True)
class Cases:
    """The first value whose conditions all hold; ``otherwise`` is ``None`` where no case is left over."""

    cases: tuple[tuple[tuple[Relation, ...], Term], ...]
    otherwise: Term | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """The limit of ``body`` for the scalar entry ``variable`` towards ``to`` (``None`` with ``sign`` is ±∞)."""

    body: Term
    variable: Entry
    to: Term | None
    sign: int = 0


@dataclass(frozen=True, slots=True)
class Integral:
    """The integral of ``body`` over the scalar entry ``variable``; a bound of ``None`` is -∞ or +∞."""

    body: Term
    variable: Entry
    lo: Term | None
    hi: Term | None


Term: TypeAlias = (
    Num
    | Const
    | Size
    | Whole
    | Entry
    | Add
    | Mul
    | Pow
    | Sum
    | Prod
    | Delta
    | Fn
    | Call
    | Diff
    | Expect
    | Cases
    | Limit
    | Integral
)
