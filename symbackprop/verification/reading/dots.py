r"""What stands for the dots of ``[x_1, \dots, x_n]``, of a matrix, and of ``w_1 x_1 + \cdots + w_n x_n``.

A list becomes a ``Big`` of the kind "column" or "row" over its running number, a sum or product with dots one of the
kind "sum" or "prod". Where no plain pattern is found the dots stay, and the formula is not understood.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from fractions import Fraction
from itertools import count
from typing import TypeVar

from symbackprop.verification.reading.generalisation import Direction, NoPattern, Pattern, Place
from symbackprop.verification.reading.labels import is_transpose, plain_affine
from symbackprop.verification.reading.surface import (
    Big,
    Comparison,
    Dots,
    Group,
    Matrix,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Script,
    Scripted,
    Span,
    Statement,
    Times,
    is_part,
    parts_of,
)

Part = TypeVar("Part")
MAX_CELLS = 8


def without_dots(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """The statements with every plain row of dots spelled out as what it stands for."""
    return _Filling().filled(statements) if _has_dots(statements) else statements


def _has_dots(part: object) -> bool:
    if isinstance(part, Dots):
        return True
    return is_part(part) and any(map(_has_dots, parts_of(part)))


@dataclass
class _Filling:
    numbers: count[int] = field(default_factory=lambda: count(1))

    def direction(self, step: int = 1) -> Direction:
        return Direction(f"…{'↓' if step < 0 else ''}{next(self.numbers)}", step)

    def filled(self, part: Part) -> Part:
        """The same tree, the innermost rows of dots first."""
        if isinstance(part, tuple):
            return tuple(self.filled(item) for item in part)  # type: ignore[return-value]
        if not is_dataclass(part) or isinstance(part, type | Span | Script):
            return part
        if isinstance(part, Times):
            part = self._arguments_kept(part)  # type: ignore[assignment]
        kept = ("items",) if isinstance(part, Group) and part.bracket == "(…" else ()
        changes = {f.name: self.filled(getattr(part, f.name)) for f in fields(part) if f.name not in kept}
        made = replace(part, **changes)
        return self._one(made)  # type: ignore[arg-type, return-value]

    def _arguments_kept(self, node: Times) -> Times:
        """A list right behind a letter is what a function is applied to and no vector: it stays as it is."""
        factors = list(node.factors)
        for k, operator in enumerate(node.operators):
            behind = factors[k + 1]
            group = behind.base if isinstance(behind, Scripted) else behind
            head = factors[k]
            called = operator == "" and isinstance(head, Name | Scripted)
            if not called or not isinstance(group, Group) or group.bracket != "(" or len(group.items) < 2:
                continue
            kept = replace(group, bracket="(…")
            if isinstance(head, Name) and head.text in ("diag", "Diag") and _same_number(group.items):  # diag(1, …, 1)
                kept = replace(group, items=group.items[:1])
            factors[k + 1] = replace(behind, base=kept) if isinstance(behind, Scripted) else kept
        return replace(node, factors=tuple(factors))

    def _one(self, node: Node) -> Node:
        try:
            return self._rules(node)
        except NoPattern:
            return node

    def _rules(self, node: Node) -> Node:
        match node:
            case Group(bracket="(…"):
                return replace(node, bracket="(")
            case Group(bracket="(" | "[") if len(node.items) > 1:
                return self._list(node.items, "column", node.span) if _dotted(node.items) else node
            case Scripted(base=Big(kind="column")) if all(is_transpose(s) for s in node.sups) and not node.subs:
                return node.base  # a list in brackets and its transpose are the same vector
            case Matrix() if any(_dotted(row) for row in node.rows):
                return self._matrix(node)
            case Plus() if any(_is_dots(term) for term in node.terms):
                return self._sum(node)
            case Times() if any(_is_dots(factor) for factor in node.factors):
                return self._product(node)
        return node

    def _list(self, items: Sequence[Node], kind: str, span: Span) -> Node:
        """Cases before and behind one row of dots."""
        direction = self.direction()
        body = Pattern((direction,), [(place,) for place in _places(items)]).merged(_written(items))
        return _over(kind, direction, body, span)

    def _matrix(self, node: Matrix) -> Node:
        rows, columns = node.rows, tuple(zip(*node.rows, strict=True))
        if len(rows) == 1:
            return self._list(rows[0], "row", node.span)
        if len(columns) == 1:
            return self._list(columns[0], "column", node.span)
        down, across = _places_of_lines(rows), _places_of_lines(columns)
        cells = [
            (_zero_if_empty(cell), (p, q))
            for row, p in zip(rows, down, strict=True)
            for cell, q in zip(row, across, strict=True)
            if p is not None and q is not None
        ]
        if len(cells) > MAX_CELLS * MAX_CELLS or any(isinstance(cell, Dots) for cell, _ in cells):
            raise NoPattern
        try:
            return self._rectangle(cells, _count(down), _count(across), node.span)
        except NoPattern:
            if down != across:
                raise
            return self._square(cells, node.span)

    def _rectangle(
        self, cells: list[tuple[Node, tuple[Place, Place]]], high: int | None, wide: int | None, span: Span
    ) -> Node:
        first, second = self.direction(), self.direction()
        body = Pattern((first, second), [places for _, places in cells]).merged([cell for cell, _ in cells])
        for direction, size in ((first, high), (second, wide)):
            if direction.last is None and size is not None:
                direction.last = Number(Fraction(size), span)
        return _over("column", first, _over("row", second, body, span), span)

    def _square(self, cells: list[tuple[Node, tuple[Place, Place]]], span: Span) -> Node:
        """One expression on the diagonal and another beside it."""
        first, second = self.direction(), self.direction()
        on = [(cell, places) for cell, places in cells if places[0] == places[1]]
        off = [(cell, places) for cell, places in cells if places[0] != places[1]]
        diagonal = Pattern((first,), [places[:1] for _, places in on]).merged([cell for cell, _ in on])
        second.first, second.last = first.first, first.last
        beside = Pattern((first, second), [places for _, places in off]).merged([cell for cell, _ in off])
        same = _indicator(first.letter, second.letter, span)
        other = Group("(", (Plus((Number(Fraction(1), span), Negative(same, span)), span),), span)
        body = Plus((_times(same, diagonal, span), _times(other, beside, span)), span)
        return _over("column", first, _over("row", second, body, span), span)

    def _sum(self, node: Plus) -> Node:
        """The longest run of terms before the dots that goes on to the term behind them."""
        place = next(k for k, term in enumerate(node.terms) if _is_dots(term))
        return self._run(node.terms, place, lambda terms: replace(node, terms=terms), "sum", node.span)

    def _product(self, node: Times) -> Node:
        place = next(k for k, factor in enumerate(node.factors) if _is_dots(factor))
        if len(set(node.operators)) > 1 and any(op not in ("", r"\cdot", r"\times") for op in node.operators):
            raise NoPattern
        return self._run(
            node.factors, place, lambda f: replace(node, factors=f, operators=("",) * (len(f) - 1)), "prod", node.span
        )

    def _run(
        self, parts: tuple[Node, ...], place: int, rebuilt: Callable[[tuple[Node, ...]], Node], kind: str, span: Span
    ) -> Node:
        if not 0 < place < len(parts) - 1 or sum(_is_dots(part) for part in parts) > 1:
            raise NoPattern
        for start in range(place):
            for step in (1, -1):
                direction = self.direction(step)
                cases = (*parts[start : place + 2],)
                try:
                    body = Pattern((direction,), [(p,) for p in _places(cases)]).merged(_written(cases))
                except NoPattern:
                    continue
                if start and self._goes_on(parts[start - 1], parts[start]):
                    raise NoPattern
                if not _is_sure(direction, place - start):
                    continue  # of one case before the dots, the numbers may run the other way
                made = (*parts[:start], _over(kind, direction, body, span), *parts[place + 2 :])
                return made[0] if len(made) == 1 else rebuilt(made)
        raise NoPattern

    def _goes_on(self, before: Node, first: Node) -> bool:
        """Whether a part that is left out looks like a case of the same: then the numbers go another way."""
        for step in range(-3, 4):
            try:
                Pattern((self.direction(step),), [(Place(0),), (Place(1),)]).merged((before, first))
            except NoPattern:
                continue
            return True
        return False


def _is_sure(direction: Direction, written: int) -> bool:
    """Whether the numbers run up or down for sure: two were written, or one end is a number."""
    ends = [plain_affine(node) for node in (direction.first, direction.last) if node is not None]
    if len(ends) < 2 or any(end is None for end in ends):
        return False
    low, high = (end.number for end in ends if end is not None)
    if low is not None and high is not None:
        return (high - low) * direction.step > 0
    fits = low is not None and direction.step > 0 or high is not None and direction.step < 0
    return fits or written > 1 and low is None and high is None


def _is_dots(node: Node) -> bool:
    return isinstance(node.operand if isinstance(node, Negative) else node, Dots)


def _dotted(items: Sequence[Node]) -> bool:
    return any(isinstance(item, Dots) for item in items)


def _same_number(items: Sequence[Node]) -> bool:
    """Whether nothing but one number is repeated."""
    values = {node.value for node in items if isinstance(node, Number)}
    return _dotted(items) and len(values) == 1 and all(isinstance(node, Number) or _is_dots(node) for node in items)


def _places(items: Sequence[Node]) -> list[Place]:
    """Where the written cases stand: counted from the first up to the dots, from the last behind them."""
    dots = [k for k, item in enumerate(items) if _is_dots(item)]
    if len(dots) != 1 or not 0 < dots[0] < len(items) - 1 or len(items) > MAX_CELLS:
        raise NoPattern
    before = [Place(k) for k in range(dots[0])]
    return before + [Place(len(items) - 1 - k, True) for k in range(dots[0] + 1, len(items))]


def _written(items: Sequence[Node]) -> list[Node]:
    return [item for item in items if not _is_dots(item)]


def _places_of_lines(lines: Sequence[Sequence[Node]]) -> list[Place | None]:
    """Where the rows (or columns) of a matrix stand; ``None`` for one of dots."""
    marks = [_dotted(line) and all(isinstance(cell, Dots) or _is_empty(cell) for cell in line) for line in lines]
    if not any(marks):
        return [Place(k) for k in range(len(lines))]
    if sum(marks) > 1 or marks[0] or marks[-1]:
        raise NoPattern
    at = marks.index(True)
    return [None if k == at else Place(k) if k < at else Place(len(lines) - 1 - k, True) for k in range(len(lines))]


def _count(places: list[Place | None]) -> int | None:
    """How many lines there are where none of them is one of dots."""
    return None if None in places else len(places)


def _is_empty(cell: Node) -> bool:
    return isinstance(cell, Name) and cell.text == ""


def _zero_if_empty(cell: Node) -> Node:
    return Number(Fraction(0), cell.span) if _is_empty(cell) else cell


def _over(kind: str, direction: Direction, body: Node, span: Span) -> Big:
    low, high = (direction.first, direction.last) if direction.step > 0 else (direction.last, direction.first)
    if low is None or high is None:
        raise NoPattern
    return Big(kind, (Comparison(Name(direction.letter, span), "=", low, span),), high, body, span)


def _indicator(left: str, right: str, span: Span) -> Node:
    equal = Comparison(Name(left, span), "=", Name(right, span), span)
    return Scripted(Number(Fraction(1), span), (Script((equal,), "", "…", span),), (), 0, span)


def _times(factor: Node, body: Node, span: Span) -> Times:
    return Times((factor, Group("(", (body,), span)), ("",), span)
