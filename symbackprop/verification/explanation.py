"""What was decided about every letter of a note and why, as comment blocks to paste and correct."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from symbackprop.errors import InvalidSpec
from symbackprop.verification.note import LATEX_SUFFIXES, Note
from symbackprop.verification.opening import opening
from symbackprop.verification.reading import Scope, explain_notation
from symbackprop.verification.reading.adapter import warm
from symbackprop.verification.reports.escape import visible
from symbackprop.verification.sandbox import Failure, Limits, run_isolated
from symbackprop.verification.settings import Settings
from symbackprop.verification.walkthrough import note_problems, walk_through


@dataclass(frozen=True)
class Explanation:
    """The block for the part of a note that begins at ``line``: the whole note, or the part below a comment block."""

    path: str
    line: int
    block: str


def explain_notes(notes: Sequence[Note], settings: Settings = Settings()) -> list[Explanation]:
    r"""One explanation for each part of each note that holds formulas.

    >>> from symbackprop.verification.note import find_formulas
    >>> note = find_formulas(r"$o_i = \sum_{j=1}^{n} w_{ij} x_j$", path="note.md")
    >>> print(explain_notes([note])[0].block.splitlines()[2])
      'o': vector(m)  # carries an index; it is defined here
    """
    warm()
    for said in note_problems(notes, settings):
        if isinstance(said, InvalidSpec):
            raise said
    most = max((len(note.formulas) for note in notes), default=0)
    limits = Limits(item=min(10.0 + settings.patience * most, 86_400.0))
    found = run_isolated(partial(_explained, settings), notes, limits=limits, jobs=settings.jobs)
    for note, result in zip(notes, found, strict=True):
        if isinstance(result, Failure):
            raise InvalidSpec(f"{note.path}: its notation cannot be explained: {result.detail or result.reason}")
    explained = [result["parts"] for result in found if not isinstance(result, Failure)]
    return [
        Explanation(note.path, part["line"], as_comment(note.path, part["block"]))
        for note, parts in zip(notes, explained, strict=True)
        for part in parts
    ]


def as_comment(path: str, block: str) -> str:
    r"""A block as a comment of the note's language; nothing that it quotes ends the comment or acts on a terminal.

    >>> print(as_comment("note.tex", "<!-- symbackprop\nsymbols: {}  # a-->b\n-->"))
    % symbackprop
    % symbols: {}  # a-- >b
    """
    first, *lines, last = block.split("\n")
    inside = ["  ".join(map(visible, line.split("  "))).replace("-->", "-- >") for line in lines]
    if Path(path).suffix.lower() in LATEX_SUFFIXES:
        return "\n".join(f"% {line}" for line in (first.removeprefix("<!-- "), *inside))
    return "\n".join((first, *inside, last))


def _explained(settings: Settings, note: Note) -> Mapping[str, Any]:
    parts = [{"line": line, "block": explain_notation(scope)} for line, scope in _scopes(note, settings)]
    return {"parts": parts}


def _scopes(note: Note, settings: Settings) -> Iterator[tuple[int, Scope]]:
    """The first line of each part that has formulas, and the scope at its end with every letter met on the way.

    A letter that was only guessed from one formula is open again in the next; here its last meaning counts.
    """
    starts = [(1, 0), *((block.line, block.start) for block in note.blocks)]
    part, scope = 0, opening(settings)
    symbols: dict[str, Any] = {}
    met = False
    for formula, before, reading in walk_through(note, settings, len(note.formulas)):
        while part + 1 < len(starts) and starts[part + 1][1] < formula.start:
            if met:
                yield starts[part][0], replace(scope, symbols={**symbols, **scope.symbols})
            part, symbols, met = part + 1, {}, False
        scope, met = (before if reading is None else reading.scope), True
        symbols |= scope.symbols
    if met:
        yield starts[part][0], replace(scope, symbols={**symbols, **scope.symbols})
