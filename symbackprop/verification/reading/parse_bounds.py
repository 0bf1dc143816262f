r"""Bounds written as a row of orders, ``1 \le t \le T`` and ``t \ge i > k``, as a first and a last value."""

from __future__ import annotations

from fractions import Fraction

from symbackprop.verification.reading.surface import Comparison, Name, Negative, Node, Number, Plus

_UPWARDS = {"<": 1, r"\lt": 1, "≤": 0, r"\le": 0, r"\leq": 0, r"\leqslant": 0}
_DOWNWARDS = {">": 1, r"\gt": 1, "≥": 0, r"\ge": 0, r"\geq": 0, r"\geqslant": 0}


def from_orders(lower: tuple[Node, ...], upper: Node | None) -> tuple[tuple[Node, ...], Node | None]:
    """The bounds of a big operator with a row of two orders around its letter as ``letter = first`` and ``last``."""
    only = lower[0] if len(lower) == 1 else None
    if upper is not None or not isinstance(only, Comparison) or not isinstance(only.left, Comparison):
        return lower, upper
    letter, (before, after) = only.left.right, (only.left.relation, only.relation)
    for orders, low, high in ((_UPWARDS, only.left.left, only.right), (_DOWNWARDS, only.right, only.left.left)):
        if before in orders and after in orders and isinstance(letter, Name) and not isinstance(low, Comparison):
            first, last = (before, after) if orders is _UPWARDS else (after, before)
            start = _moved(low, orders[first])
            return (Comparison(letter, "=", start, only.span),), _moved(high, -orders[last])
    return lower, upper


def _moved(node: Node, step: int) -> Node:
    """The node with 1 more or less, where an order is strict."""
    if step == 0:
        return node
    if isinstance(node, Number):
        return Number(node.value + step, node.span)
    one = Number(Fraction(1), node.span)
    terms = node.terms if isinstance(node, Plus) else (node,)
    return Plus((*terms, one if step > 0 else Negative(one, node.span)), node.span)
