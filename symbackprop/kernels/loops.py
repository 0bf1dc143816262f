"""Statements put in an order in which each is computed before it is read; recurrences become loops over an index.

A recurrence is a group of statements each of which reads, in the end, itself at an earlier (or later) index. Only the
statements of such a group stand in the loop: everything else is one array operation before or after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sympy import Expr

from symbackprop.errors import NotDerivable
from symbackprop.kernels.program import Gather, Label, Loop, Statement, letter

Axes = Mapping[str, int]


def scheduled(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements in order of computation, as near to the given order as may be."""
    made = {s.target.array.name: number for number, s in enumerate(statements)}
    needs = [[made[name] for name in s.reads if name in made] for s in statements]
    found: list[Statement] = []
    loops = 0
    for group in components(needs):
        members = [statements[number] for number in group]
        if len(group) == 1 and group[0] not in needs[group[0]]:
            found += members
        else:
            loops += 1
            found += _loop(members, loops)
    return tuple(found)


def components(needs: Sequence[Sequence[int]]) -> list[list[int]]:
    """The groups of nodes that need each other, each after the groups that it needs (Tarjan 1972).

    >>> components([[1], [2], [1], []])
    [[1, 2], [0], [3]]
    """
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    found: list[list[int]] = []

    def visit(node: int) -> None:
        number[node] = low[node] = len(number)
        stack.append(node)
        for needed in needs[node]:
            if needed not in number:
                visit(needed)
                low[node] = min(low[node], low[needed])
            elif needed in stack:
                low[node] = min(low[node], number[needed])
        if low[node] == number[node]:
            place = stack.index(node)
            found.append(sorted(stack[place:]))
            del stack[place:]

    for node in range(len(needs)):
        if node not in number:
            visit(node)
    return found


def carried(statement: Statement, axes: Axes) -> int:
    """By how much a statement reads a later (or, below zero, earlier) turn; ``axes`` holds the axis that is looped."""
    operation = statement.operation
    if not isinstance(operation, Gather) or operation.source.array.name not in axes:
        return 0
    label = statement.target.axes[axes[statement.target.array.name]]
    return int(operation.indices[axes[operation.source.array.name]] - letter(label))


def looped_axes(statements: Iterable[Statement], loop: Loop) -> Axes:
    """The axis of each array made in the loop that its label runs along."""
    inside = [s for s in statements if s.loop is not None and s.loop.number == loop.number]
    return {s.target.array.name: s.target.axes.index(s.loop.label) for s in inside if s.loop is not None}


def _loop(members: list[Statement], number: int) -> list[Statement]:
    names = [s.target.array.name for s in members]
    axes = next((found for start in _starts(members, names) if (found := _aligned(members, names, start))), None)
    if axes is None:
        raise NotDerivable(f"no kernel for a recurrence of {', '.join(_notes(members))}: it steps along no one index")
    steps = [carried(s, axes) for s in members]
    if min(steps) < 0 < max(steps):
        raise NotDerivable(f"no kernel for a recurrence of {', '.join(_notes(members))} that steps both ways")
    made = {name: k for k, name in enumerate(names)}
    now = [s.reads[1:] if step else s.reads for s, step in zip(members, steps, strict=True)]
    needs = [[made[name] for name in read if name in made] for read in now]
    groups = components(needs)
    if len(groups) < len(members) or any(k in needed for k, needed in enumerate(needs)):
        raise NotDerivable(f"no kernel for {', '.join(_notes(members))}: each needs its own value at the same index")
    return [
        replace(s, loop=Loop(number, s.target.axes[axes[s.target.array.name]], max(steps) > 0))
        for s in (members[group[0]] for group in groups)
    ]


def _notes(members: list[Statement]) -> list[str]:
    return [s.note for s in members if s.note]


def _starts(members: list[Statement], names: list[str]) -> Iterable[tuple[str, int]]:
    """Each (array, axis) that is read at an index moved by a number."""
    for s in members:
        if isinstance(s.operation, Gather) and s.operation.source.array.name in names:
            for axis, index in enumerate(s.operation.indices):
                if any(_shift(index, label) for label in s.target.axes):
                    yield s.operation.source.array.name, axis


def _shift(index: Expr, label: Label) -> int | None:
    """c where the index is the label plus the whole number c."""
    rest = index - letter(label)
    return int(rest) if rest.is_Integer else None


def _aligned(members: list[Statement], names: list[str], start: tuple[str, int]) -> Axes | None:
    """The axis along which every array of the group is stepped, if one axis of each runs along with ``start``."""
    known = {start[0]: start[1]}
    before = 0
    while before < len(known):
        before = len(known)
        for s in members:
            for name, axis in _pairs(s, names):
                for mine, other in ((s.target.array.name, name), (name, s.target.array.name)):
                    own, its = axis if mine == s.target.array.name else axis[::-1]
                    if known.get(mine) == own and known.setdefault(other, its) != its:
                        return None
    return known if set(names) == set(known) and all(_steps(s, names, known) for s in members) else None


def _pairs(statement: Statement, names: list[str]) -> Iterable[tuple[str, tuple[int, int]]]:
    """(operand, (axis of the target, axis of the operand)) for the axes that run along with each other."""
    operation = statement.operation
    for operand in operation.operands:
        if operand.array.name not in names:
            continue
        for mine, label in enumerate(statement.target.axes):
            if isinstance(operation, Gather) and operand == operation.source:
                yield from (
                    (operand.array.name, (mine, axis))
                    for axis, index in enumerate(operation.indices)
                    if _shift(index, label) is not None
                )
            elif label in operand.axes:
                yield operand.array.name, (mine, operand.axes.index(label))


def _steps(statement: Statement, names: list[str], known: Axes) -> bool:
    """Whether every operand of the group is read along with the target."""
    here = known[statement.target.array.name]
    along = {name for name, pair in _pairs(statement, names) if pair == (here, known[name])}
    return all(operand.array.name in along for operand in statement.operation.operands if operand.array.name in names)
