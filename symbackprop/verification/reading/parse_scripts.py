r"""Subscripts, superscripts and primes, in every order and style: ``w^{10}_ i``, ``a^{[l](i)}``, ``W^{[1]T}``,
``g\prime``.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.cursor import Cursor, Grammar, Tokens, contents
from symbackprop.verification.reading.surface import (
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Script,
    Scripted,
    Span,
    Times,
)
from symbackprop.verification.reading.tokens import Token, Unreadable

MAX_EXPONENT = 64
_LONE = ("+", "-", "*", ":", "\\dagger", "\\circ", "\\star", "\\cdot", "\\odot", "\\times")
_BRACKETS = ("()", "[]", "\\{\\}", "\\langle\\rangle")


def behind_last(base: Node, cursor: Cursor, grammar: Grammar) -> Node:
    r"""The scripts behind a letter; behind several in one font, ``\mathbf{AX}^{-1}``, they are those of the last."""
    if not isinstance(base, Times):
        return scripts(base, cursor, grammar)
    last = scripts(base.factors[-1], cursor, grammar)
    return replace(
        base, factors=(*base.factors[:-1], last), span=Span(base.span.start, max(base.span.end, last.span.end))
    )


def scripts(base: Node, cursor: Cursor, grammar: Grammar) -> Node:
    """``base`` with the scripts and primes that follow; merged into the ones that it has already (``{x_i}^2``)."""
    subs: list[Script] = []
    sups: list[Script] = []
    primes, end = 0, base.span.end
    while cursor.at("_", "^", "'"):
        sign = cursor.take()
        end = sign.end
        if sign.text == "'":
            primes += 1
            continue
        argument = script_argument(sign, cursor)
        end = argument.end
        if sign.text == "_":
            subs += _subscript(argument, sign, grammar)
        else:
            more, found = _superscripts(argument, sign, grammar)
            primes += more
            sups += found
        if not (isinstance(base, Name) and base.upright):  # \log_2{x} is an argument
            _no_group_behind(cursor, sign)
    if not (subs or sups or primes):
        return base
    for script in sups:
        _bounded(base, script)
    inner = base if isinstance(base, Scripted) else Scripted(base, (), (), 0, base.span)
    whole = Span(inner.span.start, end)
    return Scripted(inner.base, (*inner.subs, *subs), (*inner.sups, *sups), inner.primes + primes, whole)


def script_argument(sign: Token, cursor: Cursor) -> Token:
    r"""The token or group after ``_`` or ``^``; a macro takes its own argument along (``^\mathrm{T}``)."""
    if cursor.peek() is None:
        raise Unreadable(f"nothing after {sign.text}", sign.span)
    token = cursor.argument(sign)
    if token.is_sign("_", "^", "'", "&", ",", "=") and not token.is_sign("'"):
        raise Unreadable(f"{token.text} directly after {sign.text}", token.span)
    if token.is_sign("-", "+") and cursor.at_kind("number", "letter"):
        raise Unreadable(f"{sign.text}{token.text}…: braces are missing around the script", token.span)
    if token.kind == "macro":
        following = cursor.peek()
        takes = token.text in (
            "\\mathrm",
            "\\mathbf",
            "\\mathcal",
            "\\mathbb",
            "\\mathit",
            "\\mathsf",
            "\\hat",
            "\\tilde",
            "\\bar",
        )
        if takes and following is not None:
            inner = cursor.argument(token)
            return Token("group", "{}", token.start, inner.end, inner=(token, inner))
    return token


def _no_group_behind(cursor: Cursor, sign: Token) -> None:
    following = cursor.peek()
    if following is not None and following.kind == "group" and not following.spaced and following.inner:
        name = "subscript" if sign.text == "_" else "superscript"
        raise Unreadable(f"a group {{…}} right behind a {name} is not read: is ^ or _ missing?", following.span)


def _raw(tokens: Tokens, grammar: Grammar) -> str:
    """The source of a script; where a sign or plain text stands for LaTeX (``wᵀ``), the LaTeX."""
    if tokens and all(token.unicode and not token.inner for token in tokens):
        return "".join(token.text for token in tokens)
    return grammar.tex[tokens[0].start : tokens[-1].end].strip() if tokens else ""


def _subscript(argument: Token, sign: Token, grammar: Grammar) -> list[Script]:
    tokens = contents(argument)
    if not tokens:
        return []
    span = Span(sign.start, argument.end)
    return [Script(script_items(tokens, argument.span, grammar), "", _raw(tokens, grammar), span)]


def script_items(tokens: Tokens, whole: Span, grammar: Grammar) -> tuple[Node, ...]:
    """``jk``, ``j,k`` and ``j k`` are two items, ``t-1`` and ``i=1`` are one."""
    items: list[Node] = []
    for piece in _pieces(tokens):
        lone = _lone(piece)
        node = lone if lone is not None else grammar.script(piece, whole)
        items += node.factors if _is_row(node) else [node]  # type: ignore[union-attr]
    return tuple(items)


def _is_row(node: Node) -> bool:
    return (
        isinstance(node, Times)
        and not any(node.operators)
        and all(
            isinstance(f, Name | Number) or (isinstance(f, Scripted) and isinstance(f.base, Name)) for f in node.factors
        )
    )


def _pieces(tokens: Tokens) -> list[Tokens]:
    pieces: list[list[Token]] = [[]]
    for token in tokens:
        if token.is_sign(","):
            pieces.append([])
        else:
            pieces[-1].append(token)
    return [tuple(piece) for piece in pieces if piece]


def _lone(tokens: Tokens) -> Node | None:
    """A sign that stands alone as a script: ``w^*``, ``W_{:,j}``."""
    if len(tokens) == 1 and tokens[0].is_sign(*_LONE):
        return Name(tokens[0].text, tokens[0].span)
    return None


def _superscripts(argument: Token, sign: Token, grammar: Grammar) -> tuple[int, list[Script]]:
    """The primes and the scripts of one superscript: ``[l](i)`` and ``[1]T`` are two scripts."""
    tokens = list(contents(argument))
    primes = 0
    while tokens and tokens[0].is_sign("'"):
        primes += 1
        tokens.pop(0)
    while tokens and tokens[-1].is_sign("'"):
        primes += 1
        tokens.pop()
    if not tokens:
        return primes, []
    parts = _labels(tokens)
    if parts is None:
        items = tuple(_lone(p) or grammar.script(p, argument.span) for p in _pieces(tokens))
        return primes, [Script(items, "", _raw(tokens, grammar), Span(sign.start, argument.end))]
    return primes, [_label(part, grammar) for part in parts]


def _labels(tokens: list[Token]) -> list[Token] | None:
    """The parts of ``[l](i)``, ``[1]T``, ``[l]^T``: a bracket first, then brackets, a transpose or a star."""
    parts = [t for t in tokens if not t.is_sign("^", ",")]
    flat = [u for t in parts for u in (t.inner if t.kind == "group" else (t,))]
    if not flat or flat[0].text not in _BRACKETS or flat[0].kind != "bracket" or not all(_is_label(t) for t in flat):
        return None
    return flat


def _is_label(token: Token) -> bool:
    transposed = token.text == "T" and token.kind in ("letter", "text")
    return (token.kind == "bracket" and token.text in _BRACKETS) or transposed or token.is_sign("\\top", "*")


def _label(token: Token, grammar: Grammar) -> Script:
    if token.kind == "bracket":
        opening = token.text[: len(token.text) // 2]
        raw = _raw((token,), grammar)
        items = tuple(map(last_layer, grammar.items(token.inner, token.span)))
        return Script(items, opening, raw, token.span)
    return Script((Name(token.text, token.span, token.kind == "text"),), "", token.text, token.span)


def last_layer(node: Node) -> Node:
    r"""The L that ``n_l``, the number of the layers, is as the number of one: ``\delta^{(n_l - 1)}``."""
    if isinstance(node, Plus):
        return replace(node, terms=tuple(map(last_layer, node.terms)))
    if not isinstance(node, Scripted) or not isinstance(node.base, Name) or node.sups or len(node.subs) != 1:
        return node
    counts = node.base.text in ("n", "N", "L") and node.subs[0].raw in ("l", "L")
    return Name("L", node.span) if counts else node


def _joins_layers(base: Node, number: Number) -> bool:
    """``w^{76}``: the weights between two neighbouring layers."""
    digits = str(number.value)
    return isinstance(base, Name) and len(digits) == 2 and abs(int(digits[0]) - int(digits[1])) == 1


def _bounded(base: Node, script: Script) -> None:
    """Numbers as exponents stay small, and no number has a number's power as its exponent."""
    for item in script.items:
        plain = item.operand if isinstance(item, Negative) else item
        if isinstance(plain, Number) and plain.value > MAX_EXPONENT and not _joins_layers(base, plain):
            raise Unreadable(f"an exponent above {MAX_EXPONENT}", script.span)
        if isinstance(base, Number) and isinstance(plain, Scripted) and isinstance(plain.base, Number):
            raise Unreadable("a power of a power of numbers", script.span)
