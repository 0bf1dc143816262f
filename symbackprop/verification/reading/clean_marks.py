r"""Marks that print beside or over a formula: the end of a proof, terms that are struck out, words set upright."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from symbackprop.verification.reading.surface import Span
from symbackprop.verification.reading.tokens import Token, Unreadable

_ENDS = ("\\blacksquare", "\\square", "\\Box", "\\qed", "\\qedhere", "\\QED", "\\checkmark", "\\quad\\qed")
_STRIKES = ("\\cancel", "\\bcancel", "\\xcancel", "\\sout", "\\st")
_SIZES = ("n", "N", "d", "D", "fan")
_JOINING = ("if", "otherwise", "else", "for", "when", "and", "with", "where", "for all", "falls", "sonst", "wenn")


def with_fractions(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    r"""The nested tokens with ``{a \over b}`` as ``{\frac{a}{b}}``."""
    return tuple(replace(t, inner=_fraction(with_fractions(t.inner), t.kind)) if t.inner else t for t in tokens)


def _fraction(inner: tuple[Token, ...], kind: str) -> tuple[Token, ...]:
    places = [k for k, token in enumerate(inner) if token.is_sign("\\over")]
    if kind != "group" or len(places) != 1 or not 0 < places[0] < len(inner) - 1:
        return inner
    over = inner[places[0]]
    above, below = inner[: places[0]], inner[places[0] + 1 :]
    parts = (replace(over, kind="group", text="{}", inner=p, start=p[0].start, end=p[-1].end) for p in (above, below))
    return (replace(over, text="\\frac"), *parts)


def without_marks(tokens: tuple[Token, ...], dropped: list[Span]) -> tuple[Token, ...]:
    r"""The nested tokens without ``\blacksquare`` and strokes; ``\mathrm{if}`` and the in of ``n_{in}`` are words."""
    struck: list[Token] = []
    kept = _unmarked(tokens, dropped, struck)
    counts = Counter(_written(token) for token in struck)
    alone = next((token for token in struck if counts[_written(token)] % 2), None)
    if alone is not None:
        raise Unreadable("something is struck out that has no partner: does it vanish?", alone.span)
    return kept


def _unmarked(tokens: tuple[Token, ...], dropped: list[Span], struck: list[Token]) -> tuple[Token, ...]:
    kept: list[Token] = []
    waiting = list(reversed(tokens))
    while waiting:
        token = waiting.pop()
        if token.is_sign(*_ENDS):
            dropped.append(token.span)
        elif token.is_sign(*_STRIKES) and waiting:
            dropped.append(Span(token.start, token.start + len(token.text)))
            argument = waiting.pop()
            struck.append(argument)
            kept += _unmarked(argument.inner if argument.kind == "group" else (argument,), dropped, struck)
        elif token.is_sign("\\not") and waiting and waiting[-1].is_sign("="):
            kept.append(replace(waiting.pop(), kind="macro", text="\\neq", start=token.start))
        elif token.is_sign("\\mathrm") and waiting and _joins(waiting[-1]):
            group = waiting.pop()
            words = "".join(t.text for t in group.inner)
            kept.append(Token("text", words, token.start, group.end, token.spaced))
        elif token.kind == "group" and len(kept) > 1 and kept[-1].is_sign("_") and _counts_units(kept[-2], token):
            first, last = token.inner[0], token.inner[-1]
            word = Token("text", "".join(t.text for t in token.inner), first.start, last.end)
            kept.append(replace(token, inner=(word,)))
        else:
            kept.append(replace(token, inner=_unmarked(token.inner, dropped, struck)) if token.inner else token)
    return tuple(kept)


def _written(token: Token) -> str:
    """What is struck out without its sign, to find its partner."""
    if not token.inner:
        return token.text
    parts = [_written(t) for k, t in enumerate(token.inner) if k or not t.is_sign("+", "-")]
    return f"{token.text[:1]}{' '.join(parts)}{token.text[1:]}"


def _counts_units(base: Token, group: Token) -> bool:
    r"""``n_{in}`` is a number of inputs and no entry i, n of anything."""
    letters = all(t.kind == "letter" for t in group.inner)
    return base.text.strip() in _SIZES and letters and "".join(t.text for t in group.inner) in ("in", "out")


def _joins(group: Token) -> bool:
    letters = group.kind == "group" and all(t.kind == "letter" for t in group.inner)
    return letters and "".join(t.text for t in group.inner) in _JOINING
