r"""How a closed form behaves far out: its limit and its sign for all large z, from the term that outweighs the others.

A form is a fraction of sums of monomials c · z^k · exp(-P(z)), P a polynomial. Of two monomials one outweighs the other
from some z on, and the ratio z^k exp(-P(z)) only falls where z P'(z) ≥ k; that makes every bound below a proof.
1 - erf(u) counts as exp(-u²) times a factor in (0, 1].
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cmp_to_key

from flint import arb
from sympy import Add, Expr, Integer, Mul, Poly, Symbol, erf, exp, fraction, log, oo, together

from symbackprop.derivation.balls import ball_of, sign_of

#: Beyond the first of these points at which it can be shown, a form keeps its sign.
_POINTS = (4, 8, 16, 32, 64)


@dataclass(frozen=True)
class _Monomial:
    """coefficient · z^power · exp(-decay), perhaps times an unknown factor in (0, 1]."""

    coefficient: Expr
    power: Expr
    decay: Expr
    blurred: bool

    def times(self, other: _Monomial) -> _Monomial:
        return _Monomial(
            self.coefficient * other.coefficient,
            self.power + other.power,
            (self.decay + other.decay).expand(),
            self.blurred or other.blurred,
        )


_Sum = tuple[_Monomial, ...]


def limit_at_infinity(form: Expr, z: Symbol) -> Expr | None:
    """The limit for z → ∞, which may be ±∞; ``None`` where this method does not find it.

    >>> z = Symbol("z", real=True)
    >>> [limit_at_infinity(f, z) for f in (1 / (1 + exp(-z)), z * exp(-z), z / (1 + z), log(1 + exp(z)))]
    [1, 0, 1, oo]
    >>> limit_at_infinity(z - log(1 + exp(z)), z), limit_at_infinity(-z - log(1 + exp(-z)), z)
    (0, -oo)
    """
    if not form.has(z):
        return form
    constant, rest = _under_log(form).as_coeff_Mul()
    if isinstance(rest, log):
        inside = limit_at_infinity(rest.args[0], z)
        if inside is None or (inside != oo and inside.is_negative):
            return None
        return constant * (oo if inside == oo else -oo if inside == 0 else log(inside))
    parts = _fraction(form, z)
    if parts is None:
        return None
    above, below = (_leading(part, z) for part in parts)
    ratio = _ratio(above, below)
    order = _order(ratio, z)
    if order < 0 and not below.blurred:
        return Integer(0)
    rivals = [t for lead, part in zip((above, below), parts, strict=True) for t in part if t is not lead and t.blurred]
    if above.blurred or below.blurred or any(_order(_ratio(t, above), z) == 0 for t in rivals):
        return None
    return ratio.coefficient if order == 0 else ratio.coefficient * oo


def sign_far_out(form: Expr, z: Symbol) -> tuple[int, int] | None:
    """(sign, R): the form has this sign for every z ≥ R; ``None`` where this method does not decide it.

    >>> z = Symbol("z", real=True)
    >>> sign_far_out(exp(-z) - z * exp(-2 * z), z)
    (1, 4)
    >>> sign_far_out(log(1 + exp(z)) - z, z)
    (1, 4)
    """
    form = _without_log(form, z)
    if form == 0 or not form.has(z):
        return sign_of(ball_of(form)) if form != 0 else 0, _POINTS[0]
    parts = _fraction(form, z)
    if parts is None:
        return None
    for point in _POINTS:
        signs = [_sign_from(part, z, point) for part in parts]
        if all(signs):
            return signs[0] * signs[1], point
    return None


def _under_log(form: Expr) -> Expr:
    """c log A + B as c log(A exp(B/c)), where there is one logarithm."""
    logs = [term for term in Add.make_args(form) if isinstance(term.as_coeff_Mul()[1], log)]
    if len(logs) != 1 or not isinstance(form, Add):
        return form
    constant, call = logs[0].as_coeff_Mul()
    return constant * log((call.args[0] * exp(((form - logs[0]) / constant).expand())).expand())


def _without_log(form: Expr, z: Symbol) -> Expr:
    """c log A + B has the sign of c (A - exp(-B/c)), c > 0 or not."""
    logs = [term for term in Add.make_args(form) if isinstance(term.as_coeff_Mul()[1], log)]
    if len(logs) != 1:
        return form
    constant, call = logs[0].as_coeff_Mul()
    return constant * (call.args[0] - exp((-(form - logs[0]) / constant).expand()))


def _fraction(form: Expr, z: Symbol) -> tuple[_Sum, _Sum] | None:
    """The monomials above and below the bar."""
    try:
        written = form.rewrite(exp).replace(erf, lambda u: _erf_from_rest(u, z))
        above, below = fraction(together(written))
        return _monomials(above, z), _monomials(below, z)
    except _NotAMonomial:
        return None


class _Rest(Symbol):
    """1 - erf(u) as a letter, whose argument is kept."""

    def __new__(cls, argument: Expr) -> _Rest:
        letter: _Rest = Symbol.__new__(cls, f"rest({argument})", positive=True)
        letter.argument = argument
        return letter


class _NotAMonomial(Exception):
    pass


def _erf_from_rest(u: Expr, z: Symbol) -> Expr:
    """erf(u) by what it lacks to ±1; only for u = c z^k + … that keeps its sign."""
    if u.is_polynomial(z) and all(c.is_nonnegative for c in Poly(u, z).coeffs()):
        return 1 - _Rest(u)
    if u.is_polynomial(z) and all(c.is_nonpositive for c in Poly(u, z).coeffs()):
        return _Rest(-u) - 1
    raise _NotAMonomial


def _monomials(total: Expr, z: Symbol) -> _Sum:
    found: dict[tuple[Expr, Expr, bool], Expr] = {}
    for term in Add.make_args(total.expand()):
        one = _Monomial(Integer(1), Integer(0), Integer(0), False)
        for factor in Mul.make_args(term):
            one = one.times(_monomial(factor, z))
        key = (one.power, one.decay, one.blurred)
        found[key] = found.get(key, Integer(0)) + one.coefficient
    return tuple(_Monomial(c, *key) for key, c in found.items() if c != 0)


def _monomial(factor: Expr, z: Symbol) -> _Monomial:
    none = Integer(0)
    if isinstance(factor, _Rest):
        return _Monomial(Integer(1), none, (factor.argument**2).expand(), True)
    if not factor.has(z):
        return _Monomial(factor, none, none, False)
    base, power = factor.as_base_exp()
    if isinstance(factor, exp) and factor.args[0].is_polynomial(z) and factor.args[0].is_extended_real:
        constant, rest = factor.args[0].expand().as_independent(z, as_Add=True)
        return _Monomial(exp(constant), none, -rest, False)
    if isinstance(base, _Rest) and power.is_Integer and power.is_positive:
        return _Monomial(Integer(1), none, (power * base.argument**2).expand(), True)
    if base == z and power.is_Integer:
        return _Monomial(Integer(1), power, none, False)
    raise _NotAMonomial


def _ratio(one: _Monomial, other: _Monomial) -> _Monomial:
    inverse = _Monomial(1 / other.coefficient, -other.power, -other.decay, other.blurred)
    return one.times(inverse)


def _order(ratio: _Monomial, z: Symbol) -> int:
    """1, 0, -1: the ratio grows without bound, tends to its coefficient, tends to 0."""
    if ratio.decay != 0:
        return -1 if Poly(ratio.decay, z).LC() > 0 else 1
    return 0 if ratio.power == 0 else 1 if ratio.power > 0 else -1


def _leading(terms: _Sum, z: Symbol) -> _Monomial:
    # Of two that only an unknown factor tells apart the sharp one leads; which of them does not matter for a limit 0.
    def heavier(one: _Monomial, other: _Monomial) -> int:
        return _order(_ratio(one, other), z) or int(other.blurred) - int(one.blurred)

    return max(terms, key=cmp_to_key(heavier))


def _sign_from(terms: _Sum, z: Symbol, point: int) -> int:
    """The sign for every z ≥ point, 0 where the leading term is not shown to outweigh the rest."""
    lead = _leading(terms, z)
    others = [term for term in terms if term is not lead]
    total = arb(0)
    for term in others:
        weight = None if lead.blurred else _weight(_ratio(term, lead), z, point)
        if weight is None:
            return 0
        total += weight
    return sign_of(ball_of(lead.coefficient)) if total < 1 else 0


def _weight(ratio: _Monomial, z: Symbol, point: int) -> arb | None:
    """The largest of |c z^k exp(-P)| for z ≥ point, if that falls from there on."""
    decay = Poly(ratio.decay, z)
    if any(not coefficient.is_nonnegative for coefficient in decay.coeffs()):
        return None
    if not sign_of(ball_of(point * decay.diff(z).eval(point) - ratio.power)) >= 0 and ratio.power > 0:
        return None
    return abs(ball_of(ratio.coefficient)) * arb(point) ** int(ratio.power) * ball_of(exp(-decay.eval(point)))
