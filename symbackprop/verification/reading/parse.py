"""``read_surface``: a formula's LaTeX as statements, or the reason why it is not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from symbackprop.verification.reading.adapter import NotArithmetic
from symbackprop.verification.reading.clean import clean
from symbackprop.verification.reading.cursor import Tokens
from symbackprop.verification.reading.macros import expand
from symbackprop.verification.reading.parse_chains import Chain, read_chain
from symbackprop.verification.reading.parse_expression import Reader
from symbackprop.verification.reading.split import Piece, lines, pieces
from symbackprop.verification.reading.surface import (
    Comparison,
    Dots,
    Group,
    Name,
    Node,
    NotRead,
    Number,
    Span,
    Statement,
)
from symbackprop.verification.reading.tokens import Token, Unreadable, tokenize

_ORDER_RELATIONS = frozenset("≠<≤>≥∈∉≪≫⊂")
NO_MACROS: Mapping[str, tuple[int, str]] = {}
TOO_DEEP = "nested too deep"


def read_surface(tex: str, macros: Mapping[str, tuple[int, str]] = NO_MACROS) -> tuple[Statement, ...] | NotRead:
    r"""The statements of a formula as they are written; nothing is decided about its letters.

    ``macros`` are the author's own (name -> number of arguments, body). Every span points into ``tex``. A formula is
    read whole or not at all.

    >>> statement, = read_surface(r"a^l = \sigma(z^l)")
    >>> statement.relations, [type(side).__name__ for side in statement.sides]
    (('=',), ['Scripted', 'Times'])
    >>> read_surface(r"z_{j}{L}").reason
    'a group {…} right behind a subscript is not read: is ^ or _ missing?'
    """
    try:
        return _read_once(tex, tuple(sorted(macros.items())))
    except RecursionError:  # a matter of who calls, and so not kept
        return NotRead(TOO_DEEP, Span(0, len(tex)))


@lru_cache(maxsize=512)
def _read_once(tex: str, macros: tuple[tuple[str, tuple[int, str]], ...]) -> tuple[Statement, ...] | NotRead:
    """The lines of a comment block are read again for each thing that is asked of them."""
    try:
        return _read(tex, expand(tokenize(tex), dict(macros)))
    except Unreadable as problem:
        return NotRead(problem.reason, problem.span)


def read_tokens(tex: str, flat: list[Token]) -> tuple[Statement, ...] | NotRead:
    """The statements of a row of tokens that came from ``tex``."""
    try:
        return _read(tex, flat)
    except RecursionError:
        return NotRead(TOO_DEEP, Span(0, len(tex)))


def _read(tex: str, flat: list[Token]) -> tuple[Statement, ...] | NotRead:
    try:
        tokens, _ = clean(flat)
        return tuple(_Statements(tex).read(tokens))
    except Unreadable as problem:
        return NotRead(problem.reason, problem.span)
    except NotArithmetic as problem:
        return NotRead(str(problem), Span(0, len(tex)))


@dataclass(slots=True)
class _Draft:
    chain: Chain
    connective: str
    conditions: list[Node] = field(default_factory=list)

    def finished(self) -> Statement:
        spans = [node.span for node in (*self.chain.sides, *self.conditions) if node is not None]
        start = min([self.chain.span.start, *(s.start for s in spans)])
        end = max([self.chain.span.end, *(s.end for s in spans)])
        conditions = (*self.conditions, *self.chain.conditions)
        return Statement(self.chain.sides, self.chain.relations, conditions, self.connective, Span(start, end))


class _Statements:
    """Gathers statements and their conditions piece by piece."""

    def __init__(self, tex: str) -> None:
        self.reader = Reader(tex)
        self.drafts: list[_Draft] = []
        self.waiting: list[Node] = []  # conditions written before their statement
        self.connective = ""

    def read(self, tokens: Tokens) -> list[Statement]:
        for line in lines(tokens):
            conditional = False
            for piece in pieces(line):
                conditional = self._piece(piece, conditional)
        if self.waiting:
            self._attach_waiting()
        if not self.drafts:
            raise Unreadable("nothing is written here", Span(0, len(self.reader.tex)))
        return [draft.finished() for draft in self.drafts]

    def _piece(self, piece: Piece, conditional: bool) -> bool:
        """Take one piece; returns whether the next one after a comma still belongs to a condition."""
        if piece.introduced == "remark" or _is_equation_number(piece):
            self._condition([_words(piece, self.reader.tex)])
            return False
        if not piece.tokens and piece.mark is not None:
            self._alone(piece)
            return False
        chain = read_chain(piece.tokens, self.reader)
        if piece.starts_with_relation() and piece.introduced in ("", "quad", ",") and self.drafts:
            self._continue(chain)
            return False
        if piece.introduced in ("if", "forall") or (piece.introduced == "," and conditional and _is_condition(chain)):
            self._condition(_as_conditions(chain))
            return True
        if piece.introduced in (",", "quad") and self.drafts and (_is_condition(chain) or _is_remark_bracket(chain)):
            self._condition(_as_conditions(chain))
            return conditional
        self._statement(piece, chain)
        return False

    def _statement(self, piece: Piece, chain: Chain) -> None:
        connective = {"": "", ",": "and", "quad": "and"}.get(piece.introduced, piece.introduced)
        if self.waiting or (not self.drafts and piece.introduced in (",", "quad")):
            connective = "" if not self.drafts else connective
        parts = chain.at_implying_arrows()
        for k, part in enumerate(parts):
            self.drafts.append(_Draft(part, "implies" if k else connective))
        self.drafts[-len(parts)].conditions += self.waiting
        self.waiting = []

    def _condition(self, nodes: list[Node]) -> None:
        if self.drafts and not self.waiting:
            self.drafts[-1].conditions += nodes
        else:
            self.waiting += nodes

    def _continue(self, chain: Chain) -> None:
        """A row that starts with a relation goes on with the chain before it."""
        last = self.drafts[-1]
        before = last.chain
        if before.sides[-1] is None and before.relations and before.relations[-1] != chain.relations[0]:
            raise Unreadable("two relations in a row", chain.span)
        if before.sides[-1] is None and before.relations:
            before = replace(before, sides=before.sides[:-1], relations=before.relations[:-1])
        parts = before.extended(chain).at_implying_arrows()
        last.chain = parts[0]
        self.drafts += [_Draft(part, "implies") for part in parts[1:]]

    def _alone(self, piece: Piece) -> None:
        mark = piece.mark
        if mark is not None:
            self.drafts.append(_Draft(Chain((None,), (), (), mark.span), piece.introduced))

    def _attach_waiting(self) -> None:
        """Conditions that no statement follows: the last one is the statement, the others are its conditions."""
        *conditions, node = self.waiting
        chain = Chain((node,), (), (), node.span)
        if isinstance(node, Comparison):
            chain = Chain((node.left, node.right), (node.relation,), (), node.span)
        self.drafts.append(_Draft(chain, "and" if self.drafts else "", conditions))


def _as_conditions(chain: Chain) -> list[Node]:
    """``0 < x < 1`` is two comparisons; ``\\forall i, j`` two names."""
    sides = chain.sides
    if not chain.relations:
        only = sides[0]
        if only is None:
            return []
        if isinstance(only, Group) and (run := _range(only)) is not None:
            return [run]
        listed = isinstance(only, Group) and (only.bracket == "" or _compared(only))
        return list(only.items) if isinstance(only, Group) and listed else [only]
    found: list[Node] = []
    for left, relation, right in zip(sides, chain.relations, sides[1:], strict=False):
        if left is None or right is None:
            raise Unreadable("a condition with nothing on one side", chain.span)
        found.append(Comparison(left, relation, right, Span(left.span.start, right.span.end)))
    return [*found, *chain.conditions]


def _compared(group: Group) -> bool:
    return all(isinstance(item, Comparison) for item in group.items)


def _is_remark_bracket(chain: Chain) -> bool:
    only = chain.sides[0]
    return not chain.relations and isinstance(only, Group) and (_compared(only) or _range(only) is not None)


def _range(group: Group) -> Comparison | None:
    r"""``(j = 2, \dots, n)`` as the comparison of j with what it runs through."""
    first, *rest = group.items
    if not isinstance(first, Comparison) or first.relation != "=" or not _is_index(first.left):
        return None
    if not any(isinstance(item, Dots) for item in rest) or any(isinstance(item, Comparison) for item in rest):
        return None
    span = Span(first.right.span.start, group.items[-1].span.end)
    return replace(first, right=Group("", (first.right, *rest), span), span=group.span)


def _is_condition(chain: Chain) -> bool:
    """An order, a membership, or an index that is equal to another or to numbers: ``i \\ne j``, ``x > 0``, ``i =
    j``.
    """
    if not chain.relations or any(side is None for side in chain.sides):
        return False
    if all(relation in _ORDER_RELATIONS for relation in chain.relations):
        return True
    if any(relation != "=" for relation in chain.relations):
        return False
    left, *rest = (side for side in chain.sides if side is not None)
    return _is_index(left) and all(_is_index_value(side) for side in rest)


def _is_index(node: Node) -> bool:
    return isinstance(node, Name) and ((len(node.text) == 1 and node.text.islower()) or node.text == "\\ell")


def _is_index_value(node: Node) -> bool:
    if isinstance(node, Group) and node.bracket == "":
        return any(isinstance(item, Dots) for item in node.items) or all(isinstance(i, Number) for i in node.items)
    return _is_index(node) or isinstance(node, Number)


def _is_equation_number(piece: Piece) -> bool:
    r"""``\qquad (3)`` at the end of a line."""
    if piece.introduced != "quad" or len(piece.tokens) != 1 or piece.tokens[0].text != "()":
        return False
    inner = piece.tokens[0].inner
    return len(inner) == 1 and inner[0].kind == "number"


def _words(piece: Piece, tex: str) -> Name:
    span = Span(piece.tokens[0].start, piece.tokens[-1].end)
    first = piece.tokens[0]
    return Name(first.text.strip() if first.kind == "text" else tex[span.start : span.end], span, upright=True)
