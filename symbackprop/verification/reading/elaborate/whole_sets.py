r"""Sums over a set that is all of an axis: ``w \in \mathrm{Vocab}``, ``i \in [n]``, ``i \in \{1, …, n\}``."""

from __future__ import annotations

from symbackprop.verification.reading.elaborate.axes import size_axis
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Comparison, Dots, Group, Name, Node, Number, Times
from symbackprop.verification.terms.nodes import Axis

#: Words for everything that there is of a kind. A batch, a neighbourhood or a sample is a part, and is not listed.
_WORDS = frozenset(
    ("vocab", "vocabulary", "classes", "class", "labels", "categories", "outputs", "words", "tokens", "states")
    + ("actions", "all", "dataset", "features")
)
_SCRIPT = r"\mathcal{", r"\mathscr{", r"\mathbb{"


def is_whole(item: Comparison, axis: Axis, scope: Scope) -> bool:
    """Whether the set behind ∈ is the whole axis over which its letter runs."""
    return item.relation == "∈" and _is_whole(item.right, axis, scope)


def words_of(item: Comparison) -> str:
    """Under what such a sum is read; empty where the set itself says so."""
    parts = item.right.factors if isinstance(item.right, Times) else (item.right,)
    text = "".join(part.text for part in parts if isinstance(part, Name))
    left = item.left.text if isinstance(item.left, Name) else ""
    return f"{text} is all over which {left} runs" if text.lower() in _WORDS else ""


def _is_whole(node: Node, axis: Axis, scope: Scope) -> bool:
    if isinstance(node, Name) and node.upright:
        symbol = scope.find(node.text)
        return (symbol is None or not symbol.declared) and node.text.strip().lower() in _WORDS
    if isinstance(node, Name):
        return size_axis(_plain(node), scope) == axis
    if isinstance(node, Times) and not any(node.operators) and all(isinstance(part, Name) for part in node.factors):
        return "".join(part.text for part in node.factors if isinstance(part, Name)).lower() in _WORDS  # w \in Vocab
    if not isinstance(node, Group):
        return False
    if node.bracket == "[" and len(node.items) == 1:
        return size_axis(node.items[0], scope) == axis
    first, *others, last = node.items if len(node.items) > 1 else (*node.items, *node.items)
    starts = isinstance(first, Number) and first.value == 1
    dotted = any(isinstance(other, Dots) for other in others)
    return node.bracket == r"\{" and starts and dotted and size_axis(last, scope) == axis


def _plain(node: Name) -> Name:
    r"""``\mathcal{V}`` beside a size V is the set of that many."""
    inner = node.text.partition("{")[2].rstrip("}")
    return Name(inner, node.span) if node.text.startswith(_SCRIPT) and inner else node
