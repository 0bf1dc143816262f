"""The update of an optimizer as equations in the number of the step, and what the start at 0 does to its averages."""

from __future__ import annotations

from sympy import Expr, IndexedBase, Integer, Mul, Pow, Sum, Symbol

from symbackprop.derivation.argument import Argument, Part, chain
from symbackprop.derivation.moments import Expectation
from symbackprop.derivation.step import Step
from symbackprop.optimizers import GRADIENT, PARAMETER, STEP, Optimizer
from symbackprop.quantities import as_index


def update_argument(optimizer: Optimizer) -> Argument:
    """The update equations, and for each average over past gradients its expectation.

    >>> from symbackprop.optimizers import adam
    >>> for part in update_argument(adam).parts:
    ...     print(part.heading, [(str(c[-1].lhs), str(c[-1].rhs)) for c in part.chains][0])
    Update ('m_t', 'beta_1*m_t-1 + g_t*(1 - beta_1)')
    Expectation of m_t ('Expectation(m_t)', '(1 - beta_1**t)*Expectation(g)')
    Expectation of s_t ('Expectation(s_t)', '(1 - beta_2**t)*Expectation(g**2)')
    """
    starts = "Every remembered quantity starts at 0." if optimizer.memory else ""
    parts = [Part("Update", tuple((step,) for step in update_steps(optimizer)), starts)]
    for symbol, rule in optimizer.memory.items():
        steps = _expectation(symbol, rule)
        if steps is not None:
            parts.append(Part(f"Expectation of {symbol}_t", (steps,), _STATIONARY))
    return Argument(f"The update of {optimizer.name}", tuple(parts), "Entry by entry; $t$ counts the steps from 1.")


_STATIONARY = "Where the gradients of all steps have the same moments; the memory starts at 0."


def update_steps(optimizer: Optimizer) -> tuple[Step, ...]:
    """One equation for each remembered quantity, then that of the parameter."""
    old = {symbol: _at(symbol, "t-1") for symbol in (PARAMETER, *optimizer.memory)}
    old[GRADIENT] = _at(GRADIENT, "t")
    new = {rule: _at(symbol, "t") for symbol, rule in optimizer.memory.items()}
    steps = [Step(_at(symbol, "t"), rule.xreplace(old), "") for symbol, rule in optimizer.memory.items()]
    return (*steps, Step(_at(PARAMETER, "t"), optimizer.parameter.xreplace(new).xreplace(old), ""))


def _at(symbol: Symbol, step: str) -> Symbol:
    return Symbol(f"{symbol.name}_{step}", real=True)


def _expectation(symbol: Symbol, rule: Expr) -> tuple[Step, ...] | None:
    """E[m_t] for m_t = A m_t-1 + B f(g_t), A and B constants and A not 1; else nothing."""
    keeps = rule.diff(symbol)
    added = (rule - keeps * symbol).expand().factor()
    weight, of_gradient = added.as_independent(GRADIENT, as_Add=False)
    constant = not keeps.has(symbol, GRADIENT, STEP) and not added.has(symbol, STEP) and keeps not in (0, 1)
    if not constant or not of_gradient.has(GRADIENT):
        return None
    k, past = as_index("k"), IndexedBase("g")
    term = of_gradient.xreplace({GRADIENT: past[k]})
    limits = (k, Integer(1), STEP)
    unrolled = Sum(Mul(weight, Pow(keeps, STEP - k), term, evaluate=False), limits)
    mean = Expectation(of_gradient)
    geometric = (1 - keeps**STEP) / (1 - keeps)
    return chain(
        Expectation(_at(symbol, "t")),
        (Expectation(unrolled), "the recursion unrolled from 0"),
        (weight * Sum(Pow(keeps, STEP - k) * Expectation(term), limits), "E is linear"),
        (weight * mean * Sum(Pow(keeps, STEP - k), limits), "all gradients have the same moments"),
        (_cancelled(weight * geometric) * mean, "geometric sum"),
    )


def _cancelled(fraction: Expr) -> Expr:
    above, below = fraction.as_numer_denom()
    for sign in (1, -1):
        factors = list(Mul.make_args(above))
        other = (sign * below).expand()
        if any((f - other).expand() == 0 for f in factors):
            factors.remove(next(f for f in factors if (f - other).expand() == 0))
            return sign * Mul(*factors)
    return fraction
