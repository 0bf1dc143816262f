r"""What is written beside a relation and narrows where it holds: ``, x > 0``, ``\text{if } i \ne j``, words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symbackprop.verification.reading.elaborate.usage import INDEX_LETTERS
from symbackprop.verification.reading.elaborate.walk import every, references, unbound_letters
from symbackprop.verification.reading.surface import Comparison, Dots, Name, Node, Scripted, Statement

_FOR_ALL = re.compile(r"\s*(?:for|f\.?\s?or)?\s*(?:all|any|each|every)\b.*", re.IGNORECASE | re.DOTALL)
_NARROWING_WORDS = re.compile(
    r"\b(?:if|when|whenever|unless|only|provided|assuming|case|otherwise|except|not|or|near|at|small|large|under|on)\b",
    re.IGNORECASE,
)
_SEPARATED = re.compile(r"(?:[,;]|\\q?quad|\\[,;:! ])\s*$")
ORDER = frozenset("<>≤≥≠")
"""Relations that can only be assumed."""


def narrowing(statement: Statement, before: tuple[Node, ...] = ()) -> tuple[Comparison, ...]:
    r"""The conditions beside a statement that keep it from holding everywhere.

    A range that an index runs through (``i = 1, \dots, n``, ``l < L``), a set it is taken from and what explains a
    letter (``a = \sigma(z), z = w x``) narrow nothing. ``before`` is what the statement follows from.
    """
    sides = [side for side in statement.sides if side is not None]
    numbers = frozenset().union(*(unbound_letters(side) for side in sides))
    beside = [node for node in (*statement.conditions, *before) if isinstance(node, Comparison)]
    return tuple(node for node in beside if _narrows(node, numbers, letters_of(sides[0])))


def _narrows(node: Comparison, numbers: frozenset[str], first: frozenset[str]) -> bool:
    """Whether a condition narrows a statement whose members and entries are numbered by ``numbers``; ``first`` are the
    letters of its first side, such as the argument of a function."""
    letters = letters_of(node)
    if any(isinstance(part, Dots) for part in every(node)):
        return False
    if node.relation == "=":
        return isinstance(node.left, Name) and isinstance(node.right, Name) and bool(numbers & letters)
    if node.relation == "≠":
        return bool(letters & (numbers | first))
    within = len(letters & numbers) == 1 and not (letters - numbers) & set(INDEX_LETTERS)
    return node.relation in ORDER and not within


def unread_words(statement: Statement) -> Iterator[str]:
    """The words beside a statement, except those that say that it holds for all."""
    for node in statement.conditions:
        if isinstance(node, Name) and node.upright and not _FOR_ALL.fullmatch(node.text):
            yield node.text


def letters_of(node: Node) -> frozenset[str]:
    """The letters in a tree, without their scripts."""
    found = (ref.base if isinstance(ref, Scripted) else ref for ref in references(node))
    return frozenset(base.text for base in found if isinstance(base, Name))


def letters_beside(statement: Statement) -> frozenset[str]:
    """Every letter of a statement itself, those in scripts too."""
    sides = [side for side in statement.sides if side is not None]
    return frozenset().union(*(letters_of(side) | unbound_letters(side) for side in sides))


def objection(statement: Statement) -> str:
    """Why a statement of a comment block cannot be taken as it stands, or nothing."""
    if not statement.relations:
        return "there is no relation in it"
    if statement.sides[0] is None or statement.sides[-1] is None:
        return "a side of its relation is missing"
    if statement.connective in ("implies", "iff", "or"):
        return "it says that one thing follows from another; write what holds by itself"
    if narrowing(statement):
        return "it holds under a condition; write what holds everywhere, or cases"
    words = next((words for words in unread_words(statement) if _NARROWING_WORDS.search(words)), "")
    return f"it holds {words!r}, which is not read" if words else ""


def further_relations(statement: Statement, latex: str) -> tuple[Comparison, ...]:
    """The relations in a list (``x > 0, y > 0``) behind the first: about letters of their own, only a comma between."""
    own = letters_beside(statement)
    found = [node for node in statement.conditions if isinstance(node, Comparison) and not letters_of(node) & own]
    return tuple(node for node in found if _SEPARATED.search(latex[: node.span.start]))


def without(conditions: tuple[Node, ...], taken: tuple[Comparison, ...]) -> tuple[Node, ...]:
    """The conditions that are left."""
    return tuple(node for node in conditions if node not in taken)


def as_statement(node: Comparison) -> Statement:
    """A relation as a statement of its own."""
    return Statement((node.left, node.right), (node.relation,), (), "", node.span)
