"""Going through terms: children, rebuilding, and substitution of index symbols without capture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any

from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import (
    Add,
    Axis,
    Call,
    Cases,
    Delta,
    Diff,
    Entry,
    Expect,
    Fn,
    Integral,
    Lambda,
    Limit,
    Mul,
    Over,
    Pow,
    Prod,
    Range,
    Relation,
    Size,
    Sum,
    Term,
    Whole,
)

Env = Mapping[str, Affine]


def _case_children(term: Cases) -> tuple[Term, ...]:
    found: list[Term] = []
    for conditions, value in term.cases:
        for condition in conditions:
            found += [condition.left, condition.right]
        found.append(value)
    if term.otherwise is not None:
        found.append(term.otherwise)
    return tuple(found)


#: The terms directly below a node of each kind; the others are leaves.
_CHILDREN: dict[type, Callable[[Any], tuple[Term, ...]]] = {
    Add: attrgetter("terms"),
    Mul: attrgetter("factors"),
    Pow: attrgetter("base", "exponent"),
    Sum: lambda term: (term.body,),
    Prod: lambda term: (term.body,),
    Expect: lambda term: (term.body,),
    Fn: lambda term: (term.argument,),
    Diff: attrgetter("body", "by"),
    Call: lambda term: tuple(argument.body for argument in term.arguments),
    Cases: _case_children,
    Limit: lambda term: (term.body, term.variable) if term.to is None else (term.body, term.variable, term.to),
    Integral: lambda term: (
        term.body,
        term.variable,
        *(bound for bound in (term.lo, term.hi) if bound is not None),
    ),
}


def children(term: Term) -> tuple[Term, ...]:
    """The terms directly below ``term``, in order."""
    below = _CHILDREN.get(type(term))
    return () if below is None else below(term)


def walk(term: Term) -> Iterator[Term]:
    """Every node of ``term``, itself first; without recursion."""
    stack = [term]
    while stack:
        node = stack.pop()
        yield node
        below = _CHILDREN.get(type(node))
        if below is not None:
            stack.extend(reversed(below(node)))


def size_and_depth(term: Term, limit: int) -> tuple[int, int]:
    """The number of nodes (counting stops beyond ``limit``) and the depth."""
    count, depth, stack = 0, 0, [(term, 1)]
    while stack and count <= limit:
        node, level = stack.pop()
        count, depth = count + 1, max(depth, level)
        stack.extend((child, level + 1) for child in children(node))
    return count, depth


def map_children(term: Term, change: Callable[[Term], Term]) -> Term:  # noqa: C901 - one case a kind of node
    """The same node over changed children; binders and the entry of a ``Diff`` stay as they are."""
    if type(term) not in _CHILDREN:
        return term
    match term:
        case Add(terms):
            return Add(tuple(map(change, terms)))
        case Mul(factors):
            return Mul(tuple(map(change, factors)))
        case Pow(base, exponent):
            return Pow(change(base), change(exponent))
        case Sum(index, over, body):
            return Sum(index, over, change(body))
        case Prod(index, over, body):
            return Prod(index, over, change(body))
        case Fn(name, order, argument):
            return Fn(name, order, change(argument))
        case Diff(body, by, total):
            return Diff(change(body), by, total)
        case Expect(body):
            return Expect(change(body))
        case Call(arguments=arguments):
            return replace(term, arguments=tuple(Lambda(a.indices, change(a.body)) for a in arguments))
        case Cases(cases, otherwise):
            changed = tuple((tuple(map_relation(r, change) for r in conditions), change(v)) for conditions, v in cases)
            return Cases(changed, None if otherwise is None else change(otherwise))
        case Limit(body, variable, to, sign):
            return Limit(change(body), variable, None if to is None else change(to), sign)
        case Integral(body, variable, lo, hi):
            bounds = [None if bound is None else change(bound) for bound in (lo, hi)]
            return Integral(change(body), variable, *bounds)
    return term


def map_relation(relation: Relation, change: Callable[[Term], Term]) -> Relation:
    return Relation(change(relation.left), relation.op, change(relation.right))


def axis_at(axis: Axis, env: Env) -> Axis:
    """The axis with the symbols of its labels replaced."""
    return Axis(axis.name, tuple(a.substitute(env) for a in axis.labels), axis.size) if axis.labels else axis


def over_at(over: Over, env: Env) -> Over:
    if isinstance(over, Axis):
        return axis_at(over, env)
    return Range(over.lo.substitute(env), over.hi.substitute(env))


def entry_at(entry: Entry, env: Env) -> Entry:
    return Entry(
        entry.name, tuple(a.substitute(env) for a in entry.labels), tuple(a.substitute(env) for a in entry.indices)
    )


class Names:
    """A supply of index symbols that no note can contain; those with a percent sign belong to the engine.

    >>> names = Names()
    >>> names.fresh(), names.fresh()
    ('%1', '%2')
    """

    def __init__(self, prefix: str = "%") -> None:
        self.count, self.prefix = 0, prefix

    def fresh(self) -> str:
        self.count += 1
        return f"{self.prefix}{self.count}"


def freshen(term: Term, env: Env, names: Names) -> Term:
    """Replace free index symbols by ``env`` and give every bound one a fresh name, so that nothing is captured."""

    def change(child: Term) -> Term:
        return freshen(child, env, names)

    match term:
        case Entry():
            return entry_at(term, env)
        case Delta(left, right):
            return Delta(left.substitute(env), right.substitute(env))
        case Whole(value):
            return Whole(value.substitute(env))
        case Size(axis):
            return Size(axis_at(axis, env))
        case Sum(index, over, body) | Prod(index, over, body):
            name = names.fresh()
            inner = freshen(body, {**env, index: Affine.symbol(name)}, names)
            return type(term)(name, over_at(over, env), inner)
        case Diff(body, by, total):
            return Diff(change(body), entry_at(by, env), total)
        case Call():
            return _freshen_call(term, env, names)
    return map_children(term, change)


def _freshen_call(term: Call, env: Env, names: Names) -> Call:
    def move(parts: tuple[Affine, ...]) -> tuple[Affine, ...]:
        return tuple(a.substitute(env) for a in parts)

    arguments = []
    for argument in term.arguments:
        renamed = {index: names.fresh() for index, _ in argument.indices}
        inner = {**env, **{index: Affine.symbol(name) for index, name in renamed.items()}}
        indices = tuple((renamed[index], axis_at(axis, env)) for index, axis in argument.indices)
        arguments.append(Lambda(indices, freshen(argument.body, inner, names)))
    slots = tuple((number, move(indices)) for number, indices in term.slots)
    return Call(term.name, move(term.labels), move(term.component), tuple(arguments), slots)


def _direct_symbols(term: Term) -> set[str]:
    """Index symbols that stand in the node itself (not below it, and not those of a binder's range)."""
    match term:
        case Entry(_, labels, indices):
            parts = (*labels, *indices)
        case Delta(left, right):
            parts = (left, right)
        case Whole(value):
            parts = (value,)
        case Size(axis):
            parts = axis.labels
        case Call(_, labels, component, _, slots):
            parts = (*labels, *component, *(a for _, indices in slots for a in indices))
        case _:
            parts = ()
    return {name for part in parts for name, _ in part.parts}


def over_symbols(over: Over) -> set[str]:
    parts = over.labels if isinstance(over, Axis) else (over.lo, over.hi)
    return {name for part in parts for name, _ in part.parts}


def free_symbols(term: Term) -> set[str]:
    """Index and label symbols that ``term`` uses and does not bind.

    >>> from symbackprop.verification.terms.nodes import Axis, Entry, Sum
    >>> i, j = Affine.symbol("i"), Affine.symbol("j")
    >>> sorted(free_symbols(Sum("i", Axis("n"), Entry("w", (), (i, j)))))
    ['j']
    """
    found = _direct_symbols(term)
    match term:
        case Sum(index, over, body) | Prod(index, over, body):
            return over_symbols(over) | (free_symbols(body) - {index})
        case Call(arguments=arguments):
            for argument in arguments:
                bound = {index for index, _ in argument.indices}
                found |= free_symbols(argument.body) - bound
                found.update(*(over_symbols(axis) for _, axis in argument.indices))
            return found
    for child in children(term):
        found |= free_symbols(child)
    return found


def entry_names(term: Term) -> set[str]:
    """The letters that ``term`` mentions."""
    return {node.name for node in walk(term) if isinstance(node, Entry)}
