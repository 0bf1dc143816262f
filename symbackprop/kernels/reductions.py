"""Sums of sums: one operation over all axes."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.kernels.program import (
    Array,
    Contraction,
    Operand,
    Operation,
    Program,
    Reduction,
    Scatter,
    Statement,
    letter,
)
from symbackprop.kernels.rewriting import LETTERS, changed, uses_of, without_dead_code


def joined_reductions(program: Program) -> Program:
    """A sum of a sum, of a contraction or of a scatter is one over all axes."""
    uses = uses_of(program)
    made = {statement.target.array.name: statement for statement in program.statements}
    found: list[Statement] = []
    for statement in program.statements:
        outer = statement.operation
        inner = made.get(outer.operand.array.name) if isinstance(outer, Reduction) else None
        if (
            isinstance(outer, Reduction)
            and inner
            and uses[inner.target.array.name] == 1
            and inner.loop == statement.loop
        ):
            found += _joined(statement, outer, inner)
        else:
            found.append(statement)
        made[statement.target.array.name] = found[-1]
    return without_dead_code(program.with_statements(found))


def _joined(statement: Statement, outer: Reduction, inner: Statement) -> list[Statement]:
    if isinstance(inner.operation, Scatter) and outer.kind == "sum":
        return _scattered(statement, outer, inner, inner.operation)
    if not _sums_alike(outer, inner.operation):
        return [statement]
    names = dict(zip(inner.target.axes, outer.operand.axes, strict=True))
    fresh = iter(letter for letter in LETTERS if letter not in outer.operand.axes)

    def renamed(operand: Operand) -> Operand:
        return replace(operand, axes=tuple(names.get(a) or names.setdefault(a, next(fresh)) for a in operand.axes))

    return [replace(statement, operation=changed(inner.operation, renamed))]


def _sums_alike(outer: Reduction, inner: Operation) -> bool:
    if isinstance(inner, Contraction):
        return outer.kind == "sum"
    return isinstance(inner, Reduction) and inner.kind == outer.kind != "argmax"


def _scattered(statement: Statement, outer: Reduction, inner: Statement, scatter: Scatter) -> list[Statement]:
    """A sum over axes that a scatter only takes over from its source: fewer places; what moves nowhere is summed."""
    place = {label: number for number, label in enumerate(outer.operand.axes)}
    gone = [number for label, number in place.items() if label not in statement.target.axes]
    if any(scatter.indices[number] not in map(letter, scatter.source.axes) for number in gone):
        return [statement]
    indices = tuple(scatter.indices[place[label]] for label in statement.target.axes)
    target = replace(statement.target, axes=tuple(inner.target.axes[place[label]] for label in statement.target.axes))
    moving = {s.name for index in indices for s in index.free_symbols}
    moving |= {label for _, operand in scatter.bindings for label in operand.axes}
    fewer, source = list[Statement](), scatter.source
    if not moving >= set(source.axes):
        kept = [(label, size) for label, size in zip(source.axes, source.array.shape, strict=True) if label in moving]
        array = Array(f"{statement.target.array.name}_s", tuple(size for _, size in kept))
        whole, source = source, Operand(array, tuple(label for label, _ in kept))
        fewer = [Statement(source, Reduction("sum", whole), loop=statement.loop)]
    return [*fewer, replace(statement, target=target, operation=replace(scatter, source=source, indices=indices))]
