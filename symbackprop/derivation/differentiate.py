"""The derivative of an expression by one entry of a quantity, with Kronecker deltas and no guessing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from sympy import (
    Add,
    Expr,
    Function,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Piecewise,
    Pow,
    Sum,
    Symbol,
    cosh,
    log,
    preorder_traversal,
    sinh,
    tanh,
)

from symbackprop.derivation.indices import names, rename_bound
from symbackprop.errors import NotDerivable
from symbackprop.quantities import Apply, Partial

Leaf: TypeAlias = Indexed | Symbol


def differentiate(expression: Expr, entry: Leaf) -> Expr:
    """The derivative by ``entry``, an entry ``w[i, j]`` of an array or a scalar symbol.

    Indices of ``entry`` are free: a bound index of the same name is renamed first. What has no rule here raises
    :class:`~symbackprop.errors.NotDerivable`; zero means that ``entry`` does not occur.

    >>> from sympy import IndexedBase, symbols
    >>> i, n = symbols("i n", integer=True)
    >>> b = IndexedBase("b")
    >>> differentiate(Sum(b[i] ** 2, (i, 1, n)), b[i])
    Sum(2*KroneckerDelta(i, j)*b[j], (j, 1, n))
    """
    slope = _differentiate(rename_bound(expression, names(entry)), entry)
    return slope.replace(lambda node: isinstance(node, Mul) and node.has(sinh), _as_tanh) if slope.has(sinh) else slope


def _as_tanh(product: Mul) -> Expr:
    """sinh(u)/cosh(u) as tanh(u)."""
    for factor in product.args:
        if isinstance(factor, sinh) and 1 / cosh(factor.args[0]) in product.args:
            return product * cosh(factor.args[0]) / factor * tanh(factor.args[0])
    return product


def depends(expression: Expr, entry: Leaf) -> bool:
    """Whether any entry of the same quantity occurs."""
    head = entry.base if isinstance(entry, Indexed) else entry
    return any(node == head for node in preorder_traversal(expression))


def _differentiate(f: Expr, entry: Leaf) -> Expr:
    if not depends(f, entry):
        return Integer(0)
    if isinstance(f, Symbol):
        return Integer(1)
    for kind, rule in _RULES:
        if isinstance(f, kind):
            return rule(f, entry)
    raise NotDerivable(f"no rule for the derivative of {f.func.__name__} (in {f}) by {entry}")


def _entry_by_entry(f: Indexed, entry: Leaf) -> Expr:
    if not isinstance(entry, Indexed) or f.base != entry.base or len(f.indices) != len(entry.indices):
        raise NotDerivable(f"{entry} occurs among the indices of {f}")
    if any(depends(index, entry) for index in f.indices):
        raise NotDerivable(f"{entry} occurs among the indices of {f}")
    return Mul(*(KroneckerDelta(own, asked) for own, asked in zip(f.indices, entry.indices, strict=True)))


def _product(f: Mul, entry: Leaf) -> Expr:
    terms = []
    for place, factor in enumerate(f.args):
        slope = _differentiate(factor, entry)
        # Of a product with 0 SymPy asks at length whether the other factors are finite.
        if slope != 0:
            terms.append(Mul(*f.args[:place], slope, *f.args[place + 1 :]))
    return Add(*terms)


def _power(f: Pow, entry: Leaf) -> Expr:
    base, exponent = f.args
    if not depends(exponent, entry):
        return Mul(exponent, base ** (exponent - 1), _differentiate(base, entry))
    return f * (_differentiate(exponent, entry) * log(base) + exponent * _differentiate(base, entry) / base)


def _sum(f: Sum, entry: Leaf) -> Expr:
    if any(depends(bound, entry) for limit in f.limits for bound in limit[1:]):
        raise NotDerivable(f"{entry} occurs in the bounds of {f}")
    inner = _differentiate(f.function, entry)
    return inner if inner == 0 else Sum(inner, *f.limits)


def _branches(f: Piecewise, entry: Leaf) -> Expr:
    """Branch by branch; a delta that all branches share stands in front, so that a sum over it can be collapsed."""
    slopes = [_differentiate(value, entry) for value, _ in f.args]
    factors = [Mul.make_args(slope) for slope in slopes if slope != 0]
    if not factors:
        return Integer(0)
    shared = [d for d in factors[0] if isinstance(d, KroneckerDelta) and all(d in other for other in factors)]
    front = Mul(*shared)
    pairs = [(slope / front, condition) for slope, (_, condition) in zip(slopes, f.args, strict=True)]
    return front * Piecewise(*pairs, evaluate=False)


def _function(f: Function, entry: Leaf) -> Expr:
    terms = []
    for place, argument in enumerate(f.args, start=1):
        inner = _differentiate(argument, entry)
        if inner == 0:
            continue
        slope = _partial(f, place)
        terms.append(slope * inner)
    return Add(*terms)


def _partial(f: Function, place: int) -> Expr:
    try:
        slope = f.fdiff(place)
    except Exception:  # SymPy's functions raise many kinds when they have no derivative
        slope = None
    known = slope is not None and not slope.atoms(Partial)
    if not known or any(node.func.__name__ in _UNSUPPORTED for node in preorder_traversal(slope)):
        raise NotDerivable(f"SymPy has no derivative for {f.func.__name__}; write it with known functions or Apply")
    return slope


def _apply(f: Apply, entry: Leaf) -> Expr:
    return Apply(f.name, f.order + 1, f.argument) * _differentiate(f.argument, entry)


def _terms(f: Add, entry: Leaf) -> Expr:
    return Add(*(_differentiate(term, entry) for term in f.args))


#: The rule for each kind of node; a Piecewise is a Function to SymPy, so it comes before.
_RULES: tuple[tuple[type[Expr], Callable[[Expr, Leaf], Expr]], ...] = (
    (Indexed, _entry_by_entry),
    (Add, _terms),
    (Mul, _product),
    (Pow, _power),
    (Sum, _sum),
    (Piecewise, _branches),
    (Apply, _apply),
    (Function, _function),
)

_UNSUPPORTED = frozenset({"Derivative", "Subs", "Heaviside", "DiracDelta"})
