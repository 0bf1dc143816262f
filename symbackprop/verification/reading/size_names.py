"""Letters for the sizes that a note leaves unsaid, so that they can be written in a comment block."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase

from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Definition
from symbackprop.verification.terms.nodes import Axis, Entry
from symbackprop.verification.terms.walk import walk

UNSAID = "dim"
"""The name of a size that was decided by usage begins with this and holds a bracket."""
_PREFERRED = ("n", "m", "p", "q", "r", "s", "d", "h")


def size_names(scope: Scope) -> dict[str, str]:
    """A letter that the note does not use for each unsaid size; sizes that one index runs over share one."""
    groups = _groups(scope)
    used = {symbol.name for symbol in scope.symbols.values()} | {axis.name for axis in _axes(scope)}
    used |= set().union(*(symbol.labels for symbol in scope.symbols.values()))
    letters = (*_PREFERRED, *ascii_lowercase)
    free = iter(dict.fromkeys(letter for letter in letters if letter not in used and letter not in "dejilt"))
    names = {group: next(free, f"n_{{{number}}}") for number, group in enumerate(sorted(set(groups.values())))}
    return {size: names[group] for size, group in sorted(groups.items())}


def _groups(scope: Scope) -> dict[str, str]:
    """Each unsaid size with the first of those that must be equal to it."""
    first = {axis.name: axis.name for axis in _axes(scope) if _unsaid(axis)}
    for definition in scope.definitions:
        met: dict[Affine, Axis] = {}
        for index, axis in _runs(definition, scope):
            other = met.setdefault(index, axis)
            if other.labels == axis.labels and _unsaid(other) and _unsaid(axis):
                one, two = sorted((first[other.name], first[axis.name]))
                first = {size: one if group == two else group for size, group in first.items()}
    return first


def _runs(definition: Definition, scope: Scope) -> Iterator[tuple[Affine, Axis]]:
    """Every index of a definition with an axis that it runs over."""
    indices = tuple(Affine.symbol(index) for index in definition.indices)
    entries = [Entry(definition.name, definition.labels, indices)]
    entries += [node for node in walk(definition.body) if isinstance(node, Entry)]
    for entry in entries:
        symbol = scope.symbols.get(entry.name)
        if symbol is None or len(symbol.labels) != len(entry.labels):
            continue
        places = dict(zip(symbol.labels, entry.labels, strict=True))
        for index, axis in zip(entry.indices, symbol.axes or (), strict=False):
            yield index, Axis(axis.name, tuple(label.substitute(places) for label in axis.labels), axis.size)


def _axes(scope: Scope) -> list[Axis]:
    return [axis for _, symbol in sorted(scope.symbols.items()) for axis in symbol.axes or ()]


def _unsaid(axis: Axis) -> bool:
    return axis.size is None and axis.name.startswith(UNSAID) and "(" in axis.name
