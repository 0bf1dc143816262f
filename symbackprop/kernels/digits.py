"""How many digits of a computed value are right: points to measure at, the truth there, and the error in bits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import mpmath
import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol, lambdify

from symbackprop.kernels.arguments import Array

#: Enough for 1 - tanh(z)² at z = 1000, which is 1e-868.
DIGITS = 900


def points(dtype: str = "float64", borders: Sequence[float] = (), density: int = 6, seed: int = 0) -> Array:
    """Numbers of a dtype to measure at, the same for the same seed.

    ``density`` a decade with |z| from 1e-12 to 1e3 on both sides, ten times as many drawn in ±40, where tails begin,
    and each of the ``borders`` between two branches with its neighbours.

    >>> points("float32", density=1)[-2:].tolist()
    [100.0, 1000.0]
    """
    rng = np.random.default_rng(seed)
    spread = np.logspace(-12, 3, 15 * density + 1)
    near = [c + step for c in borders for step in (-1e-1, -1e-3, -1e-6, 0.0, 1e-6, 1e-3, 1e-1)]
    beside = [
        np.nextafter(np.dtype(dtype).type(c), np.dtype(dtype).type(side)) for c in borders for side in (-1e4, 1e4)
    ]
    found = np.concatenate([-spread, spread, rng.uniform(-40, 40, 10 * density), near, beside])
    return np.unique(found.astype(dtype))


def truth(expression: Expr, letters: Sequence[Symbol], values: Sequence[Array], precision: int = DIGITS) -> Array:
    """The value at each point in so many digits, rounded once, to float64; nan where there is none.

    >>> from symbackprop.quantities import ARGUMENT as z
    >>> from sympy import exp
    >>> truth(exp(z) - 1, [z], [np.array([1e-20])])
    array([1.e-20])
    """
    return true_values(exact(expression, letters), values, precision)


def exact(expression: Expr, letters: Sequence[Symbol]) -> Callable[..., float]:
    """The expression as a function of numbers of mpmath."""
    function: Callable[..., float] = lambdify(letters, expression, modules="mpmath")
    return function


def true_values(function: Callable[..., float], values: Sequence[Array], precision: int = DIGITS) -> Array:
    """What :func:`truth` gives, of an :func:`exact` function."""
    with mpmath.workdps(precision):
        return np.array([_real(function, row) for row in zip(*(v.tolist() for v in values), strict=True)])


def _real(function: Callable[..., float], row: Sequence[float]) -> float:
    try:
        return float(function(*map(mpmath.mpf, row)))
    except (ArithmeticError, TypeError, ValueError):
        return float("nan")


@dataclass(frozen=True)
class Digits:
    """The error of computed values: ``bits`` is the mean of log2(1 + error in units of the last place).

    ``worst`` is the largest of these and ``at`` the number of its point; ``relative`` is the largest relative error;
    ``broken`` counts values that are nan or infinite, each of which loses all bits. Measured are the points whose true
    value is 0 or a normal number of the dtype; ``count`` says how many.
    """

    bits: float
    worst: float
    at: int
    relative: float
    broken: int
    count: int


def digits(value: Array, wanted: Array, chosen: NDArray[np.bool_] | None = None, scale: Array | None = None) -> Digits:
    """The error of ``value``, in the precision of its dtype, at the points ``chosen``.

    The relative error is that to the larger of the true value and the ``scale``.

    >>> digits(np.array([1.0, 3.0]), np.array([1.0, 3.0 + 2**-51])).worst
    1.0
    """
    info = np.finfo(value.dtype)
    with np.errstate(over="ignore"):
        wanted = wanted.astype(value.dtype).astype("float64")
    size = np.abs(wanted)
    chosen = np.ones(size.shape, bool) if chosen is None else chosen
    finite = np.isfinite(wanted) & chosen
    measured = finite & ((size >= info.tiny) | (wanted == 0))
    broken = finite & ~np.isfinite(value)
    if not measured.any():
        return Digits(0.0, 0.0, 0, 0.0, int(broken.sum()), 0)
    error = np.abs(np.where(broken, 0.0, value).astype("float64") - np.where(finite, wanted, 0.0))
    last = np.where(wanted == 0, info.tiny * info.eps, _last_place(size, info))
    with np.errstate(over="ignore"):
        bits = np.minimum(np.where(broken, info.bits, np.log2(1 + error / last)), info.bits)
    size = np.where(finite & (wanted != 0), np.maximum(size, 0.0 if scale is None else scale), 1.0)
    relative = np.where(broken, np.inf, error / size)
    bits, relative = np.where(measured, bits, 0.0), np.where(measured, relative, 0.0)
    at = int(np.argmax(bits))
    count = int(measured.sum())
    return Digits(float(bits.sum()) / count, float(bits[at]), at, float(relative.max()), int(broken.sum()), count)


def scale_at_zeros(z: Array, wanted: Array) -> Array:
    """|z f'(z)| within half of a point z ≠ 0 where the values f(z) change their sign, and 0 elsewhere.

    There no form without more digits has a small relative error: the last place of z moves all that is left. An error
    beside this scale is a relative change of z.

    >>> scale_at_zeros(np.array([0.4, 0.95, 1.05, 2.0]), np.array([-1.0, -0.1, 0.1, 2.0])).round(6).tolist()
    [0.0, 2.0, 2.0, 0.0]
    """
    found = np.zeros(z.shape)
    z, wanted = z.astype("float64"), np.nan_to_num(wanted, posinf=0.0, neginf=0.0)
    after, next_wanted = np.roll(z, -1), np.roll(wanted, -1)
    for k in np.flatnonzero((np.sign(wanted) * np.sign(next_wanted) < 0) & (z * after > 0) & (after > z)):
        slope = (next_wanted[k] - wanted[k]) / (after[k] - z[k])
        root = z[k] - wanted[k] / slope
        near = np.abs(z - root) <= 0.5 * abs(root)
        found[near] = np.maximum(found[near], abs(slope * root))
    return found


def _last_place(size: Array, info: np.finfo) -> Array:
    """The distance of two neighbours of the dtype at values that float64 holds to more digits."""
    _, power = np.frexp(np.where(np.isfinite(size), size, 1.0))
    return np.ldexp(1.0, np.maximum(power, info.minexp + 1) - info.nmant - 1)
