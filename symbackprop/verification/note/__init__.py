"""Finds every formula in a note, with its exact place, in whatever way it is written."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from symbackprop.errors import InvalidSpec
from symbackprop.verification.note.comments import Comments, latex_comments
from symbackprop.verification.note.formula import Block, Formula, Macro, Note, NotLookedAt
from symbackprop.verification.note.latex import read_latex
from symbackprop.verification.note.macros import definitions
from symbackprop.verification.note.markdown import Piece, read_markdown
from symbackprop.verification.note.notebook import read_notebook
from symbackprop.verification.note.plain_text import blanked, plain_formulas
from symbackprop.verification.note.source import NEWLINE, Lines, Source, splice

__all__ = ["LATEX_SUFFIXES", "Block", "Formula", "Macro", "NotLookedAt", "Note", "find_formulas", "read_note", "splice"]

LATEX_SUFFIXES = (".tex", ".ltx", ".latex")
MAX_CHARACTERS = 2_000_000
MAX_FORMULAS = 10_000
_PLAIN_MATHS = re.compile("[∂∇∑∏∫√]")
_OTHER_FILE = re.compile(r"\\(?:input|include|subfile)\b\s*\{")
_SUB_SUP = re.compile(r"<su[bp]>", re.IGNORECASE)


def read_note(path: str, *, plain_text: bool = False) -> Note:
    """The note in a file; ``-`` is standard input."""
    if path == "-" and sys.stdin is None:
        raise InvalidSpec("-: standard input is closed")
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InvalidSpec(f"{path}: cannot be read: {error.strerror}") from None
    try:
        return find_formulas(data.decode("utf-8"), path=path, plain_text=plain_text)
    except UnicodeDecodeError as error:
        raise InvalidSpec(f"{path}: not UTF-8 at byte {error.start}; save the note as UTF-8") from None


def find_formulas(text: str, *, path: str = "-", plain_text: bool = False) -> Note:
    r"""Every formula of a note, in order; the suffix of ``path`` says whether it is LaTeX, a notebook, or Markdown.

    ``plain_text`` also takes what is typed into prose without delimiters (``∂J/∂w_i = ε x_i``).

    >>> note = find_formulas("With $a = \\sigma(z)$ and `$code$`.", path="note.md")
    >>> [(f.tex, f.line, f.col) for f in note.formulas]
    [('a = \\sigma(z)', 1, 7)]
    """
    if len(text) > MAX_CHARACTERS:
        raise InvalidSpec(f"{path}: {len(text)} characters; a note may have {MAX_CHARACTERS}")
    lines = Lines(text)
    comments = Comments(path, lines)
    formulas: list[Formula] = []
    macros: dict[int, Macro] = {}
    counts: list[NotLookedAt] = []
    for kind, source in _texts(text, path):
        pieces, prose, code_blocks = read_latex(source) if kind == "latex" else read_markdown(source)
        for piece in pieces:
            if piece.kind == "comment":
                comments.read(piece.source)
        for comment in latex_comments(source) if kind == "latex" else ():
            comments.read(comment)
        found = [piece for piece in pieces if piece.kind != "comment"]
        for part in (prose, *(piece.source for piece in found)):
            macros |= {macro.start: macro for _, _, macro in definitions(part)}
        if plain_text:
            found += _plain(prose, pieces)
        counts.append(_not_looked_at(prose, found, code_blocks))
        formulas += [f for piece in found if (f := _formula(piece, text, lines, path))]
    if len(formulas) > MAX_FORMULAS:
        raise InvalidSpec(f"{path}: {len(formulas)} formulas; a note may have {MAX_FORMULAS}")
    marked = _marked(sorted(formulas, key=lambda f: f.start), comments)
    return Note(path, text, marked, tuple(comments.blocks), tuple(macros[k] for k in sorted(macros)), _total(counts))


def _texts(text: str, path: str) -> Iterable[tuple[str, Source]]:
    suffix = Path(path).suffix.lower()
    if suffix == ".ipynb" or (path == "-" and text.lstrip().startswith("{") and '"nbformat"' in text):
        return read_notebook(text, path)
    latex = suffix in LATEX_SUFFIXES or (path == "-" and "\\documentclass" in text)
    return [("latex" if latex else "markdown", Source.whole(text))]


def _plain(prose: Source, pieces: list[Piece]) -> list[Piece]:
    """The formulas typed as plain text, where no other formula and no comment stands."""
    text = blanked(prose, frozenset(place for piece in pieces for place in piece.source.places[:-1]))
    return [Piece("text", prose.slice(start, end)) for start, end in plain_formulas(text)]


def _formula(piece: Piece, text: str, lines: Lines, path: str) -> Formula | None:
    """The formula of a piece, without the macro definitions in it; ``None`` if nothing else is there."""
    source = piece.source.without((a, b) for a, b, _ in definitions(piece.source)).stripped()
    if not source.text:
        return None
    start, end = source.places[0], source.places[-1]
    line, col = lines.place(start)
    end_line, end_col = lines.place(end)
    return Formula(source.text, path, line, col, end_line, end_col, start, end, piece.kind, text[start:end], source)


def _marked(formulas: list[Formula], comments: Comments) -> tuple[Formula, ...]:
    """With what the comments before each formula say of it: an expectation holds for the next formula only."""
    marked, previous = [], -1
    for formula in formulas:
        expected = [verdict for start, verdict in comments.expected if previous < start < formula.start]
        disabled = comments.disabled(formula.start, formula.line)
        marked.append(replace(formula, expect=expected[-1] if expected else None, disabled=disabled))
        previous = formula.start
    return tuple(marked)


def _not_looked_at(prose: Source, found: list[Piece], code_blocks: int) -> NotLookedAt:
    """Plain-text mathematics, tags and code; the formulas themselves are blanked first."""
    looked_at = {place for piece in found for place in piece.source.places}
    text = "".join(
        c if place not in looked_at or c == "\n" else " " for c, place in zip(prose.text, prose.places, strict=False)
    )
    lines = sum(1 for line in NEWLINE.split(text) if _PLAIN_MATHS.search(line))
    return NotLookedAt(lines, len(_SUB_SUP.findall(text)), code_blocks, len(_OTHER_FILE.findall(text)))


def _total(counts: list[NotLookedAt]) -> NotLookedAt:
    return NotLookedAt(
        sum(c.text_lines for c in counts),
        sum(c.sub_sup_tags for c in counts),
        sum(c.code_blocks for c in counts),
        sum(c.other_files for c in counts),
    )
