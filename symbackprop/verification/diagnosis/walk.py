"""Every node of a formula as it is written, outermost first, with the node it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from symbackprop.verification.reading.surface import (
    Comparison,
    Group,
    Negative,
    Node,
    Scripted,
    Span,
    is_part,
    parts_of,
    rebuilt,
)


def children(node: Node) -> Iterator[Node]:
    """The nodes that ``node`` is made of, in the order written."""
    yield from _nodes(parts_of(node))


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, tuple):
        for part in value:
            yield from _nodes(part)
    elif is_part(value):
        yield value  # type: ignore[misc]


def walk(node: Node) -> Iterator[Node]:
    """``node`` and everything below it, outermost first."""
    yield node
    for child in children(node):
        yield from walk(child)


def walk_outside_scripts(node: Node) -> Iterator[Node]:
    """``node`` and everything below it except what stands in scripts and in conditions."""
    yield node
    if isinstance(node, Comparison):
        return
    for child in (node.base,) if isinstance(node, Scripted) else children(node):
        yield from walk_outside_scripts(child)


def with_signs(node: Node, tex: str) -> Node:
    r"""The tree with every minus inside the span of what it negates, and ``\Big`` in that of its bracket.

    The parser leaves both outside, and the first brace of ``{W}^T``.
    """
    changed: Any = rebuilt(node, lambda part: _with_signs(part, tex))
    start = min([changed.span.start, *(child.span.start for child in children(changed))])
    if isinstance(changed, Negative):
        start = _minus_before(start, tex)
    elif isinstance(changed, Group):
        sized = re.search(r"\\([bB]igg?l?|left)\s*$", tex[:start])
        start = sized.start() if sized is not None else start
    source = tex[start : changed.span.end]
    if source.count("}") > source.count("{") and tex[:start].rstrip().endswith("{"):
        start = tex[:start].rindex("{")
    built: Node = replace(changed, span=Span(start, changed.span.end))
    return built


def _with_signs(value: Any, tex: str) -> Any:
    return rebuilt(value, lambda part: _with_signs(part, tex)) if isinstance(value, tuple) else with_signs(value, tex)


def _minus_before(start: int, tex: str) -> int:
    place = len(re.sub(r"(\s|\\[,;:! ])+$", "", tex[:start])) - 1
    return place if place >= 0 and tex[place] in "-\N{MINUS SIGN}" else start
