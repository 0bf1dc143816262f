"""Which axes of the arguments of a kernel are one: the batch, and the width of each layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from symbackprop.kernels.backend import Routine
from symbackprop.kernels.program import Gather, Operand, Scatter, Statement, letter

Axis = tuple[str, int]


def axis_names(routines: Iterable[Routine]) -> Mapping[str, tuple[str, ...]]:
    """A name for every axis of every argument, in the caller's order of axes.

    Axes that a program runs along together have the same name: ``batch`` for that of the samples, else ``width_0``,
    ``width_1``, … in order of the arguments. To spread the arrays over devices it is enough to say which names are
    spread.
    """
    known = list(routines)
    groups: dict[Axis, Axis] = {}
    for number, routine in enumerate(known):
        # What is computed may have the same name in another routine and be something else.
        own = {s.target.array.name: f"{s.target.array.name} of {number}" for s in routine.program.statements}
        for statement in routine.program.statements:
            _join(groups, [(label, (own.get(name, name), axis)) for label, (name, axis) in _labelled(statement)])
    inputs = {array.name: array for routine in known for array in routine.program.inputs}
    rows = {name for routine in known for name in routine.rows}
    names = {_root(groups, (name, len(inputs[name].shape) - 1)): "batch" for name in inputs if name in rows}
    found: dict[str, tuple[str, ...]] = {}
    widths = 0
    for name, array in inputs.items():
        shown = []
        for axis in range(len(array.shape)):
            root = _root(groups, (name, axis))
            if root not in names:
                names[root] = f"width_{widths}"
                widths += 1
            shown.append(names[root])
        found[name] = (shown[-1], *shown[:-1]) if name in rows else tuple(shown)
    return found


def _root(groups: dict[Axis, Axis], axis: Axis) -> Axis:
    while axis in groups:
        axis = groups[axis]
    return axis


def _join(groups: dict[Axis, Axis], labelled: Iterable[tuple[str, Axis]]) -> None:
    """Axes with the same label in a statement are one."""
    first: dict[str, Axis] = {}
    for label, axis in labelled:
        one, other = _root(groups, first.setdefault(label, axis)), _root(groups, axis)
        if one != other:
            groups[other] = one


def _labelled(statement: Statement) -> Iterator[tuple[str, Axis]]:
    operation, target = statement.operation, statement.target
    if isinstance(operation, Gather | Scatter):
        # Along an index that is a bare letter the entries keep their place; along any other they move.
        kept, moved = (operation.source, target)[:: 1 if isinstance(operation, Scatter) else -1]
        yield from _axes_of(kept)
        known = {letter(label): label for label in kept.axes}
        for number, index in enumerate(operation.indices):
            if index in known:
                yield known[index], (moved.array.name, number)
        return
    for operand in (target, *operation.operands):
        yield from _axes_of(operand)


def _axes_of(operand: Operand) -> Iterator[tuple[str, Axis]]:
    for number, label in enumerate(operand.axes):
        yield label, (operand.array.name, number)
