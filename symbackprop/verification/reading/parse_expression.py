"""Expressions: terms, factors and atoms, read from the left; their arithmetic goes through the core.

What a function written without brackets applies to (``\\log p_k``, ``\\tanh W x``): the factors in a row behind it, up
to the next operator, function, sum or derivative; a bracket is taken along only directly behind a name (``\\log
p(x)``) and ends the row. Where another factor would follow such a bracket, the formula is not read, since authors mean
both.
"""

from __future__ import annotations

from symbackprop.verification.reading import parse_brackets, parse_derivatives
from symbackprop.verification.reading.arithmetic import number, product_of, root_of, sum_of
from symbackprop.verification.reading.cursor import Cursor, Tokens, contents
from symbackprop.verification.reading.parse_big import big, holds_sum
from symbackprop.verification.reading.parse_doubts import (
    no_bare_word,
    no_doubtful_slash,
    no_factor_behind,
    no_float,
    no_glued_number,
    product_point,
    refused,
)
from symbackprop.verification.reading.parse_names import (
    is_symbol,
    is_upright,
    letter,
    symbol,
    upright_tokens,
)
from symbackprop.verification.reading.parse_scripts import behind_last, scripts
from symbackprop.verification.reading.signs import relation_sign, starts_factor
from symbackprop.verification.reading.surface import (
    Applied,
    Comparison,
    Dots,
    Group,
    Name,
    Negative,
    Node,
    Scripted,
    Span,
)
from symbackprop.verification.reading.tokens import Token, Unreadable
from symbackprop.verification.reading.vocabulary import (
    AND_WORDS,
    BIG,
    CONDITION_WORDS,
    DOTS,
    FUNCTION_MACROS,
    FUNCTION_WORDS,
    OPERATORS,
    WEAK,
)

MAX_DEPTH = 60
_BIG_ONLY_WITH_BOUNDS = frozenset(["max", "min", "sup", "inf", "argmax", "argmin"])
_JOINING = frozenset(AND_WORDS) | CONDITION_WORDS
_ENDS_FUNCTION_RUN = (*sorted(FUNCTION_MACROS), *sorted(BIG))


class Reader:
    """Reads the tokens of one formula; it is the ``Grammar`` that the other modules call back into."""

    def __init__(self, tex: str) -> None:
        self.tex = tex
        self.depth = 0
        self.scripts = 0
        self.differentiated: int | None = None  # the place directly behind ∇

    def relation(self, tokens: Tokens, whole: Span) -> Node:
        tokens = _without_spaces(tokens)
        places = [k for k, token in enumerate(tokens) if relation_sign(token)]
        if not places:
            return self.expression(tokens, whole)
        bounds = [-1, *places, len(tokens)]
        sides = [self._side(tokens[a + 1 : b], whole) for a, b in zip(bounds, bounds[1:], strict=False)]
        node = sides[0]
        for place, side in zip(places, sides[1:], strict=True):
            node = Comparison(node, relation_sign(tokens[place]), side, Span(node.span.start, side.span.end))
        return node

    def script(self, tokens: Tokens, whole: Span) -> Node:
        self.scripts += 1
        try:
            given = parse_brackets.conditional(tokens, whole, self)
            return self.relation(tokens, whole) if given is None else given
        finally:
            self.scripts -= 1

    def _side(self, tokens: Tokens, whole: Span) -> Node:
        if not tokens:
            raise Unreadable("a relation with nothing on one side", whole)
        return self.expression(tokens, whole)

    def items(self, tokens: Tokens, whole: Span) -> tuple[Node, ...]:
        tokens = _without_spaces(tokens)
        pieces: list[list[Token]] = [[]]
        for token in tokens:
            if token.is_sign(",", ";"):
                pieces.append([])
            else:
                pieces[-1].append(token)
        if not all(pieces):
            raise Unreadable("nothing between two commas", whole)
        return tuple(self.relation(piece, whole) for piece in pieces)

    def expression(self, tokens: Tokens, whole: Span) -> Node:
        cursor = Cursor(_without_spaces(tokens), whole)
        if cursor.peek() is None:
            raise Unreadable("nothing is written here", whole)
        signed: list[tuple[str, Node]] = []
        while cursor.peek() is not None:
            signed.append(self._signed(cursor, first=not signed))
        return sum_of(signed)

    def _signed(self, cursor: Cursor, first: bool) -> tuple[str, Node]:
        negative, found = 0, False
        while cursor.at("+", "-"):
            negative += cursor.take().text == "-"
            found = True
        token = cursor.peek()
        if not (found or first) and token is not None:
            raise Unreadable(f"{token.text} cannot stand here", token.span)
        sign = "-" if negative % 2 else "" if first else "+"
        return sign, self.term(cursor)

    def term(self, cursor: Cursor) -> Node:
        products: list[tuple[str, Node]] = [("", self._product(cursor))]
        while cursor.at(*WEAK):
            operator = cursor.take().text
            products.append((operator, self._product(cursor)))
        return product_of(products)

    def _product(self, cursor: Cursor) -> Node:
        factors: list[tuple[str, Node]] = []
        operator = ""
        while True:
            start = cursor.place
            factor = self._signed_factor(cursor) if operator else self.factor(cursor)
            factor = self._at_bar(factors, factor, cursor)
            quotient = parse_derivatives.slash(factors[-1][1], factor) if operator == "/" else None
            if quotient is not None:
                factors[-1] = (factors[-1][0], quotient)
            else:
                factors.append((operator, factor))
            self._splice(cursor)
            token = cursor.peek()
            if token is None or token.is_sign("+", "-", *WEAK):
                return product_of(factors)
            if operator == "/" and quotient is None:
                no_doubtful_slash(cursor.tokens[start], factor, token)
            operator = cursor.take().text if token.is_sign(*OPERATORS) else product_point(cursor)

    def _signed_factor(self, cursor: Cursor) -> Node:
        first = cursor.peek()
        negative = 0
        while cursor.at("+", "-"):
            negative += cursor.take().text == "-"
        factor = self.factor(cursor)
        return Negative(factor, Span(first.start, factor.span.end)) if first and negative % 2 else factor

    def _at_bar(self, before: list[tuple[str, Node]], factor: Node, cursor: Cursor) -> Node:
        """``f'(z) |_{z=0}``: the bar takes the factor before it, a call with its name."""
        while cursor.at("|", "\\rvert") and (after := cursor.peek(1)) is not None and after.is_sign("_"):
            bar = cursor.take()
            body = factor
            if isinstance(factor, Group) and before and isinstance(before[-1][1], Name | Scripted):
                body = product_of([("", before.pop()[1]), ("", factor)])
            factor = parse_brackets.evaluated(body, cursor, self, bar.span)
        return factor

    def run(self, cursor: Cursor, after: Token) -> Node:
        """What ``after`` (a function, ``\\max_j``, ∇) applies to, see the head of this module."""
        function = not after.is_sign("\\nabla", "\\partial")
        self._splice(cursor)
        differentiated = after.start == self.differentiated
        self.differentiated = None if function or (inner := cursor.peek()) is None else inner.start
        first = self.factor(cursor)
        factors: list[tuple[str, Node]] = [("", first)]
        if function and isinstance(first, Applied):
            return first
        while True:
            self._splice(cursor)
            token = cursor.peek()
            if token is None or _ends_run(token, function) or (function and _is_power_of_e(cursor)):
                return product_of(factors)
            called = token.kind == "bracket" and isinstance(factors[-1][1], Name | Scripted)
            if function and token.kind == "bracket" and not called:
                return product_of(factors)
            factors.append(("", self.factor(cursor)))
            if function and called:
                if not differentiated:  # of ``\\nabla \\log p(x) f`` all take the logarithm of p(x) alone
                    no_factor_behind(cursor, after)
                return product_of(factors)

    def factor(self, cursor: Cursor) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable(f"nested more than {MAX_DEPTH} deep", cursor.whole)
        try:
            self._splice(cursor)
            token = cursor.peek()
            if token is not None and token.kind == "group":
                return scripts(self._grouped(cursor), cursor, self)
            return self._atom(cursor)
        finally:
            self.depth -= 1

    def _splice(self, cursor: Cursor) -> None:
        """Braces print nothing: what is in them takes their place, unless a script follows."""
        while (token := cursor.peek()) is not None and token.kind == "group":
            after = cursor.peek(1)
            inner, rest = _without_spaces(token.inner), cursor.tokens[cursor.place + 1 :]
            if after is not None and after.is_sign("'") and _is_call(inner):  # ``{g(z)}'`` is ``g'(z)``
                inner, rest = (inner[0], after, inner[1]), rest[1:]
            elif after is not None and after.is_sign("_", "^", "'") and token.inner:
                return
            cursor.tokens = [*cursor.tokens[: cursor.place], *inner, *rest]

    def _grouped(self, cursor: Cursor) -> Node:
        """The single factor in braces that scripts follow: ``{W^{(l)}}^\\top``."""
        group = cursor.take()
        inside = Cursor(_without_spaces(group.inner), group.span)
        node = self.factor(inside)
        if inside.peek() is not None:
            raise Unreadable("a script on braces that print nothing: brackets are needed", group.span)
        return node

    def _atom(self, cursor: Cursor) -> Node:
        token = cursor.peek()
        if token is None:
            raise Unreadable("something is missing at the end", _end(cursor))
        if token.kind in ("letter", "differential"):
            if not self.scripts:
                no_bare_word(cursor)
            return self._named(letter(cursor, self), cursor)
        if token.kind == "macro":
            return self._macro(cursor)
        cursor.take()
        return self._plain_atom(token, cursor)

    def _plain_atom(self, token: Token, cursor: Cursor) -> Node:
        if token.kind == "number":
            no_float(token, cursor)
            if not self.scripts:
                no_glued_number(token, cursor)
            return scripts(number(token.text, token.span), cursor, self)
        if token.kind == "text":
            if not self.scripts and token.text.strip(" ,.;:").lower() in _JOINING:
                raise Unreadable(f"the word {token.text.strip()!r} inside brackets or braces", token.span)
            return self._named(Name(token.text.strip(), token.span, upright=True), cursor, token)
        if token.kind == "bracket":
            at_bar = parse_brackets.bare_bar(token, cursor, self)
            node = at_bar or parse_brackets.between_limits(scripts(parse_brackets.bracket(token, self), cursor, self))
            return node
        if token.kind == "env":
            return scripts(parse_brackets.environment(token, self), cursor, self)
        if token.is_sign("|"):
            return scripts(parse_brackets.bars(token, cursor, self), cursor, self)
        raise refused(token)

    def _named(self, name: Node, cursor: Cursor, token: Token | None = None) -> Node:
        """A letter with its scripts; a function word also with its argument."""
        if not isinstance(name, Name) or not name.upright:
            return scripts(name, cursor, self)
        if name.text in _BIG_ONLY_WITH_BOUNDS and cursor.at("_"):
            return big(Token("macro", name.text, name.span.start, name.span.end), cursor, self)
        if name.text in FUNCTION_WORDS or (token is not None and self.tex.startswith("\\operatorname", token.start)):
            return self._function(name, cursor)
        return scripts(name, cursor, self)

    def _function(self, name: Name, cursor: Cursor) -> Node:
        function = scripts(name, cursor, self)
        token = cursor.peek()
        if token is not None and holds_sum(token):
            raise Unreadable(f"braces print nothing: brackets are needed behind {name.text}", token.span)
        self._splice(cursor)
        token = cursor.peek()
        if token is None or token.kind == "bracket" or not starts_factor(token):
            return function
        marker = Token("macro", f"\\{name.text}", name.span.start, name.span.end)
        argument = self.run(cursor, marker)
        return Applied(function, argument, Span(function.span.start, argument.span.end))

    def _macro(self, cursor: Cursor) -> Node:
        token = cursor.take()
        text = token.text
        if text in BIG and (text[1:] not in _BIG_ONLY_WITH_BOUNDS or cursor.at("_")):
            return big(token, cursor, self)
        if text == "\\arg" and cursor.at("\\max", "\\min"):
            extremum = cursor.take()
            joined = Token("macro", f"\\arg{extremum.text[1:]}", token.start, extremum.end)
            return big(joined, cursor, self)
        if text == "\\underset":
            return self._underset(token, cursor)
        if text in FUNCTION_MACROS:
            return self._function(Name(text[1:], token.span, upright=True), cursor)
        if text in DOTS:
            return Dots(DOTS[text], token.span)
        if is_upright(token):
            argument = cursor.argument(token)
            found = upright_tokens(token, argument)
            cursor.tokens = [*cursor.tokens[: cursor.place], *found, *cursor.tokens[cursor.place :]]
            return self.factor(cursor)
        if is_symbol(token):
            cursor.place -= 1
            return behind_last(symbol(cursor, self), cursor, self)
        return self._structure(token, cursor)

    def _structure(self, token: Token, cursor: Cursor) -> Node:
        if token.text == "\\frac":
            return scripts(parse_derivatives.fraction(token, cursor, self), cursor, self)
        if token.text == "\\sqrt":
            return scripts(self._root(token, cursor), cursor, self)
        if token.text == "\\partial":
            return parse_derivatives.partial(token, cursor, self)
        if token.text == "\\nabla":
            return parse_derivatives.nabla(token, cursor, self)
        if token.text == "\\|":
            return scripts(parse_brackets.bars(token, cursor, self), cursor, self)
        raise refused(token)

    def _root(self, macro: Token, cursor: Cursor) -> Node:
        degree = 2
        token = cursor.peek()
        if token is not None and token.kind == "bracket" and token.text == "[]":
            cursor.take()
            inner = token.inner
            if (
                len(inner) != 1
                or inner[0].kind != "number"
                or not inner[0].text.isdigit()
                or not 2 <= int(inner[0].text) <= 64
            ):
                raise Unreadable("the degree of a root is a number from 2 to 64", token.span)
            degree = int(inner[0].text)
        argument = cursor.argument(macro)
        return root_of(self.expression(contents(argument), argument.span), degree, Span(macro.start, argument.end))

    def _underset(self, macro: Token, cursor: Cursor) -> Node:
        below, above = cursor.argument(macro), cursor.argument(macro)
        tokens = [t for t in contents(above) if not t.is_sign("\\arg")]
        extremum = len(tokens) == 1 and (tokens[0].text in BIG or tokens[0].text in _BIG_ONLY_WITH_BOUNDS)
        if not extremum:
            raise Unreadable("\\underset under something that is not an operator or relation", macro.span)
        argued = len(tokens) < len(contents(above))
        name = f"\\arg{tokens[0].text.lstrip(chr(92))}" if argued else tokens[0].text
        sign = Token("macro", name, macro.start, above.end)
        return big(sign, cursor, self, tuple(contents(below)))


def _ends_run(token: Token, function: bool) -> bool:
    """Operators end every run; a function's also ends at the next function, sum or derivative."""
    if not starts_factor(token) or token.is_sign("\\partial", "\\nabla", "|"):
        return True
    word = token.kind == "text" and token.text.strip() in FUNCTION_WORDS
    return function and (word or token.is_sign(*_ENDS_FUNCTION_RUN))


def _is_power_of_e(cursor: Cursor) -> bool:
    r"""``\cos x \, e^{y}``: an exponential is a factor of its own."""
    after = cursor.peek(1)
    token = cursor.peek()
    plain = token is not None and token.kind in ("letter", "text") and token.text == "e"
    return plain and after is not None and after.is_sign("^")


def _is_call(inner: Tokens) -> bool:
    """Whether braces hold one letter and another one in brackets, with or without a subscript."""
    if len(inner) != 2 or not is_symbol(inner[0]) or inner[1].kind != "bracket" or inner[1].text != "()":
        return False
    letter, *script = inner[1].inner or inner
    return is_symbol(letter) and (not script or len(script) == 2 and script[0].is_sign("_"))


def _end(cursor: Cursor) -> Span:
    end = cursor.tokens[-1].end if cursor.tokens else cursor.whole.end
    return Span(max(end - 1, 0), end)


def _without_spaces(tokens: Tokens) -> Tokens:
    return tuple(token for token in tokens if not token.is_sign("\\quad", "\\qquad"))
