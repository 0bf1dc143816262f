"""One turn of a loop: the statements with the axis that is looped taken out, and the source text of every entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sympy import Expr

from symbackprop.errors import IllFormed
from symbackprop.kernels.loops import carried, looped_axes
from symbackprop.kernels.program import Array, Gather, Loop, Operand, Program, Statement, letter
from symbackprop.kernels.rewriting import changed


class Turns:
    """The loop that ``members`` stand in; ``names`` holds the source text of every array of the program.

    ``kept`` lists the arrays that are read at another turn or after the loop: (array, axis that is looped, number of
    slots with zeros at its end), ``outside`` names those read after it. All others live for one turn.
    """

    def __init__(self, program: Program, members: tuple[Statement, ...], names: Mapping[str, str]) -> None:
        self.loop = _loop(members[0])
        self.axes = looped_axes(members, self.loop)
        self.names = names
        self.slots = self._carried(members)
        outside = (s for s in program.statements if s.loop is None or s.loop.number != self.loop.number)
        self.outside = {name for s in outside for name in s.reads} | set(program.outputs.values())
        read = self.outside | set(self.slots)
        whole = [s.target.array for s in members if s.target.array.name in read]
        self.kept = [(array, self.axes[array.name], self.slots.get(array.name, 0)) for array in whole]
        self.whole = {array.name for array in whole}
        first = members[0].target.array
        self.length: Expr = first.shape[self.axes[first.name]]

    def _carried(self, members: tuple[Statement, ...]) -> dict[str, int]:
        slots: dict[str, int] = {}
        for statement in members:
            step = carried(statement, self.axes)
            if step and isinstance(statement.operation, Gather):
                name = statement.operation.source.array.name
                slots[name] = max(slots.get(name, 0), abs(step))
        return slots

    def sliced(self, statement: Statement) -> tuple[Statement | None, dict[str, str]]:
        """The statement of one turn, or ``None`` if it only names an entry, and the texts of the arrays in it."""
        label, texts = _loop(statement).label, dict[str, str]()
        step = carried(statement, self.axes)

        def entry(operand: Operand) -> Operand:
            name = operand.array.name
            if label not in operand.axes:
                return operand
            axis = operand.axes.index(label)
            short = Array(f"{name}[t]", _without(operand.array.shape, axis))
            own = name in self.axes and name not in self.whole
            texts[short.name] = self.names[name] if own else _at(self.names[name], axis, 0)
            return Operand(short, _without(operand.axes, axis))

        target = entry(statement.target)
        if isinstance(statement.operation, Gather) and statement.operation.source.array.name in self.axes:
            gather = self._turn_of(statement.operation, step, texts)
            plain = gather.indices == tuple(map(letter, target.axes)) and statement.target.array.name not in self.whole
            if plain:
                return None, {statement.target.array.name: texts[gather.source.array.name]}
            return replace(statement, target=target, operation=gather, loop=None), texts
        return replace(statement, target=target, operation=changed(statement.operation, entry), loop=None), texts

    def _turn_of(self, gather: Gather, step: int, texts: dict[str, str]) -> Gather:
        """The gather on the other axes, from the turn that is read."""
        name = gather.source.array.name
        axis = self.axes[name]
        short = Array(f"{name}@{step}", _without(gather.source.array.shape, axis))
        own = not step and name not in self.whole
        texts[short.name] = self.names[name] if own else _at(self.names[name], axis, step)
        source = Operand(short, _without(gather.source.axes, axis))
        return Gather(source, _without(gather.indices, axis), gather.bindings)


def _loop(statement: Statement) -> Loop:
    if statement.loop is None:
        raise IllFormed(f"{statement.target.array.name!r} stands in no loop")
    return statement.loop


def _at(name: str, axis: int, step: int) -> str:
    turn = "t" if step == 0 else f"t {'+' if step > 0 else '-'} {abs(step)}"
    return f"{name}[{':, ' * axis}{turn}]"


def _without(items: tuple, axis: int) -> tuple:  # type: ignore[type-arg]
    return (*items[:axis], *items[axis + 1 :])
