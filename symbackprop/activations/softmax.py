"""The softmax a_i = exp(z_i) / Σ_k exp(z_k), which couples the units of a layer."""

from __future__ import annotations

from sympy import Expr, Sum, Symbol, exp

from symbackprop.activations.base import Activation, Entry, activations
from symbackprop.quantities import as_index


def _share(z: Entry, i: Symbol, n: Expr) -> Expr:
    used = {i.name, *(symbol.name for symbol in n.atoms(Symbol))}
    k = as_index(next(name for name in ("k", "j", "m") if name not in used))
    return exp(z(i)) / Sum(exp(z(k)), (k, 1, n))


softmax = activations.register("softmax", Activation("softmax", None, coupled=_share))
