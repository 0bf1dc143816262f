"""Products and sums with few entries, which are written out where samples are read as whole vectors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sympy import Expr, Integer, prod

from symbackprop.kernels.program import Contraction, Label, MatrixProduct, Operand, Operation, Program, Reduction

if TYPE_CHECKING:
    from symbackprop.kernels.c_body import CBody

#: A network is small if every product of matrices has at most so many multiplications for a sample.
SMALL = 64

#: How many sums are kept at a time (``FEW`` in ``c_vectors.c``), and how many rows of samples.
_FEW, _ROWS = 16, 8


def small(program: Program) -> bool:
    """Whether all products of matrices have few entries, whatever the number of samples."""
    found = [s.operation for s in program.statements if isinstance(s.operation, MatrixProduct | Contraction)]
    return bool(found) and all(_multiplications(operation.operands) <= SMALL for operation in found)


def _multiplications(operands: tuple[Operand, ...]) -> int:
    extents = {label: size for o in operands for label, size in zip(o.axes, o.array.shape, strict=True)}
    return int(prod(size for size in extents.values() if size.is_Integer))


def few_lines(
    body: CBody,
    target: Operand,
    left: Operand,
    right: Operand,
    bias: Operand | None,
    main: tuple[Label | None, Label, Label | None],
) -> list[str]:
    """A product with few entries; nothing if it is none. ``main`` are the labels of rows, columns and sum."""
    row, column, along = main
    extents = body.extents((target, left, right))
    rows, columns, sums = (Integer(1) if label is None else extents[label] for label in main)
    few = rows.is_Integer and sums.is_Integer and sums <= _FEW
    if few and body.spaced >= {target.array.name, right.array.name} and _is_last(column, target, right):
        return list(_rows(body, target, left, right, bias, (row, along), int(rows), int(sums)))
    if body.spaced >= {left.array.name, right.array.name} and _is_last(along, left, right) and bias is None:
        plain = rows.is_Integer and columns.is_Integer and columns <= _FEW and target.array.name not in body.spaced
        if plain and body.step(target, column) == "1" and target.axes == tuple(filter(None, (row, column))):
            return list(_entries(body, target, left, right, int(rows), int(columns)))
    return []


def few_sums(body: CBody, target: Operand, operation: Operation) -> list[str]:
    """The sums over all samples, for each row of an array; nothing if the operation is none, or has many rows."""
    if not (isinstance(operation, Reduction) and operation.kind == "sum" and body.few):
        return []
    operand = operation.operand
    rows = prod(operand.array.shape[:-1], Integer(1))
    plain = target.array.name not in body.spaced and target.axes == operand.axes[:-1]
    if not (plain and operand.array.name in body.spaced and rows.is_Integer):
        return []
    return list(_entries(body, target, operand, None, int(rows), 1))


def _is_last(label: Label | None, *operands: Operand) -> bool:
    return label is not None and all(operand.axes[-1:] == (label,) for operand in operands)


def _rows(
    body: CBody,
    target: Operand,
    left: Operand,
    right: Operand,
    bias: Operand | None,
    main: tuple[Label | None, Label | None],
    rows: int,
    sums: int,
) -> Iterator[str]:
    row, along = main
    step = body.step(left, row)
    for start in range(0, rows, _ROWS):
        a = f"{_moved(body, left, start, step)}, {step}, {body.step(left, along)}"
        b, c = f"{body.at(right, {})}, m_", f"{_moved(body, target, start, 'm_')}, m_"
        own = _moved(body, bias, start, "1") if bias else "0"
        yield f"few_rows({min(_ROWS, rows - start)}, {sums}, m_, {a}, {b}, {c}, {own});"


def _entries(
    body: CBody, target: Operand, left: Operand, right: Operand | None, rows: int, columns: int
) -> Iterator[str]:
    high = max(1, _FEW // columns)
    samples = body.size(_samples(left))
    for start in range(0, rows, high):
        a = f"{_moved(body, left, start, 'm_')}, m_"
        b = f"{body.at(right, {})}, m_" if right else "0, 0"
        c = _moved(body, target, start, str(columns))
        yield f"few_entries({min(high, rows - start)}, {columns}, {samples}, {a}, {b}, {c});"


def _samples(operand: Operand) -> Expr:
    return operand.array.shape[-1]


def _moved(body: CBody, operand: Operand, start: int, step: str) -> str:
    """Where row ``start`` of an array begins."""
    name = body.at(operand, {})
    return f"{name} + {start}*{step}" if start else name
