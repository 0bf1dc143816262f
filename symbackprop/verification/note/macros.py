"""Macros that the author defines in the note."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symbackprop.verification.note.formula import Macro
from symbackprop.verification.note.source import Source

_DEFINITION = re.compile(
    r"""\\(?:(?:re)?newcommand|providecommand)\*?\s*(?:\{\s*(\\[A-Za-z]+|\\.)\s*\}|(\\[A-Za-z]+|\\.))
            \s*(?:\[\s*(\d)\s*\])?\s*(?:\[([^\]]*)\])?\s*(?=\{)
      | \\def\s*(\\[A-Za-z]+)\s*((?:\#\d)*)\s*(?=\{)
      | \\DeclareMathOperator(\*?)\s*\{?\s*(\\[A-Za-z]+)\s*\}?\s*(?=\{)""",
    re.VERBOSE,
)


_LONGEST = 4_000
_MOST = 1_000


def group_end(text: str, start: int) -> int | None:
    """The offset after the brace that closes the one at ``start``.

    >>> group_end(r"{a{b}\\}}c", 0)
    8
    """
    depth = 0
    for mark in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, start, start + _LONGEST):
        depth += {"{": 1, "}": -1}.get(mark.group(), 0)
        if depth == 0:
            return mark.end()
    return None


def definitions(source: Source) -> Iterator[tuple[int, int, Macro]]:
    """Each macro definition with its span in the text of ``source``."""
    position = tried = 0
    while tried < _MOST and (match := _DEFINITION.search(source.text, position)):
        tried += 1
        end = group_end(source.text, match.end())
        if end is None:
            position = match.end()
            continue
        yield match.start(), end, _macro(match, source.text[match.end() + 1 : end - 1], source.places[match.start()])
        position = end


def _macro(match: re.Match[str], body: str, start: int) -> Macro:
    braced, bare, arity, default, defined, parameters, star, operator = match.groups()
    if operator:
        return Macro(operator, 0, rf"\operatorname{star}{{{body}}}", start)
    if defined:
        return Macro(defined, parameters.count("#"), body, start)
    return Macro(braced or bare, int(arity or 0), body, start, default)
