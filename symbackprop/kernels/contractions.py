"""Sums of products of arrays: in which order two operands are taken at a time, and which call does each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from math import prod

from sympy import Expr

from symbackprop.kernels.affine import usual
from symbackprop.kernels.libraries import NUMPY, Library
from symbackprop.kernels.program import Array, Contraction, Label, Operand, Program, Statement


def with_pairs(program: Program) -> Program:
    """Every contraction of more than two operands as a chain of two at a time, the cheapest pair first."""
    statements: list[Statement] = []
    for statement in program.statements:
        number, operation = 0, statement.operation
        while isinstance(operation, Contraction) and len(operation.operands) > 2:
            number += 1
            step, operation = _paired(operation, statement, f"{statement.target.array.name}_p{number}")
            statements.append(step)
        statements.append(replace(statement, operation=operation) if number else statement)
    return program.with_statements(statements)


def _paired(operation: Contraction, statement: Statement, name: str) -> tuple[Statement, Contraction]:
    """The first step, whose result is called ``name``, and what is left."""
    sizes: dict[Label, Expr] = {}
    for operand in operation.operands:
        sizes |= dict(zip(operand.axes, operand.array.shape, strict=True))
    first, second = min(combinations(operation.operands, 2), key=lambda pair: _work(pair, sizes))
    others = list(operation.operands)
    others.remove(first)
    others.remove(second)
    wanted = {label for operand in others for label in operand.axes} | set(statement.target.axes)
    kept = tuple(label for label in sizes if label in wanted and label in {*first.axes, *second.axes})
    result = Operand(Array(name, tuple(sizes[label] for label in kept)), kept)
    in_loop = statement.loop if statement.loop and statement.loop.label in kept else None
    return Statement(result, Contraction((first, second)), loop=in_loop), Contraction((*others, result))


def _work(pair: Iterable[Operand], sizes: dict[Label, Expr]) -> int:
    labels = {label for operand in pair for label in operand.axes}
    return prod(usual(sizes[label]) for label in labels)


def product_code(
    target: Operand, operands: tuple[Operand, ...], text: Callable[[Operand], str], library: Library = NUMPY
) -> str:
    """The call for a contraction; ``text`` gives the source of an operand."""
    if len(operands) == 2:
        one, other = operands
        found = _matmul(target, one, other, text, library) or _matmul(target, other, one, text, library)
        found = found or _tensordot(target, one, other, text, library) or _stacked(target, one, other, text, library)
        if found:
            return found
    subscripts = ",".join("".join(operand.axes) for operand in operands)
    return f'{library.name}.einsum("{subscripts}->{"".join(target.axes)}", {", ".join(map(text, operands))})'


def _matmul(
    target: Operand, left: Operand, right: Operand, text: Callable[[Operand], str], library: Library
) -> str | None:
    """A stack of matrix products: the last two axes are (row, summed) and (summed, column), those before a stack."""
    if min(len(operand.axes) for operand in (target, left, right)) < 2 or len(target.axes) < 3:
        return None
    *stack, row, column = target.axes
    matrices = []
    for operand, outer in ((left, row), (right, column)):
        *own, first, last = operand.axes
        if outer not in (first, last) or own not in ([], stack):
            return None
        matrices.append((operand, outer, last if outer == first else first))
    (_, _, summed), (_, _, other) = matrices
    if summed != other or summed in target.axes:
        return None
    turned = (left.axes[-1] == row, right.axes[-1] != column)
    texts = (_turned(text(o), len(o.axes)) if turn else text(o) for o, turn in zip((left, right), turned, strict=True))
    return f"{library.name}.matmul({', '.join(texts)})"


def _turned(name: str, axes: int) -> str:
    return f"{name}.T" if axes == 2 else f"{name}.swapaxes(-1, -2)"


def _tensordot(
    target: Operand, one: Operand, other: Operand, text: Callable[[Operand], str], library: Library
) -> str | None:
    """One matrix product over all axes that both have, where the result has none of them."""
    summed = [label for label in one.axes if label in other.axes]
    if not summed or set(summed) & set(target.axes) or {*one.axes, *other.axes} - {*summed, *target.axes}:
        return None
    if target.axes[:1] and target.axes[0] in other.axes:
        one, other = other, one
    result = [label for operand in (one, other) for label in operand.axes if label not in summed]
    axes = [tuple(operand.axes.index(label) for label in summed) for operand in (one, other)]
    return _ordered(library.tensordot(text(one), text(other), axes), result, target.axes, library)


def _stacked(
    target: Operand, one: Operand, other: Operand, text: Callable[[Operand], str], library: Library
) -> str | None:
    """A stack of matrix products along the labels that both operands and the result have."""
    if target.axes and target.axes[0] in other.axes and target.axes[0] not in one.axes:
        one, other = other, one
    both = [label for label in one.axes if label in other.axes]
    stack, summed = ([label for label in both if (label in target.axes) is kept] for kept in (True, False))
    row, column = ([label for label in o.axes if label not in both] for o in (one, other))
    if not stack or (len(summed), len(row), len(column)) != (1, 1, 1) or {*row, *column} - set(target.axes):
        return None
    left = _ordered(text(one), one.axes, [*stack, *row, *summed], library)
    right = _ordered(text(other), other.axes, [*stack, *summed, *column], library)
    return _ordered(f"{library.name}.matmul({left}, {right})", (*stack, *row, *column), target.axes, library)


def _ordered(name: str, axes: Sequence[Label], wanted: Sequence[Label], library: Library) -> str:
    return library.transposed(name, [list(axes).index(label) for label in wanted])
