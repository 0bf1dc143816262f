"""What a comment block gives, as it is written: its statements and their sides."""

from __future__ import annotations

import re

from symbackprop.verification.reading.elaborate.spelling import respelled
from symbackprop.verification.reading.plain_text import read_typed
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Name, Node, NotRead, Statement


def statements_of(given: tuple[str, ...], scope: Scope) -> tuple[Statement, ...]:
    """The statements of the lines that can be read."""
    surfaces = [surface for latex in given if not isinstance(surface := read_typed(latex, scope.macros), NotRead)]
    return tuple(statement for surface in surfaces for statement in respelled(surface, scope))


def is_words(latex: str, node: Node | None) -> bool:
    r"""Whether something is no mathematics but words, with or without ``\text{…}``."""
    return isinstance(node, Name) and node.upright or re.fullmatch(r"[A-Za-z]+(?:\s+[A-Za-z]+)+\.?", latex) is not None


def sides_of(given: tuple[str, ...], scope: Scope) -> tuple[Node, ...]:
    """Every side of these statements."""
    return tuple(s for statement in statements_of(given, scope) for s in statement.sides if s is not None)
