"""A result of the derivation taken apart: it is linear in the derivatives of J that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sympy import Add, Expr, Indexed, Integer, Mul, Piecewise, Sum, Symbol, preorder_traversal

from symbackprop.errors import NotDerivable
from symbackprop.kernels.scalars import label_of
from symbackprop.quantities import Partial

#: What to do with a derivative of J (the label of what J is differentiated by, the entry).
Derivatives = Callable[[str, Expr], Expr]


def term_by_term(result: Expr, errors: Mapping[str, str], of: Derivatives, direct: Callable[[Expr], Expr]) -> Expr:
    """The result with every derivative of J replaced by ``of`` it, and every term without one by ``direct`` of that.

    ``errors`` maps the label of an error to that of its pre-activation.

    >>> from sympy import IndexedBase
    >>> from symbackprop.quantities import as_index
    >>> e, a, i = IndexedBase("epsilon^2"), IndexedBase("a^1"), as_index("i")
    >>> term_by_term((e[i] + a[i]) * a[i], {"epsilon^2": "z^2"}, lambda label, entry: entry, lambda term: 10 * term)
    (10*a^1[i] + epsilon^2[i])*a^1[i]
    """

    def by(e: Expr) -> str | None:
        if isinstance(e, Partial):
            return label_of(e.denominator)
        return errors.get(label_of(e)) if isinstance(e, Indexed | Symbol) else None

    def apart(e: Expr) -> Expr:
        label = by(e)
        if label is not None:
            return of(label, e)
        own = [argument for argument in e.args if _names_one(argument, by)]
        if not own:
            return direct(e)
        if isinstance(e, Add):
            return Add(*map(apart, e.args))
        if isinstance(e, Mul) and len(own) == 1:
            return Mul(*(f for f in e.args if f is not own[0]), apart(own[0]))
        if isinstance(e, Sum):
            body = apart(e.function)
            return body if body == 0 else Sum(body, *e.limits)
        if isinstance(e, Piecewise):
            branches = [(apart(value), condition) for value, condition in e.args]
            return Integer(0) if all(value == 0 for value, _ in branches) else Piecewise(*branches, evaluate=False)
        raise NotDerivable(f"no kernel for {e}: it is not linear in the derivatives of J that it names")

    return apart(result)


def _names_one(e: Expr, by: Callable[[Expr], str | None]) -> bool:
    return any(by(node) is not None for node in preorder_traversal(e))
