r"""Letters, words, fonts and accents: everything that becomes one ``Name``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from symbackprop.verification.reading.cursor import Cursor, Grammar, contents
from symbackprop.verification.reading.parse_scripts import scripts
from symbackprop.verification.reading.surface import Name, Node, Number, Script, Scripted, Span, Times
from symbackprop.verification.reading.tokens import Token, Unreadable
from symbackprop.verification.reading.vocabulary import (
    ACCENTS,
    CALLED_WORDS,
    CONSTANTS,
    FONTS,
    GREEK,
    SPELLED_WORDS,
    UPRIGHT,
)

_ACCENTED = re.compile(r"(\\[a-z]+)\{(.*)\}", re.DOTALL)


def letter(cursor: Cursor, grammar: Grammar) -> Node:
    r"""A letter; a known word spelled in letters (``tanh(z)``, ``net_j``); or a differential name (``dW``)."""
    word = _word(cursor)
    if word is not None:
        return word
    token = cursor.take()
    if (token.text == "d" and token.kind == "letter" and not _adjacent_before(cursor)) or token.kind == "differential":
        return _differential(token, cursor, grammar)
    return Name(token.text, token.span)


def _word(cursor: Cursor) -> Name | None:
    run = letters_in_a_row(cursor)
    if not is_known_word(cursor, run):
        return None
    cursor.place += len(run)
    return Name("".join(token.text for token in run), Span(run[0].start, run[-1].end), upright=True)


def letters_in_a_row(cursor: Cursor) -> list[Token]:
    r"""The letters from the cursor on that touch each other; none if a letter stands directly before.

    The letter of a script without braces does not: ``\sum_xexp(x)``.
    """
    run: list[Token] = []
    place = cursor.place
    behind_script = place > 1 and cursor.tokens[place - 2].is_sign("_", "^")
    if _continues_letters(cursor, place) and not behind_script:
        return run
    while (
        place < len(cursor.tokens)
        and cursor.tokens[place].kind == "letter"
        and not (run and cursor.tokens[place].spaced)
    ):
        run.append(cursor.tokens[place])
        place += 1
    return run


def is_known_word(cursor: Cursor, run: list[Token]) -> bool:
    """Whether a row of letters at the cursor is a word that the reader knows."""
    text = "".join(token.text for token in run)
    after = cursor.peek(len(run))
    called = after is not None and not after.spaced and (after.kind == "bracket" or after.is_sign("_"))
    known = text in SPELLED_WORDS or (called and text in CALLED_WORDS) or (text == "ln" and after is not None)
    return len(run) > 1 and known


def _continues_letters(cursor: Cursor, place: int) -> bool:
    """Whether the token at ``place`` is a letter right behind another one that is no script, as j of ``x_jlog`` is."""
    before = cursor.tokens[place - 1] if place else None
    script = place > 1 and cursor.tokens[place - 2].is_sign("_", "^")
    return before is not None and before.kind == "letter" and not script and not cursor.tokens[place].spaced


def _adjacent_before(cursor: Cursor) -> bool:
    return _continues_letters(cursor, cursor.place - 1)


def _differential(sign: Token, cursor: Cursor, grammar: Grammar) -> Node:
    """``dW`` where d and a letter touch; a single d otherwise."""
    following = cursor.peek()
    if following is None or (following.spaced and sign.kind == "letter") or not is_symbol(following):
        return Name("d", sign.span, upright=sign.kind == "differential")
    inner = symbol(cursor, grammar)
    return _outermost(inner, lambda name: replace(name, text=f"d{name.text}", span=Span(sign.start, name.span.end)))


def is_symbol(token: Token) -> bool:
    """Whether a token begins a symbol: a letter, with or without a font or an accent."""
    return token.kind in ("letter", "differential") or (
        token.kind == "macro"
        and (token.text in GREEK or token.text in FONTS or token.text in ACCENTS or token.text in CONSTANTS)
    )


def symbol(cursor: Cursor, grammar: Grammar) -> Node:
    """A letter, a Greek letter, or one of these with a font or an accent; never a word or a differential."""
    token = cursor.take("a letter")
    following = cursor.peek()
    if token.text == "\\Delta" and following is not None and is_symbol(following):
        return _outermost(
            symbol(cursor, grammar),
            lambda name: replace(name, text=f"\\Delta {name.text}", span=Span(token.start, name.span.end)),
        )
    if token.kind in ("letter", "differential"):
        return Name(token.text, token.span)
    if token.text in GREEK:
        return Name(token.text, token.span)
    if token.text in CONSTANTS:
        return Name(CONSTANTS[token.text], token.span)
    return styled(token, cursor, grammar)


def styled(macro: Token, cursor: Cursor, grammar: Grammar) -> Node:
    r"""``\mathbf{x}``, ``\hat y``, ``\hat{\mathbf{y}}``; scripts inside the braces come out: ``\vec{x_1}`` is
    ``\vec{x}_1``.
    """
    argument = cursor.argument(macro)
    inside = Cursor(contents(argument), argument.span)
    whole = Span(macro.start, argument.end)
    if inside.peek() is None:
        raise Unreadable(f"{macro.text} of nothing", whole)
    if all(t.kind in ("letter", "number") for t in inside.tokens) and len(inside.tokens) > 1:
        return _spelled_out(macro, inside, whole)
    number = _number_name(inside)
    node = grammar.factor(inside) if number is None else scripts(number, inside, grammar)
    if inside.peek() is not None:
        if macro.text in ACCENTS:
            raise Unreadable(f"{macro.text} over more than one letter", whole)
        return _several(macro, node, inside, grammar, whole)
    if macro.text in ACCENTS and isinstance(node, Scripted) and any(_is_power(script) for script in node.sups):
        raise Unreadable(f"{macro.text} over a power", whole)
    return _outermost(node, lambda name: _with_style(macro, name, whole))


def _is_power(script: Script) -> bool:
    r"""Whether a script below an accent may be a power: the mean ``\overline{x^2}`` is no square of a mean."""
    return not script.bracket and any(isinstance(item, Number) for item in script.items)


def _number_name(inside: Cursor) -> Name | None:
    token = inside.peek()
    if token is None or token.kind != "number":
        return None
    inside.take()
    return Name(token.text, token.span)


def _spelled_out(macro: Token, inside: Cursor, whole: Span) -> Node:
    r"""``\mathbf{Wx}`` is two bold letters, ``\mathbf{softmax}`` a word, ``\mathbf{dx}`` the name of a differential."""
    text = "".join(t.text for t in inside.tokens)
    if text in CALLED_WORDS:
        return Name(text, whole, upright=True)
    if macro.text == "\\mathbf" and len(text) == 2 and text[0] == "d" != text[1] and text[1].isalpha():
        return Name(f"d{macro.text}{{{text[1]}}}", whole)
    if inside.tokens[0].kind == "letter" and all(t.kind == "number" for t in inside.tokens[1:]):
        return Name(f"{macro.text}{{{text}}}", whole)
    if macro.text in ACCENTS:
        raise Unreadable(f"{macro.text} over more than one letter", whole)
    names = tuple(_with_style(macro, Name(t.text, t.span), t.span) for t in inside.tokens)
    return Times(names, ("",) * (len(names) - 1), whole)


def _several(macro: Token, first: Node, inside: Cursor, grammar: Grammar, whole: Span) -> Node:
    nodes = [first]
    while inside.peek() is not None:
        nodes.append(grammar.factor(inside))
    names = tuple(_outermost(node, lambda name: _with_style(macro, name, name.span)) for node in nodes)
    return Times(names, ("",) * (len(names) - 1), whole)


def _outermost(node: Node, change: Callable[[Name], Name]) -> Node:
    if isinstance(node, Name):
        return change(node)
    if isinstance(node, Scripted) and isinstance(node.base, Name):
        base = change(node.base)
        return replace(node, base=base, span=Span(base.span.start, max(node.span.end, base.span.end)))
    raise Unreadable("a font or accent on something that is not a letter", node.span)


def _with_style(macro: Token, name: Name, span: Span) -> Name:
    """Accents stand outside fonts: one spelling for one letter."""
    if name.upright and len(name.text) > 1:
        if macro.text in ACCENTS:
            raise Unreadable(f"{macro.text} over a word", span)
        return replace(name, span=span)
    accented = _ACCENTED.fullmatch(name.text)
    if macro.text in FONTS and accented and accented.group(1) in ACCENTS:
        inner = _with_style(macro, replace(name, text=accented.group(2)), span)
        return replace(inner, text=f"{accented.group(1)}{{{inner.text}}}")
    if macro.text == "\\mathbf" and accented and accented.group(1) in FONTS:
        return replace(name, span=span)
    return Name(f"{macro.text}{{{name.text}}}", span)


def upright_tokens(macro: Token, argument: Token) -> list[Token]:
    r"""What ``\mathrm{…}`` stands for: letters in a row become one word (a "text" token), the rest stays."""
    tokens: list[Token] = []
    for token in contents(argument):
        word = token.kind in ("letter", "number") or token.is_sign("-")
        if word and tokens and tokens[-1].kind == "text" and not token.spaced:
            tokens[-1] = replace(tokens[-1], text=tokens[-1].text + token.text, end=token.end)
        elif token.kind == "letter":
            tokens.append(Token("text", token.text, token.start, token.end, token.spaced))
        else:
            tokens.append(token)
    if tokens and argument.kind == "group" and tokens[0].kind == "text":
        tokens[0] = replace(tokens[0], start=macro.start, spaced=macro.spaced)
    return tokens


def is_upright(token: Token) -> bool:
    r"""Whether it is ``\mathrm`` or one of its kin."""
    return token.is_sign(*UPRIGHT)
