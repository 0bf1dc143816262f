r"""``\det`` before a matrix that is written out is the same as bars around it."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from symbackprop.verification.reading.surface import Applied, Matrix, Name, Node, Times, rebuilt

Part = TypeVar("Part")
ROUND = ("pmatrix", "bmatrix", "matrix", "smallmatrix", "array")


def with_determinants(part: Part) -> Part:
    """The tree with such matrices in bars."""
    made = rebuilt(part, with_determinants)
    if isinstance(made, Applied) and _is_det(made.function) and (barred := _barred(made.argument)) is not None:
        return barred  # type: ignore[return-value]
    return _in_product(made) if isinstance(made, Times) else made  # type: ignore[return-value]


def _in_product(node: Times) -> Node:
    factors, operators = [node.factors[0]], list[str]()
    for operator, factor in zip(node.operators, node.factors[1:], strict=True):
        barred = _barred(factor) if operator == "" and _is_det(factors[-1]) else None
        if barred is not None:
            factors[-1] = barred
        else:
            factors.append(factor)
            operators.append(operator)
    return factors[0] if len(factors) == 1 else replace(node, factors=tuple(factors), operators=tuple(operators))


def _is_det(node: Node) -> bool:
    return isinstance(node, Name) and node.text == "det" and node.upright


def _barred(node: Node) -> Matrix | None:
    return replace(node, environment="vmatrix") if isinstance(node, Matrix) and node.environment in ROUND else None
