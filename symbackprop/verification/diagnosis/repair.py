"""Finds one edit of a refuted formula that makes it true, by reading and judging the formula again with each edit."""

from __future__ import annotations

from dataclasses import dataclass, replace

from symbackprop.verification.budget import Budget
from symbackprop.verification.diagnosis.edit import Edit
from symbackprop.verification.diagnosis.edits import propose
from symbackprop.verification.diagnosis.hints import Written, collect_hints
from symbackprop.verification.diagnosis.screen import Screen, formula_of
from symbackprop.verification.diagnosis.walk import with_signs
from symbackprop.verification.judge import judge, refutes
from symbackprop.verification.reading import Choice, Link, Scope, read_formula
from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.surface import Node, NotRead, Statement
from symbackprop.verification.verdict import Verdict

#: How much work the looks may be, in characters read and a share of the operations; deterministic, unlike a time limit.
MOST_WORK = 27_000
OPERATIONS = 6
#: How many edits are handed to the prover at most, and what each may cost there.
MOST_PROOFS = 6
PROOF = Budget(operations=200_000)
#: What an edit counts for, in characters, that only the judge refutes or that it leaves open.
REFUTED, UNDECIDED = 1_000, 4_000

#: What one edit may cost to look at; many are.
TRY = Budget(operations=50_000)


@dataclass(frozen=True)
class Repair:
    """An edit that makes a link true, and the whole formula with it."""

    edit: Edit
    tex: str


def repair(tex: str, link: Link, scope: Scope, *, nearby: tuple[str, ...] = (), seed: int = 0) -> Repair | None:
    """The first single edit of ``link`` under which it is proved, or ``None``.

    ``tex`` is the whole formula and ``scope`` what was known before it; ``nearby`` are formulas of the same note whose
    spellings may be borrowed.
    """
    statements = read_surface(tex, scope.macros)
    if isinstance(statements, NotRead):
        return None
    found = _sides(statements, link)
    if found is None:
        return None
    statement, left, right = found
    after = read_formula(tex, scope, gradients=True).scope
    written = ((tex, statements), *_read_all(nearby, scope))
    hints = collect_hints((left, right), written, after, link)
    side = with_signs(right, tex)
    tries = _Tries(tex, link, scope, seed, side, _screen(tex, link, statements, (statement, left, side), after, seed))
    for edit in propose(left, right, tex, hints):
        if tries.read + tries.screen.spent // OPERATIONS > MOST_WORK or tries.proofs >= MOST_PROOFS:
            return None
        if tries.mends(edit):
            return Repair(edit, edit.apply(tex))
    return None


def _screen(
    tex: str,
    link: Link,
    statements: tuple[Statement, ...],
    place: tuple[Statement, Node, Node],
    scope: Scope,
    seed: int,
) -> Screen:
    statement, left, right = place
    nodes = tuple(node for s in statements for node in (*s.sides, *s.conditions) if node is not None)
    head = statement.sides[0] or scope.head
    against = head if head is not None and (link.head or left.span.end == link.end) else left
    if not (link.readings and any("layout" in word for word in link.readings[0].words)):
        scope = replace(scope, layout=scope.layout or "shape")  # the usual layout, which alone is looked at
    alone = not isinstance(read_surface(tex[right.span.start : right.span.end], scope.macros), NotRead)
    return Screen(against, statement, scope, formula_of(tex, nodes, scope), seed, link.unbound, alone)


def _read_all(nearby: tuple[str, ...], scope: Scope) -> tuple[Written, ...]:
    read = ((tex, read_surface(tex, scope.macros)) for tex in nearby)
    return tuple((tex, statements) for tex, statements in read if not isinstance(statements, NotRead))


def _sides(statements: tuple[Statement, ...], link: Link) -> tuple[Statement, Node, Node] | None:
    """The sides of a link in the tree as written; the left one of a continued chain stands elsewhere."""
    for statement in statements:
        for before, after in zip(statement.sides, statement.sides[1:], strict=False):
            if after is not None and after.span.end == link.end:
                return statement, before or after, after
    return None


@dataclass
class _Tries:
    """Edited formulas read and judged, with a count of the costly parts."""

    tex: str
    link: Link
    scope: Scope
    seed: int
    right: Node
    screen: Screen
    read: int = 0
    proofs: int = 0

    def mends(self, edit: Edit) -> bool:
        """Whether the same link of the edited formula is proved under its usual reading."""
        start, end = self.right.span.start, self.right.span.end
        on_right = start <= edit.start and edit.end <= end
        if on_right:
            source = self.tex[start : edit.start] + edit.replacement + self.tex[edit.end : end]
            self.read += 40 + len(source)
            if self._says_nothing(source) or not self.screen.admits(source):
                return False
        choices = self._choices(edit)
        looked_at = on_right and self.screen.alone
        if not choices or not looked_at and refutes(choices[0].claim, choices[0].context, budget=TRY):
            return False
        judgement = judge(choices[0].claim, choices[0].context, seed=self.seed, budget=PROOF)
        self.proofs += judgement.verdict is not Verdict.REFUTED
        self.read += REFUTED if judgement.verdict is Verdict.REFUTED else UNDECIDED
        return judgement.verdict is Verdict.PROVED

    def _says_nothing(self, source: str) -> bool:
        """Whether the left side now stands on the right as well, which may be true and helps nobody."""
        left = _bare(self.tex[self.link.start : self.right.span.start].rstrip(" &=\\,;!"))
        before = _bare(self.tex[self.right.span.start : self.right.span.end])
        return bool(left) and _bare(source).count(left) > before.count(left)

    def _choices(self, edit: Edit) -> tuple[Choice, ...]:
        tex = edit.apply(self.tex)
        longer = len(tex) - len(self.tex)
        start, end = self.link.start + longer * (edit.start < self.link.start), self.link.end + longer
        self.read += len(tex)
        found = (link for link in read_formula(tex, self.scope, gradients=True).links if abs(link.end - end) <= 1)
        # Where a case is written twice, several links end at one place.
        nearest = min(found, key=lambda link: abs(link.start - start), default=None)
        if nearest is None or nearest.kind != "claim" or nearest.shape_conflict:
            return ()
        if not set(nearest.unbound) <= set(self.link.unbound):
            return ()
        return nearest.head or nearest.readings


def _bare(source: str) -> str:
    return "".join(source.split())
