"""How large an expression or a derivation is, counted in nodes of the expression tree."""

from __future__ import annotations

from sympy import Basic, preorder_traversal

from symbackprop.derivation.step import Derivation


def nodes(expression: Basic) -> int:
    """How many nodes an expression tree has; an entry ``w[i, j]`` counts its head, its letter and its indices.

    >>> from sympy import symbols
    >>> x, y = symbols("x y")
    >>> nodes(x + 2 * y)
    5
    """
    return sum(1 for _ in preorder_traversal(expression))


def gradient_nodes(derivation: Derivation) -> int:
    """The nodes of all results: each ∂J/∂a, error and gradient; left sides and forward pass are not counted."""
    return sum(nodes(result) for result in derivation.results.values())


def forward_nodes(derivation: Derivation) -> int:
    """The nodes of the forward equations' right sides, loss included."""
    return sum(nodes(equation.expression) for equation in derivation.model.equations)
