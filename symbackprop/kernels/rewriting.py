"""What every pass needs: operations with other operands, how often an array is read, and what no output needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from operator import is_

from sympy import Expr

from symbackprop.kernels.program import (
    Contraction,
    Elementwise,
    Gather,
    Iota,
    MatrixProduct,
    Operand,
    Operation,
    Program,
    Scatter,
    Statement,
    view,
    with_operands,
)

#: Labels of axes in the emitted source, in order of use.
LETTERS = "ijklmnopqrstuvwABCDEFGH"


def with_operation(statement: Statement, operation: Operation) -> Statement:
    """The statement with another operation; the statement itself where it is its own."""
    return statement if operation is statement.operation else replace(statement, operation=operation)


def changed(operation: Operation, change: Callable[[Operand], Operand]) -> Operation:
    """The operation with every operand replaced by ``change`` of it; the operation itself where none changes."""
    operands = operation.operands
    new = tuple(map(change, operands))
    if all(map(is_, new, operands)):
        return operation
    if isinstance(operation, Elementwise):
        return with_operands(operation, new)
    if isinstance(operation, Contraction):
        return Contraction(new)
    if isinstance(operation, MatrixProduct):
        bias = operation.bias and change(operation.bias)
        return replace(operation, left=change(operation.left), right=change(operation.right), bias=bias)
    if isinstance(operation, Gather | Scatter):
        places = {symbol: change(operand) for symbol, operand in operation.bindings}
        indices = tuple(i.xreplace({symbol: view(o) for symbol, o in places.items()}) for i in operation.indices)
        return replace(
            operation,
            source=change(operation.source),
            indices=indices,
            bindings=tuple((view(operand), operand) for operand in places.values()),
        )
    if isinstance(operation, Iota):
        return operation
    return replace(operation, operand=change(operation.operand))


def uses_of(program: Program) -> Counter[str]:
    """How often each array is read, an output counting as a read."""
    reads = Counter(name for statement in program.statements for name in statement.reads)
    reads.update(program.outputs.values())
    return reads


def without_dead_code(program: Program) -> Program:
    """Only the statements that an output needs."""
    made = {statement.target.array.name: statement for statement in program.statements}
    needed, waiting = set[str](), list(program.outputs.values())
    while waiting:
        name = waiting.pop()
        if name in made and name not in needed:
            waiting += made[name].reads
        needed.add(name)
    return program.with_statements(s for s in program.statements if s.target.array.name in needed)


def without_unread(program: Program) -> Program:
    """Only the inputs that a statement or an output needs, and the sizes that are read off them."""
    read = {name for statement in program.statements for name in statement.reads} | set(program.outputs.values())
    inputs = tuple(array for array in program.inputs if array.name in read)
    sizes = {size: place for size, place in program.sizes.items() if place[0] in read}
    return replace(program, inputs=inputs, sizes=sizes)


def longest_first(expressions: Iterable[Expr]) -> list[Expr]:
    """Expressions with the most operations first, those with as many in the order of their text."""
    found = list(expressions)
    if len(found) < 2:
        return found
    groups: dict[int, list[Expr]] = {}
    for expression in found:
        groups.setdefault(-expression.count_ops() if expression.args else 0, []).append(expression)
    # Printing takes longer than all the rest.
    return [e for _, alike in sorted(groups.items()) for e in (sorted(alike, key=str) if len(alike) > 1 else alike)]
