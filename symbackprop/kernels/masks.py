"""Case distinctions as arithmetic: a mask (0 or 1) multiplies, which on arrays is many times faster than choosing."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import (
    Abs,
    Add,
    And,
    Expr,
    Function,
    Integer,
    Max,
    Min,
    Mul,
    Not,
    Or,
    Piecewise,
    Pow,
    Symbol,
    erf,
    exp,
    log,
    sign,
    tanh,
)
from sympy.core.relational import GreaterThan, LessThan, Relational, StrictGreaterThan, StrictLessThan
from sympy.core.traversal import bottom_up
from sympy.logic.boolalg import Boolean, BooleanFalse, BooleanTrue

from symbackprop.errors import NotDerivable
from symbackprop.kernels.stable import erfc, expit, rounded, softplus

#: What stays finite for every finite argument.
_TAME = (Abs, Max, Min, sign, tanh, erf, expit, erfc, softplus, rounded)


class Mask(Expr):
    """1 where the relation holds, else 0."""

    is_commutative = True

    @property
    def relation(self) -> Relational:
        return self.args[0]


class Choice(Expr):
    """``value`` where the mask is 1, ``other`` where it is 0; the value may be anything there."""

    is_commutative = True

    @property
    def mask(self) -> Expr:
        return self.args[0]


def masked(expression: Expr) -> Expr:
    """The expression with every ``Piecewise`` written with masks, minima and maxima.

    Two branches that both vanish where they meet become f(max(x, c)) + g(min(x, c)). Otherwise each branch is
    multiplied by its mask and evaluated at an x held inside it, so that an infinity beyond never meets a zero mask, or
    chosen where the condition is about more than an x.

    >>> from sympy import exp
    >>> from symbackprop.quantities import ARGUMENT as z
    >>> masked(Piecewise((z, z > 0), (z / 100, True)))
    Max(0, z) + Min(0, z)/100
    >>> masked(Piecewise((1, z > 0), (exp(z), True)))
    exp(Min(0, z))*Mask(z <= 0) + Mask(z > 0)
    """
    return bottom_up(expression, lambda node: _written_out(node) if isinstance(node, Piecewise) else node)


def _written_out(cases: Piecewise) -> Expr:
    branches = [(value, condition) for value, condition in cases.args]
    met = _meeting(branches) or _clipped(branches)
    if met is not None:
        return met
    terms, earlier = [], list[Boolean]()
    for value, condition in branches:
        here = [condition, *(Not(other) for other in earlier)]
        held, mask = _held(value, here), Mul(*map(mask_of, here))
        terms.append(Choice(mask, value, Integer(0)) if held is None else Mul(held, mask))
        earlier.append(condition)
    return Add(*terms)


def written_out(branches: Sequence[tuple[Expr, Boolean]]) -> Expr:
    """Branches whose conditions no value decides, only places: masks, and choices where a branch is infinite."""
    if any(value.is_infinite for value, _ in branches):
        found = branches[-1][0]
        for value, condition in reversed(branches[:-1]):
            found = Choice(mask_of(condition), value, found)
        return found
    terms, free = [], Integer(1)
    for value, condition in branches:
        own = mask_of(condition)
        terms.append(free * own * held_where(value, free * own))
        free = free * (mask_of(Not(condition)) if isinstance(condition, Relational) else 1 - own)
    return Add(*terms)


def held_where(value: Expr, mask: Expr) -> Expr:
    """``value`` with the arguments of functions that may overflow or have a pole made harmless where the mask is 0.

    >>> from symbackprop.quantities import ARGUMENT as z
    >>> held_where(z**2 + exp(z), Mask(z > 0))
    z**2 + exp(Choice(Mask(z > 0), z, 0))
    """
    if mask == 1 or isinstance(value, Mask | Choice) or not value.args:
        return value
    arguments = [held_where(argument, mask) for argument in value.args]
    if isinstance(value, exp):
        return exp(Choice(mask, arguments[0], Integer(0)))
    if isinstance(value, log):
        return log(Choice(mask, arguments[0], Integer(1)))
    if isinstance(value, Pow) and not value.is_number and not (value.exp.is_Integer and value.exp.is_positive):
        return Choice(mask, arguments[0], Integer(1)) ** arguments[1]
    return value.func(*arguments)


def mask_of(condition: Boolean) -> Expr:
    """The mask of a condition made of relations with and, or, not."""
    if isinstance(condition, BooleanTrue | BooleanFalse):
        return Integer(1 if condition else 0)
    if isinstance(condition, Relational):
        return Mask(condition)
    if isinstance(condition, And):
        return Mul(*map(mask_of, condition.args))
    if isinstance(condition, Or):
        return 1 - Mul(*(mask_of(Not(part)) for part in condition.args))
    if isinstance(condition, Not):
        return 1 - mask_of(condition.args[0])
    raise NotDerivable(f"no kernel for the condition {condition}; use comparisons with and, or, not")


def _side(condition: Boolean) -> tuple[Symbol, Expr, type[Max] | type[Min]] | None:
    """(x, c, Max) for x > c and x >= c, (x, c, Min) for x < c and x <= c, c a number."""
    if isinstance(condition, Relational) and condition.lhs.is_Symbol and condition.rhs.is_number:
        if isinstance(condition, StrictGreaterThan | GreaterThan):
            return condition.lhs, condition.rhs, Max
        if isinstance(condition, StrictLessThan | LessThan):
            return condition.lhs, condition.rhs, Min
    return None


def _meeting(branches: list[tuple[Expr, Boolean]]) -> Expr | None:
    """f(max(x, c)) + g(min(x, c)) for two branches f, g with f(c) = g(c) = 0."""
    side = _side(branches[0][1])
    if len(branches) != 2 or side is None:
        return None
    x, c, inner = side
    (f, _), (g, _) = branches
    if f.xreplace({x: c}) != 0 or g.xreplace({x: c}) != 0:
        return None
    outer = Min if inner is Max else Max
    return f.xreplace({x: inner(x, c)}) + g.xreplace({x: outer(x, c)})


def _clipped(branches: list[tuple[Expr, Boolean]]) -> Expr | None:
    """f·min(max(x + c, low), high) for f·(x + c), f > 0, between two numbers that it reaches; exact near its zero."""
    if len(branches) != 3:
        return None
    (below, lower), (inside, upper), (above, _) = branches
    one, other = _side(lower), _side(upper)
    if one is None or other is None or one[::2] != other[::2] or one[2] is Max:
        return None
    (x, low, _), high = one, other[1]
    factor = inside.diff(x)
    if not (factor.is_number and factor.is_positive) or low > high:
        return None
    if inside.xreplace({x: low}) != below or inside.xreplace({x: high}) != above:
        return None
    shift = inside.xreplace({x: Integer(0)}) / factor
    return factor * Min(Max(x + shift, below / factor), above / factor)


def _held(value: Expr, conditions: list[Boolean]) -> Expr | None:
    """``value`` with x held where the conditions are true, if it has functions that may overflow elsewhere.

    ``None`` where no condition compares one variable with a number: then the value must be chosen.
    """
    if all(isinstance(f, _TAME) for f in value.atoms(Function)):
        return value
    sides = [side for side in map(_side, conditions) if side is not None]
    if not sides:
        return None
    for x, c, inner in sides:
        value = value.xreplace({x: inner(x, c)})
    return value
