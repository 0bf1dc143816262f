"""Biases as a part of the matrix product that they are added to."""

from __future__ import annotations

from dataclasses import replace

from sympy import Add

from symbackprop.kernels.program import Elementwise, MatrixProduct, Operand, Program, Statement
from symbackprop.kernels.rewriting import uses_of, without_dead_code


def with_biases(program: Program) -> Program:
    """z = t + b, with t a product that nothing else reads and b running along its rows, is one product with a bias."""
    uses = uses_of(program)
    products = {
        s.target.array.name: s for s in program.statements if isinstance(s.operation, MatrixProduct) and s.loop is None
    }

    def joined(statement: Statement) -> Statement:
        found = _parts(statement)
        product = products.get(found[0].array.name) if found else None
        if not found or product is None or uses[product.target.array.name] > 1:
            return statement
        names = dict(zip(product.target.axes, statement.target.axes, strict=True))
        operation = product.operation
        if not isinstance(operation, MatrixProduct) or operation.bias is not None:
            return statement
        fresh = "s" if "s" not in statement.target.axes else "t"

        def renamed(operand: Operand) -> Operand:
            return replace(operand, axes=tuple(names.get(label, fresh) for label in operand.axes))

        left, right = renamed(operation.left), renamed(operation.right)
        return replace(statement, operation=replace(operation, left=left, right=right, bias=found[1]))

    return without_dead_code(program.with_statements(map(joined, program.statements)))


def _parts(statement: Statement) -> tuple[Operand, Operand] | None:
    """(t, b) where the statement adds an array along its rows to one along all of its axes."""
    operation = statement.operation
    if not isinstance(operation, Elementwise) or statement.loop is not None or len(statement.target.axes) != 2:
        return None
    views = dict(operation.bindings)
    if not isinstance(operation.expression, Add) or len(operation.expression.args) != 2:
        return None
    operands = [views.get(term) for term in operation.expression.args]
    row = statement.target.axes[:1]
    for whole, short in (operands, operands[::-1]):
        if whole and short and whole.axes == statement.target.axes and short.axes == row:
            return whole, short
    return None
