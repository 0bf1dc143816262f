"""Puts corrections into a note and leaves every other byte as it is."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import unified_diff
from os.path import commonprefix

from symbackprop.verification.note import Note, splice
from symbackprop.verification.report import Finding


def mended(note: Note, findings: Iterable[Finding]) -> str:
    """The text of ``note`` with each formula that a finding corrects spelled as suggested.

    Only what differs is replaced, so a percent-encoded formula keeps the author's encoding elsewhere. A formula whose
    mistake is announced by a comment stays.
    """
    formulas = {(f.line, f.col, f.tex): f for f in note.formulas}
    changes = []
    for finding in findings:
        formula = formulas.get((finding.line, finding.col, finding.tex))
        if formula and finding.suggestion and not finding.passed and finding.expected is None:
            changes += formula.changes([difference(formula.tex, finding.suggestion)])
    return splice(note.text, changes)


def difference(old: str, new: str) -> tuple[int, int, str]:
    """The one replacement that turns ``old`` into ``new``; what both begin and end with is left out.

    >>> difference("a = b + c", "a = b - c")
    (6, 7, '-')
    """
    start = len(commonprefix([old, new]))
    limit = min(len(old), len(new)) - start
    end = 0
    while end < limit and old[-1 - end] == new[-1 - end]:
        end += 1
    return start, len(old) - end, new[start : len(new) - end]


def diff(note: Note, text: str) -> str:
    """A unified diff from the note to ``text``, or nothing."""
    old, new = note.text.splitlines(keepends=True), text.splitlines(keepends=True)
    return "".join(unified_diff(old, new, note.path, note.path))
