"""Every node of a formula as it is written, outermost first, with the node it stands in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from symbackprop.verification.reading.surface import Node, Span


def children(node: Node) -> Iterator[Node]:
    """The nodes that ``node`` is made of, in the order written."""
    for field in fields(node):
        yield from _nodes(getattr(node, field.name))


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, tuple):
        for part in value:
            yield from _nodes(part)
    elif is_dataclass(value) and not isinstance(value, Span | type):
        yield value  # type: ignore[misc]


def walk(node: Node) -> Iterator[Node]:
    """``node`` and everything below it, outermost first."""
    yield node
    for child in children(node):
        yield from walk(child)
