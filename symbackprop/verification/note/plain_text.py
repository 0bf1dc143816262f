"""Finds formulas that are typed into prose as plain text, such as ``∂J/∂w_i = 2(a-y) h'(z) x_i``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symbackprop.verification.note.source import Source

# A chunk of a line that no formula has: a word, a table's bar, code, a tag, a link, an entity.
_CHUNK = re.compile(r"\S+")
_WORDS = re.compile(r"(?<![A-Za-z_'∂])[A-Za-z]{3,}(?![A-Za-z_'(\[0-9])")
_SHORT_WORDS = re.compile(r"an|as|at|be|by|do|go|he|if|in|is|it|me|my|no|of|on|or|so|to|up|us|we", re.IGNORECASE)
_FUNCTIONS = re.compile(r"alpha|beta|gamma|delta|epsilon|eta|theta|lambda|sigma|phi|sum|exp|log|tanh|max|min")
_FOREIGN = re.compile(r"[\0|`$\\&@#\ufffd]|</?[A-Za-z]|://|\]\(|^\*\*|\*\*$|!\[")
_BULLET = re.compile(r"[ \t]*(?:[-*+>]|\d+[.)])[ \t]+")
_RELATION = re.compile(r"(?<![<>!=:])=(?!=)|≡|:=")
# Without one of these, ``m = 0`` or ``batch = 32`` in a sentence is talk and no formula.
_MATHEMATICAL = re.compile(r"[∂∇∑∏∫√⨀⊙∙ᵀ]|\b[A-Za-z]{1,2}\[[A-Za-z0-9]|'\(|[A-Za-z0-9]_ ?[A-Za-z0-9{]|\*\*|\.T\b")
_VALUE = re.compile(r"[^∂]*=\s*-?\d[\d.]*\s*")
_OPERATORS = ("+", "-", "*", "/")
_NAMED = re.compile(r"\((?=[^()]*[A-Za-z]{3,} [A-Za-z]{3,})[A-Za-z]+(?: [A-Za-z]+)+\)")
_EDGES = " \t\r\n.,;:?!"


def plain_formulas(text: str) -> Iterator[tuple[int, int]]:
    """The spans of the formulas in prose from which everything else is blanked.

    A formula begins after a word and ends before the next one; after a relation it goes on in the next line.

    >>> text = "As ∂J/∂a = 2(a-y), we have ∂J/∂w_i = 2(a-y)\\n  h'(z) x_i. Let m = 0."
    >>> [text[start:end] for start, end in plain_formulas(text)]
    ['∂J/∂a = 2(a-y)', '∂J/∂w_i = 2(a-y)']
    """
    for start, end in _runs(_NAMED.sub(_as_one, text)):
        while start < end and text[start] in _EDGES:
            start += 1
        while end > start and text[end - 1] in _EDGES:
            end -= 1
        found = text[start:end]
        sides = _RELATION.split(found)
        if (
            len(sides) > 1
            and sides[0].strip()
            and sides[-1].strip()
            and _MATHEMATICAL.search(found)
            and not _VALUE.fullmatch(found)
        ):
            yield start, end


def _as_one(match: re.Match[str]) -> str:
    """Words in brackets that a factor or a term is made of (``lr * (from back propagation)``) are no prose."""
    before, after = match.string[: match.start()].rstrip(" ("), match.string[match.end() :].lstrip(" ")
    joined = before[-1:] in _OPERATORS and (after[:1] in (*_OPERATORS, ")", "\r", "\n", ""))
    return "\x01" * len(match[0]) if joined else match[0]


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Chunks in a row that may belong to a formula."""
    start = end = -1
    for line in re.finditer(r"[^\r\n]+", text):
        goes_on = start >= 0 and bool(_RELATION.search(text[end - 1 : end])) and _next_to(text, end, line.start())
        if start >= 0 and not goes_on:
            yield start, end
            start = -1
        bullet = None if goes_on else _BULLET.match(line[0])
        for chunk in _CHUNK.finditer(text, line.start() + (bullet.end() if bullet else 0), line.end()):
            closed = start >= 0 and text[end - 1] in ",;:.?!"
            if start >= 0 and (closed or _is_prose(chunk[0])):
                yield start, end
                start = -1
            if not _is_prose(chunk[0]):
                start = chunk.start() if start < 0 else start
                end = chunk.end()
    if start >= 0:
        yield start, end


def _next_to(text: str, end: int, start: int) -> bool:
    """Whether only one line end stands between."""
    return text[end:start].strip() == "" and len(re.findall(r"\r\n?|\n", text[end:start])) == 1


def _is_prose(chunk: str) -> bool:
    if _FOREIGN.search(chunk):
        return True
    bare = chunk.strip("()[]{}\"'.,;:?!*_")
    if _SHORT_WORDS.fullmatch(bare):
        return True
    return any(not _FUNCTIONS.fullmatch(word.lower()) for word in _WORDS.findall(chunk))


def blanked(source: Source, taken: frozenset[int]) -> str:
    """The text with a mark in place of each character that stands at a taken place of the file."""
    pairs = zip(source.text, source.places, strict=False)
    return "".join("\0" if place in taken and sign not in "\r\n" else sign for sign, place in pairs)
