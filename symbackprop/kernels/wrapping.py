"""Lines of emitted Python that are short enough to read."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: The most that a line of emitted source has.
WIDTH = 120
_CALL = re.compile(r"(def |[^=]+ = )?[\w.]+")
_TAKEN = re.compile(r"return |[^=]+ [-+*/]?= ")


def wrapped(source: str) -> str:
    """The source with long statements over several lines, broken inside of brackets; comments stay as they are.

    >>> print(wrapped(f"    return {', '.join(['∂J/∂w'] * 25)}"))
        return (
            ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w,
            ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w, ∂J/∂w
        )
    """
    return "\n".join(part for line in source.split("\n") for part in _broken(line))


def _broken(line: str) -> Iterator[str]:
    text = line.lstrip(" ")
    if len(line) <= WIDTH or text.startswith(("#", '"')):
        yield line
        return
    indent = line[: len(line) - len(text)]
    before, inside, after = _parts(text)
    yield f"{indent}{before}("
    yield from _filled(inside, f"{indent}    ")
    yield f"{indent}){after}"


def _parts(text: str) -> tuple[str, str, str]:
    """What is before the brackets that reach to the end, what they hold, and what follows; new ones where none do."""
    end = text.removesuffix(":")
    depth = 0
    for place in range(len(end) - 1, -1, -1):
        depth += (end[place] in ")]}") - (end[place] in "([{")
        if depth == 0:
            break
    whole = end.endswith(")") and end[place] == "(" and " = " not in end[place:]
    head = end[:place]
    if whole and _CALL.fullmatch(head):
        return head, end[place + 1 : -1], text[len(end) :]
    taken = _TAKEN.match(text)
    return (taken[0], text[taken.end() :], "") if taken else (head, end[place + 1 : -1], text[len(end) :])


def _filled(text: str, indent: str) -> Iterator[str]:
    """Parts between commas and signs, as many to a line as fit; brackets stay whole where they can."""
    line = ""
    for part in _pieces(text, WIDTH - len(indent)):
        if line and len(indent) + len((line + part).rstrip()) > WIDTH:
            yield indent + line.rstrip()
            line = ""
        line += part
    yield indent + line.rstrip()


def _pieces(text: str, room: int) -> Iterator[str]:
    """The text cut behind commas and before signs outside of brackets, and inside of those that are too long."""
    pieces = [text]
    for depth in (0, 1, 9):
        pieces = [part for piece in pieces for part in ([piece] if len(piece) <= room else _cut(piece, depth))]
    yield from pieces


def _cut(text: str, deepest: int) -> Iterator[str]:
    depth, start = 0, 0
    for place, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        comma = text[place : place + 2] == ", "
        operator = text[place : place + 3] in (" + ", " - ")
        if depth <= deepest and (comma or operator):
            stop = place + (2 if comma else 1)
            yield text[start:stop]
            start = stop
    yield text[start:]
