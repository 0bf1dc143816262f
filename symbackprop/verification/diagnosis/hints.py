"""What the formulas nearby offer for corrections: index letters, widths, and derivatives of the functions in use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TypeGuard

from symbackprop.verification.diagnosis.edits import Hints, is_transpose, text
from symbackprop.verification.diagnosis.walk import walk
from symbackprop.verification.reading.surface import (
    Big,
    Comparison,
    Derivative,
    Group,
    Name,
    Node,
    Scripted,
    Statement,
    Times,
)

#: A formula as written: its source and its statements.
Written = tuple[str, tuple[Statement, ...]]

MOST_FACTORS = 6
MOST_SIZES = 4


def collect_hints(left: Node, tex: str, nearby: Iterable[Written], sizes: tuple[str, ...] = ()) -> Hints:
    """Hints for repairing a formula whose left side is ``left``, from itself and the formulas around it."""
    written = list(nearby)
    nodes = [(node, source) for source, statements in written for node in _nodes(statements)]
    return Hints(
        factors=_unique(_derivative_factors(left, tex, nodes))[:MOST_FACTORS],
        sizes=_unique((*_sizes(nodes), *sizes))[:MOST_SIZES],
        indices=_unique(_indices((node, source) for node, source in nodes if source == tex)),
        labels=_unique(_labels((node, source) for node, source in nodes if source == tex)),
    )


def _nodes(statements: tuple[Statement, ...]) -> Iterator[Node]:
    for statement in statements:
        for side in statement.sides:
            if side is not None:
                yield from walk(side)


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _sizes(nodes: Iterable[tuple[Node, str]]) -> Iterator[str]:
    for node, source in nodes:
        if isinstance(node, Big) and node.upper is not None and isinstance(node.upper, Name | Scripted):
            yield text(node.upper, source)


def _indices(nodes: Iterable[tuple[Node, str]]) -> Iterator[str]:
    for node, _ in nodes:
        if isinstance(node, Scripted):
            for script in node.subs:
                yield from (item.text for item in script.items if _is_index(item))
        elif isinstance(node, Big):
            for bound in node.lower:
                letter = bound.left if isinstance(bound, Comparison) else bound
                if _is_index(letter):
                    yield letter.text


def _labels(nodes: Iterable[tuple[Node, str]]) -> Iterator[str]:
    """The letters of layers and times, which stand above."""
    for node, source in nodes:
        for script in node.sups if isinstance(node, Scripted) else ():
            yield from (text(item, source) for item in script.items if not is_transpose(script))


def _is_index(node: Node) -> TypeGuard[Name]:
    return isinstance(node, Name) and not node.upright and len(node.text) == 1 and node.text.islower()


def _derivative_factors(left: Node, tex: str, nodes: Iterable[tuple[Node, str]]) -> Iterator[str]:
    """``f'(z…)`` for every ``f(z…)`` nearby, as written and with the labels and indices of the left side."""
    labels = _scripts(left, tex)
    for node, source in nodes:
        if isinstance(node, Times):
            for function, argument in pairwise(node.factors):
                if isinstance(argument, Group) and len(argument.items) == 1:
                    yield from _derivatives(function, argument.items[0], source, labels)


def _derivatives(function: Node, argument: Node, source: str, labels: str) -> Iterator[str]:
    head = function.base if isinstance(function, Scripted) else function
    plain = isinstance(function, Name) or (isinstance(function, Scripted) and not function.subs and not function.sups)
    if not plain or not isinstance(head, Name):
        return
    base = argument.base if isinstance(argument, Scripted) else argument
    if isinstance(base, Name) and labels:
        yield f"{text(head, source)}'({text(base, source)}{labels})"
    yield f"{text(head, source)}'({text(argument, source)})"


def _scripts(left: Node, tex: str) -> str:
    """The scripts of the left side as written: those of ``δ^{l}_j``, or of the variable of a derivative."""
    target = left.by[0][0] if isinstance(left, Derivative) and left.by else left
    return tex[target.base.span.end : target.span.end] if isinstance(target, Scripted) else ""
