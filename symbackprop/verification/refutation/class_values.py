r"""Letters that are compared with numbers or with indices, ``1\{y = k\}``: classes, and nothing else is drawn for them.

A number that is compared with an index is a place along its axis; one that is compared with several numbers is one of
these. Beside a single number another one is meant that nobody writes: 0 beside 1, or -1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from symbackprop.verification.refutation.features import reached, sides
from symbackprop.verification.terms.context import Claim, Context, Definition
from symbackprop.verification.terms.nodes import Axis, Call, Cases, Entry, Num, Over, Prod, Relation, Sum, Term, Whole
from symbackprop.verification.terms.walk import axis_at, children

Bound: TypeAlias = Mapping[str, Over]
#: Further classes that are usual beside the only one that a note writes.
USUAL = {Fraction(1): ((0, 1), (-1, 1)), Fraction(-1): ((-1, 1),)}


@dataclass(frozen=True)
class ClassValues:
    """The numbers that a letter may be, and the axes of which it may be any place."""

    numbers: tuple[Fraction, ...] = ()
    axes: tuple[Axis, ...] = ()


Classes: TypeAlias = Mapping[str, ClassValues]


def class_values(claim: Claim, context: Context) -> tuple[Classes, ...]:
    """What the letters of a claim are compared with; every way to add the classes that are left out."""
    found: dict[str, ClassValues] = {}
    for name, other in _compared(claim, context):
        old = found.get(name, ClassValues())
        if isinstance(other, Axis):
            axes = old.axes if other in old.axes else (*old.axes, other)
            found[name] = ClassValues(old.numbers, axes)
        else:
            found[name] = ClassValues(tuple(sorted({*old.numbers, other})), old.axes)
    alone = {name for name, values in found.items() if not values.axes and len(values.numbers) == 1}
    open_ones = {name: ways for name in alone if (ways := USUAL.get(found[name].numbers[0]))}
    known = {name: values for name, values in sorted(found.items()) if name not in alone}
    count = max(map(len, open_ones.values()), default=1)
    return tuple({**known, **dict(_completed(open_ones, way))} for way in range(count))


def _completed(open_ones: Mapping[str, tuple[tuple[int, ...], ...]], way: int) -> Iterator[tuple[str, ClassValues]]:
    for name, ways in sorted(open_ones.items()):
        yield name, ClassValues(tuple(map(Fraction, ways[way % len(ways)])))


def _compared(claim: Claim, context: Context) -> Iterator[tuple[str, Fraction | Axis]]:
    """The free letters with the numbers and axes that they are compared with."""
    defined = {definition.name for definition in context.definitions}
    for left, right, bound in _comparisons(claim, context):
        if isinstance(left, Entry) and left.name not in defined and not _is_random(left.name, context):
            if isinstance(right, Num):
                yield left.name, right.value
            over = bound.get(str(right.value.name)) if isinstance(right, Whole) else None
            if isinstance(over, Axis):
                yield left.name, over


def _is_random(name: str, context: Context) -> bool:
    tensor = context.tensors.get(name)
    return tensor is not None and (tensor.mean, tensor.variance) != (None, None)


def _comparisons(claim: Claim, context: Context) -> Iterator[tuple[Term, Term, Bound]]:
    """Both sides of every equation that is a case, either first, and what the indices around it run over."""
    roots = (claim.left, claim.right, *sides(claim.conditions))
    bodies = {id(body) for body in reached(roots, context)}
    scopes = [(root, dict(claim.free)) for root in roots]
    scopes += [(d.body, _indices(d, context)) for d in context.definitions if id(d.body) in bodies]
    for term, bound in scopes:
        for relation, around in _relations(term, bound):
            if relation.op in ("=", "!="):
                yield relation.left, relation.right, around
                yield relation.right, relation.left, around


def _indices(definition: Definition, context: Context) -> dict[str, Axis]:
    tensor = context.tensors.get(definition.name)
    if tensor is None or len(tensor.axes) != len(definition.indices):
        return {}
    labels = dict(zip(tensor.labels, definition.labels, strict=False))
    return {name: axis_at(axis, labels) for name, axis in zip(definition.indices, tensor.axes, strict=True)}


def _relations(term: Term, bound: Bound) -> Iterator[tuple[Relation, Bound]]:
    if isinstance(term, Sum | Prod):
        bound = {**bound, term.index: term.over}
    if isinstance(term, Cases):
        yield from ((relation, bound) for conditions, _ in term.cases for relation in conditions)
    if isinstance(term, Call):
        for argument in term.arguments:
            yield from _relations(argument.body, {**bound, **dict(argument.indices)})
    else:
        for child in children(term):
            yield from _relations(child, bound)
