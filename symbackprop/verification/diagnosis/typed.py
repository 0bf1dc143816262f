"""Corrections of formulas typed as plain text: found in their LaTeX, and written back in their own spelling."""

from __future__ import annotations

import re

from symbackprop.verification.diagnosis.repair import Repair, repair
from symbackprop.verification.mending import difference
from symbackprop.verification.reading import Reading, Scope, read_formula
from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.plain_text import plain_tokens, read_plain_text, typed_spelling
from symbackprop.verification.reading.surface import NotRead
from symbackprop.verification.reading.tokens import Token, Unreadable
from symbackprop.verification.reading.write import unplaced


def is_typed(tex: str, scope: Scope) -> bool:
    """Whether a formula is read as plain text because it is no LaTeX."""
    return "\\" not in tex and isinstance(read_surface(tex, scope.macros), NotRead)


def repair_typed(
    text: str, reading: Reading, number: int, scope: Scope, *, nearby: tuple[str, ...] = (), seed: int = 0
) -> Repair | None:
    """The same as ``repair`` for link ``number`` of a formula of plain text, with the edit in plain text."""
    tokens = plain_tokens(text)
    pieces = [_spelled(token) for token in tokens]
    latex = "".join(pieces)
    links = read_formula(latex, scope).links
    if [link.kind for link in links] != [link.kind for link in reading.links]:
        return None
    found = repair(latex, links[number], scope, nearby=tuple(map(_as_latex, nearby)), seed=seed)
    return None if found is None else _written_back(found, text, latex, tokens, pieces)


def _as_latex(tex: str) -> str:
    """A formula of the note or of its block, which may be LaTeX already."""
    try:
        return tex if "\\" in tex else "".join(map(_spelled, plain_tokens(tex)))
    except Unreadable:
        return tex


def _spelled(token: Token) -> str:
    """A token as LaTeX, with a space that it cannot run together with the next."""
    space = " " if token.spaced else ""
    if token.kind == "text":
        return f"{space}\\text{{{token.text}}} "
    return space + token.text + (" " if token.kind == "macro" else "")


def _written_back(found: Repair, text: str, latex: str, tokens: list[Token], pieces: list[str]) -> Repair | None:
    """The correction as a change of whole words and signs of the text; ``None`` if that does not say the same."""
    ends = [sum(map(len, pieces[: k + 1])) for k in range(len(pieces))]
    begin, stop, _ = difference(latex, found.tex)
    touched = [k for k, end in enumerate(ends) if end > begin and end - len(pieces[k]) < stop]
    behind = next((k for k, end in enumerate(ends) if end > begin), len(tokens))
    start = tokens[touched[0]].start if touched else tokens[behind].start if behind < len(tokens) else len(text)
    end = tokens[touched[-1]].end if touched else start
    whole = [k for k, token in enumerate(tokens) if start <= token.start and token.end <= end and start < end]
    first = ends[whole[0]] - len(pieces[whole[0]]) if whole else begin
    last = len(latex) - ends[whole[-1]] if whole else len(latex) - stop
    spelling = typed_spelling(found.tex[first : len(found.tex) - last].strip())
    if spelling is None:
        return None
    if " " not in text[start:end]:
        spelling = re.sub(r" *([-+*/=]) *", r"\1", spelling)
    mended = text[:start] + spelling + text[end:]
    read, meant = read_plain_text(mended), read_surface(found.tex)
    if isinstance(read, NotRead) or isinstance(meant, NotRead) or unplaced(read) != unplaced(meant):
        return None
    return Repair(found.edit, mended)
