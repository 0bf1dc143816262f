r"""Gradients by their short names where nothing defines these: ``dz = a - y`` under a known cost."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.usage import SCALAR_NAMES
from symbackprop.verification.reading.elaborate.walk import every, references
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.scope import LAYER_LETTERS, Scope, reachable
from symbackprop.verification.reading.surface import (
    Derivative,
    Group,
    Name,
    Node,
    Number,
    Scripted,
    Statement,
    Times,
)
from symbackprop.verification.reading.symbols import head_name, without_d


def gradient_named(statement: Statement, scope: Scope) -> tuple[Statement, Statement] | None:
    """The statement with a plain ``dz`` on its left, and dz = ∂J/∂z: if z is known, J the one cost that it leads to.

    ``None`` if dz has a meaning already, and with another open name of the kind on the right: then they may as well be
    differentials, and dz is defined by its first equation.
    """
    left = statement.sides[0]
    if any(isinstance(part, Derivative) for side in statement.sides[1:2] if side is not None for part in every(side)):
        return None  # it says itself what it is
    if left is None or statement.relations[:1] not in (("=",), (":=",)):
        return None
    found = _gradient(left, scope)
    names = [head_name(ref) for side in statement.sides[1:] if side is not None for ref in references(side)]
    open_names = [n.text for n in names if n is not None and without_d(n.text) and not _is_explained(n.text, scope)]
    if found is None or open_names:
        return None
    bare = _unnumbered(left)
    meaning = Statement((bare, found), ("=",), (), "", statement.span)
    return replace(statement, sides=(bare, *statement.sides[1:])), meaning


def _gradient(node: Node, scope: Scope) -> Derivative | None:
    bare = _unnumbered(node)
    name = head_name(bare)
    if name is None or not without_d(name.text) or _is_explained(name.text, scope):
        return None
    letter = without_d(name.text)
    spellings = (letter, letter.swapcase()) if len(letter) == 1 else (letter,)
    for spelling in spellings:
        head = replace(name, text=spelling)
        variable = replace(bare, base=head) if isinstance(bare, Scripted) else head
        ref = refer(variable, scope)
        if ref is None or ref.symbol is None or ref.symbol.kind != "quantity":
            continue
        costs = [cost for cost in SCALAR_NAMES if scope.defined(cost) and ref.name in reachable(scope, cost)]
        if len(costs) == 1 and len(ref.labels) == len(ref.symbol.labels) and not ref.posts:
            return Derivative("∂", Name(costs[0], name.span), ((variable, 1),), 1, node.span)
    return None


def _unnumbered(node: Node) -> Node:
    """``dA[L]`` without the layer in brackets, for a note that names one layer only."""
    if not isinstance(node, Times) or len(node.factors) != 2 or node.operators != ("",):
        return node
    head, group = node.factors
    plain = isinstance(group, Group) and group.bracket == "[" and len(group.items) == 1
    if not plain or not isinstance(head, Name):
        return node
    item = group.items[0]  # type: ignore[union-attr]
    numbered = isinstance(item, Number) or isinstance(item, Name) and item.text in LAYER_LETTERS
    return head if numbered else node


def names_gradient(text: str) -> bool:
    """Whether a name is a d right before a letter: ``dW``, ``d\\theta``."""
    return bool(without_d(text.partition("^")[0].partition("_")[0]))


def _is_explained(text: str, scope: Scope) -> bool:
    """Whether a name has a meaning already that was understood."""
    symbol = scope.find(text)
    doubted = any(name == text for name, _ in scope.tainted)
    return symbol is not None and not doubted and (symbol.declared or scope.defined(text))
