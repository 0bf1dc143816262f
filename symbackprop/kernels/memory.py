"""Which arrays share memory: an array takes over a place that nothing will read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import heappop, heappush

from sympy import Expr, prod

from symbackprop.kernels.affine import usual
from symbackprop.kernels.program import Elementwise, Operand, Program, Statement, last_uses
from symbackprop.kernels.singles import truths


@dataclass
class Slot:
    """A piece of memory: ``sizes`` are those of the arrays that it holds one after the other, each once.

    With a row of ones behind it (``ones``, the shape of the array that needs it) it holds nothing larger than that.
    """

    truth: bool
    sizes: set[Expr] = field(default_factory=set)
    ones: tuple[Expr, ...] = ()

    @property
    def size(self) -> int:
        return max(map(usual, self.sizes))

    @property
    def kind(self) -> object:
        """What decides of its fit: slots of one kind are as good as each other."""
        return self.truth, frozenset(self.sizes), self.ones


@dataclass(frozen=True)
class Memory:
    """The slots, and the number of that of each array."""

    slots: tuple[Slot, ...]
    places: Mapping[str, int]


def planned(program: Program, kept: frozenset[str], ones: frozenset[str], in_place: bool = True) -> Memory:
    """A slot for every array in ``kept``; those in ``ones`` have a row of ones behind them.

    A result goes over an operand of its own shape that dies here, else to the free slot that fits best, else to a new
    one; ``in_place=False`` gives every array a slot of its own.
    """
    return _Planner(program, kept, ones, in_place).memory()


class _Planner:
    def __init__(self, program: Program, kept: frozenset[str], ones: frozenset[str], in_place: bool) -> None:
        self.program, self.kept, self.ones, self.in_place = program, kept, ones, in_place
        self.truths = truths(program)
        self.last = last_uses(program)
        self.slots: list[Slot] = []
        self.places: dict[str, int] = {}
        #: The numbers of free slots by kind, each a heap, so that the first of many that are alike is found at once.
        self.free: dict[object, list[int]] = {}

    def memory(self) -> Memory:
        for number, statement in enumerate(self.program.statements):
            dying = [
                name for name in statement.reads if self.last[name] == number and name in self.places and self.in_place
            ]
            name = statement.target.array.name
            over = self._over(statement, dying) if name in self.kept else None
            if name in self.kept:
                self.places[name] = self._slot(statement.target, over)
            for gone in dying:
                if self.places[gone] != over:
                    self._release(self.places[gone])
            if name in self.places and name not in self.last:
                self._release(self.places[name])
        return Memory(tuple(self.slots), self.places)

    def _release(self, number: int) -> None:
        heappush(self.free.setdefault(self.slots[number].kind, []), number)

    def _best(self, target: Operand) -> list[int] | None:
        """The heap whose first slot fits best, if any does."""
        size = usual(_entries(target.array.shape))
        fit = [heap for heap in self.free.values() if heap and self._fits(self.slots[heap[0]], target)]
        return min(fit, key=lambda heap: (abs(self.slots[heap[0]].size - size), heap[0])) if fit else None

    def _over(self, statement: Statement, dying: list[str]) -> int | None:
        """The slot of a dying operand that the result may be written over, one without a row of ones if there is."""
        operation, target = statement.operation, statement.target
        if not isinstance(operation, Elementwise):
            return None
        fit = [
            self.places[operand.array.name]
            for operand in operation.operands
            if operand.array.name in dying
            and operand.axes == target.axes
            and self._fits(self.slots[self.places[operand.array.name]], target)
        ]
        read = [self.places.get(operand.array.name) for operand in operation.operands]
        once = [n for n in fit if read.count(n) == 1]
        return min(once, key=lambda n: (bool(self.slots[n].ones), n)) if once else None

    def _fits(self, slot: Slot, target: Operand) -> bool:
        size, name = _entries(target.array.shape), target.array.name
        if slot.truth != (name in self.truths):
            return False
        if slot.ones:
            return _no_larger(size, _entries(slot.ones)) and (name not in self.ones or slot.ones == target.array.shape)
        return name not in self.ones or all(_no_larger(other, size) for other in slot.sizes)

    def _slot(self, target: Operand, over: int | None) -> int:
        size = _entries(target.array.shape)
        if over is None:
            heap = self._best(target) if self.in_place else None
            if heap:
                over = heappop(heap)
            else:
                over = len(self.slots)
                self.slots.append(Slot(target.array.name in self.truths))
        slot = self.slots[over]
        slot.sizes.add(size)
        if target.array.name in self.ones:
            slot.ones = target.array.shape
        return over


@lru_cache(maxsize=4096)
def _entries(shape: tuple[Expr, ...]) -> Expr:
    """How many numbers an array of this shape has."""
    return prod(shape)


@lru_cache(maxsize=4096)
def _no_larger(one: Expr, other: Expr) -> bool:
    """Whether one size is never more than the other."""
    if one == other:
        return True
    ratio = one / other
    return bool(ratio.is_number and ratio <= 1)
