"""A formula in a note, the comments that speak to symbackprop, and the note as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from symbackprop.verification.note.source import NEWLINE, Source, splice

Edit = tuple[int, int, str]


@dataclass(frozen=True)
class Formula:
    """A formula without its delimiters.

    ``tex`` is what it says; ``raw`` is how the file spells it between the offsets ``start`` and ``end``
    (percent-encoded in an image URL). Lines and columns count from 1, in code points. ``kind`` is the way of writing:
    dollar, display, paren, bracket, backtick, fence, environment (its ``\\begin`` and ``\\end`` are part of ``tex``),
    role, directive, image. ``expect`` is the verdict that a comment before it announces.
    """

    tex: str
    path: str
    line: int
    col: int
    end_line: int
    end_col: int
    start: int
    end: int
    kind: str
    raw: str
    source: Source = field(repr=False, compare=False)
    expect: str | None = None
    disabled: bool = False

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column in the file of an offset in ``tex``."""
        before = self.raw[: self.source.places[offset] - self.start]
        breaks = list(NEWLINE.finditer(before))
        if not breaks:
            return self.line, self.col + len(before)
        return self.line + len(breaks), len(before) - breaks[-1].end() + 1

    def changes(self, edits: Iterable[Edit]) -> list[Edit]:
        """Replacements ``(start, end, new)`` in ``tex`` as replacements in the file, in the file's encoding."""
        return [(self.source.places[a], self.source.places[b], self._encoded(new)) for a, b, new in edits]

    def edit(self, file_text: str, edits: Iterable[Edit]) -> str:
        """The file with the replacements made; every other byte stays as it is."""
        return splice(file_text, self.changes(edits))

    def _encoded(self, text: str) -> str:
        for encode in self.source.encoders:
            text = encode(text)
        return text


@dataclass(frozen=True)
class Block:
    """The YAML of a ``<!-- symbackprop … -->`` comment; it holds from ``start`` to the next block.

    ``line`` is the line in the file on which ``body`` begins.
    """

    body: str
    line: int
    start: int


@dataclass(frozen=True)
class Macro:
    """A ``\\newcommand`` of the note: ``body`` holds #1 … #arity; ``default`` is that of an optional first argument."""

    name: str
    arity: int
    body: str
    start: int
    default: str | None = None


@dataclass(frozen=True)
class NotLookedAt:
    """What a note holds and the check does not read, so that a clean report says how far it went."""

    text_lines: int = 0
    sub_sup_tags: int = 0
    code_blocks: int = 0
    other_files: int = 0


@dataclass(frozen=True)
class Note:
    """Everything that was found in one file, in order of place."""

    path: str
    text: str = field(repr=False)
    formulas: tuple[Formula, ...]
    blocks: tuple[Block, ...]
    macros: tuple[Macro, ...]
    not_looked_at: NotLookedAt

    def macros_at(self, offset: int) -> dict[str, Macro]:
        """The macros in force at an offset; a later definition of a name replaces an earlier one."""
        return {macro.name: macro for macro in self.macros if macro.start < offset}
