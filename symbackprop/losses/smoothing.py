"""Label smoothing: a loss of the target (1 - ε) y_i + ε/n."""

from __future__ import annotations

from dataclasses import replace

import sympy
from sympy import Expr, Symbol

from symbackprop.losses.base import Entry, Loss
from symbackprop.model import Assumption


def smoothed(loss: Loss, epsilon: Expr | int, name: str = "") -> Loss:
    """``loss`` with a share ε of the target spread evenly over its n entries (Szegedy et al. 2016, section 7).

    A target that sums to one still does: (1 - ε) + n ε/n = 1.

    >>> from sympy import Function, Rational, symbols
    >>> from symbackprop.losses import negative_log_likelihood
    >>> i, n = symbols("i n", integer=True)
    >>> smoothed(negative_log_likelihood, Rational(1, 10)).per_example(Function("a"), Function("y"), i, n)
    -Sum((9*y(i)/10 + 1/(10*n))*a(i), (i, 1, n))
    """
    share = sympy.sympify(epsilon, strict=True)

    def spread(y: Entry, n: Expr) -> Entry:
        return lambda k: (1 - share) * y(k) + share / n

    def value(a: Entry, y: Entry, i: Symbol, n: Expr) -> Expr:
        return loss.per_example(a, spread(y, n), i, n)

    def agreed(y: Entry, i: Symbol, n: Expr) -> tuple[Assumption, ...]:
        return loss.assumptions(spread(y, n), i, n)

    claims = tuple(lambda a, y, i, n, claim=claim: claim(a, spread(y, n), i, n) for claim in loss.claims)
    return replace(loss, name=name or f"{loss.name}, smoothed", per_example=value, assumptions=agreed, claims=claims)
