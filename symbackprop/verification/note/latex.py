"""LaTeX files: comments, verbatim text and macro definitions are set aside, all other mathematics is found."""

from __future__ import annotations

import re

from symbackprop.verification.note.delimiters import spans
from symbackprop.verification.note.markdown import Piece, few
from symbackprop.verification.note.source import Source, masked

_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*(%[^\n]*)")
_VERBATIM = re.compile(r"\\begin\{(verbatim|lstlisting|minted|comment)\*?\}.*?\\end\{\1\*?\}", re.DOTALL)
_BODY = re.compile(r"\\begin\{document\}")


def read_latex(source: Source) -> tuple[list[Piece], Source, int]:
    """The formulas of a LaTeX text, its prose, and the number of verbatim blocks."""
    verbatim = list(_VERBATIM.finditer(source.text))
    prose = _blanked(source, [m.span() for m in verbatim] + [m.span(1) for m in _COMMENT.finditer(source.text)])
    document = _BODY.search(prose.text)
    body = _blanked(prose, [(0, document.end())] if document else [])
    pieces = [Piece(s.kind, body.slice(s.start, s.end)) for s in few(spans(body.text, markdown=False))]
    return pieces, prose, len(verbatim)


def _blanked(source: Source, hidden: list[tuple[int, int]]) -> Source:
    """With blanks for what is hidden: a comment inside a formula is white space to its reader."""
    return Source(masked(source.text, hidden, " "), source.places, source.encoders)
