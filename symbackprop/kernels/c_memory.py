"""The memory that C works in: slots, each of which holds some arrays one after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from symbackprop.kernels.c_body import CBody
from symbackprop.kernels.memory import planned
from symbackprop.kernels.program import Array, Program


@dataclass(frozen=True)
class Slots:
    """``places`` gives the slot of each array, called after the first array in it; ``arrays`` what a slot holds."""

    places: Mapping[str, str]
    arrays: Mapping[str, tuple[Array, ...]]

    def sized(self, body: CBody) -> Iterator[tuple[str, str]]:
        """Each slot with its size as C, a multiple of 16 numbers and 16 more."""
        for slot, arrays in self.arrays.items():
            first, *others = sorted({body.count(array) for array in arrays})
            for other in others:
                first = f"at_least({first}, {other})"
            yield slot, f"({first} + 31)/16*16"


def slots_of(program: Program, copied: Sequence[Array], outside: Collection[str], in_place: bool) -> Slots:
    """Slots for the arrays in ``copied`` and for what is computed, but not for what has its memory ``outside``.

    What a recurrence computes keeps its memory: it is read at other turns.
    """
    made = [s.target.array for s in program.statements if s.target.array.name not in outside]
    looped = {s.target.array.name for s in program.statements if s.loop is not None}
    kept = frozenset(array.name for array in made if array.shape and array.name not in looped)
    memory = planned(program, kept, frozenset(), in_place)
    first: dict[int, str] = {}
    places: dict[str, str] = {}
    arrays: dict[str, tuple[Array, ...]] = {}
    for array in (*copied, *made):
        number = memory.places.get(array.name)
        slot = array.name if number is None else first.setdefault(number, array.name)
        places[array.name] = slot
        arrays[slot] = (*arrays.get(slot, ()), array)
    return Slots(places, arrays)
