"""What an activation does to second moments: E[h(z)²] and E[h'(z)²], exact or between proved bounds.

For a function that is one line on each side of 0 the moment follows from the symmetry of z alone; otherwise z is taken
as normal of mean 0, and the integral is enclosed by ball arithmetic with a bound for the tails.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import acb, arb, ctx, fmpq
from sympy import Expr, Integer, oo

from symbackprop.activations import Activation
from symbackprop.activations.pieces import kinks, pieces
from symbackprop.derivation.balls import BITS, Ball, ball_of, between, bounds, evaluator
from symbackprop.derivation.properties import properties
from symbackprop.errors import NotDerivable
from symbackprop.quantities import ARGUMENT

#: Beyond so many standard deviations the normal density is bounded, not integrated.
_FAR = 16


@dataclass(frozen=True)
class Moment:
    """A second moment: ``exact``, or between ``low`` and ``high``; with ``symmetric`` it needs no normal law."""

    exact: Expr | None
    low: Fraction
    high: Fraction
    symmetric: bool = False


def slopes_at_zero(activation: Activation) -> tuple[Expr, Expr] | None:
    """(c₋, c₊) of h(z) = c₋ z for z < 0 and c₊ z for z > 0, if h is of this kind.

    >>> from symbackprop.activations import relu, tanh
    >>> slopes_at_zero(relu), slopes_at_zero(tanh)
    ((0, 1), None)
    """
    if activation.closed_form is None or activation.parameters:
        return None
    found = pieces(activation.closed_form(ARGUMENT))
    slopes = [(piece.expression / ARGUMENT).expand() for piece in found]
    if any(slope.has(ARGUMENT) for slope in slopes) or [piece.high for piece in found] not in ([oo], [0, oo]):
        return None
    return slopes[0], slopes[-1]


def second_moment(activation: Activation, order: int = 0, variance: Fraction = Fraction(1)) -> Moment:
    """E[h(z)²], or with ``order=1`` E[h'(z)²], for z of mean 0 and this variance.

    >>> from symbackprop.activations import relu, tanh
    >>> second_moment(relu).exact, second_moment(relu, order=1).exact
    (1/2, 1/2)
    >>> moment = second_moment(tanh)
    >>> float(moment.low), moment.high - moment.low < Fraction(1, 10**20)
    (0.3942944903978412, True)
    """
    with ctx.workprec(BITS):
        lines = slopes_at_zero(activation)
        if lines is None:
            return Moment(None, *bounds(_normal_moment(activation, order, between(variance, variance))))
        size = Fraction(1) if order else variance
        exact = share_of(lines) * Integer(size.numerator) / size.denominator
        return Moment(exact, *bounds(ball_of(exact)), symmetric=True)


def share_of(lines: tuple[Expr, Expr]) -> Expr:
    """(c₋² + c₊²)/2, the share of E[z²] that two lines let through where z is as often left of 0 as right of it."""
    return (lines[0] ** 2 + lines[1] ** 2) / 2


def _normal_moment(activation: Activation, order: int, variance: Ball) -> Ball:
    """∫ f(√q z)² φ(z) dz for every q in a ball, the tails bounded from |f(z)| ≤ |f(0)| + M |z|."""
    if activation.closed_form is None or activation.parameters or not activation.elementwise:
        raise NotDerivable(f"the moments of {activation.name} need its closed form in z alone")
    form = activation.closed_form(ARGUMENT)
    steepest = properties(activation).steepest
    if steepest is None or steepest.high is None or any(kink.jump for kink in kinks(form)):
        raise NotDerivable(f"no bound for the tails of {activation.name}")
    scale = variance.sqrt()
    total = arb(0)
    for piece in pieces(form):
        low = arb(-_FAR) if piece.low == -oo else _within(ball_of(piece.low) / scale)
        high = arb(_FAR) if piece.high == oo else _within(ball_of(piece.high) / scale)
        total += _integral(piece.expression.diff(ARGUMENT, order), scale, low, high)
    slope = arb(fmpq(steepest.high.numerator, steepest.high.denominator))
    middle = abs(ball_of(form.subs(ARGUMENT, 0)))
    constant, growth = (slope, arb(0)) if order else (middle, slope * scale)
    return total + _tails(constant, growth) * arb(0.5, 0.5)


def _within(point: Ball) -> Ball:
    return point.max(arb(-_FAR)).min(arb(_FAR))


def _integral(form: Expr, scale: Ball, low: Ball, high: Ball) -> Ball:
    plain, analytic = evaluator(form, ARGUMENT), evaluator(form, ARGUMENT, analytic=True)

    def integrand(z: Ball, holomorphic: bool) -> Ball:
        value = (analytic if holomorphic else plain)(z * scale)
        return value * value * (-z * z / 2).exp()

    return acb.integral(integrand, acb(low), acb(high)).real / (2 * arb.pi()).sqrt()


def _tails(constant: Ball, growth: Ball) -> Ball:
    """A bound of E[(c + M|z|)²; |z| > R]: 2c² and 2M² times the moments of a normal tail."""
    far = arb(_FAR)
    density = (-far * far / 2).exp() / (2 * arb.pi()).sqrt()
    return 4 * (constant**2 * density / far + growth**2 * (far + 1 / far) * density)


@dataclass(frozen=True)
class Propagation:
    """What depth does to the variance q of a pre-activation under q → w E[h(z)²] + b, z of variance q.

    ``variance`` encloses a fixed point q*, ``slope`` encloses χ = w E[h'(z)²] there: errors grow with depth where
    χ > 1 and die out where χ < 1.
    """

    variance: tuple[Fraction, Fraction]
    slope: tuple[Fraction, Fraction]


def propagation(activation: Activation, weight: Fraction, bias: Fraction, most: int = 64) -> Propagation:
    """A fixed point of the variance map between 0 and ``most``, ``weight`` being n Var(w) and ``bias`` Var(b).

    Poole et al. 2016, eq. 3 and 5; Schoenholz et al. 2017, eq. 5. Raises :class:`NotDerivable` where no change of sign
    proves a fixed point.

    >>> from symbackprop.activations import tanh
    >>> found = propagation(tanh, Fraction(9, 4), Fraction(1, 20))
    >>> round(float(found.variance[0]), 6), round(float(found.slope[0]), 6)
    (0.889425, 1.092338)
    """

    def gap(q: Fraction) -> tuple[Fraction, Fraction]:
        moment = second_moment(activation, 0, q)
        return weight * moment.low + bias - q, weight * moment.high + bias - q

    low, high = Fraction(1, 2**20), Fraction(most)
    if not (gap(low)[0] > 0 and gap(high)[1] < 0):
        raise NotDerivable(f"no fixed point of the variance under {activation.name} is shown to lie below {most}")
    while high - low > Fraction(1, 2**30):
        middle = (low + high) / 2
        under, over = gap(middle)
        if under <= 0 <= over:
            break
        low, high = (middle, high) if under > 0 else (low, middle)
    with ctx.workprec(BITS):
        slope = arb(fmpq(weight.numerator, weight.denominator)) * _normal_moment(activation, 1, between(low, high))
        return Propagation((low, high), bounds(slope))
