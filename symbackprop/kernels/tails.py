"""Forms of accurate mode: exponentials whose argument loses no digit, far out on the tails of exp, logistic and erf.

An argument u with the relative rounding error δ makes exp(u) wrong by uδ, 700 times as much at the end of the range. So
z is taken apart into h, a multiple of 1/8 or 1/16, and a small rest, for which what a polynomial is at h needs so few
digits that it is exact: exp(p(z)) = exp(p(h)) exp(p(z) - p(h)) (W. J. Cody 1969 for exp(-z²)).
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import (
    Abs,
    Add,
    Eq,
    Expr,
    Float,
    Function,
    Integer,
    Max,
    Min,
    Mul,
    Ne,
    Poly,
    Pow,
    Rational,
    exp,
    floor,
    log,
    sign,
    tanh,
)
from sympy.codegen.cfunctions import expm1, log1p
from sympy.core.relational import Relational
from sympy.core.traversal import bottom_up

from symbackprop.kernels.masks import Mask, masked
from symbackprop.kernels.stable import erfc, expit, rounded, softplus

#: Beyond exp(±800) there is no number of either dtype.
_END = 800
#: Binary digits behind the point of what is exact: a float32 has 24, and 7 stand before it in its largest exponent.
_FRACTION = 17


class exponential(Function):  # noqa: N801 - as exp
    """exp(u), which is not multiplied into another one."""

    nargs = 1


class erfcx(Function):  # noqa: N801 - spelled as in SciPy
    """exp(u²)·erfc(u), which neither under- nor overflows for u ≥ 0."""

    nargs = 1


@dataclass(frozen=True)
class _Argument:
    """A polynomial of one letter as ``whole``, which is computed without rounding, and ``rest``, which is small."""

    whole: Expr
    rest: Expr


#: A number of either dtype beside 1, and so of whose (e^s - 1)/s is 1.
_TINY = Rational(1, 10**30)


def finite(expression: Expr) -> Expr:
    """The expression with logarithms of softplus, and quotients by it, that stay finite where it rounds to 0.

    >>> from symbackprop.quantities import ARGUMENT as z
    >>> finite(expit(z) / softplus(z))
    -expm1(-Max(1/1000000000000000000000000000000, softplus(z)))/Max(1/1000000000000000000000000000000, softplus(z))
    """
    return bottom_up(expression, _kept_finite) if expression.has(softplus) else expression


def _kept_finite(node: Expr) -> Expr:
    if isinstance(node, log) and isinstance(node.args[0], softplus):
        # log s = u - log((e^s - 1)/s) for u < 0, where e^s - 1 = e^u, and from log log 2 on beyond.
        u = node.args[0].args[0]
        s = Max(softplus(Min(u, 0)), _TINY)
        return Min(u, 0) - log(expm1(s) / s) + log(softplus(Max(u, 0)) / log(2))
    if isinstance(node, Mul):
        for factor in node.args:
            rest = node / factor
            if isinstance(factor, expit):
                below = 1 / softplus(factor.args[0])
                if below in Mul.make_args(rest):
                    # σ(u) = 1 - e^-s
                    s = Max(softplus(factor.args[0]), _TINY)
                    return -expm1(-s) / s * rest / below
                for total in (f for f in Mul.make_args(rest) if isinstance(f, Add) and f.has(below)):
                    terms = (_kept_finite(factor * term) for term in total.args)
                    return Add(*terms) * rest / total
    return node


def accurate(expression: Expr) -> Expr:
    """The expression with exponentials, logistics and erfc of polynomials, and σ(u) - y, in forms that keep digits.

    >>> from symbackprop.quantities import ARGUMENT as z
    >>> accurate(exp(-z))
    exp(-z)
    >>> accurate(exp(-(z**2))).atoms(exp)
    set()
    """
    return bottom_up(bottom_up(expression, _differences), _rewrite)


def _differences(node: Expr) -> Expr:
    return _relation(node) if isinstance(node, Relational) else _less(node)


def _rewrite(node: Expr) -> Expr:
    if isinstance(node, exp):
        found = _taken_apart(node.args[0])
        return node if found is None else exponential(found.whole) * exponential(found.rest)
    if isinstance(node, expit):
        return _logistic(node)
    if isinstance(node, log):
        return _logarithm(node)
    if isinstance(node, Mul):
        return _one_exponential(node)
    return _complement(node) if isinstance(node, erfc) else node


def _logarithm(node: log) -> Expr:
    """log tanh(u) from 1 - tanh(u) where that is small, and log(u/(1 + |u|)) as -log(1 + 1/u)."""
    inside = node.args[0]
    if isinstance(inside, tanh):
        u = inside.args[0]
        low, high = Min(u, Rational(1, 2)), Max(u, Rational(1, 2))
        return Mask(u < Rational(1, 2)) * log(tanh(low)) + Mask(u >= Rational(1, 2)) * log1p(-2 * expit(-2 * high))
    for u in _softsigns(inside):
        q = inside * (1 + Abs(u)) / u
        if q == 1:
            return -log1p(1 / u)
        if inside == _rational(Integer(1), Integer(-1), u):
            # Both sides of 0: 1 - u/(1 + |u|) is 1/(1 + u) or (1 + 2|u|)/(1 + |u|).
            return -log1p(u / (1 + 2 * Max(-u, 0)))
    return node


def _softsigns(node: Expr) -> list[Expr]:
    """Each u of which 1 + |u| is a divisor."""
    bases = [f.base for f in Mul.make_args(node) if isinstance(f, Pow) and f.exp == -1 and isinstance(f.base, Add)]
    return [t.args[0] for base in bases for t in base.args if isinstance(t, Abs) and base == 1 + t]


def _rational(c: Expr, q: Expr, u: Expr) -> Expr:
    """c + q u/(1 + |u|) with the terms above the bar put together by the sign of u: exact where |c| = |q|."""
    return (c + (c + q) * Max(u, 0) + (c - q) * Max(-u, 0)) / (1 + Abs(u))


def _one_exponential(node: Mul) -> Expr:
    """σ(u) σ(-u) = t/(1 + t)² with t = exp(-|u|), which is one exponential in the place of two."""
    for factor in node.args:
        if isinstance(factor, expit) and expit(-factor.args[0]) in node.args:
            t = exponential(-Abs(factor.args[0]))
            return node / factor / expit(-factor.args[0]) * t / (1 + t) ** 2
    return node


def _less(node: Expr) -> Expr:
    """c + q f(u) for an f that ends at L, as (c/L) (L - f) + (c/L + q) f: exact where c + q L = 0.

    So for σ(u), exp(u) with u ≤ 0, and tanh(u), which ends at -1 and 1. The loss log(1 + e^u) - y u is
    (1 - y) log(1 + e^u) + y log(1 + e^-u). The quotient u/(1 + |u|) is put over its bar.
    """
    for term in node.args if isinstance(node, Add) else ():
        rest = node - term
        k, function = term.as_coeff_Mul()
        if isinstance(function, softplus):
            u = function.args[0]
            slope = rest.diff(u) if u.is_Symbol else Integer(0)
            if slope != 0 and not slope.has(u):
                return (k + slope) * softplus(u) - slope * softplus(-u) + (rest - slope * u).expand()
        for u in _softsigns(term):
            q = term * (1 + Abs(u)) / u
            if rest != 0 and not (q.free_symbols | rest.free_symbols) & u.free_symbols:
                return _rational(rest, q, u)
        for f in (f for f in Mul.make_args(term) if isinstance(f, expit | tanh | exp)):
            q, u = term / f, f.args[0]
            fixed = (rest * q).free_symbols
            if fixed and not fixed & u.free_symbols and (not isinstance(f, exp) or u.is_nonpositive):
                return _blended(rest, q, f)
    return node


def _blended(c: Expr, q: Expr, f: Expr) -> Expr:
    """c + q f(u), see :func:`_less`."""
    u = f.args[0]
    if isinstance(f, tanh):
        return (q - sign(q) * Abs(c)) * f + 2 * c * expit(2 * sign(c) * sign(q) * u)
    return (q + c) * f + c * (expit(-u) if isinstance(f, expit) else -expm1(u))


def _relation(node: Relational) -> Expr:
    """A number taken from what it is compared with, where their difference has a better form."""
    if not node.rhs.is_number or isinstance(node, Eq | Ne):
        return node
    difference = node.lhs - node.rhs
    better = _ending(masked(difference).expand()) if difference.has(expm1) else _less(difference)
    return node if better == difference else node.func(better, Integer(0), evaluate=False)


def _ending(total: Expr) -> Expr:
    """c + q (e^u - 1) + R with u ≤ 0, for its sign, as (c - q) + q e^u + R, which ends at c - q."""
    c = Add(*(term for term in Add.make_args(total) if term.is_number))
    for term in Add.make_args(total):
        for f in (f for f in Mul.make_args(term) if isinstance(f, expm1) and f.args[0].is_nonpositive):
            return rounded(c - term / f) + term / f * exp(f.args[0]) + (total - c - term)
    return total


def _logistic(node: Expr) -> Expr:
    """t/(1 + t) left of the middle and 1/(1 + t) right of it, with t = exp(-|u|); for -u the other way round."""
    u = node.args[0]
    turned = bool(u.could_extract_minus_sign())
    found = _taken_apart(-u if turned else u)
    if found is None:
        return node
    below, above = Mask(found.whole < 0), Mask(found.whole >= 0)
    t = exponential(-Abs(found.whole)) * exponential((below - above) * found.rest)
    return (below + above * t if turned else above + below * t) / (1 + t)


def _complement(node: Expr) -> Expr:
    """erfc(u) = t for u > 1 and 2 - t for u < -1, with t = exp(-u²) erfcx(|u|); between them erfc as it is."""
    u = node.args[0]
    letters = sorted(u.free_symbols, key=str)
    found = _taken_apart(-(u**2)) if len(letters) == 1 else None
    if found is None or (u / letters[0]).free_symbols:
        return node
    below, above = Mask(u < -1), Mask(u > 1)
    tail = erfcx(Abs(u)) * exponential(found.whole) * exponential(found.rest)
    return 2 * below + (above - below) * tail + (1 - above - below) * erfc(Max(Min(u, 1), -1))


def _taken_apart(argument: Expr) -> _Argument | None:
    """A polynomial of degree 2 or 3 in one letter with numbers before its powers, else ``None``."""
    letters = sorted(argument.free_symbols, key=str)
    if len(letters) != 1 or not argument.is_polynomial(*letters):
        return None
    x = letters[0]
    powers = {power: factor for (power,), factor in Poly(argument, x).terms()}
    degree = max(powers)
    if degree not in (2, 3) or not all(factor.is_number for factor in powers.values()):
        return None
    step = 4 if degree == 2 else 3
    at = Max(Min(x, _reach(powers)), -_reach(powers))
    h = floor(2**step * at + Rational(1, 2)) / 2**step
    exact = {power: _rounded(factor, _FRACTION - step * power) for power, factor in powers.items()}
    whole = Add(*(factor * h**power for power, factor in exact.items()))
    missing = Add(*(_number(powers[power] - factor) * h**power for power, factor in exact.items()))
    between = {power: Add(*(at**k * h ** (power - 1 - k) for k in range(power))) for power in powers}
    slope = Add(*(_number(powers[power]) * form for power, form in between.items()))
    return _Argument(whole, missing + (at - h) * slope)


def _reach(powers: dict[int, Expr]) -> Expr:
    """A power of 2 beyond which the exponential is 0 or infinite."""
    reach = Integer(1)
    while min(abs(sum(f * (side * reach) ** power for power, f in powers.items())) for side in (1, -1)) < _END:
        reach *= 2
    return reach


def _number(exact: Expr) -> Expr:
    """One number for what a printer would put together from roots, each rounded."""
    return exact if exact.is_Rational else Float(exact.evalf(30), 30)


def _rounded(number: Expr, digits: int) -> Expr:
    """The nearest number with so many binary digits behind the point."""
    return Rational(floor(number * 2**digits + Rational(1, 2)), 2**digits)
