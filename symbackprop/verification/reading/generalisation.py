"""The one expression of which several written ones are the cases: ``x_1``, ``x_2`` and ``x_n`` are ``x_i``.

The cases stand in rows and columns whose numbers run on from the first case to the last; what differs between them must
be such a number. Everything else has to be the same, so a row whose pattern is not plain is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from fractions import Fraction
from typing import cast

from symbackprop.verification.reading.labels import plain_affine, script_items
from symbackprop.verification.reading.surface import Derivative, Name, Negative, Node, Number, Plus, Script, Span
from symbackprop.verification.terms.affine import Affine


class NoPattern(Exception):
    """The cases are no cases of one expression."""


@dataclass(frozen=True)
class Place:
    """Where a case stands along one direction: the number of steps from the first case, or back from the last."""

    steps: int
    from_last: bool = False


@dataclass
class Direction:
    """What is found of one direction: the letter that runs along it, and its first and last value as written."""

    letter: str
    step: int = 1
    first: Node | None = None
    last: Node | None = None


@dataclass
class Pattern:
    """Merges cases; ``places`` says for each case where it stands along each direction."""

    directions: tuple[Direction, ...]
    places: Sequence[tuple[Place, ...]]
    met: list[int] = field(default_factory=list)

    def merged(self, cases: Sequence[Node]) -> Node:
        """The expression in the letters of the directions.

        Raises:
            NoPattern: the cases differ in more than running numbers.
        """
        return cast(Node, self._merged(tuple(cases)))

    def _merged(self, parts: tuple[object, ...]) -> object:
        first = parts[0]
        if all(alike(first, part) for part in parts[1:]):
            return first
        number = self._number(parts)
        if number is not None:
            return number
        if any(type(part) is not type(first) for part in parts):
            raise NoPattern
        if isinstance(first, tuple):
            rows = cast(tuple[tuple[object, ...], ...], parts)
            if len({len(row) for row in rows}) != 1:
                raise NoPattern
            return tuple(self._merged(column) for column in zip(*rows, strict=True))
        if isinstance(first, Script):
            return self._script(cast(tuple[Script, ...], parts))
        if not is_dataclass(first) or isinstance(first, type | Name | Number | Span):
            raise NoPattern
        if isinstance(first, Derivative):
            parts = tuple(_one_by_one(cast(Derivative, part)) for part in parts)
        names = [f.name for f in fields(first) if f.name != "span"]
        changes = {name: self._merged(tuple(getattr(part, name) for part in parts)) for name in names}
        return replace(first, **changes)

    def _script(self, scripts: tuple[Script, ...]) -> Script:
        if len({script.bracket for script in scripts}) != 1:
            raise NoPattern
        items = [script_items(script) for script in scripts]
        count = max(map(len, items))
        items = [_digits(row[0]) if len(row) == 1 and count == 2 else row for row in items]
        merged = cast(tuple[Node, ...], self._merged(tuple(items)))
        raw = ",".join(item.text if isinstance(item, Name) else "…" for item in merged)
        return Script(merged, scripts[0].bracket, raw, scripts[0].span)

    def _number(self, parts: tuple[object, ...]) -> Node | None:
        """The running number that the parts are, along the first direction that explains them."""
        if any(not isinstance(part, Name | Number | Plus | Negative) for part in parts):
            return None
        values = [plain_affine(cast(Node, part)) for part in parts]
        if any(value is None for value in values):
            return None
        for k, direction in enumerate(self.directions):
            found = self._along(k, direction, cast(list[Affine], values), cast(tuple[Node, ...], parts))
            if found is not None:
                return found
        return None

    def _along(self, k: int, direction: Direction, values: list[Affine], parts: tuple[Node, ...]) -> Node | None:
        places = [row[k] for row in self.places]
        starts = {value - direction.step * p.steps for value, p in zip(values, places, strict=True) if not p.from_last}
        ends = {value + direction.step * p.steps for value, p in zip(values, places, strict=True) if p.from_last}
        if len(starts) != 1 or len(ends) > 1:
            return None
        (start,) = starts
        shift = Affine()
        if direction.first is None:
            if not any(not p.steps and not p.from_last for p in places) or not ends and len(set(values)) < 2:
                return None
            direction.first = next(
                part for part, p in zip(parts, places, strict=True) if not p.steps and not p.from_last
            )
        else:
            shift = start - cast(Affine, plain_affine(direction.first))
        if ends and not self._ends_at(direction, next(iter(ends)) - shift, places, parts):
            return None
        if shift.number is None:
            return None
        self.met.append(k)
        return _shifted(direction.letter, shift.number, parts[0].span)

    def _ends_at(self, direction: Direction, end: Affine, places: list[Place], parts: tuple[Node, ...]) -> bool:
        if direction.last is None:
            last = next((x for x, p in zip(parts, places, strict=True) if p.from_last and not p.steps), None)
            if last is None or plain_affine(last) != end:
                return False
            direction.last = last
        return plain_affine(direction.last) == end


def alike(left: object, right: object) -> bool:
    """Whether two parts of trees are the same but for where they stand in the source."""
    if type(left) is not type(right):
        return False
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(alike(a, b) for a, b in zip(left, right, strict=True))
    if not is_dataclass(left) or isinstance(left, type):
        return left == right
    names = [f.name for f in fields(left) if f.name not in ("span", "raw")]
    return all(alike(getattr(left, name), getattr(right, name)) for name in names)


def _one_by_one(node: Derivative) -> Derivative:
    r"""``\partial x_1^2`` as ``\partial x_1 \partial x_1``, as it stands beside ``\partial x_1 \partial x_2``."""
    return replace(node, by=tuple((variable, 1) for variable, order in node.by for _ in range(order)))


def _digits(item: Node) -> tuple[Node, ...]:
    """``11`` as two numbers."""
    digits = str(item.value) if isinstance(item, Number) else ""
    return tuple(Number(Fraction(int(d)), item.span) for d in digits) if digits.isdigit() else (item,)


def _shifted(letter: str, shift: int, span: Span) -> Node:
    name = Name(letter, span)
    if not shift:
        return name
    amount = Number(Fraction(abs(shift)), span)
    return Plus((name, amount if shift > 0 else Negative(amount, span)), span)
