"""Finds one edit of a refuted formula that makes it true, by reading and judging the formula again with each edit."""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.verification.budget import Budget
from symbackprop.verification.diagnosis.edits import Edit, propose
from symbackprop.verification.diagnosis.hints import collect_hints
from symbackprop.verification.judge import refutes
from symbackprop.verification.links import combine
from symbackprop.verification.reading import Choice, Link, Scope, read_formula
from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.surface import Node, NotRead, Statement
from symbackprop.verification.verdict import Verdict

#: How many edits are read again at most; deterministic, unlike a time limit.
MOST_EDITS = 220
#: How many of them are handed to the prover at most.
MOST_PROOFS = 6

#: What one edit may cost to look at; many are.
TRY = Budget(operations=50_000)

Written = tuple[str, tuple[Statement, ...]]


@dataclass(frozen=True)
class Repair:
    """An edit that makes a link true, and the whole formula with it."""

    edit: Edit
    tex: str


def repair(tex: str, link: Link, scope: Scope, *, nearby: tuple[str, ...] = (), seed: int = 0) -> Repair | None:
    """The first single edit of the right side of ``link`` under which the link is proved, or ``None``.

    ``tex`` is the whole formula and ``scope`` what was known before it; ``nearby`` are formulas of the same note whose
    spellings may be borrowed.
    """
    statements = read_surface(tex, scope.macros)
    if isinstance(statements, NotRead):
        return None
    sides = _sides(statements, link)
    if sides is None:
        return None
    written = ((tex, statements), *_read_all(nearby, scope))
    left, right = sides
    tries = _Tries(scope, link, seed)
    for number, edit in enumerate(propose(right, tex, collect_hints(left, tex, written, _sizes(scope)))):
        if number >= MOST_EDITS or tries.proofs >= MOST_PROOFS:
            return None
        if tries.mends(edit.apply(tex), len(edit.replacement) - (edit.end - edit.start)):
            return Repair(edit, edit.apply(tex))
    return None


def _sizes(scope: Scope) -> tuple[str, ...]:
    """The widths that are plain letters."""
    return tuple(name for name, symbol in sorted(scope.symbols.items()) if symbol.kind == "size" and not symbol.labels)


def _read_all(nearby: tuple[str, ...], scope: Scope) -> tuple[Written, ...]:
    read = ((tex, read_surface(tex, scope.macros)) for tex in nearby)
    return tuple((tex, statements) for tex, statements in read if not isinstance(statements, NotRead))


def _sides(statements: tuple[Statement, ...], link: Link) -> tuple[Node, Node] | None:
    """The sides of a link in the tree as written; the left one of a continued chain stands elsewhere."""
    for statement in statements:
        for before, after in zip(statement.sides, statement.sides[1:], strict=False):
            if after is not None and after.span.end == link.end:
                return before or after, after
    return None


@dataclass
class _Tries:
    """Edited formulas read and judged, with a count of the costly part."""

    scope: Scope
    link: Link
    seed: int
    proofs: int = 0

    def mends(self, tex: str, shift: int) -> bool:
        """Whether the same link of the edited formula is proved."""
        choices = self._choices(tex, self.link.end + shift)
        if not choices or refutes(choices[0].claim, choices[0].context, budget=TRY):
            return False
        self.proofs += 1
        return combine(choices, self.seed).verdict is Verdict.PROVED

    def _choices(self, tex: str, end: int) -> tuple[Choice, ...]:
        for link in read_formula(tex, self.scope, gradients=True).links:
            if abs(link.end - end) <= 1 and link.kind == "claim" and not link.shape_conflict and not link.unbound:
                return link.head or link.readings
        return ()
