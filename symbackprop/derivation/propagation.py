"""What depth does to the variance of a pre-activation and to an error: the variance map, its fixed point, and χ."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from sympy import Expr, IndexedBase, Integer, Rational, Sum, Symbol, log, sqrt

from symbackprop.activations import Activation, derivative
from symbackprop.derivation.argument import Argument, Part, chain
from symbackprop.derivation.gains import Moment, propagation, second_moment, share_of, slopes_at_zero
from symbackprop.derivation.moments import Expectation, Random, Variance, weighted_sum_moment
from symbackprop.derivation.step import Step
from symbackprop.errors import NotDerivable
from symbackprop.quantities import ARGUMENT, Apply, as_index, as_size

_I, _J, _N = as_index("i"), as_index("j"), as_size("n")
_WEIGHT, _BIAS = Symbol("w", real=True), Symbol("b", real=True)
_Q, _CHI = Symbol("q", positive=True), Symbol("chi", positive=True)
_DIGITS = 6
_ENCLOSED = "to 6 digits, enclosed by ball arithmetic"
_GIVEN = (
    "Weights and biases are independent, of mean 0, with $n\\,\\mathrm{Var}(w)$ and $\\mathrm{Var}(b)$ the same in "
    "every layer; all layers have one width $n$. Backward, the weights count as drawn anew."
)

_BACK = "$d$ is the derivative of the loss by an output, $\\epsilon$ an error."


def propagation_argument(activation: Activation, weight: Fraction, bias: Fraction) -> Argument:
    """The variance map q ↦ w E[h(z)²] + b with ``weight`` = n Var(w) and ``bias`` = Var(b), a fixed point, and χ there.

    Poole et al. 2016, eq. 3 and 5; Schoenholz et al. 2017, eq. 5, 6 and 9. For a function that is a line on each side
    of 0 all of it is exact and needs no normal law.

    >>> from symbackprop.activations import relu
    >>> for lhs, rhs in list(propagation_argument(relu, Fraction(3, 2), Fraction(1, 10)).results.items())[-3:]:
    ...     print(lhs, "=", rhs)
    q = 2/5
    chi = 3/4
    xi = -1/log(3/4)
    """
    if weight <= 0 or bias < 0:
        raise NotDerivable("the variance of a weight is above 0 and that of a bias not below 0")
    lines = slopes_at_zero(activation)
    point, slope, words = _by_lines(weight, bias, lines) if lines else _by_balls(activation, weight, bias)
    parts = [
        Part("Forward", (_forward(activation),), "$z$ is a pre-activation, $x$ an output of the layer before."),
        Part("Backward", (_backward(activation),), _BACK),
        Part("Fixed point", (point, slope), words),
    ]
    reach = _depth_scale(slope[-1].rhs)
    if reach:
        parts.append(Part("How deep", (reach,), "After $\\xi$ layers an error has changed by a factor of e."))
    return Argument(f"Signal propagation through {activation.name.replace('_', ' ')}", tuple(parts), _GIVEN)


def gain_argument(activation: Activation) -> Argument:
    """The share of a second moment of 1 that an activation lets through, and the gain that makes up for it.

    >>> from symbackprop.activations import relu
    >>> list(gain_argument(relu).results.values())
    [1/2, 1/2, sqrt(2)]
    """
    lines = slopes_at_zero(activation)
    law = "$z$ is as likely as $-z$" if lines else f"$z$ is normal of variance 1; {_ENCLOSED}"
    moments = [second_moment(activation, order) for order in (0, 1)]
    if moments[0].high == 0:
        raise NotDerivable(f"{activation.name} lets nothing through")
    rows = tuple(
        chain(Expectation(Apply(activation.name, order, ARGUMENT) ** 2), (_value(moment), law))
        for order, moment in enumerate(moments)
    )
    exact = moments[0].exact
    root = _decimal(*map(_inverse_root, (moments[0].high, moments[0].low))) if exact is None else 1 / sqrt(exact)
    made_up = chain(Symbol("g", positive=True), (root, "it leaves the second moment as it is"))
    words = "The variance of a weight is $\\frac{g^{2}}{n_{\\mathrm{in}}}$."
    return Argument(
        f"The gain of {activation.name.replace('_', ' ')}",
        (Part("Second moments", rows), Part("Gain", (made_up,), words)),
        "The pre-activation $z$ has mean 0 and variance 1.",
    )


def _value(moment: Moment) -> Expr:
    return _decimal(moment.low, moment.high) if moment.exact is None else moment.exact


def _inverse_root(square: Fraction) -> Fraction:
    """1/√q to 15 digits."""
    return Fraction(isqrt(10**30 * square.denominator // square.numerator), 10**15)


def _forward(activation: Activation) -> tuple[Step, ...]:
    """Var(z) of a sum of weighted outputs and a bias."""
    total = Sum(IndexedBase("w")[_I, _J] * IndexedBase("x")[_J], (_J, 1, _N))
    weighted = weighted_sum_moment(total, Random(IndexedBase("w"), Variance(_WEIGHT)))[-1][0]
    of_output = weighted.xreplace({Symbol("x", real=True): Apply(activation.name, 0, ARGUMENT)})
    return chain(
        Variance(IndexedBase("z")[_I]),
        (Expectation(total**2) + Variance(_BIAS), "the bias is independent of the sum, and all means are 0"),
        (weighted + Variance(_BIAS), "independent weights of mean 0, all alike"),
        (of_output + Variance(_BIAS), "an output is the activation of the layer before"),
    )


def _backward(activation: Activation) -> tuple[Step, ...]:
    """E[ε²] a layer further down."""
    slope = Expectation(Apply(activation.name, 1, ARGUMENT) ** 2)
    error, handed = Symbol("epsilon", real=True), IndexedBase("d")[_J]
    total = Sum(IndexedBase("w")[_I, _J] * IndexedBase("epsilon")[_I], (_I, 1, _N))
    back = weighted_sum_moment(total, Random(IndexedBase("w"), Variance(_WEIGHT)))[-1][0]
    lhs = Expectation((handed * Apply(activation.name, 1, IndexedBase("z")[_J])) ** 2)
    return chain(
        lhs,
        (slope * Expectation(handed**2), "what comes back is taken as independent of the slope"),
        (slope * back, "independent weights of mean 0, all alike"),
        (_CHI * Expectation(error**2), "the factor of a layer is called $\\chi$"),
    )


def _by_lines(
    weight: Fraction, bias: Fraction, lines: tuple[Expr, Expr]
) -> tuple[tuple[Step, ...], tuple[Step, ...], str]:
    w, b = _exact(weight), _exact(bias)
    share = share_of(lines)
    chi = w * share
    slope = chain(_CHI, (w * share, "the share of a second moment that is let through, times $n\\,\\mathrm{Var}(w)$"))
    if chi == 1 and b == 0:
        return chain(_Q, (_Q, "every variance is kept")), slope, f"Every variance is a fixed point. {_judged(chi)}"
    if chi >= 1:
        mapped = chain(_Q, (chi * _Q + b, "the variance map"))
        return mapped, slope, f"No variance is kept: it grows without bound. {_judged(chi)}"
    solved = chain(_Q, (chi * _Q + b, "the variance map"), (b / (1 - chi), "solved for it"))
    return solved, slope, _judged(chi)


def _by_balls(
    activation: Activation, weight: Fraction, bias: Fraction
) -> tuple[tuple[Step, ...], tuple[Step, ...], str]:
    form = activation.closed_form(ARGUMENT) if activation.closed_form and not activation.parameters else None
    if form is not None and bias == 0 and form.subs(ARGUMENT, 0) == 0:
        at_zero = derivative(activation).subs(ARGUMENT, 0) ** 2 * _exact(weight)
        if at_zero <= 1:
            point = chain(_Q, (Integer(0), "without a bias 0 stays 0"))
            return point, chain(_CHI, (at_zero, "slope at 0, squared, times $n\\,\\mathrm{Var}(w)$")), _judged(at_zero)
    found = propagation(activation, weight, bias)
    mapped = _exact(weight) * Expectation(Apply(activation.name, 0, ARGUMENT) ** 2) + _exact(bias)
    squared = _exact(weight) * Expectation(Apply(activation.name, 1, ARGUMENT) ** 2)
    chi = _decimal(*found.slope)
    point = chain(_Q, (mapped, "the variance map"), (_decimal(*found.variance), _ENCLOSED))
    return point, chain(_CHI, (squared, "definition"), (chi, _ENCLOSED)), f"$z$ is normal. {_judged(chi)}"


def _judged(chi: Expr) -> str:
    if chi == 1:
        return "With $\\chi = 1$ errors keep their size."
    return f"With $\\chi {'<' if chi < 1 else '>'} 1$ errors {'die out' if chi < 1 else 'grow'} towards the input."


def _depth_scale(chi: Expr) -> tuple[Step, ...]:
    """ξ = 1/|ln χ|, the number of layers in which an error changes by a factor of e."""
    if chi in (0, 1):
        return ()
    xi = Symbol("xi", positive=True)
    exact = (1 if chi > 1 else -1) / log(chi)
    return chain(xi, (exact, "the depth scale"))


def _exact(value: Fraction) -> Rational:
    return Rational(value.numerator, value.denominator)


def _decimal(low: Fraction, high: Fraction) -> Rational:
    """A number to the digits that both ends of its enclosure share."""
    ends = [round(end * 10**_DIGITS) for end in (low, high)]
    if ends[0] != ends[1]:
        raise NotDerivable(f"the value between {float(low)} and {float(high)} is not known to {_DIGITS} digits")
    return Rational(ends[0], 10**_DIGITS)
