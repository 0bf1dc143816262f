"""What the source of indices is written with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Expr, Symbol, floor, together
from sympy.printing.str import StrPrinter

from symbackprop.kernels.libraries import NUMPY, Library, listed
from symbackprop.kernels.program import Label, Operand

Names = Mapping[Symbol, str]


class IndexPrinter(StrPrinter):
    """Whole-number arithmetic as Python source; ``names`` says what stands for each symbol.

    >>> i, n = Symbol("i"), Symbol("n")
    >>> IndexPrinter({i: "t", n: "n1"}).code(floor((n - i) / 2) + 1)
    '((-t + n1)//2) + 1'
    """

    def __init__(self, names: Names) -> None:
        super().__init__()
        self.names = names

    def code(self, index: Expr) -> str:
        return str(self.doprint(index))

    def _print_Symbol(self, symbol: Symbol) -> str:
        return self.names[symbol]

    def _print_floor(self, expression: floor) -> str:
        above, below = together(expression.args[0]).as_numer_denom()
        return f"(({self._print(above)})//{self._print(below)})"

    def _print_Mod(self, expression: Expr) -> str:
        one, other = (f"({self._print(argument)})" for argument in expression.args)
        return f"({one} % {other})"

    def _print_Max(self, expression: Expr) -> str:
        return f"max({', '.join(sorted(map(self._print, expression.args)))})"


@dataclass(frozen=True)
class Writer:
    """How to write source: ``target`` is the name to assign to, ``stem`` the beginning of names of helpers.

    ``sizes`` holds the text of every size, ``text`` gives that of an operand, and ``aligned`` that of an operand with
    its axes in the order of the labels asked for. ``ranges`` says of an array of positions how far it reaches, from 1.
    """

    target: str
    stem: str
    sizes: Names
    text: Callable[[Operand], str]
    aligned: Callable[[Operand, Sequence[Label]], str]
    dtype: str
    library: Library = NUMPY
    ranges: Mapping[str, Expr] = field(default_factory=dict)

    def size(self, index: Expr) -> str:
        return IndexPrinter(self.sizes).code(index)


def tuple_text(parts: Iterable[str]) -> str:
    """The source of a tuple."""
    return listed(list(parts))
