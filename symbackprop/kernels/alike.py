"""Results that read alike: the statements of one, with other arrays, are those of the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from symbackprop.kernels.arrays import Arrays, Place
from symbackprop.kernels.program import (
    Array,
    Contraction,
    Elementwise,
    Operand,
    Reduction,
    Statement,
    with_operands,
)

Known = Mapping[str, Place]


@dataclass(frozen=True)
class Lowered:
    """The statements of a result, and the arrays that it reads and writes, in the order of the labels in it.

    ``stays`` says that every result that reads alike is lowered as it stands, in any model.
    """

    arrays: tuple[Array | None, ...]
    statements: tuple[Statement, ...]
    stays: bool

    def again(self, arrays: Sequence[Array | None], made: Arrays, note: str) -> None:
        """The same statements for other arrays, with temporaries of their own; the last one gets the note."""
        names = {old.name: new for old, new in zip(self.arrays, arrays, strict=True) if old and new}
        for statement in self.statements:
            array = statement.target.array
            if array.name not in names:
                names[array.name] = Array(made.names.temporary(), array.shape)
        renamed = [_renamed(statement, names) for statement in self.statements]
        made.statements += [*renamed[:-1], replace(renamed[-1], note=note)]


def lowered(arrays: Sequence[Array | None], statements: Sequence[Statement], stays: bool) -> Lowered | None:
    """The pattern of some statements; nothing where more than their arrays may matter."""
    kinds = (Elementwise, Contraction, Reduction)
    plain = bool(statements) and all(isinstance(s.operation, kinds) for s in statements)
    return Lowered(tuple(arrays), tuple(statements), stays) if plain else None


def read_of(labels: Sequence[str], *tables: Known) -> tuple[object, list[Array | None]]:
    """What matters of the places of these labels, and their arrays."""
    places = [table.get(label) for label in labels for table in tables]
    read = tuple(place and (place.array.shape, place.sampled, place.leading) for place in places)
    return read, [None if place is None else place.array for place in places]


def _renamed(statement: Statement, names: Mapping[str, Array]) -> Statement:
    def anew(operand: Operand) -> Operand:
        known = names.get(operand.array.name)
        return operand if known is None else Operand(known, operand.axes)

    operation = statement.operation
    if isinstance(operation, Elementwise):
        operation = with_operands(operation, [anew(operand) for operand in operation.operands])
    elif isinstance(operation, Contraction):
        operation = Contraction(tuple(map(anew, operation.operands)))
    elif isinstance(operation, Reduction):
        operation = Reduction(operation.kind, anew(operation.operand))
    return Statement(anew(statement.target), operation)
