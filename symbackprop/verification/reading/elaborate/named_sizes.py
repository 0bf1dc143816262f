r"""Axes that go by the name of their size once a sum runs over them: ``y_i = w x_i``, then ``\sum_{i=1}^n y_i``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from symbackprop.verification.reading.elaborate.axes import OWN_AXIS, uses
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Node
from symbackprop.verification.terms.nodes import Axis

Part = TypeVar("Part")


def with_named_sizes(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """The scope in which an axis that no size names yet goes by the size up to which a sum over it runs.

    A size that nothing declares and no shape mentions is, from such a sum on, that of the axis it runs over.
    """
    for old, new in _named(nodes, scope):
        scope = replace(
            scope,
            symbols=MappingProxyType({name: _renamed(s, old, new) for name, s in scope.symbols.items()}),
            definitions=_renamed(scope.definitions, old, new),
            assumptions=_renamed(scope.assumptions, old, new),
            conditions=_renamed(scope.conditions, old, new),
        )
    return scope


def _named(nodes: tuple[Node, ...], scope: Scope) -> Iterator[tuple[Axis, Axis]]:
    """Pairs of axes that one letter runs over: the open one, and the one that it is."""
    classes: dict[tuple[int, str], list[Axis]] = {}
    for node in nodes:
        for key, axis in uses(node, scope, {}):
            classes.setdefault(key, []).append(axis)
    sizes = {s.axes[0]: s for s in scope.symbols.values() if s.kind == "size" and s.axes and not s.labels}
    declared = (scope.find(name) for name in scope.declared)
    firm = {axis for symbol in declared if symbol is not None for axis in symbol.axes or ()}
    shown = {axis for s in scope.symbols.values() if s.kind == "quantity" for axis in s.axes or ()}
    found: dict[Axis, set[Axis]] = {}
    for members in map(set, classes.values()):
        stated = {axis for axis in members if axis in sizes and axis.size is None}
        own = {axis for axis in members - firm if axis.name.startswith(OWN_AXIS) and not axis.labels}
        for axis in own if stated else ():
            found.setdefault(axis, set()).update(stated)
        for axis in stated - shown - firm if not own else ():
            others = members - {axis}
            named = any(other in sizes and not sizes[other].declared for other in others)  # N is not n
            if not sizes[axis].declared and not named and not any(other.labels for other in members):
                found.setdefault(axis, set()).update(others)
    yield from ((old, next(iter(new))) for old, new in found.items() if len(new) == 1)


def _renamed(part: Part, old: Axis, new: Axis) -> Part:
    if isinstance(part, Axis):
        return new if part == old else part  # type: ignore[return-value]
    if isinstance(part, tuple):
        made = tuple(_renamed(item, old, new) for item in part)
        return part if all(a is b for a, b in zip(made, part, strict=True)) else made  # type: ignore[return-value]
    if not is_dataclass(part) or isinstance(part, type):
        return part
    changes = {f.name: _renamed(getattr(part, f.name), old, new) for f in fields(part)}
    changed = {name: value for name, value in changes.items() if value is not getattr(part, name)}
    return replace(part, **changed) if changed else part
