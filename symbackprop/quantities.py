"""What a network is made of, in index form: quantities with a role, a layer and axes; meaning, no spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from sympy import Expr, Indexed, IndexedBase, Integer, Symbol, Tuple, sympify
from sympy.core.sympify import SympifyError

from symbackprop.errors import InvalidSpec, NotDerivable, ShapeMismatch


class Role(StrEnum):
    """What a quantity stands for; a notation spells it.

    An ``intermediate`` is a named value inside a layer (a mean, a gate, a cell state). What is ``given`` comes from
    outside and J is not differentiated by it (a dropout mask, an adjacency matrix). A ``position`` is a whole number
    that stands in an index of another quantity (the argument of a maximum, a token); it is constant almost everywhere.
    """

    INPUT = "input"
    TARGET = "target"
    WEIGHT = "weight"
    BIAS = "bias"
    PARAMETER = "parameter"
    PREACTIVATION = "pre-activation"
    ACTIVATION = "activation"
    ERROR = "error"
    INTERMEDIATE = "intermediate"
    GIVEN = "given"
    POSITION = "position"
    LOSS = "loss"


PARAMETER_ROLES = frozenset({Role.WEIGHT, Role.BIAS, Role.PARAMETER})

#: Roles by which J is not differentiated.
FIXED_ROLES = frozenset({Role.TARGET, Role.GIVEN, Role.POSITION})

#: The names of indices that count the steps of a sequence.
TIMES = ("t", "tau")

#: The argument in which closed forms of scalar functions are written (``Model.functions``).
ARGUMENT = Symbol("z", real=True)

#: The letter under which a role is stored in SymPy. It is internal: only a notation decides what a reader sees.
_LETTERS = {
    Role.INPUT: "x",
    Role.TARGET: "y",
    Role.WEIGHT: "w",
    Role.BIAS: "b",
    Role.PARAMETER: "p",
    Role.PREACTIVATION: "z",
    Role.ACTIVATION: "a",
    Role.ERROR: "epsilon",
    Role.INTERMEDIATE: "q",
    Role.GIVEN: "g",
    Role.POSITION: "m",
    Role.LOSS: "J",
}

#: What no width and no constant can be called: the running indices of the equations, and the letters above that stand
#: alone. Quantities that go by names of their own leave their letters free.
TAKEN = frozenset({"i", "j", "s", *_LETTERS.values()} - {"p", "q", "g", "m"})
_SIZE = re.compile(r"[0-9]{1,18}|[A-Za-z]\w*", re.ASCII)


@dataclass(frozen=True)
class Quantity:
    """An array of the model: its role, the layer it belongs to and the sizes of its axes.

    ``layer`` counts forward from the input (layer 0) and may be symbolic (``l``, ``l - 1``); it is ``None`` for the
    loss and the target. ``axes`` holds the sizes (integers or symbols), outermost first; a weight is (fan_out, fan_in).
    A batched quantity has the number of samples as its first axis and ``batched=True``; parameters never have.
    ``name`` tells apart several quantities of one role in a layer (``slope``, ``W_f``): a letter or word, and perhaps
    a label after an underscore. An index runs from 1; an entry outside of its axis is zero.

    >>> from sympy import symbols
    >>> i, j, n, m = symbols("i j n m", integer=True)
    >>> Quantity(Role.WEIGHT, Integer(2), (n, m))[i, j]
    w^2[i, j]
    >>> Quantity(Role.LOSS, None, ())[()]
    J
    """

    role: Role
    layer: Expr | None
    axes: tuple[Expr, ...]
    batched: bool = False
    name: str = ""

    @cached_property
    def label(self) -> str:
        """The unique internal name, the same in every run."""
        letter, layer = self.name or _LETTERS[self.role], self.layer
        if layer is None:
            return letter
        return f"{letter}^{int(layer) if layer.is_Integer else layer}"

    @property
    def goes_by_name(self) -> bool:
        """Whether the letter of the name is another one than that of the role (a second weight U beside W).

        >>> [Quantity(Role.WEIGHT, Integer(1), (), name=name).goes_by_name for name in ("", "W_f", "U_f")]
        [False, False, True]
        """
        letter = self.name.partition("_")[0]
        return bool(letter) and letter.lower() != _LETTERS[self.role]

    @cached_property
    def error(self) -> Quantity:
        """The error that belongs to this pre-activation: the derivative of J by it, with the same axes and label.

        >>> Quantity(Role.PREACTIVATION, Integer(1), (), name="z_f").error.label
        'epsilon_f^1'
        """
        _, mark, label = self.name.partition("_")
        return Quantity(Role.ERROR, self.layer, self.axes, self.batched, f"epsilon_{label}" if mark else "")

    @cached_property
    def base(self) -> IndexedBase | Symbol:
        """The SymPy object that stands for the whole array (a plain symbol for a scalar)."""
        return array_of(self.label) if self.axes else Symbol(self.label, real=True)

    def __getitem__(self, indices: tuple[Expr, ...] | Expr) -> Expr:
        wanted = indices if isinstance(indices, tuple) else (indices,)
        if len(wanted) != len(self.axes):
            raise ShapeMismatch(f"{self.label} has {len(self.axes)} axes, got {len(wanted)} indices")
        return entry_of(self.base, *wanted) if self.axes else self.base


@lru_cache(maxsize=4096)
def array_of(label: str) -> IndexedBase:
    """The SymPy array of a label; one object for all that ask, as SymPy compares two of them at length."""
    return IndexedBase(label)


@lru_cache(maxsize=4096)
def entry_of(base: IndexedBase, *indices: Expr) -> Indexed:
    """The entry of an array, one object for all that ask."""
    return base[indices]


#: The objective J, the same scalar in every model.
OBJECTIVE = Quantity(Role.LOSS, None, ())


class Apply(Expr):
    """The value at ``argument`` of the ``order``-th derivative of the scalar function called ``name``.

    The function may be known (a registered activation) or unknown (``h``). It is never evaluated here.

    >>> from sympy import Symbol
    >>> z = Symbol("z", real=True)
    >>> Apply("h", 0, z).diff(z)
    Apply(h, 1, z)
    >>> Apply("h", 0, z**2).diff(z)
    2*z*Apply(h, 1, z**2)
    """

    is_commutative = True

    def __new__(cls, name: str | Symbol, order: int | Integer, argument: Expr) -> Apply:
        head = name if isinstance(name, Symbol) else Symbol(name)
        return Expr.__new__(cls, head, Integer(order), argument)

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    @property
    def order(self) -> int:
        return int(self.args[1])

    @property
    def argument(self) -> Expr:
        return self.args[2]

    @property
    def free_symbols(self) -> set[Symbol]:
        return self.argument.free_symbols

    def _eval_derivative(self, symbol: Expr) -> Expr:
        inner = self.argument.diff(symbol)
        return Integer(0) if inner == 0 else Apply(self.name, self.order + 1, self.argument) * inner


class ArgMaximum(Expr):
    """The first value of an index, from 1 to its size, at which the body is largest; constant almost everywhere.

    >>> from sympy import IndexedBase
    >>> x, k = IndexedBase("x"), as_index("k")
    >>> k in ArgMaximum(x[k], (k, 1, 3)).free_symbols
    False
    """

    def __new__(cls, body: Expr, limit: tuple[Symbol, Expr | int, Expr | int]) -> ArgMaximum:
        return Expr.__new__(cls, body, Tuple(*limit))

    @property
    def free_symbols(self) -> set[Symbol]:
        body, limit = self.args
        return (body.free_symbols - {limit[0]}) | limit[2].free_symbols


class Partial(Expr):
    r"""The derivative :math:`\partial p/\partial q` of one named quantity by another, held, never evaluated.

    ``numerator`` and ``denominator`` are entries: ``Partial(J, w[i, j])``.
    """

    is_commutative = True

    def __new__(cls, numerator: Expr, denominator: Expr) -> Partial:
        if not isinstance(denominator, Indexed | Symbol):
            raise NotDerivable(f"a derivative by {denominator} is not a derivative by an entry of a quantity")
        return Expr.__new__(cls, numerator, denominator)

    @property
    def numerator(self) -> Expr:
        return self.args[0]

    @property
    def denominator(self) -> Expr:
        return self.args[1]

    def _eval_derivative(self, symbol: Expr) -> Expr:
        raise NotDerivable(f"no second derivative is derived here: {self} by {symbol}")


def as_index(name: str) -> Symbol:
    """The running index called ``name``; one assumption set everywhere, so that equal names are equal symbols.

    >>> as_index("i") == as_index("i")
    True
    """
    return Symbol(name, integer=True)


def as_size(value: int | str | Expr) -> Expr:
    """A width, batch size or length as an exact number or a positive integer symbol.

    >>> as_size("n").is_positive, as_size("3")
    (True, 3)
    """
    if isinstance(value, str):
        size = _named_size(value)
    else:
        try:
            size = sympify(value, strict=True)
        except SympifyError:
            raise ShapeMismatch(f"a width or batch size is a positive integer or a symbol, not {value!r}") from None
    if not isinstance(size, Expr) or size.is_number and not (size.is_Integer and size.is_positive):
        raise ShapeMismatch(f"a width or batch size is a positive integer or a symbol, not {value!r}")
    if size.is_Symbol and size.name in TAKEN:
        others = f"{', '.join(sorted(TAKEN))} stand for indices and arrays"
        raise InvalidSpec(f"a width cannot be called {size}: {others}; take another name")
    return size


def _named_size(text: str) -> Expr:
    if not _SIZE.fullmatch(text):
        raise ShapeMismatch(f"a width or batch size is a positive integer or a symbol, not {text!r}")
    return Integer(text) if text.isdecimal() else Symbol(text, integer=True, positive=True)
