"""Slopes read off what is stored: the side of a kink on which z lies is seen in a as well."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from sympy import Expr, Integer, Max, Min, Symbol

from symbackprop.kernels.masks import Mask
from symbackprop.kernels.program import (
    Elementwise,
    MatrixProduct,
    Operand,
    Program,
    Statement,
    elementwise,
    plain,
    view,
)


def with_masks_of_outputs(program: Program) -> Program:
    """A mask on the sign of z becomes one on that of a = max(z, 0) + c·min(z, 0), which is the same for every z.

    Then z is not needed any more and a takes over its memory.
    """
    outputs: dict[Symbol, Operand] = {}

    def anew(statement: Statement) -> Statement:
        operation = statement.operation
        if not isinstance(operation, Elementwise) or plain(operation.expression):
            return statement
        views = dict(operation.bindings)
        swaps = {}
        for mask in sorted(operation.expression.atoms(Mask), key=str):
            relation = mask.relation
            if relation.lhs in outputs and relation.rhs == 0 and outputs[relation.lhs].axes == views[relation.lhs].axes:
                output = outputs[relation.lhs]
                views[view(output)] = output
                swaps[mask] = Mask(relation.func(view(output), Integer(0), evaluate=False))
        source = _rectified(operation.expression)
        if source is not None and views[source].axes == statement.target.axes:
            outputs[source] = statement.target
        if not swaps:
            return statement
        return replace(statement, operation=elementwise(operation.expression.xreplace(swaps), views))

    return program.with_statements(map(anew, program.statements))


def with_masks_first(program: Program) -> Program:
    """A mask before the product that stands before it: what it was read off is free then, and takes the product."""
    statements = list(program.statements)
    for number, (product, mask) in enumerate(pairwise(program.statements)):
        operation = mask.operation
        is_mask = isinstance(operation, Elementwise) and isinstance(operation.expression, Mask)
        behind_product = isinstance(product.operation, MatrixProduct) and product.loop == mask.loop
        apart = product.target.array.name not in mask.reads and not (product.note or mask.note)
        if is_mask and behind_product and apart:
            statements[number : number + 2] = mask, product
    return program.with_statements(statements)


def _rectified(expression: Expr) -> Symbol | None:
    """z, where the expression is max(z, 0), or that and a positive number times min(z, 0)."""
    tops = [node for node in expression.atoms(Max) if node.args[0] == 0 and node.args[1].is_Symbol]
    if len(tops) != 1:
        return None
    z, rest = tops[0].args[1], expression - tops[0]
    factor = rest.coeff(Min(0, z)) if rest != 0 else Integer(0)
    alike = rest == 0 or (factor.is_number and factor.is_positive and rest == factor * Min(0, z))
    return z if alike else None
