"""``symbackprop draw``: an activation with its derivative, and what depth does to variances and to gradients."""

from __future__ import annotations

import sys
from argparse import Namespace
from fractions import Fraction

import numpy as np

from symbackprop.activations import Activation, activations
from symbackprop.commands.derive import exact
from symbackprop.commands.plotting import Curve, Picture, check_target, draw
from symbackprop.derivation.propagation import propagation_argument
from symbackprop.errors import InvalidSpec
from symbackprop.kernels import lambdify_elementwise
from symbackprop.kernels.accuracy import PARAMETER

_SAMPLES = 32
_POINTS = 200
#: Values so many times apart are drawn in powers of ten.
_WIDE = 20


def execute(options: Namespace) -> int:
    """Write the picture; always exit code 0."""
    check_target(options.output)
    activation = activations[options.activation]
    if activation.closed_form is None or not activation.elementwise:
        raise InvalidSpec(f"{activation.name} has no closed form in z alone, so it is not drawn")
    if activation.parameters and options.what != "activation":
        raise InvalidSpec(f"{activation.name} has a parameter that is learnt, so what depth does is not derived")
    draw(picture(options.what, activation, options), options.output)
    print(f"wrote {options.output}", file=sys.stderr)
    return 0


def picture(what: str, activation: Activation, options: Namespace) -> Picture:
    """The picture that is asked for."""
    if what == "activation":
        return of_activation(activation, options.low, options.high)
    weight, bias = exact(options.weight_variance), exact(options.bias_variance)
    return of_depth(what, activation, weight, bias, options.layers, options.width, options.seed)


def of_activation(activation: Activation, low: float = -5.0, high: float = 5.0, points: int = 501) -> Picture:
    """h and h′ between two ends; a jump or a kink shows as a steep line. What is learnt is where it begins, at 1/4.

    >>> from symbackprop.activations import sigmoid
    >>> [round(max(curve.y), 2) for curve in of_activation(sigmoid).curves]
    [0.99, 0.25]
    """
    if not low < high:
        raise InvalidSpec(f"an activation is drawn from a lower to a higher number, not from {low} to {high}")
    h, slope = lambdify_elementwise(activation)
    z = np.linspace(low, high, points)
    name = activation.name.replace("_", " ")
    # A constant slope comes back as one number for all.
    start = [float(PARAMETER)] * len(activation.parameters)
    values, slopes = (np.broadcast_to(f(z, *start), z.shape).tolist() for f in (h, slope))
    return Picture(name, "z", "", (Curve(z.tolist(), values, "h(z)"), Curve(z.tolist(), slopes, "h'(z)", dashed=True)))


def of_depth(
    what: str, activation: Activation, weight: Fraction, bias: Fraction, layers: int, width: int, seed: int
) -> Picture:
    """The mean square of pre-activations, or of errors, layer by layer in a random network, beside what is derived."""
    forward, backward = simulated(activation, float(weight), float(bias), layers, width, seed)
    found = {str(lhs): rhs for lhs, rhs in propagation_argument(activation, weight, bias).results.items()}
    depth = list(range(1, layers + 1))
    name = f"{activation.name.replace('_', ' ')}, n Var(w) = {weight}, Var(b) = {bias}"
    measured = f"a random network of width {width}"
    if what == "variance":
        expected = by_the_map(activation, float(weight), float(bias), layers)
        fixed = "" if found["q"].free_symbols else f", fixed point {float(found['q']):.4g}"
        curves = [Curve(depth, forward, measured), Curve(depth, expected, f"the variance map{fixed}", dashed=True)]
        return _of_layers(name, "mean square of z", *curves)
    chi = float(found["chi"])
    expected = [backward[-1] * chi ** (layers - number) for number in depth]
    curves = [Curve(depth, backward, measured), Curve(depth, expected, f"χ = {chi:.4g} a layer", dashed=True)]
    return _of_layers(name, "mean square of an error", *curves)


def _of_layers(name: str, up: str, *curves: Curve) -> Picture:
    values = [y for curve in curves for y in curve.y]
    return Picture(name, "layer", up, curves, log=max(values) > _WIDE * min(values) > 0, zero=True)


def by_the_map(activation: Activation, weight: float, bias: float, layers: int) -> list[float]:
    """q = n Var(w) E[h(z)²] + Var(b), layer by layer from inputs of mean square 1; z is normal, its law in 200 points.

    >>> from symbackprop.activations import identity
    >>> [round(q, 12) for q in by_the_map(identity, 0.5, 1.0, 3)]
    [1.5, 1.75, 1.875]
    """
    h, _ = lambdify_elementwise(activation)
    points, weights = np.polynomial.hermite_e.hermegauss(_POINTS)
    found = [weight + bias]
    while len(found) < layers:
        square = h(np.sqrt(found[-1]) * points) ** 2 @ weights / weights.sum()
        found.append(weight * float(square) + bias)
    return found


def simulated(
    activation: Activation, weight: float, bias: float, layers: int, width: int, seed: int
) -> tuple[list[float], list[float]]:
    """Mean squares of z and of errors in each layer of a network drawn from a seed; the last errors are normal."""
    h, slope = lambdify_elementwise(activation)
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(width, _SAMPLES))
    weights, pre = [], []
    for _ in range(layers):
        weights.append(rng.normal(size=(width, width)) * np.sqrt(weight / width))
        pre.append(weights[-1] @ a + rng.normal(size=(width, 1)) * np.sqrt(bias))
        a = np.broadcast_to(h(pre[-1]), pre[-1].shape)
    error = rng.normal(size=a.shape)
    errors = [error]
    for w, z in zip(weights[:0:-1], pre[-2::-1], strict=True):
        error = (w.T @ error) * slope(z)
        errors.append(error)
    return [float((z**2).mean()) for z in pre], [float((e**2).mean()) for e in errors[::-1]]
