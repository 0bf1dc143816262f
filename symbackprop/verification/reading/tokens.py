"""From the characters of a formula to tokens that know their place in the source, within the limits for hostile
input.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from symbackprop.verification.reading.surface import Span
from symbackprop.verification.reading.tokens_unicode import combining, spelled

MAX_CHARACTERS = 4_000
MAX_TOKENS = 1_000
MAX_DIGITS = 30

TEXT_MACROS = frozenset(
    ["\\text", "\\textrm", "\\textbf", "\\textit", "\\textsf", "\\texttt", "\\textnormal", "\\mbox", "\\hbox"]
    + ["\\operatorname", "\\operatorname*"]
)

_PATTERN = re.compile(
    r"""(?P<space>\s+|%[^\n]*)
  | (?P<row>\\\\\*?(?:\s*\[-?[\d.]+\s*(?:em|ex|pt|cm|mm|in|px)\])?)
  | \\(?P<fence>begin|end)\s*\{\s*(?P<name>[a-zA-Z]+\*?)\s*\}
  | (?P<macro>\\operatorname\*|\\tag\*|\\(?:[A-Za-z]+|.))
  | (?P<entity>&(?:amp|lt|gt|nbsp|emsp|ensp|thinsp);)
  | (?P<number>\d+(?:\.\d+)?|\.\d+)
  | (?P<letter>[A-Za-z])
  | (?P<symbol>.)""",
    re.VERBOSE | re.DOTALL,
)
# Markdown needs these escaped; inside a formula they are the plain sign.
_MARKDOWN_ESCAPES = {"\\_": "_", "\\*": "*", "\\[": "", "\\]": "", "\\(": "", "\\)": ""}


class Unreadable(Exception):
    """Raised inside the reader where a formula cannot be read; ``read_surface`` turns it into a ``NotRead``."""

    def __init__(self, reason: str, span: Span) -> None:
        super().__init__(reason)
        self.reason = reason
        self.span = span


@dataclass(frozen=True, slots=True)
class Token:
    r"""One sign of the formula.

    ``kind`` is "letter", "number", "macro", "symbol", "text" (the words of ``\text{…}``), "row" (``\\``), "begin",
    "end"; and after ``clean.nest`` also "group" (``{…}``), "bracket" (``text`` is its opening and closing sign, with
    ``inner``) and "env". ``spaced`` says that blanks stand before it, ``unicode`` that it spells out a Unicode
    character.
    """

    kind: str
    text: str
    start: int
    end: int
    spaced: bool = False
    inner: tuple[Token, ...] = ()
    unicode: bool = False

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    def is_sign(self, *texts: str) -> bool:
        """Whether it is one of these macros or symbols."""
        return self.kind in ("macro", "symbol") and self.text in texts


def tokenize(tex: str) -> list[Token]:
    r"""The tokens of a formula.

    >>> [token.text for token in tokenize(r"ε^0 w_ i \text{ if }")]
    ['\\epsilon', '^', '0', 'w', '_', 'i', ' if ']
    """
    if len(tex) > MAX_CHARACTERS:
        raise Unreadable(f"more than {MAX_CHARACTERS} characters", Span(0, len(tex)))
    tokens = _merge(list(_tokens(tex, 0)))
    if len(tokens) > MAX_TOKENS:
        raise Unreadable(f"more than {MAX_TOKENS} tokens", Span(0, len(tex)))
    return tokens


def _merge(tokens: list[Token]) -> list[Token]:
    """Join neighbouring Unicode scripts (``²⁰`` is one script) and put a combining accent before its letter."""
    merged: list[Token] = []
    for token in tokens:
        if token.kind == "combining" and merged and merged[-1].kind == "letter":
            letter = merged.pop()
            mark = replace(token, kind="macro", start=letter.start, spaced=letter.spaced)
            brace = replace(mark, kind="symbol", spaced=False)
            merged += [mark, replace(brace, text="{"), letter, replace(brace, text="}")]
        elif _continues_script(merged, token):
            merged.pop()
            merged.append(replace(token, kind="skip"))
        elif merged and merged[-1].kind == "skip":
            merged.pop()  # the brace that opens the continued script
        elif merged and _continues_number(merged[-1], token):
            merged[-1] = replace(merged[-1], text=merged[-1].text + token.text, end=token.end)
        else:
            merged.append(token)
    return merged


def _continues_number(before: Token, token: Token) -> bool:
    both = before.kind == "number" and token.kind == "number"
    return both and before.unicode and token.unicode and before.end == token.start


def _continues_script(before: list[Token], token: Token) -> bool:
    """Whether ``token`` starts a script that was one Unicode character and stands right behind another of its kind."""
    if not (token.is_sign("^", "_") and token.unicode and before and before[-1].unicode and before[-1].text == "}"):
        return False
    if before[-1].end != token.start or token.spaced:
        return False
    script = next((t for t in reversed(before) if t.unicode and t.is_sign("^", "_")), None)
    return script is not None and script.text == token.text


def _tokens(tex: str, offset: int) -> Iterator[Token]:
    place, spaced = 0, False
    while place < len(tex):
        match = _PATTERN.match(tex, place)
        assert match is not None  # the last alternative takes any character
        kind = match.lastgroup or ""
        start, place = place, match.end()
        if kind == "space":
            spaced = True
            continue
        span = Span(offset + start, offset + place)
        if kind == "macro" and match.group() in TEXT_MACROS and tex[place:].lstrip().startswith("{"):
            yield from _text(tex, start, place, offset, spaced)
            place = _closing(tex, tex.index("{", place)) + 1
        else:
            yield from (replace(t, spaced=spaced and k == 0) for k, t in enumerate(_plain(match, kind, span)))
        spaced = False


def _plain(match: re.Match[str], kind: str, span: Span) -> list[Token]:
    text = match.group()
    if kind == "name":
        return [Token(match.group("fence"), match.group("name"), span.start, span.end)]
    if kind == "row":
        return [Token("row", "\\\\", span.start, span.end)]
    if kind == "number" and len(text) > MAX_DIGITS:
        raise Unreadable(f"a number of more than {MAX_DIGITS} digits", span)
    if kind == "entity":
        text = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}.get(text, "")
        return [Token("symbol", text, span.start, span.end)] if text else []
    if text == "\\":
        return []  # an escaped space or line break at the end
    if text in _MARKDOWN_ESCAPES:
        text = _MARKDOWN_ESCAPES[text]
        return [Token("symbol", text, span.start, span.end)] if text else []
    if kind == "macro" and text[1].isspace():
        return [Token("macro", "\\ ", span.start, span.end)]
    if kind == "symbol" and not text.isascii():
        return _spelled(text, span)
    return [Token(kind, text, span.start, span.end)]


def _spelled(character: str, span: Span) -> list[Token]:
    accent = combining(character)
    if accent is not None:
        return [Token("combining", accent, span.start, span.end)]
    latex = spelled(character)
    if latex is None:
        raise Unreadable(f"the character {character!r} (U+{ord(character):04X}) is not known", span)
    return [Token(t.kind, t.text, span.start, span.end, unicode=True) for t in _tokens(latex, 0)]


def _text(tex: str, start: int, place: int, offset: int, spaced: bool) -> Iterator[Token]:
    r"""The token of ``\text{…}``; ``$…$`` inside it is mathematics again."""
    opening = tex.index("{", place)
    closing = _closing(tex, opening)
    if closing < 0:
        raise Unreadable(f"{tex[start:place]} without its closing brace", Span(offset + start, offset + len(tex)))
    at = opening + 1
    pieces = tex[at:closing].split("$")
    for k, piece in enumerate(pieces):
        if k % 2:
            yield from _tokens(piece, offset + at)
        elif piece.strip() or len(pieces) == 1:
            left = offset + (start if k == 0 else at)
            right = offset + (closing + 1 if k == len(pieces) - 1 else at + len(piece))
            yield Token("text", _words(tex[start:place], piece), left, right, spaced)
        at += len(piece) + 1


def _words(macro: str, piece: str) -> str:
    words = re.sub(r"\\[,;:! ]|\\quad|~", " ", piece).replace("\\_", "_")
    if macro.startswith("\\operatorname"):
        return re.sub(r"\s+", "", words)
    return words


def _closing(tex: str, opening: int) -> int:
    depth = 0
    for place in range(opening, len(tex)):
        if tex[place] == "{" and tex[place - 1] != "\\":
            depth += 1
        elif tex[place] == "}" and tex[place - 1] != "\\":
            depth -= 1
            if depth == 0:
                return place
    return -1
