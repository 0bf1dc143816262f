"""Programs as readable NumPy source."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sympy import Add, Expr, Function, Max, Min, Mul, Pow, Symbol, cse

from symbackprop.kernels.backend import Compiled, Routine, backends, checked_name
from symbackprop.kernels.contractions import product_code
from symbackprop.kernels.gathers import gather_lines
from symbackprop.kernels.masks import Mask
from symbackprop.kernels.printing import KernelPrinter
from symbackprop.kernels.program import (
    Contraction,
    Elementwise,
    Gather,
    Iota,
    MatrixProduct,
    Operand,
    Reduction,
    Scatter,
    Statement,
)
from symbackprop.kernels.scatters import scatter_lines
from symbackprop.kernels.turns import Turns
from symbackprop.kernels.writer import IndexPrinter, Writer, tuple_text

HEADER = '''"""Forward and backward pass of a network in {dtype}.

X and Y have one sample a row. Inside, an array of samples has one a column, so that z = W a + b.
"""

import numpy as np
from scipy import special
'''
WINDOWS = "from numpy.lib.stride_tricks import sliding_window_view\n"


def compile_numpy(routines: tuple[Routine, ...], dtype: str) -> Compiled:
    """Source with NumPy and SciPy alone, and its functions."""
    bodies = [emit(routine, dtype) for routine in routines]
    header = HEADER.format(dtype=dtype)
    if any("sliding_window_view" in body for body in bodies):
        header = header.replace("from scipy", f"{WINDOWS}from scipy")
    source = "\n\n".join([header, *bodies])
    namespace: dict[str, Any] = {}
    # The text is made of checked names, numbers and printed arithmetic; nothing that a user wrote is in it.
    exec(compile(source, "<symbackprop kernels>", "exec"), namespace)  # noqa: S102
    functions: dict[str, Callable[..., Any]] = {routine.name: namespace[routine.name] for routine in routines}
    return Compiled(source, functions)


backends.register("numpy", compile_numpy)


def emit(routine: Routine, dtype: str) -> str:
    """One function as source text."""
    return "\n".join(Emitter(routine, dtype).lines()) + "\n"


class Emitter:
    """The source of a routine; ``names`` holds the text of every array."""

    def __init__(self, routine: Routine, dtype: str) -> None:
        self.routine = routine
        self.program = routine.program
        self.dtype = dtype
        self.names = {name: checked_name(name) for name in self.program.arrays}
        self.sizes = {size: f"n{k}" if k else "n" for k, size in enumerate(self.program.sizes)}
        self._name_temporaries()

    def _name_temporaries(self) -> None:
        """A temporary that becomes a named array in place, with no other named array between, has that name at once."""
        near: set[str] = set()
        for statement in self.program.statements:
            if statement.reuses in near:
                self.names[statement.reuses] = self.names[statement.target.array.name]
            near = set() if statement.note else near | {statement.target.array.name}

    def lines(self) -> Iterator[str]:
        arguments = [self.names[array.name] for array in self.program.inputs]
        yield f"def {checked_name(self.routine.name)}({', '.join(arguments)}):"
        yield f'    """{self.routine.summary}"""'
        for array in self.program.inputs:
            if array.name in self.routine.rows:
                yield f"    {array.name} = {turned(array.name, len(array.shape), '0, -1')}"
        for size in self._used_sizes():
            name, axis = self.program.sizes[size]
            yield f"    {self.sizes[size]} = {name}.shape[{axis}]"
        yield from (f"    {line}" for line in self._body())
        yield f"    return {', '.join(itertools.starmap(self._result, self.program.outputs.items()))}"

    def _result(self, key: str, name: str) -> str:
        axes = len(self.program.arrays[name].shape)
        return turned(self.names[name], axes, "-1, 0") if key in self.routine.rows else self.names[name]

    def _used_sizes(self) -> list[Symbol]:
        used: set[Symbol] = set()
        for statement in self.program.statements:
            operation = statement.operation
            if isinstance(operation, Elementwise):
                used |= operation.expression.free_symbols
            if isinstance(operation, Gather | Scatter):
                used.update(*(index.free_symbols for index in operation.indices))
            bare = isinstance(operation, Elementwise) and not operation.operands
            shapes = [] if not (bare or _shows_shape(statement)) else [statement.target, *operation.operands]
            used.update(*(size.free_symbols for operand in shapes for size in operand.array.shape))
        return [size for size in self.program.sizes if size in used]

    def _body(self) -> Iterator[str]:
        pending: list[str] = []
        for loop, group in itertools.groupby(self.program.statements, key=lambda s: s.loop and s.loop.number):
            if loop is None:
                for statement in group:
                    pending += self.statement(statement)
                    if statement.note:
                        yield from (f"# {statement.note}", *pending)
                        pending = []
            else:
                members = tuple(group)
                notes = [s.note for s in members if s.note]
                yield from (f"# {', '.join(notes)}", *pending, *self.loop(members))
                pending = []
        yield from pending

    def loop(self, members: tuple[Statement, ...]) -> Iterator[str]:
        """A loop; what is read after it is kept whole, with zeros at its end for the turns before the first."""
        turns = Turns(self.program, members, self.names)
        size = IndexPrinter(self.sizes)
        length = size.code(turns.length)
        for array, axis, slots in turns.kept:
            extents = list(array.shape)
            extents[axis] += slots
            shape = tuple_text(map(size.code, extents))
            maker = "zeros" if slots else "empty"
            yield f"{self.names[array.name]} = np.{maker}({shape}, dtype=np.{self.dtype})"
        loop = members[0].loop
        yield f"for t in {f'reversed(range({length}))' if loop and loop.descending else f'range({length})'}:"
        for statement in members:
            sliced, texts = turns.sliced(statement)
            self.names |= texts
            if sliced is not None:
                yield from (f"    {line}" for line in self.statement(sliced))
        for array, axis, slots in turns.kept:
            if slots and array.name in turns.outside:
                name = self.names[array.name]
                yield f"{name} = {name}[{':, ' * axis}:{length}]"

    def statement(self, statement: Statement) -> list[str]:
        """The lines that compute a statement into an array of its own."""
        operation = statement.operation
        if isinstance(operation, Elementwise):
            return self._elementwise(statement, operation)
        target = self.names[statement.target.array.name]
        if isinstance(operation, Gather | Scatter):
            writer = Writer(target, statement.target.array.name, self.sizes, self._text, self.aligned, self.dtype)
            if isinstance(operation, Gather):
                return list(gather_lines(writer, statement.target, operation))
            return list(scatter_lines(writer, statement.target, operation))
        if isinstance(operation, Iota):
            stop = IndexPrinter(self.sizes).code(statement.target.array.shape[0] + 1)
            return [f"{target} = np.arange(1, {stop}, dtype=np.{self.dtype})"]
        if isinstance(operation, MatrixProduct):
            left = self.names[operation.left.array.name] + (".T" if operation.transpose_left else "")
            right = self.names[operation.right.array.name] + (".T" if operation.transpose_right else "")
            bias = [f"{target} += {self.names[operation.bias.array.name]}[:, None]"] if operation.bias else []
            return [f"{target} = np.dot({left}, {right})", *bias]
        if isinstance(operation, Contraction):
            return [f"{target} = {product_code(statement.target, operation.operands, self._text)}"]
        return [f"{target} = {self._reduction(statement, operation)}"]

    def _text(self, operand: Operand) -> str:
        return self.names[operand.array.name]

    def _reduction(self, statement: Statement, operation: Reduction) -> str:
        labels, name = operation.operand.axes, self.names[operation.operand.array.name]
        gone = [axis for axis, label in enumerate(labels) if label not in statement.target.axes]
        kept = tuple(label for label in labels if label in statement.target.axes)
        axes = "" if not kept else f"axis={gone[0] if len(gone) == 1 else tuple(gone)}"
        order = [kept.index(label) for label in statement.target.axes]
        turned = "" if order == sorted(order) else f".transpose({order})"
        return f"{name}.{operation.kind}({axes}){turned}" + (" + 1" if operation.kind == "argmax" else "")

    def _elementwise(self, statement: Statement, operation: Elementwise) -> list[str]:
        names = {symbol: self.aligned(operand, statement.target.axes) for symbol, operand in operation.bindings}
        printer = KernelPrinter({**self.sizes, **names}, self.dtype)
        target, lines = self.names[statement.target.array.name], []
        expression = operation.expression
        if _repeats_a_call(expression):
            fresh = (Symbol(f"{statement.target.array.name}_c{k}", real=True) for k in range(1, 1000))
            replaced, (expression,) = cse([expression], symbols=fresh)
            for symbol, part in replaced:
                printer.names[symbol] = symbol.name
                lines.append(f"{symbol.name} = {printer.code(part)}")
        reached = {label for operand in operation.operands for label in operand.axes}
        if reached != set(statement.target.axes):
            shape = tuple_text(map(IndexPrinter(self.sizes).code, statement.target.array.shape))
            return [*lines, f"{target} = np.full({shape}, {printer.code(expression)}, dtype=np.{self.dtype})"]
        reused = next((s for s, o in operation.bindings if o.array.name == statement.reuses), None)
        in_place = None if reused is None else _in_place(target, reused, expression, printer)
        if in_place is None or (not statement.target.axes and "out=" in in_place):
            in_place = f"{target} = {printer.code(expression)}"
        return [*lines, in_place]

    def scalar(self, expression: Expr, views: Mapping[Symbol, Operand]) -> str:
        """The source of what is the same everywhere: numbers, sizes, arrays without axes."""
        names = {symbol: self.names[operand.array.name] for symbol, operand in views.items()}
        return KernelPrinter({**self.sizes, **names}, self.dtype).code(expression)

    def aligned(self, operand: Operand, axes: Sequence[str]) -> str:
        """The operand's name with its axes brought into the order and number of ``axes``."""
        name = self.names[operand.array.name]
        order = sorted(range(len(operand.axes)), key=lambda k: axes.index(operand.axes[k]))
        if order != sorted(order):
            name += f".transpose({order})"
        slots = [":" if label in operand.axes else "None" for label in axes]
        while slots and slots[0] == "None":
            slots.pop(0)
        return f"{name}[{', '.join(slots)}]" if "None" in slots else name


def _shows_shape(statement: Statement) -> bool:
    """Whether sizes stand in the text of a statement besides those of its scalar expression."""
    if isinstance(statement.operation, Elementwise):
        reached = {label for operand in statement.operation.operands for label in operand.axes}
        return statement.loop is not None or reached != set(statement.target.axes)
    return statement.loop is not None or isinstance(statement.operation, Gather | Scatter | Iota)


def turned(name: str, axes: int, move: str) -> str:
    """The name with its samples at the other end of its axes."""
    return f"{name}.T" if axes <= 2 else f"np.moveaxis({name}, {move})"


def _repeats_a_call(expression: Expr) -> bool:
    calls = [node for node in _walk(expression) if isinstance(node, Function) and not isinstance(node, Max | Min)]
    return len(set(calls)) < len(calls)


def _walk(expression: Expr) -> Iterator[Expr]:
    yield expression
    for argument in expression.args:
        yield from _walk(argument)


def _in_place(target: str, reused: Symbol, expression: Expr, printer: KernelPrinter) -> str | None:
    """``expression`` computed into the memory of ``reused``, where it is one operation on it, else ``None``."""
    old = printer.names[reused]
    others = [argument for argument in expression.args if argument != reused]
    if len(others) == len(expression.args):
        return None
    if isinstance(expression, Mul):
        return _multiplied(target, old, Mul(*others), printer)
    if isinstance(expression, Add):
        return _operated(target, old, "+", "add", printer.code(Add(*others)))
    if isinstance(expression, Function | Max | Min) and all(other.is_number for other in others):
        return f"{target} = {printer.code(expression)[:-1]}, out={old})"
    return None


def _multiplied(target: str, old: str, rest: Expr, printer: KernelPrinter) -> str:
    if isinstance(rest, Pow) and rest.exp == -1:
        return _operated(target, old, "/", "divide", printer.code(rest.base))
    if rest == -1:
        return f"{target} = np.negative({old}, out={old})"
    text = printer.doprint(rest) if isinstance(rest, Mask) else printer.code(rest)
    return _operated(target, old, "*", "multiply", text)


def _operated(target: str, old: str, sign: str, name: str, rest: str) -> str:
    return f"{target} {sign}= {rest}" if target == old else f"{target} = np.{name}({old}, {rest}, out={old})"
