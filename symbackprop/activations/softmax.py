"""The softmax a_i = exp(z_i) / Σ_k exp(z_k) and its logarithm, which couple the units of a layer."""

from __future__ import annotations

from sympy import Expr, Sum, Symbol, exp, log

from symbackprop.activations.base import Activation, Entry, activations
from symbackprop.quantities import as_index


def _total(z: Entry, i: Symbol, n: Expr) -> Expr:
    used = {i.name, *(symbol.name for symbol in n.atoms(Symbol))}
    k = as_index(next(name for name in ("k", "j", "m") if name not in used))
    return Sum(exp(z(k)), (k, 1, n))


def _share(z: Entry, i: Symbol, n: Expr) -> Expr:
    return exp(z(i)) / _total(z, i, n)


def _log_share(z: Entry, i: Symbol, n: Expr) -> Expr:
    return z(i) - log(_total(z, i, n))


softmax = activations.register("softmax", Activation("softmax", None, coupled=_share))
log_softmax = activations.register("log_softmax", Activation("log_softmax", None, coupled=_log_share))
