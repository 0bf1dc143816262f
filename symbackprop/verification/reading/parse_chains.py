"""Chains ``side relation side relation …``, also with nothing before the first or after the last relation."""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.verification.reading.cursor import Cursor, Tokens, contents
from symbackprop.verification.reading.parse_expression import Reader
from symbackprop.verification.reading.signs import relation_sign
from symbackprop.verification.reading.surface import Group, Name, Node, Span
from symbackprop.verification.reading.tokens import Token, Unreadable

_ARROWS = {"\\xrightarrow": "→", "\\xleftarrow": "←"}
_NEGATED = {"=": "≠", "∈": "∉"}
_DEFINING = frozenset(["def", "def.", "Def", "defn", "\\triangle", "\\Delta", "."])


@dataclass(frozen=True, slots=True)
class Chain:
    """Sides and relations; ``conditions`` are what stands over or under a relation sign."""

    sides: tuple[Node | None, ...]
    relations: tuple[str, ...]
    conditions: tuple[Node, ...]
    span: Span

    def extended(self, other: Chain) -> Chain:
        """This chain followed by one that starts with a relation."""
        span = Span(self.span.start, max(self.span.end, other.span.end))
        sides = (*self.sides, *other.sides[1:])
        return Chain(sides, (*self.relations, *other.relations), (*self.conditions, *other.conditions), span)

    def at_implying_arrows(self) -> list[Chain]:
        r"""``a = 1 \rightarrow b = 2`` is an implication: an arrow with an equation on both sides of it."""
        for k, relation in enumerate(self.relations):
            if relation == "→" and "=" in self.relations[:k] and "=" in self.relations[k + 1 :]:
                left = Chain(
                    self.sides[: k + 1], self.relations[:k], self.conditions, _span(self.sides[: k + 1], self.span)
                )
                right = Chain(self.sides[k + 1 :], self.relations[k + 1 :], (), _span(self.sides[k + 1 :], self.span))
                return [left, *right.at_implying_arrows()]
        return [self]


def _span(sides: tuple[Node | None, ...], whole: Span) -> Span:
    spans = [side.span for side in sides if side is not None]
    return Span(min(s.start for s in spans), max(s.end for s in spans)) if spans else whole


def read_chain(tokens: list[Token], reader: Reader) -> Chain:
    """The chain that these tokens are."""
    whole = Span(tokens[0].start, tokens[-1].end)
    cursor = Cursor(tokens, whole)
    sides: list[list[Token]] = [[]]
    relations: list[str] = []
    conditions: list[Node] = []
    while cursor.peek() is not None:
        relation = _relation(cursor, reader, conditions)
        if not relation:
            sides[-1].append(cursor.take())
        elif relations and not sides[-1]:
            if relations[-1] != relation:
                raise Unreadable("two relations in a row", whole)
        else:
            relations.append(relation)
            sides.append([])
    nodes = tuple(_side(side, whole, reader) for side in sides)
    return Chain(nodes, tuple(relations), tuple(conditions), whole)


def _side(tokens: Tokens, whole: Span, reader: Reader) -> Node | None:
    if not tokens:
        return None
    items = reader.items(tokens, Span(tokens[0].start, tokens[-1].end))
    if len(items) == 1:
        return items[0]
    return Group("", items, Span(items[0].span.start, items[-1].span.end))


def _relation(cursor: Cursor, reader: Reader, conditions: list[Node]) -> str:
    """Take a relation at the cursor, or nothing."""
    token = cursor.peek()
    if token is None:
        return ""
    sign = relation_sign(token)
    if sign:
        cursor.take()
        if sign == ":" and cursor.at("="):
            cursor.take()
            return ":="
        if sign == "=" and cursor.at(":"):
            raise Unreadable("=: is not read; write the definition with :=", token.span)
        return sign
    if token.is_sign("\\not"):
        cursor.take()
        negated = cursor.take("a relation")
        if relation_sign(negated) not in _NEGATED:
            raise Unreadable("\\not before something that is not = or ∈", token.span)
        return _NEGATED[relation_sign(negated)]
    if token.is_sign("\\overset", "\\underset", "\\stackrel"):
        return _annotated(token, cursor, reader, conditions)
    if token.is_sign(*_ARROWS):
        cursor.take()
        _annotation(token, cursor.argument(token), reader, conditions)
        return _ARROWS[token.text]
    return ""


def _annotated(macro: Token, cursor: Cursor, reader: Reader, conditions: list[Node]) -> str:
    r"""``\overset{\text{def}}{=}``, ``\underset{x \to \infty}{\longrightarrow}``; other uses are left to the
    expression.
    """
    start = cursor.place
    cursor.take()
    note, sign = cursor.argument(macro), cursor.argument(macro)
    inner = contents(sign)
    relation = relation_sign(inner[0]) if len(inner) == 1 else ""
    if not relation:
        cursor.place = start
        return ""
    words = "".join(t.text for t in contents(note)).strip()
    if relation == "=" and words in _DEFINING:
        return ":="
    _annotation(macro, note, reader, conditions)
    return relation


def _annotation(macro: Token, note: Token, reader: Reader, conditions: list[Node]) -> None:
    tokens = contents(note)
    if any(relation_sign(t) for t in tokens):
        conditions.append(reader.relation(tokens, note.span))
    elif tokens:
        span = Span(tokens[0].start, tokens[-1].end)
        conditions.append(Name(reader.tex[span.start : span.end], span, upright=True))
