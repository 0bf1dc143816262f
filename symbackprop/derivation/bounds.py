"""How large a gradient can be after L layers, and what a linear recurrence does to it: it vanishes or explodes."""

from __future__ import annotations

from fractions import Fraction

from sympy import Expr, Pow, Rational, Symbol

from symbackprop.activations import Activation
from symbackprop.derivation.argument import Argument, Part, chain
from symbackprop.derivation.properties import properties
from symbackprop.errors import NotDerivable


def steepest(activation: Activation) -> Expr:
    """The largest |h'|, exact or a rational bound from above.

    >>> from symbackprop.activations import sigmoid, tanh
    >>> steepest(sigmoid), steepest(tanh)
    (1/4, 1)
    """
    found = properties(activation).steepest
    if found is None:
        raise NotDerivable(f"the largest slope of {activation.name} is not known")
    if found.exact is not None:
        return abs(found.exact)
    ends = [abs(end) for end in (found.low, found.high) if end is not None]
    if len(ends) < 2:
        raise NotDerivable(f"the slopes of {activation.name} have no bound")
    # Upwards to a short fraction: a bound may be larger, never smaller.
    largest = max(ends)
    short = Fraction(-(-largest.numerator * 10**6 // largest.denominator), 10**6)
    return Rational(short.numerator, short.denominator)


def gradient_bound(activation: Activation) -> Argument:
    """B_L: how many times larger than the error of the output an error can be L layers below it.

    Each layer takes the error times wᵀ, of norm at most ω, and times h', at most its largest slope: the norm grows by
    no more than their product a layer (Bengio, Simard and Frasconi 1994).

    >>> from symbackprop.activations import sigmoid
    >>> list(gradient_bound(sigmoid).results.values())
    [1/4, omega/4, (omega/4)**L]
    """
    slope, norm, depth = Symbol("s"), Symbol("omega", positive=True), Symbol("L", integer=True, positive=True)
    largest = steepest(activation)
    product, whole = (Pow(each * norm, depth, evaluate=False) for each in (slope, largest))
    one = chain(Symbol("B_1"), (slope * norm, "slope times norm, each at its largest"), (largest * norm, "put in"))
    all_of_them = chain(Symbol("B_L"), (product, "a layer at a time"), (whole, "put in"))
    parts = (
        Part("The largest slope", (chain(slope, (largest, "derived from the activation")),)),
        Part("One layer", (one,)),
        Part("All layers", (all_of_them,)),
    )
    words = (
        "$B_L$ bounds how many times larger the norm of an error can be $L$ layers further down, if no $w$ has a norm "
        "above $\\omega$; where it falls with $L$ the gradient vanishes."
    )
    return Argument("A bound on the gradient", parts, words)
