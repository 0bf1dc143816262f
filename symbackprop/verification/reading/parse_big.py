r"""Sums, products, integrals, limits and extrema: a sign with bounds, and the part of the term that it governs.

A sum, product or limit governs everything up to the next + or − of its level (a sum further on is inside). An integral
governs everything up to its differential. ``\max_j`` governs the factors in a row behind it, or a bracket.
"""

from __future__ import annotations

from fractions import Fraction

from symbackprop.verification.reading.cursor import Cursor, Grammar, Tokens, contents
from symbackprop.verification.reading.parse_bounds import from_orders
from symbackprop.verification.reading.parse_names import is_symbol, symbol
from symbackprop.verification.reading.parse_scripts import script_argument, script_items, scripts
from symbackprop.verification.reading.signs import starts_factor
from symbackprop.verification.reading.surface import Big, Negative, Node, Number, Span
from symbackprop.verification.reading.tokens import Token, Unreadable
from symbackprop.verification.reading.vocabulary import BIG, INTEGRALS, WHOLE_TERM


def big(macro: Token, cursor: Cursor, grammar: Grammar, below: tuple[Token, ...] = ()) -> Node:
    r"""The big operator at the cursor; ``below`` is what ``\underset`` puts under it."""
    kind = BIG.get(macro.text, macro.text)
    lower: tuple[Node, ...] = script_items(below, macro.span, grammar) if below else ()
    upper: Node | None = None
    while cursor.at("_", "^"):
        sign = cursor.take()
        argument = script_argument(sign, cursor)
        tokens = contents(argument)
        if not tokens:
            continue
        if sign.text == "_":
            lower += _bounds(tokens, argument, grammar)
        else:
            upper = grammar.relation(tokens, argument.span)
    lower, upper = from_orders(lower, upper)
    body, variable, end = _body(kind, macro, cursor, grammar)
    return Big(kind, lower, upper, body, Span(macro.start, end), variable)


def _bounds(tokens: Tokens, argument: Token, grammar: Grammar) -> tuple[Node, ...]:
    r"""The bounds below the sign, also stacked with ``\substack``."""
    if tokens[0].is_sign("\\substack") and len(tokens) == 2:
        rows: list[list[Token]] = [[]]
        for token in contents(tokens[1]):
            if token.kind == "row":
                rows.append([])
            else:
                rows[-1].append(token)
        return tuple(item for row in rows for item in script_items(tuple(row), argument.span, grammar))
    return script_items(tokens, argument.span, grammar)


def _body(kind: str, macro: Token, cursor: Cursor, grammar: Grammar) -> tuple[Node, Node | None, int]:
    if cursor.peek() is None:
        raise Unreadable(f"nothing behind {macro.text}", macro.span)
    if kind in INTEGRALS:
        return _integrand(macro, cursor, grammar)
    _no_sum_in_braces(macro, cursor)
    if kind in WHOLE_TERM:
        body = signed_term(cursor, grammar)
    elif cursor.at_kind("bracket"):
        body = grammar.factor(cursor)
    else:
        body = grammar.run(cursor, macro)
    return body, None, body.span.end


def _no_sum_in_braces(macro: Token, cursor: Cursor) -> None:
    group = cursor.peek()
    if group is not None and holds_sum(group):
        raise Unreadable(f"braces print nothing: brackets are needed around the sum behind {macro.text}", group.span)


def holds_sum(token: Token) -> bool:
    """Whether it is braces around a sum; what stands between bars is not looked at."""
    if token.kind != "group":
        return False
    between_bars = False
    before: Token | None = None
    for inner in token.inner:
        if inner.is_sign("|", "\\|"):
            doubled = before is not None and before.is_sign("|") and not inner.spaced
            between_bars = between_bars if doubled else not between_bars
        elif before is not None and inner.is_sign("+", "-") and not between_bars and not before.is_sign("_", "^"):
            return True
        before = inner
    return False


def signed_term(cursor: Cursor, grammar: Grammar) -> Node:
    """A term that may start with a sign of its own."""
    first = cursor.peek()
    negative = 0
    while cursor.at("+", "-"):
        negative += cursor.take().text == "-"
    term = grammar.term(cursor)
    if negative % 2 and first is not None:
        return Negative(term, Span(first.start, term.span.end))
    return term


def _integrand(macro: Token, cursor: Cursor, grammar: Grammar) -> tuple[Node, Node, int]:
    """Everything up to the differential that belongs to this integral sign."""
    place, open_signs = cursor.place, 1
    while place < len(cursor.tokens):
        token = cursor.tokens[place]
        if token.is_sign("\\int", "\\oint", "\\iint"):
            open_signs += 1
        elif _is_differential(cursor, place):
            open_signs -= 1
            if open_signs == 0:
                break
        place += 1
    else:
        raise Unreadable("an integral without its d… at the end", macro.span)
    body_tokens = tuple(cursor.tokens[cursor.place : place])
    sign = cursor.tokens[place]
    cursor.place = place + 1
    variable = scripts(symbol(cursor, grammar), cursor, grammar)
    following = cursor.peek()
    if not body_tokens and following is not None and starts_factor(following) and not following.is_sign("|"):
        behind = grammar.term(cursor)  # \int dx f(x)
        return behind, variable, behind.span.end
    body = grammar.expression(body_tokens, sign.span) if body_tokens else Number(Fraction(1), sign.span)
    return body, variable, variable.span.end


def _is_differential(cursor: Cursor, place: int) -> bool:
    """A d directly before a symbol; not the last letter of a longer row (``ad x``)."""
    token = cursor.tokens[place]
    after = cursor.tokens[place + 1] if place + 1 < len(cursor.tokens) else None
    if after is None or not is_symbol(after):
        return False
    if token.kind == "differential":
        return True
    before = cursor.tokens[place - 1] if place else None
    joined = before is not None and before.kind == "letter" and not token.spaced
    return token.kind == "letter" and token.text == "d" and not after.spaced and not joined
