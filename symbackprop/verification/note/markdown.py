"""Markdown: what is code and what is prose, and where formulas stand in both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from symbackprop.verification.note.delimiters import ENVIRONMENTS, MASK, spans
from symbackprop.verification.note.source import NEWLINE, Source

_MATH_FENCES = re.compile(r"math|latex|tex|katex|\{math\}|\{=(?:latex|tex)\}")
_OPTION = re.compile(r"(?:[ \t]*:[\w-]+:.*(?:\r\n?|\n)|[ \t]*(?:\r\n?|\n))*")
_DELIMITED = re.compile(r"\$|\\\[|\\\(|\\begin\{(?:" + "|".join(ENVIRONMENTS) + r")\*?\}")
_QUOTE = re.compile(r"[ \t]*>[ \t]?")


class Piece(NamedTuple):
    """A formula (or a comment) with its way of writing."""

    kind: str
    source: Source


class Markdown(NamedTuple):
    """The pieces of a text, the prose that is left (code masked), and how many code blocks there are."""

    pieces: list[Piece]
    prose: Source
    code_blocks: int


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    return parser.use(front_matter_plugin).use(dollarmath_plugin).use(amsmath_plugin).use(colon_fence_plugin)


def read_markdown(source: Source) -> Markdown:
    """Find every formula of a Markdown text."""
    tokens = _parser().parse(source.text)
    starts = [0, *(match.end() for match in NEWLINE.finditer(source.text)), len(source.text)]
    pieces: list[Piece] = []
    code_blocks, text = 0, source.text
    for token in (t for t in tokens if t.type in ("fence", "code_block", "front_matter", "colon_fence")):
        first, last = token.map or (0, 0)
        start, end = starts[first], starts[min(last, len(starts) - 1)]
        fence = token.type in ("fence", "colon_fence")
        if fence and _MATH_FENCES.fullmatch(token.info.strip().split(" ")[0]):
            pieces += _fence(source, token, starts)
        elif token.type == "colon_fence":
            continue
        else:
            code_blocks += token.type != "front_matter"
        text = text[:start] + re.sub(r"[^\r\n]", MASK, text[start:end]) + text[end:]
    prose = Source(text, source.places, source.encoders).without(_quote_marks(tokens, text, starts))
    pieces += [Piece(s.kind, prose.slice(s.start, s.end)) for s in spans(prose.text)]
    return Markdown([_decoded(piece) for piece in pieces], prose, code_blocks)


def _fence(source: Source, token: Token, starts: list[int]) -> Iterator[Piece]:
    """The formulas in a math fence: the whole body, or what stands in delimiters of its own."""
    first, last = token.map or (0, 0)
    drop, position = [], starts[first + 1]
    body_start = position
    lines = token.content.split("\n")
    for number, content in enumerate(lines[:-1], first + 1):
        line = source.text[starts[number] : starts[number + 1]].rstrip("\r\n")
        drop.append((starts[number], starts[number] + max(0, len(line) - len(content))))
        position = starts[number + 1]
    drop = [(a - body_start, b - body_start) for a, b in drop if b > a]
    body = source.slice(body_start, position).without(drop)
    body = body.slice(_options_end(body.text), len(body.text))
    if _DELIMITED.search(body.text):
        yield from (Piece(s.kind, body.slice(s.start, s.end)) for s in spans(body.text, markdown=False))
    elif body.text.strip():
        yield Piece("directive" if "{math}" in token.info else "fence", body)


def _options_end(text: str) -> int:
    match = _OPTION.match(text)
    return match.end() if match else 0


def _quote_marks(tokens: list[Token], text: str, starts: list[int]) -> list[tuple[int, int]]:
    """The ``>`` at the start of quoted lines, which are no part of a formula that runs over them."""
    depth = [0] * len(starts)
    for token in tokens:
        if token.type == "blockquote_open" and token.map:
            for line in range(*token.map):
                depth[line] += 1
    marks = []
    for line, levels in enumerate(depth):
        end = starts[line]
        for _ in range(levels):
            mark = _QUOTE.match(text, end)
            end = mark.end() if mark else end
        if end > starts[line]:
            marks.append((starts[line], end))
    return marks


def _decoded(piece: Piece) -> Piece:
    return piece._replace(source=piece.source.percent_decoded()) if piece.kind == "image" else piece
