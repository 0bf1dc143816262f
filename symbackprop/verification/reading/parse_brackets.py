r"""Brackets, bars, matrices and cases."""

from __future__ import annotations

from symbackprop.verification.reading.cursor import Cursor, Grammar, Tokens
from symbackprop.verification.reading.parse_scripts import script_argument
from symbackprop.verification.reading.signs import relation_sign
from symbackprop.verification.reading.surface import (
    CaseRows,
    Comparison,
    EvaluatedAt,
    Group,
    Matrix,
    Name,
    Negative,
    Node,
    Norm,
    Number,
    Scripted,
    Span,
)
from symbackprop.verification.reading.tokens import Token, Unreadable
from symbackprop.verification.reading.vocabulary import CONDITION_WORDS

_MATRICES = ("pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "matrix", "smallmatrix", "array")
_ITALIC_WORDS = ("if", "for", "when", "otherwise", "else")
_NOWHERE = ("undefined", "undef", "not defined", "does not exist", "nicht definiert", "non défini", "indefinido")
_CASES = ("cases", "dcases", "rcases")
_GROUPS = {
    "()": "(",
    "[]": "[",
    "\\{\\}": "\\{",
    "(]": "(]",
    "[)": "[)",
    "\\langle\\rangle": "\\langle",
    "\\lfloor\\rfloor": "\\lfloor",
    "\\lceil\\rceil": "\\lceil",
}
_ENVIRONMENTS = {"()": "pmatrix", "[]": "bmatrix", "||": "vmatrix", "\\lvert\\rvert": "vmatrix"}


def bracket(token: Token, grammar: Grammar) -> Node:
    """A bracket with everything in it."""
    inner = tuple(t for t in token.inner if t.kind != "row")
    while len(inner) == 1 and inner[0].kind == "group":  # braces print nothing
        inner = inner[0].inner
    if not inner:
        raise Unreadable("an empty bracket", token.span)
    if len(inner) == 1 and inner[0].kind == "env":
        return _bracketed_environment(token, inner[0], grammar)
    if token.text == "\\lvert\\rvert":
        return Norm("abs", grammar.expression(inner, token.span), token.span)
    if token.text == "\\lVert\\rVert":
        return Norm("norm", grammar.expression(inner, token.span), token.span)
    if token.text in _GROUPS:
        given = conditional(inner, token.span, grammar)
        items = grammar.items(inner, token.span) if given is None else (given,)
        return Group(_GROUPS[token.text], items, token.span)
    raise Unreadable(f"brackets {token.text} of different kinds", token.span)


def bare_bar(token: Token, cursor: Cursor, grammar: Grammar) -> Node | None:
    r"""``\left. f \right|_{x=0}``, read with its scripts; ``None`` for any other bracket."""
    if token.kind != "bracket" or token.text not in (".|", ".\\rvert", ".]", ".)"):
        return None
    body = grammar.expression(token.inner, token.span)
    return evaluated(body, cursor, grammar, token.span)


def evaluated(body: Node, cursor: Cursor, grammar: Grammar, bar: Span) -> Node:
    """``body`` at the value written below (and above) the bar."""
    lower: Node | None = None
    upper: Node | None = None
    end = bar.end
    while cursor.at("_", "^"):
        sign = cursor.take()
        argument = script_argument(sign, cursor)
        end = argument.end
        tokens = argument.inner if argument.kind == "group" else (argument,)
        node = _list(tokens, argument.span, grammar)
        lower, upper = (node, upper) if sign.text == "_" else (lower, node)
    if lower is None:
        raise Unreadable("an evaluation bar without the place below it", bar)
    return EvaluatedAt(body, lower, upper, Span(body.span.start, end))


def between_limits(node: Node) -> Node:
    r"""``[F]_{-a}^{a}`` is F between limits where the limits leave no doubt: negative, 0 or infinite."""
    if not isinstance(node, Scripted) or not isinstance(node.base, Group) or node.base.bracket != "[" or node.primes:
        return node
    if len(node.subs) != 1 or len(node.sups) != 1 or len(node.base.items) != 1:
        return node
    low, high = node.subs[0].items, node.sups[0].items
    if len(low) != 1 or len(high) != 1 or node.sups[0].bracket:
        return node
    zero = isinstance(low[0], Number) and low[0].value == 0
    infinite = any(isinstance(x, Name) and x.text == "\\infty" for x in (low[0], high[0]))
    if zero or infinite or isinstance(low[0], Negative):
        return EvaluatedAt(node.base.items[0], low[0], high[0], node.span)
    return node


def bars(first: Token, cursor: Cursor, grammar: Grammar) -> Node:
    r"""``|x|``, ``||x||`` and ``\|x\|``: the next bar of the same kind closes."""
    double = first.is_sign("\\|") or _pair_at(cursor, cursor.place - 1)
    if double and first.is_sign("|"):
        cursor.take()
    start = cursor.place
    while cursor.peek() is not None and not _closes(cursor, double, first):
        cursor.take()
    inner = tuple(cursor.tokens[start : cursor.place])
    if cursor.peek() is None or not inner:
        raise Unreadable("a bar without its partner", first.span)
    last = cursor.take()
    if double and first.is_sign("|"):
        last = cursor.take()
    whole = Span(first.start, last.end)
    return Norm("norm" if double else "abs", grammar.expression(inner, whole), whole)


def _pair_at(cursor: Cursor, place: int) -> bool:
    two = cursor.tokens[place : place + 2]
    return len(two) == 2 and all(t.is_sign("|") for t in two) and not two[1].spaced


def _closes(cursor: Cursor, double: bool, first: Token) -> bool:
    if first.is_sign("\\|"):
        return cursor.at("\\|")
    return _pair_at(cursor, cursor.place) if double else cursor.at("|")


def conditional(tokens: Tokens, whole: Span, grammar: Grammar) -> Node | None:
    r"""``y \mid x`` or ``y | x`` inside a bracket (and ``p \| q``): what is left of the bar, given what is right."""
    for sign, relation in (("\\mid", "|"), ("\\|", "‖"), ("||", "‖"), ("|", "|")):
        width = len(sign) if sign == "||" else 1
        places = [k for k in range(len(tokens)) if _bar_at(tokens, k, sign)]
        if sum(token.is_sign(sign) for token in tokens) > 1 and sign == "\\|":
            continue  # the bars of a norm
        if len(places) == 1 and 0 < places[0] < len(tokens) - width:
            left, right = tokens[: places[0]], tokens[places[0] + width :]
            return Comparison(_list(left, whole, grammar), relation, _list(right, whole, grammar), whole)
    return None


def _bar_at(tokens: Tokens, place: int, sign: str) -> bool:
    if sign == "||":
        return all(t.is_sign("|") for t in tokens[place : place + 2]) and place + 1 < len(tokens)
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    return tokens[place].is_sign(sign) and not (following is not None and following.is_sign("_", "^"))


def _list(tokens: Tokens, whole: Span, grammar: Grammar) -> Node:
    items = grammar.items(tokens, whole)
    return items[0] if len(items) == 1 else Group("", items, Span(items[0].span.start, items[-1].span.end))


def environment(token: Token, grammar: Grammar) -> Node:
    r"""``\begin{pmatrix}…``, ``\begin{cases}…``."""
    if token.text in _MATRICES:
        return _matrix(token, "matrix" if token.text == "array" else token.text, token.span, grammar)
    if token.text in _CASES:
        return _cases(token, token.span, grammar)
    raise Unreadable(f"the environment {token.text} is not read here", token.span)


def _bracketed_environment(outer: Token, env: Token, grammar: Grammar) -> Node:
    if outer.text in ("\\{.",) and env.text in ("array", "aligned", "matrix", "cases"):
        return _cases(env, outer.span, grammar)
    if outer.text in _ENVIRONMENTS and env.text in ("array", "matrix", "smallmatrix"):
        return _matrix(env, _ENVIRONMENTS[outer.text], outer.span, grammar)
    if outer.text in _GROUPS:
        return Group(_GROUPS[outer.text], (environment(env, grammar),), outer.span)
    raise Unreadable(f"{env.text} between {outer.text}", outer.span)


def _rows(env: Token) -> list[list[list[Token]]]:
    """The cells of the rows; a last empty row is dropped, as LaTeX does."""
    tokens = list(env.inner)
    if env.text == "array" and tokens and tokens[0].kind == "group":
        tokens.pop(0)
    rows: list[list[list[Token]]] = [[[]]]
    for token in tokens:
        if token.kind == "group" and len(token.inner) == 1 and token.inner[0].kind == "text":
            token = token.inner[0]  # a word in braces
        if token.kind == "row":
            rows.append([[]])
        elif token.is_sign("&"):
            rows[-1].append([])
        else:
            rows[-1][-1].append(token)
    if rows[-1] == [[]]:
        rows.pop()
    return rows


def _matrix(env: Token, name: str, whole: Span, grammar: Grammar) -> Node:
    rows = _rows(env)
    if not rows:
        raise Unreadable("an empty matrix", whole)
    cells = tuple(tuple(_cell(cell, whole, grammar) for cell in row) for row in rows)
    if len({len(row) for row in cells}) > 1:
        raise Unreadable("the rows of a matrix differ in length", whole)
    return Matrix(cells, name, whole)


def _cell(cell: list[Token], whole: Span, grammar: Grammar) -> Node:
    if not cell:
        return Name("", Span(whole.start, whole.start))
    return grammar.relation(cell, whole)


def _cases(env: Token, whole: Span, grammar: Grammar) -> Node:
    rows = []
    for row in _rows(env):
        if len(row) == 1:
            row = _at_comma(row[0])
        value, *conditions = row
        value = _with_word(value, _NOWHERE)
        if len(value) == 1 and value[0].kind == "text" and value[0].text.strip(" ,.").lower() in _NOWHERE:
            continue
        if value and value[-1].is_sign(","):
            value = value[:-1]
        found = tuple(node for cell in conditions for node in _conditions(cell, whole, grammar))
        rows.append((_cell(value, whole, grammar), found))
    if not rows:
        raise Unreadable("cases without a row", whole)
    return CaseRows(tuple(rows), whole)


def _at_comma(cell: list[Token]) -> list[list[Token]]:
    """A row without ``&``: the condition follows a comma or a word."""
    for k, token in enumerate(cell):
        if k and (token.is_sign(",") or token.kind == "text"):
            return [cell[:k], cell[k + 1 :] if token.is_sign(",") else cell[k:]]
    return [cell]


def _with_word(cell: list[Token], words: tuple[str, ...] = _ITALIC_WORDS) -> list[Token]:
    """The cell with a word in italics at its start as a word: ``if x > 0``, ``otherwise``, ``undefined``."""
    run = [token for k, token in enumerate(cell) if all(t.kind == "letter" for t in cell[: k + 1])]
    count = next((k for k in range(1, len(run)) if run[k].spaced), len(run))
    text = "".join(token.text for token in run[:count])
    if text not in words:
        return cell
    return [Token("text", text, cell[0].start, cell[count - 1].end, cell[0].spaced), *cell[count:]]


def _conditions(cell: list[Token], whole: Span, grammar: Grammar) -> list[Node]:
    r"""``\text{if } x > 0``, ``x > 0``, ``\text{otherwise}``, ``\text{with probability } p``."""
    pieces: list[list[Token]] = [[]]
    for token in _with_word(cell):
        if token.is_sign(",", "\\land", ";") or (token.kind == "text" and token.text.strip(" ,.;:") in ("and", "")):
            pieces.append([])
        elif not (token.kind == "text" and token.text.strip(" ,.;:").lower() in CONDITION_WORDS) and not token.is_sign(
            "."
        ):
            pieces[-1].append(token)
    return [_condition(piece, whole, grammar) for piece in pieces if piece]


def _condition(piece: list[Token], whole: Span, grammar: Grammar) -> Node:
    """A comparison; words together with what follows them are a condition in words."""
    if len(piece) == 1 and piece[0].text == "()" and any(relation_sign(token) for token in piece[0].inner):
        piece = list(piece[0].inner)
    texts = [token for token in piece if token.kind == "text"]
    if texts and (len(piece) == 1 or any(" " in token.text.strip() for token in texts)):
        parts = [t.text.strip() if t.kind == "text" else grammar.tex[t.start : t.end] for t in piece]
        return Name(" ".join(parts), Span(piece[0].start, piece[-1].end), upright=True)
    return grammar.relation(piece, whole)
