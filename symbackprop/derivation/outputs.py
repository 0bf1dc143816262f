"""A derivative in terms of the output: of functions made of lines, and of those that couple the units of a layer."""

from __future__ import annotations

from sympy import Expr, IndexedBase, Piecewise, Symbol
from sympy.core.relational import Relational

from symbackprop.activations import Activation
from symbackprop.activations.pieces import Piece, kinks, pieces
from symbackprop.derivation.argument import chain
from symbackprop.derivation.contract import contract, share
from symbackprop.derivation.differentiate import differentiate
from symbackprop.derivation.recognise import fold
from symbackprop.derivation.step import Step
from symbackprop.errors import NotDerivable
from symbackprop.model import Equation
from symbackprop.quantities import ARGUMENT, Partial, Quantity, Role, as_index, as_size


def slope_of_output(form: Expr, output: Symbol) -> Expr | None:
    """h'(z) as cases in a = h(z), for an h made of lines that never falls; ``None`` for any other.

    z > c says the same as a > h(c) where h rises to the right of c, and z < c as a < h(c) where it rises to the left.

    >>> from symbackprop.activations import hard_tanh, relu, softplus
    >>> a = Symbol("a", real=True)
    >>> slope_of_output(relu.closed_form(ARGUMENT), a)
    Piecewise((1, a > 0), (0, True))
    >>> slope_of_output(hard_tanh.closed_form(ARGUMENT), a)
    Piecewise((0, a <= -1), (1, a < 1), (0, True))
    >>> slope_of_output(softplus.closed_form(ARGUMENT), a)
    """
    slope = form.diff(ARGUMENT)
    found = pieces(form)
    slopes = [piece.expression.diff(ARGUMENT) for piece in found]
    rises = all(s.is_number and s.is_nonnegative for s in slopes) and not any(kink.jump for kink in kinks(form))
    if not isinstance(slope, Piecewise) or not rises:
        return None
    cases = [(value, _of_output(condition, form, found, output)) for value, condition in slope.args]
    return None if any(condition is None for _, condition in cases) else Piecewise(*cases)


def _of_output(condition: Expr, form: Expr, found: tuple[Piece, ...], output: Symbol) -> Expr | None:
    if not isinstance(condition, Relational):
        return condition
    relation, point = condition.func, condition.rhs
    right = relation.rel_op in (">", "<=")
    side = next(piece for piece in found if (piece.low if right else piece.high) == point)
    if condition.lhs != ARGUMENT or side.expression.diff(ARGUMENT) == 0:
        return None
    return relation(output, form.subs(ARGUMENT, point))


def coupled_slope(activation: Activation) -> tuple[Step, ...]:
    """∂a_i/∂z_j of a function of all pre-activations of a layer, in its outputs where they are recognised.

    >>> from symbackprop.activations import log_softmax, softmax
    >>> coupled_slope(softmax)[-1].rhs, coupled_slope(log_softmax)[-1].rhs
    ((KroneckerDelta(i, j) - a[j])*a[i], -exp(a[j]) + KroneckerDelta(i, j))
    """
    if activation.coupled is None:
        raise NotDerivable(f"{activation.name} takes every unit by itself; it has a derivative, not a Jacobian")
    i, j, size = as_index("i"), as_index("j"), as_size("n")
    z = Quantity(Role.PREACTIVATION, None, (size,))
    a = Quantity(Role.ACTIVATION, None, (size,))
    stated = Equation(a, (i,), activation.value(lambda k: z[k], i, size))
    ranges, axes = {i: size, j: size}, {q.label: q.axes for q in (z, a)}
    worked_out = differentiate(stated.expression, z[j])
    collapsed = contract(worked_out, ranges, axes)
    return chain(
        Partial(IndexedBase("a")[i], z[j]),
        (worked_out, "differentiated"),
        (collapsed, "only equal indices survive"),
        (share(fold(collapsed, stated)), "written in the outputs"),
    )
