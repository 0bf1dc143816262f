r"""How far an operator or a function without brackets reaches: ``\frac{d}{dx} f(x) g(x)``, ``\log p q``.

Usually it takes the whole product behind it. On the right side of a claim an author may mean the next factor only, as
in the product rule ``\frac{d}{dx} u v + u \frac{d}{dx} v``.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.surface import (
    Applied,
    Derivative,
    Group,
    Name,
    Node,
    Number,
    Scripted,
    Span,
    Times,
)

NEAR = "∂ on the right applies to the next factor only"
UNUSUAL = "true only if a function without brackets applies to the next factor alone: write brackets"


def nearer(node: Derivative | Applied) -> Node | None:
    """The same with the next factor only, or ``None`` where nothing else is in reach."""
    product = node.operand if isinstance(node, Derivative) else node.argument
    if not isinstance(product, Times) or isinstance(node, Derivative) and not node.written_apart:
        return None
    count = _length(product)
    if count == len(product.factors) or isinstance(product.factors[0], Number):
        return None
    taken, left = product.factors[:count], product.factors[count:]
    head = taken[0] if count == 1 else replace(product, factors=taken, operators=product.operators[: count - 1])
    span = Span(node.span.start, taken[-1].span.end)
    if isinstance(node, Derivative):
        first: Node = replace(node, operand=head, span=span)
    else:
        first = replace(node, argument=head, span=span)
    return Times((first, *left), product.operators[count - 1 :], node.span)


def _length(product: Times) -> int:
    """How many factors the first one is: a letter takes the bracket behind it along."""
    letter = isinstance(product.factors[0], Name | Scripted) and product.operators[0] == ""
    follower = product.factors[1]
    group = follower.base if isinstance(follower, Scripted) else follower
    return 2 if letter and isinstance(group, Group) else 1
