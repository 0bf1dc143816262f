"""Spellings that readers and authors understand differently; a formula with one of them is not read."""

from __future__ import annotations

from symbackprop.verification.reading.cursor import Cursor
from symbackprop.verification.reading.parse_names import is_known_word, is_symbol, letters_in_a_row
from symbackprop.verification.reading.signs import relation_sign, starts_factor
from symbackprop.verification.reading.surface import Name, Node, Number, Scripted, Span
from symbackprop.verification.reading.tokens import Token, Unreadable
from symbackprop.verification.reading.vocabulary import GREEK, OPERATORS

_REFUSED = {"\\pm": "±", "\\mp": "∓", "!": "a factorial", "\\binom": "a binomial", "&": "a stray &", "\\exists": "∃"}


def no_factor_behind(cursor: Cursor, function: Token) -> None:
    token = cursor.peek()
    if token is not None and starts_factor(token) and not token.is_sign("|", "\\|"):
        reason = f"what {function.text} applies to is not clear: write brackets around its argument"
        raise Unreadable(reason, token.span)


def no_doubtful_slash(first: Token, factor: Node, token: Token) -> None:
    """``1/2n`` is written for 1/(2n) and for n/2: not read. ``1/2(a+b)`` and ``1/2 x`` are a half of what follows."""
    plain = isinstance(factor, Number | Name | Scripted) and first.kind in ("number", "letter", "macro", "differential")
    if plain and not token.spaced and is_symbol(token):
        raise Unreadable("a/b c without brackets: is c above or below?", Span(first.start, token.end))


def no_bare_word(cursor: Cursor) -> None:
    """``learning`` in italics is a product of eight letters to LaTeX and a word to its author."""
    run = letters_in_a_row(cursor)
    text = "".join(token.text for token in run)
    like_a_word = len(run) >= 5 or (len(run) == 4 and text.islower() and any(vowel in text for vowel in "aeiou"))
    if like_a_word and not is_known_word(cursor, run):
        raise Unreadable(
            f"the letters {text!r} in a row: a word is written \\text{{{text}}}", Span(run[0].start, run[-1].end)
        )


def no_glued_number(token: Token, cursor: Cursor) -> None:
    """``a0`` is a times 0 to LaTeX, and the a of layer 0, or the first entry, to its author."""
    before = cursor.tokens[cursor.place - 2] if cursor.place > 1 else None
    if before is None or token.spaced or before.end != token.start:
        return
    if before.kind == "letter" or before.text in GREEK:
        name = before.text + token.text
        raise Unreadable(f"{name}: is {token.text} an index, a layer or a factor?", Span(before.start, token.end))


def no_float(token: Token, cursor: Cursor) -> None:
    """``1e-8`` is a number to a programmer and a difference to LaTeX."""
    e, after, digits = cursor.peek(), cursor.peek(1), cursor.peek(2)
    if e is None or e.kind != "letter" or e.text not in "eE" or e.spaced or after is None or after.spaced:
        return
    if after.kind == "number" or (
        after.is_sign("-", "+") and digits is not None and digits.kind == "number" and not digits.spaced
    ):
        raise Unreadable("1e-8 may be a number or a difference: write 10^{-8}", Span(token.start, after.end))


def product_point(cursor: Cursor) -> str:
    r"""``\cdot`` for a full stop between two factors, as in ``\frac{1}{2}.x``; a space behind it alone ends a sentence.

    Beside letters in a row, and before a T, it may be a programmer's: ``np.exp(x)``, ``W.T``.
    """
    before, point, after, then = (cursor.peek(k) for k in (-1, 0, 1, 2))
    if point is None or not point.is_sign(".") or before is None or after is None or not starts_factor(after):
        return ""
    second = cursor.tokens[cursor.place - 2] if cursor.place > 1 else None
    words = _in_a_row(second, before) or after.kind == "text" or then is not None and _in_a_row(after, then)
    if words or after.spaced != point.spaced or after.is_sign("T") or "number" in (before.kind, after.kind):
        return ""
    cursor.take()
    return "\\cdot"


def _in_a_row(first: Token | None, second: Token) -> bool:
    """Whether two letters touch."""
    return first is not None and first.kind == second.kind == "letter" and not second.spaced


def refused(token: Token) -> Unreadable:
    if token.text in _REFUSED:
        return Unreadable(f"{_REFUSED[token.text]} is not read", token.span)
    if token.kind == "macro" and token.text not in OPERATORS and not relation_sign(token):
        return Unreadable(f"unknown macro {token.text}", token.span)
    return Unreadable(f"{token.text} cannot stand here", token.span)
