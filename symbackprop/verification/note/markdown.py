"""Markdown: what is code and what is prose, and where formulas stand in both."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from symbackprop.verification.note.delimiters import ENVIRONMENTS, MASK, Span, spans
from symbackprop.verification.note.source import NEWLINE, Source, masked

_MATH_FENCES = re.compile(r"math|latex|tex|katex|\{math\}|\{=(?:latex|tex)\}")
_OPTION = re.compile(r"(?:[ \t]*:[\w-]+:.*(?:\r\n?|\n)|[ \t]*(?:\r\n?|\n))*")
_DELIMITED = re.compile(r"\$|\\\[|\\\(|\\begin\{(?:" + "|".join(ENVIRONMENTS) + r")\*?\}")
_DIRECTIVE = re.compile(r"^[ \t]*:{3,}[ \t]*\{math\}[^\n]*\n(.{0,8000}?)^[ \t]*:{3,}[ \t]*$", re.MULTILINE | re.DOTALL)
MOST_PIECES = 20_000
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
    """Blocks only: what is inside a paragraph is found here and not by the library."""
    parser = MarkdownIt("commonmark").enable("table").use(front_matter_plugin)
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def read_markdown(source: Source) -> Markdown:
    """Find every formula of a Markdown text."""
    text = source.text
    tokens = _parser().parse(text)
    starts = [0, *(match.end() for match in NEWLINE.finditer(text)), len(text)]

    def region(token: Token) -> tuple[int, int]:
        first, last = token.map or (0, 0)
        return starts[first], starts[min(last, len(starts) - 1)]

    fences = [token for token in tokens if token.type == "fence"]
    fenced = masked(text, [region(t) for t in tokens if t.type in ("fence", "front_matter")], MASK)
    indented = _outside([region(token) for token in tokens if token.type == "code_block"], _displays(fenced))
    prose = Source(masked(fenced, indented, MASK), source.places, source.encoders)
    prose = prose.without(_quote_marks(tokens, text, starts))
    pieces: list[Piece] = []
    code_blocks = len(indented)
    for token in fences:
        if _MATH_FENCES.fullmatch(token.info.strip().split(" ")[0]):
            pieces += _body(_fenced(source, token, starts), "directive" if "{math}" in token.info else "fence")
        else:
            code_blocks += 1
    directives = list(_DIRECTIVE.finditer(prose.text))
    for directive in directives:
        pieces += _body(prose.slice(*directive.span(1)), "directive")
    rest = masked(prose.text, [directive.span() for directive in directives], MASK)
    pieces += [Piece(s.kind, prose.slice(s.start, s.end)) for s in few(spans(rest))]
    return Markdown([_decoded(piece) for piece in pieces], prose, code_blocks)


def few(found: Iterator[Span]) -> Iterator[Span]:
    """No more than a note may have; what calls this counts them and complains."""
    return islice(found, MOST_PIECES)


def _displays(text: str) -> list[Span]:
    """Formulas that stand by themselves, whose rows may be indented as far as code is."""
    return [span for span in few(spans(text)) if span.kind in ("display", "bracket", "environment")]


def _outside(regions: list[tuple[int, int]], displays: list[Span]) -> list[tuple[int, int]]:
    """The regions that do not begin inside a displayed formula."""
    begun = [display.start for display in displays]

    def inside(offset: int) -> bool:
        before = bisect_right(begun, offset)
        return before > 0 and offset < displays[before - 1].end

    return [(start, end) for start, end in regions if not inside(start)]


def _body(body: Source, kind: str) -> Iterator[Piece]:
    """The formulas in a block of mathematics: the whole of it, or what stands in delimiters of its own."""
    options = _OPTION.match(body.text)
    body = body.slice(options.end() if options else 0, len(body.text))
    if _DELIMITED.search(body.text):
        yield from (Piece(s.kind, body.slice(s.start, s.end)) for s in few(spans(body.text, markdown=False)))
    elif body.text.strip():
        yield Piece(kind, body)


def _fenced(source: Source, token: Token, starts: list[int]) -> Source:
    """What is inside a fence, without the marks of the quotes and lists that it stands in."""
    first, _ = token.map or (0, 0)
    begun = position = starts[first + 1]
    marks = []
    for number, content in enumerate(token.content.split("\n")[:-1], first + 1):
        line = source.text[starts[number] : starts[number + 1]].rstrip("\r\n")
        marks.append((starts[number] - begun, starts[number] - begun + max(0, len(line) - len(content))))
        position = starts[number + 1]
    return source.slice(begun, position).without(marks)


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
