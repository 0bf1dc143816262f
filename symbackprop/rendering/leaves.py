"""LaTeX of what only holds other expressions: cases, extremes, deltas, moments, roundings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sympy import Abs, Expr, KroneckerDelta, Max, Min, Piecewise, floor, ordered
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Boolean, BooleanTrue

from symbackprop.derivation.moments import Expectation, Variance
from symbackprop.notations.base import joined
from symbackprop.quantities import ArgMaximum
from symbackprop.rendering.order import terms_in_order
from symbackprop.rendering.pieces import ATOM, BIG, POWER, NotPrintable, Piece, brackets

if TYPE_CHECKING:
    from symbackprop.rendering.latex import Writer

_RELATIONS = {"==": "=", "!=": r"\ne", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}


def _extreme(writer: Writer, extreme: Expr) -> Piece:
    inside = ", ".join(writer.write(a) for a in terms_in_order(extreme.args))
    return Piece((r"\max" if isinstance(extreme, Max) else r"\min") + f"({inside})", POWER)


def _moment(writer: Writer, moment: Expr) -> Piece:
    inner = writer.piece(moment.args[0])
    if isinstance(moment, Variance):
        return Piece(rf"\mathrm{{Var}}{brackets(inner)}", POWER, inner.tall)
    text = rf"\left[{inner.text}\right]" if inner.tall else f"[{inner.text}]"
    return Piece(rf"\mathbb{{E}}{text}", POWER, inner.tall)


def _abs(writer: Writer, value: Abs) -> Piece:
    return Piece(f"|{writer.write(value.args[0])}|", ATOM)


def _delta(writer: Writer, delta: KroneckerDelta) -> Piece:
    return Piece(f"{writer.notation.kronecker}_{{{joined([writer.index(i) for i in delta.args[:2]])}}}", ATOM)


def _argument(writer: Writer, first: ArgMaximum) -> Piece:
    body, limit = first.args
    return Piece(rf"\operatorname{{arg\,max}}_{{{writer.index(limit[0])}}} {writer.bracketed(body, POWER).text}", BIG)


def _floor(writer: Writer, whole: floor) -> Piece:
    return Piece(rf"\left\lfloor {writer.write(whole.args[0])} \right\rfloor", ATOM, tall=True)


def _piecewise(writer: Writer, cases: Piecewise) -> Piece:
    rows = []
    for value, condition in cases.args:
        when = r"\text{otherwise}" if condition == BooleanTrue() else rf"\text{{if }} {_condition(writer, condition)}"
        rows.append(f"{writer.write(value)} & {when}")
    return Piece(r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}", BIG, tall=True)


def _condition(writer: Writer, condition: Boolean) -> str:
    if isinstance(condition, And):
        return r" \text{ and } ".join(_condition(writer, part) for part in ordered(condition.args))
    if not isinstance(condition, Relational):
        raise NotPrintable(f"the condition {condition} is not a comparison")
    return f"{writer.write(condition.lhs)} {_RELATIONS[condition.rel_op]} {writer.write(condition.rhs)}"


#: The kinds of expressions that are written here.
LEAVES: tuple[tuple[type | tuple[type, ...], Callable[[Writer, Expr], Piece]], ...] = (
    (KroneckerDelta, _delta),
    (Piecewise, _piecewise),
    ((Max, Min), _extreme),
    (ArgMaximum, _argument),
    (floor, _floor),
    (Abs, _abs),
    ((Expectation, Variance), _moment),
)
