"""Formulas typed as plain text (``∂J/∂w10_i = 2(a0-y) h'(z0) a1_i``, ``dZ1 = (W2.T * dZ2) * g'1(Z1)``) as statements.

A letter with digits behind it carries a layer number (``w10``, ``z0``: a superscript), so does a letter with square
brackets (``dA[L]``); ``_ij`` are indices, ``.T`` and ``ᵀ`` transpose, ``**`` and ``^`` raise, three or more letters in
a row are a word. From there on the reader of LaTeX does the work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from symbackprop.verification.reading.parse import NO_MACROS, read_surface, read_tokens
from symbackprop.verification.reading.surface import NotRead, Span, Statement
from symbackprop.verification.reading.tokens import MAX_CHARACTERS, MAX_DIGITS, Token, Unreadable, tokenize
from symbackprop.verification.reading.tokens_unicode import TYPED
from symbackprop.verification.reading.vocabulary import CALLED_WORDS, GREEK

_SPOKEN = "|".join(re.escape(word) for word in sorted({*CALLED_WORDS, *(sign.lstrip("\\") for sign in GREEK)}))
# ``(from back propagation)``: words in brackets are one name; ``(w x)`` and ``(log theta)`` are none.
NAME = rf"\((?=[^()]*\b[A-Za-z]{{3,}}\s+[A-Za-z]{{3,}}\b)(?![^()]*\b(?:{_SPOKEN})\b)[A-Za-z]+(?:\s+[A-Za-z]+)+\)"
_PATTERN = re.compile(
    rf"""(?P<name>{NAME})
  |"""
    r"""(?P<space>\s+)
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<label>(?<=\w)\[\s*[A-Za-z0-9]+\s*(?:[-+]\s*\d+\s*)?\])
  | (?P<subscript>_\{[^{}]*\}|_\s?[A-Za-z0-9]+(?:,[A-Za-z0-9]+(?![A-Za-z0-9(]))*)
  | (?P<transpose>\.T(?![A-Za-z])|ᵀ)
  | (?P<power>(?:\*\*|\^)\s*-?(?:\d+|[A-Za-z])(?![A-Za-z0-9_(\[]))
  | (?P<raise>\*\*|\^)
  | (?P<arrow>->|<-|<=|>=|!=|==|[-+*/]=)
  | (?P<word>[A-Za-z]+(?:_[A-Za-z]{3,})*)
  | (?P<other>.)""",
    re.VERBOSE,
)
_ARROWS = {"->": "\\rightarrow", "<-": "\\leftarrow", "<=": "\\leq", ">=": "\\geq", "!=": "\\neq", "==": "="}
_SPELLINGS = (
    (r"\\frac ?\{(\w+)\}\{(\w+)\}", r"\1/\2 "),
    (r"\\(?:left|right)\b|\\,", ""),
    (r" ?\^(?:T|\{T ?\}|\\top|\{\\top ?\})(?![A-Za-z])", ".T"),
    (r" ?\^\{\(?(\d+)\)?\}(?<=\)\})", r"\1"),
    (r" ?\^\{(\d+)\}", r"**\1"),
    (r" ?\^\{(\[\w+\])\}", r"\1"),
    (r" ?_\{(\w+) ?\}", r"_\1"),
    (r"\\text\{([^{} ]*)\} ?", r"\1"),
    (r"\\text\{(\w+) (\w+)\} ?", r"(\1~\2)"),
    (r"\\text\{(\w+) (\w+) (\w+)\} ?", r"(\1~\2~\3)"),
    (r"\{([A-Za-z]+ ?\d*)\}(?=\.T)", r"\1"),
)
_NEVER_LABELLED = CALLED_WORDS | {"E", "V", "P"}


def read_plain_text(text: str) -> tuple[Statement, ...] | NotRead:
    """The statements of a formula in plain text, as ``read_surface`` gives them; spans point into ``text``.

    >>> from symbackprop.verification.reading.write import write_statements
    >>> write_statements(read_plain_text("dZ1 = (W2.T * dZ2) * g'1(Z1)"))
    "dZ^{(1)} = ( W^{(2)T} * dZ^{(2)} ) * g'^{(1)} ( Z^{(1)} )"
    """
    try:
        if len(text) > MAX_CHARACTERS:
            raise Unreadable(f"more than {MAX_CHARACTERS} characters", Span(0, len(text)))
        return read_tokens(text, plain_tokens(text))
    except Unreadable as problem:
        return NotRead(problem.reason, problem.span)


def read_typed(tex: str, macros: Mapping[str, tuple[int, str]] = NO_MACROS) -> tuple[Statement, ...] | NotRead:
    r"""The statements of a formula between math delimiters: LaTeX, or plain text where it is no LaTeX.

    >>> from symbackprop.verification.reading.write import write_statements
    >>> write_statements(read_typed("∂J/∂a0 = 2(a0-y)"))
    '\\frac{\\partial J}{\\partial a^{(0)}} = 2 ( a^{(0)} - y )'
    """
    surface = read_surface(tex, macros)
    if not isinstance(surface, NotRead) or "\\" in tex:
        return surface
    plain = read_plain_text(tex)
    return surface if isinstance(plain, NotRead) else plain


def plain_tokens(text: str) -> list[Token]:
    """Plain text as the tokens that its LaTeX would have; their places are those in ``text``.

    Raises:
        Unreadable: something in it is no plain text.
    """
    return _Translation(text).tokens()


def typed_spelling(latex: str) -> str | None:
    r"""What a piece of LaTeX is in plain text, or ``None`` if it has no plain spelling.

    >>> typed_spelling(r"\frac{1}{2}\left(a^{(0)} - y_{i}\right)"), typed_spelling(r"w^T \odot \alpha")
    ('1/2(a0 - y_i)', 'w.T ⊙ α')
    >>> typed_spelling(r"\bar{x}") is None
    True
    """
    plain = latex
    for pattern, new in _SPELLINGS:
        plain = re.sub(pattern, new, plain)
    plain = re.sub(r"\\[A-Za-z]+(?= ?)", lambda match: TYPED.get(match[0], match[0]), plain)
    plain = re.sub(r"(?<=[∂∇\w']) (?=[\w^(_'.])|(?<=\() | (?=\))", "", plain).replace("~", " ")
    return None if "\\" in plain or "{" in plain else plain


@dataclass(slots=True)
class _Translation:
    """Plain text as the tokens that LaTeX would have."""

    text: str
    found: list[Token] = field(default_factory=list)
    symbol: bool = False  # whether a letter (or its prime) stands directly before
    spaced: bool = False

    def tokens(self) -> list[Token]:
        for match in _PATTERN.finditer(self.text):
            kind = match.lastgroup or ""
            if kind == "space":
                self.spaced, self.symbol = True, False
                continue
            getattr(self, f"_{kind}")(match.group(), match.start(), match.end())
            self.spaced = False
        return self.found

    def _add(self, latex: str, start: int, end: int, symbol: bool = False) -> None:
        for k, token in enumerate(tokenize(latex)):
            spaced = self.spaced if k == 0 else token.spaced
            self.found.append(Token(token.kind, token.text, start, end, spaced, unicode=True))
        self.symbol = symbol

    def _number(self, text: str, start: int, end: int) -> None:
        if len(text) > MAX_DIGITS:
            raise Unreadable(f"a number of more than {MAX_DIGITS} digits", Span(start, end))
        labelled = self.symbol and text.isdigit()
        self._add(f"^{{({text})}}" if labelled else text, start, end)

    def _label(self, text: str, start: int, end: int) -> None:
        last = self.found[-1].text if self.found else ""
        self._add(text if last in _NEVER_LABELLED else f"^{{{text}}}", start, end)

    def _subscript(self, text: str, start: int, end: int) -> None:
        inner = text[1:].strip().strip("{}")
        word = re.fullmatch(r"[A-Za-z]{3,}", inner)
        self._add(f"_{{\\text{{{inner}}}}}" if word else f"_{{{inner}}}", start, end)

    def _name(self, text: str, start: int, end: int) -> None:
        self.found.append(Token("text", " ".join(text.strip("()").split()), start, end, self.spaced))
        self.symbol = False

    def _transpose(self, text: str, start: int, end: int) -> None:
        self._add("^{T}", start, end)

    def _power(self, text: str, start: int, end: int) -> None:
        self._add(f"^{{{text.lstrip('*^').strip()}}}", start, end)

    def _raise(self, text: str, start: int, end: int) -> None:
        self._add("^", start, end)

    def _arrow(self, text: str, start: int, end: int) -> None:
        # ``w -= d`` is an assignment, of which nothing is judged.
        self._add(_ARROWS.get(text, "\\leftarrow"), start, end)

    def _word(self, text: str, start: int, end: int) -> None:
        if f"\\{text}" in GREEK:
            self._add(f"\\{text}", start, end, symbol=True)
            return
        letters = len(text) == 1 or (len(text) == 2 and text not in CALLED_WORDS)
        if letters:
            for k, letter in enumerate(text):
                spaced = self.spaced if k == 0 else False
                self.found.append(Token("letter", letter, start + k, start + k + 1, spaced))
            self.symbol = True
        else:
            self.found.append(Token("text", text, start, end, self.spaced))
            self.symbol = False

    def _other(self, text: str, start: int, end: int) -> None:
        if text in "\\${}#&%~@":
            raise Unreadable(f"{text} in a formula of plain text", Span(start, end))
        try:
            self._add(text, start, end, symbol=text == "'" and self.symbol)
        except Unreadable as problem:
            raise Unreadable(problem.reason, Span(start, end)) from None
        if text.isalpha():
            self.symbol = True
