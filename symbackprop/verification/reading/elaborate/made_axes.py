r"""Which declared sizes are those of arrays put together: the m + n of ``W: matrix(k, m+n)`` beside ``[h, x]``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from symbackprop.verification.reading.composites import is_made
from symbackprop.verification.reading.elaborate.array_functions import CONCATENATIONS
from symbackprop.verification.reading.elaborate.claims import Formula, new_reader
from symbackprop.verification.reading.elaborate.state import Convention, Env, NotUnderstood, ShapeConflict
from symbackprop.verification.reading.elaborate.walk import every
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Group, Matrix, Name, Node, Scripted, Span, Statement, Times
from symbackprop.verification.reading.symbols import Symbol
from symbackprop.verification.terms.nodes import Axis
from symbackprop.verification.terms.walk import entry_names


def with_made_axes(statements: Iterable[Statement], scope: Scope) -> Scope:
    """The scope with the declared axes that brackets of several arrays show to be made of others."""
    found: dict[Axis, Axis] = {}
    for statement in statements:
        sides = [side for side in statement.sides if side is not None]
        for node in sides:
            for whole, before in _brackets(node):
                for axes in _shapes(whole, scope):
                    found |= dict(_same_name(axes, scope))
                    found |= dict(_factor(before, axes, scope))
                    for other in sides if whole is node or isinstance(whole, Times) and whole.span == node.span else ():
                        found |= dict(_defined(other, axes, scope))
    return _with(found, scope)


def _brackets(node: Node) -> Iterator[tuple[Node, Node | None]]:
    """Every bracket of several items and the factor before it."""
    for part in every(node):
        if isinstance(part, Times):
            factors = [None, *_calls_joined(part)]
            yield from ((after, before) for before, after in zip(factors, factors[1:], strict=False) if after)
        if isinstance(part, Group | Matrix):
            yield part, None


def _calls_joined(node: Times) -> list[Node]:
    r"""The factors, ``\mathrm{concat}(h, x)`` being one."""
    found: list[Node] = []
    for factor in node.factors:
        last = found[-1] if found else None
        if isinstance(last, Name) and last.text in CONCATENATIONS and isinstance(factor, Group):
            found[-1] = Times((last, factor), ("",), Span(last.span.start, factor.span.end))
        else:
            found.append(factor)
    return found


def _shapes(node: Node, scope: Scope) -> list[tuple[Axis, ...]]:
    """The made shapes that a bracket may have."""
    if not isinstance(node, Matrix | Times) and not (isinstance(node, Group) and node.bracket == "["):
        return []
    reader = new_reader(scope, Formula("", {}, frozenset()), Convention())
    try:
        return [array.axes for array in reader.read(node, Env()) if is_made(array.axes)]
    except (NotUnderstood, ShapeConflict):
        return []


def _same_name(axes: tuple[Axis, ...], scope: Scope) -> Iterator[tuple[Axis, Axis]]:
    """Declared axes named as a sum of the same sizes."""
    known = {axis for symbol in scope.symbols.values() for axis in symbol.axes or () if "+" in axis.name}
    for made in (axis for axis in axes if axis.parts):
        names = sorted(part.name for part in made.parts)
        yield from ((axis, made) for axis in known if not axis.parts and sorted(axis.name.split("+")) == names)


def _factor(before: Node | None, axes: tuple[Axis, ...], scope: Scope) -> Iterator[tuple[Axis, Axis]]:
    """The last axis of the matrix before a bracket."""
    symbol = _letter(before, scope)
    if symbol is not None and symbol.axes and len(symbol.axes) == 2 and axes[0].parts:
        yield from _open(symbol.axes[1], axes[0])


def _defined(other: Node, axes: tuple[Axis, ...], scope: Scope) -> Iterator[tuple[Axis, Axis]]:
    """The axes of the letter that a bracket defines."""
    symbol = _letter(other, scope)
    if symbol is not None and symbol.axes and len(symbol.axes) == len(axes):
        for old, new in zip(symbol.axes, axes, strict=True):
            yield from _open(old, new) if new.parts else ()


def _open(old: Axis, new: Axis) -> Iterator[tuple[Axis, Axis]]:
    if not old.parts and not old.labels and old.size is None and old not in new.parts and not old.name.startswith("?"):
        yield old, new


def _letter(node: Node | None, scope: Scope) -> Symbol | None:
    ref = refer(node, scope) if isinstance(node, Name | Scripted) else None
    return ref.symbol if ref is not None and not ref.posts and not ref.indices else None


def _with(found: Mapping[Axis, Axis], scope: Scope) -> Scope:
    """The letters with their axes replaced, but for axes that something already speaks of entry by entry."""
    used = set().union(*(entry_names(d.body) | {d.name} for d in scope.definitions))
    for old, new in sorted(found.items(), key=lambda pair: pair[0].name):
        holders = [s for s in scope.symbols.values() if s.kind == "quantity" and old in (s.axes or ())]
        if not any(symbol.name in used for symbol in holders):
            for symbol in holders:
                axes = tuple(new if axis == old else axis for axis in symbol.axes or ())
                scope = scope.with_symbol(replace(symbol, axes=axes))
    return scope
