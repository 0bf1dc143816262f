r"""Fractions, and the ways to write a derivative: quotients of ∂, d or δ, operators before factors, ``\partial_x``,
∇.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.arithmetic import product_of, quotient_of
from symbackprop.verification.reading.cursor import Cursor, Grammar, Tokens, contents
from symbackprop.verification.reading.parse_names import is_symbol
from symbackprop.verification.reading.parse_scripts import script_argument, script_items, scripts
from symbackprop.verification.reading.surface import (
    Comparison,
    Derivative,
    EvaluatedAt,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Scripted,
    Span,
    Times,
)
from symbackprop.verification.reading.tokens import Token, Unreadable
from symbackprop.verification.reading.vocabulary import OPERATORS

_FOLLOWED = ("letter", "differential", "text", "bracket", "group")


def fraction(macro: Token, cursor: Cursor, grammar: Grammar) -> Node:
    r"""``\frac{…}{…}``: a derivative where both parts show the same sign (∂, d, δ), else a quotient."""
    above, below = cursor.argument(macro), cursor.argument(macro)
    whole = Span(macro.start, below.end)
    upper, lower = _flat(above), _flat(below)
    sign = _sign(upper, lower)
    if sign:
        return _quotient_form(sign, upper, lower, whole, cursor, grammar)
    divisor, lower = _divisor(upper, lower)
    if divisor:
        slope = _quotient_form("∂", upper, lower, whole, cursor, grammar)
        return quotient_of(slope, grammar.expression(divisor, below.span), whole)
    for part, other in ((upper, lower), (lower, upper)):
        if part and part[0].is_sign("\\partial") and not _subscripted(part):
            grammar.expression(other, whole)  # what is wrong with the other part, if anything, says more
            raise Unreadable("∂ above or below a fraction bar only", whole)
    return quotient_of(grammar.expression(upper, above.span), grammar.expression(lower, below.span), whole)


def _divisor(upper: Tokens, lower: Tokens) -> tuple[Tokens, Tokens]:
    r"""The factor before the sign in ``\frac{\partial L}{T \cdot \partial o}``, and what stands from the sign on."""
    places = [k for k, token in enumerate(lower) if token.is_sign("\\partial")]
    if len(upper) < 2 or not upper[0].is_sign("\\partial") or len(places) != 1 or _subscripted(lower[places[0] :]):
        return (), lower
    cut = places[0]
    dot = cut > 0 and lower[cut - 1].is_sign("\\cdot", "\\times", "\\,")
    divisor = lower[: cut - dot]
    return (divisor, lower[cut:]) if not any(t.is_sign("+", "-") for t in divisor) else ((), lower)


def _flat(argument: Token) -> Tokens:
    """The tokens of a numerator or denominator; braces around all of it say nothing."""
    tokens = tuple(contents(argument))
    while len(tokens) == 1 and tokens[0].kind == "group":
        tokens = tuple(tokens[0].inner)
    return tokens


def _subscripted(tokens: Tokens) -> bool:
    return len(tokens) > 1 and tokens[0].is_sign("\\partial") and tokens[1].is_sign("_")


def _sign(upper: Tokens, lower: Tokens) -> str:
    """Which derivative a fraction is, or "" for none; decided only where the pattern leaves no doubt."""
    if not upper or not lower or _subscripted(upper) or _subscripted(lower):
        return ""
    if upper[0].is_sign("\\partial") and lower[0].is_sign("\\partial"):
        return "∂"
    if (
        _is_d(upper[0])
        and _is_d(lower[0])
        and _governs(lower)
        and (len(upper) == 1 or _governs(upper) or _powered(upper))
    ):
        return "d"
    delta = upper[0].is_sign("\\delta") and lower[0].is_sign("\\delta")
    if delta and _governs(lower) and (len(upper) == 1 or _governs(upper) or _powered(upper)):
        return "δ"
    return ""


def _is_d(token: Token) -> bool:
    return token.kind == "differential" or (token.kind == "letter" and token.text == "d")


def _governs(tokens: Tokens) -> bool:
    """Whether something to differentiate (by) stands directly behind the sign."""
    if len(tokens) < 2:
        return False
    second = tokens[1]
    return (
        second.kind in _FOLLOWED
        or second.is_sign("|")
        or is_symbol(second)
        or (second.kind == "macro" and second.text not in OPERATORS)
    )


def _powered(tokens: Tokens) -> bool:
    return len(tokens) > 2 and tokens[1].is_sign("^")


def _quotient_form(sign: str, upper: Tokens, lower: Tokens, whole: Span, cursor: Cursor, grammar: Grammar) -> Node:
    numerator = Cursor(upper, whole)
    numerator.take()
    plus = _plus(numerator)
    order = _order(numerator, grammar)
    by = _variables(lower, order, whole, grammar)
    rest = tuple(numerator.tokens[numerator.place :])
    if rest:
        operand = grammar.expression(rest, whole)
        if isinstance(operand, Plus | Negative):
            raise Unreadable("a sum behind ∂ or d without brackets", operand.span)
        return Derivative(sign, operand, by, order, whole, plus=plus)
    if cursor.peek() is None or cursor.at("+", "-", "*", "\\cdot", "\\times", "\\odot"):
        raise Unreadable("nothing behind the operator of a derivative", whole)
    operand = grammar.term(cursor)
    bar = _bar_behind(operand, by)
    operand = operand if bar is None else _without_bar(operand, bar)
    made = Derivative(sign, operand, by, order, Span(whole.start, operand.span.end), True, plus)
    return made if bar is None else replace(bar, body=made, span=Span(whole.start, bar.span.end))


def _bar_behind(operand: Node, by: tuple[tuple[Node, int], ...]) -> EvaluatedAt | None:
    r"""The bar of ``\frac{d}{dx} f(x) |_{x=0}``: the value is taken after the derivative."""
    last = operand.factors[-1] if isinstance(operand, Times) else operand
    if not isinstance(last, EvaluatedAt) or last.upper is not None or not isinstance(last.lower, Comparison):
        return None
    left = last.lower.left
    names = [node.text for node, _ in by if isinstance(node, Name)]
    return last if isinstance(left, Name) and left.text in names else None


def _without_bar(operand: Node, bar: EvaluatedAt) -> Node:
    return replace(operand, factors=(*operand.factors[:-1], bar.body)) if isinstance(operand, Times) else bar.body


def _plus(cursor: Cursor) -> bool:
    r"""Take the ``+`` of ``\partial^+``, in braces or not."""
    sign = cursor.tokens[cursor.place + 1] if cursor.at("^") and cursor.place + 1 < len(cursor.tokens) else None
    while sign is not None and sign.kind == "group" and len(sign.inner) == 1:
        sign = sign.inner[0]
    if sign is None or not sign.is_sign("+"):
        return False
    cursor.place += 2
    return True


def _order(cursor: Cursor, grammar: Grammar) -> int:
    if not cursor.at("^"):
        return 1
    sign = cursor.take()
    argument = script_argument(sign, cursor)
    node = grammar.expression(contents(argument), argument.span)
    if not isinstance(node, Number) or node.value.denominator != 1 or not 1 <= node.value <= 9:
        raise Unreadable("the order of a derivative is a number from 1 to 9", argument.span)
    return int(node.value)


def _variables(lower: Tokens, order: int, whole: Span, grammar: Grammar) -> tuple[tuple[Node, int], ...]:
    cursor = Cursor(lower, whole)
    first = lower[0]
    found: list[Node] = []
    while cursor.peek() is not None:
        sign = cursor.take()
        if not (sign.is_sign(first.text) or (_is_d(sign) and _is_d(first))):
            raise Unreadable(f"{sign.text} in the denominator of a derivative", sign.span)
        variable = grammar.factor(cursor)
        behind = cursor.peek()
        if behind is not None and behind.kind == "bracket":  # ``\\partial H(a)`` by what H is for a
            variable = product_of([("", variable), ("", grammar.factor(cursor))])
        found.append(variable)
    return with_orders(found, order, whole)


def with_orders(variables: list[Node], order: int, whole: Span) -> tuple[tuple[Node, int], ...]:
    r"""In ``\partial x^2`` the 2 is an order only as far as the numerator says so: ``\frac{\partial C}{\partial
    a^2}`` keeps it.
    """
    missing = order - len(variables)
    pairs: list[tuple[Node, int]] = []
    for variable in variables:
        power = _last_power(variable)
        if missing > 0 and power is not None and 1 < power <= missing + 1:
            pairs.append((_without_last(variable), power))
            missing -= power - 1
        else:
            pairs.append((variable, 1))
    if missing:
        raise Unreadable("the orders above and below the bar of a derivative differ", whole)
    return tuple(pairs)


def _last_power(node: Node) -> int | None:
    if not isinstance(node, Scripted) or not node.sups or node.sups[-1].bracket or len(node.sups[-1].items) != 1:
        return None
    item = node.sups[-1].items[0]
    return int(item.value) if isinstance(item, Number) and item.value.denominator == 1 else None


def _without_last(node: Node) -> Node:
    if not isinstance(node, Scripted):
        return node
    rest = replace(node, sups=node.sups[:-1])
    return rest if rest.subs or rest.sups or rest.primes else rest.base


def partial(macro: Token, cursor: Cursor, grammar: Grammar) -> Node:
    r"""``\partial_W o``, or ``\partial J / \partial w`` in one line."""
    if cursor.at("_"):
        return _subscript_form("∂", macro, cursor, grammar)
    order = _order(cursor, grammar)
    factors: list[Node] = []
    while cursor.peek() is not None and not cursor.at("/", "+", "-", "\\cdot", "*", "\\times", "\\odot"):
        factors.append(grammar.factor(cursor))
    if not factors or not cursor.at("/"):
        raise Unreadable("∂ outside a derivative", macro.span)
    cursor.take()
    below = cursor.take("what the derivative is taken by")
    if below.kind == "bracket" and below.inner[:1] and below.inner[0].is_sign("\\partial"):
        lower: Tokens = below.inner
        by = _variables(lower, order, macro.span, grammar)
        end = below.end
    elif below.is_sign("\\partial"):
        variable = grammar.factor(cursor)
        by, end = with_orders([variable], order, macro.span), variable.span.end
    else:
        raise Unreadable("∂ outside a derivative", macro.span)
    operand = product_of([("", factor) for factor in factors])
    return Derivative("∂", operand, by, order, Span(macro.start, end))


def nabla(macro: Token, cursor: Cursor, grammar: Grammar) -> Node:
    r"""``\nabla f``, ``\nabla_a C``; ∇ alone is a name."""
    return _subscript_form("∇", macro, cursor, grammar)


def _subscript_form(sign: str, macro: Token, cursor: Cursor, grammar: Grammar) -> Node:
    by: tuple[Node, ...] = ()
    order = 1
    start = cursor.place
    while cursor.at("_", "^"):
        if cursor.at("^"):
            order = _order(cursor, grammar)
            continue
        below = script_argument(cursor.take(), cursor)
        by += script_items(contents(below), below.span, grammar)
    if cursor.at("\\cdot", "\\times") and sign == "∇":
        raise Unreadable("a divergence or curl is not read", macro.span)
    if cursor.peek() is None or cursor.at("+", "-", "*", "/", "\\odot", "\\circ", ","):
        cursor.place = start
        return scripts(Name(macro.text, macro.span), cursor, grammar)
    if sign == "∂":
        order = max(order, len(by))
    operand = grammar.run(cursor, macro)
    whole = Span(macro.start, operand.span.end)
    return Derivative(sign, operand, tuple((node, 1) for node in by), order, whole, written_apart=True)


def slash(above: Node, below: Node) -> Node | None:
    """``dJ/dw`` in one line: a derivative where both are differential names."""
    upper, lower = _undifferenced(above), _undifferenced(below)
    if upper is None or lower is None:
        return None
    return Derivative("d", upper, ((lower, 1),), 1, Span(above.span.start, below.span.end))


def _undifferenced(node: Node) -> Node | None:
    base = node.base if isinstance(node, Scripted) else node
    if not isinstance(base, Name) or base.upright or not base.text.startswith("d") or len(base.text) < 2:
        return None
    name = Name(base.text[1:], Span(base.span.start + 1, base.span.end))
    return replace(node, base=name) if isinstance(node, Scripted) else name
