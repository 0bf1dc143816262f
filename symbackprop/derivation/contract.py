"""Collapsing sums over Kronecker deltas, by rules a student knows; never ``simplify`` or ``doit``."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import (
    Add,
    And,
    Expr,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Number,
    Piecewise,
    Sum,
    Symbol,
    expand,
    false,
    nan,
    true,
)
from sympy.functions.elementary.piecewise import ExprCondPair

from symbackprop.derivation.indices import substitute
from symbackprop.errors import NotDerivable
from symbackprop.quantities import Partial

Ranges = Mapping[Symbol, Expr]
Axes = Mapping[str, tuple[Expr, ...]]


def contract(expression: Expr, ranges: Ranges, axes: Axes | None = None) -> Expr:
    """Collapse every sum over a delta and pull factors out of sums.

    ``ranges`` maps free indices to their sizes (an index runs from 1). An index that may leave the range of the sum
    keeps its condition in a ``Piecewise``, unless a factor is an entry that would then be outside of its array and so
    zero; ``axes`` holds the sizes of the arrays by label.

    >>> from sympy import IndexedBase, symbols
    >>> i, j, n, m = symbols("i j n m", integer=True)
    >>> b = IndexedBase("b")
    >>> total = Sum(b[j] * KroneckerDelta(i, j), (j, 1, n))
    >>> contract(total, {i: n})
    b[i]
    >>> contract(total, {i: m})
    Piecewise((b[i], (i >= 1) & (i <= n)), (0, True))
    >>> contract(total, {i: m}, {"b": (n,)})
    b[i]
    """
    if not expression.has(Sum):
        return expression
    if not isinstance(expression, Sum):
        return expression.func(*(contract(argument, ranges, axes) for argument in expression.args))
    inside = {**ranges, **{index: high for index, _, high in expression.limits}}
    body = _in_front(contract(expression.function, inside, axes))
    for limit in expression.limits:
        body = _sum_over(body, limit, inside, axes or {})
    if body.has(Piecewise) and (body.has(nan) or not _letters(body) <= _letters(expression)):
        # SymPy takes cases out of a sum inside of cases, with the letter that the sum binds.
        raise NotDerivable(f"the sum {expression} has cases inside of cases that are not put together")
    return body


def _letters(expression: Expr) -> set[Symbol]:
    return {letter for letter in expression.free_symbols if isinstance(letter, Symbol)}


def _sum_over(body: Expr, limit: tuple[Symbol, Expr, Expr], ranges: Ranges, axes: Axes) -> Expr:
    done, left = [], []
    for term in _terms(body, limit[0]):
        delta = _delta(term, limit[0])
        if delta is None:
            left.append(term)
        else:
            done.append(_collapse(term, delta, limit, ranges, axes))
    return Add(*done, _remaining(Add(*left), limit))


def _terms(body: Expr, index: Symbol) -> list[Expr]:
    """The terms of the body, multiplied out only where a delta in ``index`` stands inside a bracket."""
    if isinstance(body, Add):
        with_delta = any(_has_delta(term, index) for term in body.args)
        return [t for term in body.args for t in _terms(term, index)] if with_delta else [body]
    for place, factor in enumerate(body.args if isinstance(body, Mul) else ()):
        if isinstance(factor, Add) and _has_delta(factor, index):
            rest = (*body.args[:place], *body.args[place + 1 :])
            return [t for term in factor.args for t in _terms(Mul(term, *rest), index)]
    return [body]


def _in_front(body: Expr) -> Expr:
    """Factors that all branches share in front of a piecewise body: SymPy's ``Sum`` had drawn them into it."""
    if not isinstance(body, Piecewise):
        return body
    factors = [list(Mul.make_args(value)) for value, _ in body.args if value != 0]
    shared = (f for f in factors[0] if not isinstance(f, Piecewise | Number)) if factors else ()
    common = [f for f in shared if all(f in other for other in factors[1:])]
    front = Mul(*common)
    cases = ((_without(value, common), condition) for value, condition in body.args)
    return front * Piecewise(*cases, evaluate=False)


def _without(value: Expr, factors: list[Expr]) -> Expr:
    """``value`` without some of its factors; nothing is divided, for a factor may be 0."""
    rest = list(Mul.make_args(value))
    for factor in factors if value != 0 else ():
        rest.remove(factor)
    return Mul(*rest)


def _has_delta(expression: Expr, index: Symbol) -> bool:
    return any(index in delta.free_symbols for delta in expression.atoms(KroneckerDelta))


def _delta(term: Expr, index: Symbol) -> KroneckerDelta | None:
    for factor in Mul.make_args(term):
        if isinstance(factor, KroneckerDelta) and abs(_slope(factor, index)) == 1:
            return factor
    return None


def _slope(delta: KroneckerDelta, index: Symbol) -> Expr:
    difference = expand(delta.args[0] - delta.args[1])
    slope = difference.coeff(index)
    linear = slope.is_number and index not in (difference - slope * index).free_symbols
    return slope if linear else Integer(0)


def _collapse(term: Expr, delta: KroneckerDelta, limit: tuple[Symbol, Expr, Expr], ranges: Ranges, axes: Axes) -> Expr:
    index, low, high = limit
    slope = _slope(delta, index)
    place = expand(index - (delta.args[0] - delta.args[1]) / slope)
    value = substitute(Mul(*(f for f in Mul.make_args(term) if f != delta)), {index: place})
    inside = _in_range(place, low, high, ranges)
    if inside == true or low == 1 and _vanishes_outside(value, place, high, axes):
        return value
    return Integer(0) if inside == false else _guarded(value, inside)


def _guarded(value: Expr, inside: Expr) -> Expr:
    """``value`` where the condition holds, else 0; a condition that it keeps already is joined with this one.

    SymPy makes nan of the branch that a case distinction inside of another one leaves out.
    """
    guards = [f for f in Mul.make_args(value) if isinstance(f, Piecewise) and f.args[1:] == (ExprCondPair(0, True),)]
    rest = Mul(*(f for f in Mul.make_args(value) if f not in guards))
    values, conditions = [guard.args[0].expr for guard in guards], [guard.args[0].cond for guard in guards]
    return Piecewise((Mul(rest, *values), And(inside, *conditions)), (Integer(0), True))


def _vanishes_outside(value: Expr, place: Expr, high: Expr, axes: Axes) -> bool:
    """Whether ``value`` holds an entry that is outside of its array, so zero, wherever ``place`` is not in 1..high."""
    if isinstance(value, Mul | Sum):
        factors = value.args if isinstance(value, Mul) else (value.function,)
        return any(_vanishes_outside(factor, place, high, axes) for factor in factors)
    if isinstance(value, Add):
        return all(_vanishes_outside(term, place, high, axes) for term in value.args)
    entry = value.denominator if isinstance(value, Partial) else value
    if not isinstance(entry, Indexed):
        return False
    sizes = axes.get(str(entry.base.label), ())
    return any(at == place and size == high for at, size in zip(entry.indices, sizes, strict=False))


def _in_range(place: Expr, low: Expr, high: Expr, ranges: Ranges) -> Expr:
    """Whether ``low <= place <= high``: true, false, or the condition itself."""
    size = ranges.get(place)
    if size is not None and low == 1 and (size == high or (high - size).is_nonnegative):
        return true
    return And(place >= low, place <= high)


def _remaining(body: Expr, limit: tuple[Symbol, Expr, Expr]) -> Expr:
    """The sum of a body without deltas, with the factors that do not run pulled out."""
    index, low, high = limit
    if body == 0:
        return body
    running = [f for f in Mul.make_args(body) if index in f.free_symbols]
    outside = Mul(*(f for f in Mul.make_args(body) if index not in f.free_symbols))
    if not running:
        return outside * (high - low + 1)
    return outside * Sum(Mul(*running), limit)


def share(expression: Expr) -> Expr:
    """A sum of terms with their common factors in front: ``a b - a c`` becomes ``a (b - c)``.

    >>> from sympy import symbols
    >>> a, b, c = symbols("a b c")
    >>> share(a * b - a * c)
    a*(b - c)
    """
    if not isinstance(expression, Add):
        return expression
    factors = [list(Mul.make_args(term)) for term in expression.args]
    common = [f for f in factors[0] if not f.is_number and all(f in other for other in factors[1:])]
    if not common:
        return expression
    front = Mul(*common)
    return front * Add(*(term / front for term in expression.args))
