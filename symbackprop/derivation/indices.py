"""Index hygiene: renaming, substitution that captures nothing, and equality up to the names of bound indices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from sympy import Add, Basic, Expr, Mul, Sum, Symbol

from symbackprop.errors import NotDerivable
from symbackprop.quantities import TIMES, as_index

_INDEX_NAMES = ("i", "j", "k", "m", "p", "q", "u", "v")
_SAMPLE_NAMES = ("s", "r")


def names(*expressions: Basic) -> frozenset[str]:
    """The names of all symbols, free and bound."""
    return frozenset(symbol.name for e in expressions for symbol in e.atoms(Symbol))


def fresh(like: Symbol, taken: Iterable[str]) -> Symbol:
    """``like`` itself if its name is free, else the first free name of its kind.

    >>> fresh(as_index("i"), {"i", "j"})
    k
    """
    avoided = set(taken)
    pool = next((p for p in (_SAMPLE_NAMES, TIMES) if like.name in p), _INDEX_NAMES)
    numbered = (f"{pool[0]}_{n}" for n in range(1, len(avoided) + 2))
    for name in (like.name, *pool, *numbered):
        if name not in avoided:
            return like if name == like.name else as_index(name)
    raise NotDerivable(f"no free index name is left for {like}")


def substitute(expression: Basic, mapping: Mapping[Symbol, Expr]) -> Basic:
    """Replace free symbols; a bound index that would capture a new symbol is renamed first.

    >>> from sympy import Function, Sum
    >>> i, j = as_index("i"), as_index("j")
    >>> f = Function("f")
    >>> substitute(Sum(f(i, j), (j, 1, 3)), {i: j})
    Sum(f(j, k), (k, 1, 3))
    """
    if isinstance(expression, Symbol):
        return mapping.get(expression, expression)
    free = expression.free_symbols
    live = {s: e for s, e in mapping.items() if s in free and s != e}
    if not live:
        return expression
    if expression in live:
        return live[expression]
    if isinstance(expression, Sum):
        return _substitute_in_sum(expression, live)
    return expression.func(*(substitute(argument, live) for argument in expression.args))


def _substitute_in_sum(total: Sum, live: Mapping[Symbol, Expr]) -> Sum:
    incoming = names(*live.values())
    inner, limits = dict(live), []
    taken = set(incoming | names(total))
    for index, low, high in total.limits:
        name = index if index.name not in incoming else fresh(index, taken)
        taken.add(name.name)
        inner[index] = name
        limits.append((name, substitute(low, live), substitute(high, live)))
    return Sum(substitute(total.function, inner), *limits)


def rename_bound(expression: Basic, taken: Iterable[str]) -> Basic:
    """The same expression with no bound index named as in ``taken``."""
    if not expression.has(Sum):
        return expression
    avoided = frozenset(taken)
    if not isinstance(expression, Sum):
        return expression.func(*(rename_bound(argument, avoided) for argument in expression.args))
    used, mapping, limits = set(avoided | names(expression)), {}, []
    for index, low, high in expression.limits:
        name = index if index.name not in avoided else fresh(index, used)
        used.add(name.name)
        mapping[index] = name
        limits.append((name, low, high))
    body = substitute(expression.function, mapping)
    return Sum(rename_bound(body, avoided | {limit[0].name for limit in limits}), *limits)


Binding: TypeAlias = Mapping[Basic, Basic]


def unify(pattern: Basic, subject: Basic, wild: frozenset[Symbol], found: Binding | None = None) -> Binding | None:
    """What the ``wild`` indices of ``pattern`` must stand for to give ``subject``, up to bound names; or None.

    >>> from sympy import IndexedBase
    >>> y, i, j, k = IndexedBase("y"), as_index("i"), as_index("j"), as_index("k")
    >>> unify(Sum(y[k, i], (i, 1, 3)), Sum(y[1, j], (j, 1, 3)), frozenset({k}))[k]
    1
    """
    known: Binding = {} if found is None else found
    if pattern in known:
        return known if known[pattern] == subject else None
    if pattern in wild:
        return {**known, pattern: subject}
    if not pattern.args or not subject.args:
        return known if pattern == subject and subject not in known.values() else None
    if pattern.func != subject.func or len(pattern.args) != len(subject.args):
        return None
    if isinstance(pattern, Sum):
        return _unify_sums(pattern, subject, wild, known)
    return _unify_arguments(pattern.args, subject.args, wild, known, isinstance(pattern, Add | Mul))


def _unify_sums(pattern: Sum, subject: Sum, wild: frozenset[Symbol], known: Binding) -> Binding | None:
    bound = {p[0]: s[0] for p, s in zip(pattern.limits, subject.limits, strict=True)}
    inner: Binding | None = {**{p: s for p, s in known.items() if p not in bound}, **bound}
    for p, s in zip(pattern.limits, subject.limits, strict=True):
        for one, other in zip(p[1:], s[1:], strict=True):
            inner = None if inner is None else unify(one, other, wild - set(bound), inner)
    if inner is not None:
        inner = unify(pattern.function, subject.function, wild - set(bound), inner)
    if inner is None or any(s in bound.values() for p, s in inner.items() if p not in bound):
        return None
    return {**{p: s for p, s in inner.items() if p not in bound}, **{p: s for p, s in known.items() if p in bound}}


def _unify_arguments(
    patterns: tuple[Basic, ...], subjects: tuple[Basic, ...], wild: frozenset[Symbol], known: Binding, any_order: bool
) -> Binding | None:
    if not patterns:
        return known
    for place, subject in enumerate(subjects if any_order else subjects[:1]):
        first = unify(patterns[0], subject, wild, known)
        rest = (*subjects[:place], *subjects[place + 1 :])
        found = None if first is None else _unify_arguments(patterns[1:], rest, wild, first, any_order)
        if found is not None:
            return found
    return None


def same(one: Basic, other: Basic) -> bool:
    """Equality up to the names of bound indices."""
    return one == other or unify(one, other, frozenset()) is not None
