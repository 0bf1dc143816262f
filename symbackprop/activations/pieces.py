"""A closed form piece by piece: where its branches meet, and the kinks and jumps there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from sympy import Abs, Expr, Integer, Piecewise, Symbol, oo, sign
from sympy.core.relational import Relational
from sympy.core.traversal import bottom_up

from symbackprop.errors import NotDerivable
from symbackprop.quantities import ARGUMENT


@dataclass(frozen=True)
class Piece:
    """``expression`` holds for low < z < high; an end may be infinite."""

    low: Expr
    high: Expr
    expression: Expr

    def inner_point(self) -> Expr:
        """A number strictly inside."""
        if self.low == -oo:
            return Integer(0) if self.high == oo else self.high - 1
        return self.low + 1 if self.high == oo else (self.low + self.high) / 2


@dataclass(frozen=True)
class Kink:
    """A point where the slopes, or with ``jump`` the values, differ from side to side; ``value`` is the slope used."""

    point: Expr
    left: Expr
    right: Expr
    value: Expr
    jump: bool


def pieces(form: Expr, variable: Symbol = ARGUMENT) -> tuple[Piece, ...]:
    """The pieces of a closed form from left to right.

    >>> from sympy import Abs
    >>> [(p.low, p.high, p.expression) for p in pieces(ARGUMENT / (1 + Abs(ARGUMENT)))]
    [(-oo, 0, z/(1 - z)), (0, oo, z/(z + 1))]
    """
    if not form.has(Piecewise, Abs, sign):
        return (Piece(-oo, oo, form),)
    ends = [-oo, *sorted(set(_borders(form, variable))), oo]
    found = []
    for low, high in pairwise(ends):
        inside = Piece(low, high, form).inner_point()
        found.append(Piece(low, high, bottom_up(form, lambda node, at=inside: _branch(node, variable, at))))
    return tuple(found)


def kinks(form: Expr, variable: Symbol = ARGUMENT) -> tuple[Kink, ...]:
    """The kinks and jumps of a closed form, and the slope that its derivative has there.

    >>> from sympy import Piecewise
    >>> kinks(Piecewise((ARGUMENT, ARGUMENT > 0), (0, True)))
    (Kink(point=0, left=0, right=1, value=0, jump=False),)
    """
    found, parts = [], pieces(form, variable)
    slope = form.diff(variable) if len(parts) > 1 else Integer(0)
    for before, after in pairwise(parts):
        at = {variable: before.high}
        left, right = (piece.expression.diff(variable).subs(at) for piece in (before, after))
        jump = before.expression.subs(at) != after.expression.subs(at)
        if jump or left != right:
            found.append(Kink(before.high, left, right, slope.subs(at), jump))
    return tuple(found)


def _borders(form: Expr, variable: Symbol) -> list[Expr]:
    """Where a condition changes or the argument of |u| and sign(u) vanishes."""
    found = []
    for node in sorted(form.atoms(Relational, Abs, sign), key=str):
        gap = node.lhs - node.rhs if isinstance(node, Relational) else node.args[0]
        if variable not in gap.free_symbols:
            continue
        slope = gap.diff(variable)
        border = (variable - gap / slope).expand() if slope.is_number else None
        if border is None or not border.is_number:
            raise NotDerivable(f"the border of {node} is not a number; write conditions as z > c")
        found.append(border)
    return found


def _branch(node: Expr, variable: Symbol, inside: Expr) -> Expr:
    if isinstance(node, Piecewise):
        return next(value for value, holds in node.args if holds.subs(variable, inside) == True)  # noqa: E712
    if isinstance(node, Abs | sign) and variable in node.free_symbols:
        side = sign(node.args[0].subs(variable, inside))
        return side * node.args[0] if isinstance(node, Abs) else side
    return node
