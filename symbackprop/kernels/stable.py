"""Rewriting of scalar formulas to forms that keep their digits: a table of rules and the functions they use.

A rule takes a scalar expression and returns a better one, or ``None`` where it does not apply; the value over the
reals never changes. Each rule carries an example on which a test measures what it is worth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import (
    Abs,
    Add,
    Expr,
    Function,
    Integer,
    Max,
    Min,
    Mul,
    Pow,
    cosh,
    erf,
    exp,
    log,
    pi,
    sign,
    sinh,
    sqrt,
    tanh,
)
from sympy.codegen.cfunctions import expm1, log1p
from sympy.core.traversal import bottom_up

from symbackprop.quantities import ARGUMENT as z


class expit(Function):  # noqa: N801 - spelled as in SciPy
    """1/(1 + exp(-u)), without overflow and with all digits on both tails."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return expit(self.args[0]) * expit(-self.args[0])

    def _eval_evalf(self, prec: int) -> Expr:
        return (1 / (1 + exp(-self.args[0])))._eval_evalf(prec)


class softplus(Function):  # noqa: N801
    """log(1 + exp(u)), without overflow and with all digits for u far below zero."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return expit(self.args[0])


class erfc(Function):  # noqa: N801
    """1 - erf(u). SymPy's own turns erfc(-u) into 2 - erfc(u), which cancels."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return -2 * exp(-(self.args[0] ** 2)) / sqrt(pi)


class xlogy(Function):  # noqa: N801
    """u·log(v), which is 0 for u = 0 whatever v is."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> Expr:
        u, v = self.args
        return log(v) if argindex == 1 else u / v


class rounded(Function):  # noqa: N801
    """u itself, computed on its own: not taken into the sum or product around it, which would round elsewhere."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return Integer(1)


@dataclass(frozen=True)
class Rule:
    """``rewrite`` gives the better form of a node or ``None``; ``example`` shows it; ``where`` says what it saves."""

    name: str
    rewrite: Callable[[Expr], Expr | None]
    example: Expr
    where: str


def _difference(shape: type[Expr], sign: int, better: Callable[[Expr], Expr]) -> Callable[[Expr], Expr | None]:
    """c + sign·c·shape(u) -> c·better(u), for any factor c."""

    def rewrite(node: Expr) -> Expr | None:
        if not isinstance(node, Add):
            return None
        for term in node.args:
            for factor in Mul.make_args(term):
                rest = sign * term / factor
                if isinstance(factor, shape) and rest in node.args and rest != term:
                    return Add(*(t for t in node.args if t not in (term, rest)), rest * better(factor.args[0]))
        return None

    return rewrite


def _squared_tanh(node: Expr) -> Expr | None:
    """c - c·tanh(u)² -> 4c·expit(2u)·expit(-2u)."""
    if not isinstance(node, Add):
        return None
    for term in node.args:
        for factor in Mul.make_args(term):
            if isinstance(factor, Pow) and isinstance(factor.base, tanh) and factor.exp == 2:
                u, rest = 2 * factor.base.args[0], -term / factor
                if rest in node.args:
                    return Add(*(t for t in node.args if t not in (term, rest)), 4 * rest * expit(u) * expit(-u))
    return None


def _one_plus_exp(node: Expr) -> Expr | None:
    """u, where the node is 1 + exp(u)."""
    if isinstance(node, Add) and len(node.args) == 2 and node.args[0] == 1 and isinstance(node.args[1], exp):
        return node.args[1].args[0]
    return None


def _logistic(node: Expr) -> Expr | None:
    if isinstance(node, Pow) and node.exp.is_Integer and node.exp.is_negative:
        u = _one_plus_exp(node.base)
        return None if u is None else expit(-u) ** -node.exp
    return None


def _absorbed_exp(node: Expr) -> Expr | None:
    """exp(u)·expit(-u) -> expit(u)."""
    factors = Mul.make_args(node)
    for k, factor in enumerate(factors):
        base, power = (factor.base, factor.exp) if isinstance(factor, Pow) else (factor, Integer(1))
        opposite = exp(-base.args[0]) if isinstance(base, expit) else None
        if opposite in factors and power.is_Integer and power.is_positive:
            others = [f for m, f in enumerate(factors) if m != k and f != opposite]
            return Mul(*others, expit(-base.args[0]), base ** (power - 1))
    return None


def _log_one_plus_exp(node: Expr) -> Expr | None:
    u = _one_plus_exp(node.args[0]) if isinstance(node, log) else None
    return None if u is None else softplus(u)


def _log_logistic(node: Expr) -> Expr | None:
    if isinstance(node, log) and isinstance(node.args[0], expit):
        return -softplus(-node.args[0].args[0])
    return None


def _log_near_two_logistics(node: Expr) -> Expr | None:
    """log(2 σ(v)) = log(1 + tanh(v/2)): up to v = -1 from there, and what is added beyond from v + 1."""
    if isinstance(node, log) and isinstance(node.args[0], Mul) and node.args[0].args[0] == 2:
        factors = node.args[0].args[1:]
        if len(factors) == 1 and isinstance(factors[0], expit):
            v = factors[0].args[0]
            beyond = Min(v + 1, 0)
            return log1p(tanh(Max(v, -1) / 2)) + beyond - log1p(expm1(beyond) / (1 + exp(Integer(1))))
    return None


def _log_near_one(node: Expr) -> Expr | None:
    if isinstance(node, log) and isinstance(node.args[0], Add) and node.args[0].args[0] == 1:
        return log1p(node.args[0] - 1)
    return None


def _log_cosh(node: Expr) -> Expr | None:
    """log cosh(u): up to |u| = 1 from sinh, and what is added beyond from |u| - 1; neither overflows nor cancels."""
    if not (isinstance(node, log) and isinstance(node.args[0], cosh)):
        return None
    size = Abs(node.args[0].args[0])
    near, beyond = Min(size, 1), Max(size - 1, 0)
    return log1p(2 * sinh(near / 2) ** 2) + beyond + log1p(expm1(-2 * beyond) / (1 + exp(Integer(2))))


def _own_log(node: Expr) -> Expr | None:
    """u·log(u) -> xlogy(u, u)."""
    factors = Mul.make_args(node)
    for factor in factors:
        if isinstance(factor, log) and factor.args[0] in factors:
            return Mul(
                *(f for f in factors if f not in (factor, factor.args[0])), xlogy(factor.args[0], factor.args[0])
            )
    return None


def _size_times_sign(node: Expr) -> Expr | None:
    """u·sign(u) -> |u|."""
    factors = Mul.make_args(node)
    for factor in factors:
        if isinstance(factor, sign) and factor.args[0] in factors:
            others = [f for f in factors if f not in (factor, factor.args[0])]
            return Mul(*others, Abs(factor.args[0]))
    return None


def _common_denominator(node: Expr) -> Expr | None:
    """c/(1 + u)^p - c·u/(1 + u)^(p+1) -> c/(1 + u)^(p+1): where the sum above the bar is shorter than its terms."""
    if not isinstance(node, Add):
        return None
    below = {f.base for term in node.args for f in Mul.make_args(term) if isinstance(f, Pow) and f.exp.is_negative}
    for base in sorted((b for b in below if isinstance(b, Add)), key=str):
        powers = [Integer(0) - term.as_powers_dict()[base] for term in node.args]
        if not all(power.is_Integer and power.is_positive for power in powers):
            continue
        above = Add(*(term * base ** max(powers) for term in node.args)).expand()
        if len(Add.make_args(above)) < len(node.args):
            return above * base ** -max(powers)
    return None


#: In the order in which they are tried at every node, innermost first.
RULES: tuple[Rule, ...] = (
    Rule("logistic", _logistic, 1 / (1 + exp(-z)), "overflow left of -709"),
    Rule("absorbed exponential", _absorbed_exp, exp(z) / (1 + exp(z)), "inf/inf right of 709"),
    Rule("1 - logistic", _difference(expit, -1, lambda u: expit(-u)), 1 - 1 / (1 + exp(-z)), "all digits right of 37"),
    Rule("1 - tanh²", _squared_tanh, 1 - tanh(z) ** 2, "all digits for |z| > 19"),
    Rule("1 + tanh", _difference(tanh, 1, lambda u: 2 * expit(2 * u)), 1 + tanh(z), "all digits left of -19"),
    Rule("1 - tanh", _difference(tanh, -1, lambda u: 2 * expit(-2 * u)), 1 - tanh(z), "all digits right of 19"),
    Rule("1 + erf", _difference(erf, 1, lambda u: erfc(-u)), 1 + erf(z), "all digits left of -6"),
    Rule("1 - erf", _difference(erf, -1, erfc), 1 - erf(z), "all digits right of 6"),
    Rule("softplus", _log_one_plus_exp, log(1 + exp(z)), "overflow right of 709, all digits left of -37"),
    Rule("log of logistic", _log_logistic, log(1 / (1 + exp(-z))), "-inf left of -709, all digits right of 37"),
    Rule("log(1 ± tanh)", _log_near_two_logistics, log(1 - tanh(z)), "-inf right of 19, all digits near 0"),
    Rule("log cosh", _log_cosh, log(cosh(z)), "overflow for |z| > 710, all digits near 0"),
    Rule("u log u", _own_log, Abs(z) * log(Abs(z)), "0 at 0"),
    Rule("u sign(u)", _size_times_sign, z * sign(z) / (1 + Abs(z)), "one product"),
    Rule(
        "common denominator",
        _common_denominator,
        1 / (1 + Abs(z)) - Abs(z) / (1 + Abs(z)) ** 2,
        "all digits for |z| > 1",
    ),
    Rule("exp - 1", _difference(exp, -1, lambda u: -expm1(u)), exp(z) - 1, "all digits near 0"),
    Rule("log(1 + u)", _log_near_one, log(1 + z**2), "all digits near 0"),
)


def stable(expression: Expr) -> Expr:
    """The expression with every rule applied until none applies, innermost first.

    >>> stable(log(1 - 1 / (1 + exp(-z))))
    -softplus(z)
    >>> stable(1 - tanh(z) ** 2)
    4*expit(-2*z)*expit(2*z)
    """
    return bottom_up(expression, _rewrite_node)


def _rewrite_node(node: Expr) -> Expr:
    for rule in RULES if isinstance(node, Expr) else ():
        better = rule.rewrite(node)
        if better is not None:
            return stable(better)
    return node
