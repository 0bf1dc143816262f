"""Programs as readable source, a line or a few for each statement."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from sympy import Add, Expr, Function, Max, Min, Mul, Pow, Symbol, cse, prod

from symbackprop.kernels.backend import Routine, checked_name
from symbackprop.kernels.contractions import product_code
from symbackprop.kernels.gathers import gather_lines
from symbackprop.kernels.libraries import NUMPY, Library
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
    plain,
)
from symbackprop.kernels.scatters import scatter_lines
from symbackprop.kernels.turns import Turns
from symbackprop.kernels.writer import IndexPrinter, Writer, tuple_text


def emit(routine: Routine, dtype: str, library: Library = NUMPY) -> str:
    """One function as source text."""
    return "\n".join(Emitter(routine, dtype, library).lines()) + "\n"


class Emitter:
    """The source of a routine; ``names`` holds the text of every array."""

    def __init__(self, routine: Routine, dtype: str, library: Library = NUMPY) -> None:
        self.routine = routine
        self.program = routine.program
        self.dtype = dtype
        self.library = library
        self.names = {name: checked_name(name) for name in self.program.arrays}
        self.sizes = {size: f"n{k}" if k else "n" for k, size in enumerate(self.program.sizes)}
        self.printer = KernelPrinter({}, dtype, library)
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
        if self.routine.wide and self.library.in_place:
            yield f"    {', '.join(arguments)}{',' * (len(arguments) == 1)} = widened({', '.join(arguments)})"
        for array in self.program.inputs:
            if array.name in self.routine.rows:
                text = self.library.turned(array.name, len(array.shape), "0, -1")
                if text != array.name:
                    yield f"    {array.name} = {text}"
        for size in self._used_sizes():
            name, axis = self.program.sizes[size]
            yield f"    {self.sizes[size]} = {name}.shape[{axis}]"
        body = list(self._body())
        yield from (f"    {line}" for line in [*self.library.preamble(self.program.inputs[0].name, body), *body])
        results = ", ".join(itertools.starmap(self._result, self.program.outputs.items()))
        yield (
            f"    return rounded({results})" if self.routine.wide and self.library.in_place else f"    return {results}"
        )

    def _result(self, key: str, name: str) -> str:
        axes = len(self.program.arrays[name].shape)
        own = self.names[name]
        return self.library.turned(own, axes, "-1, 0") if key in self.routine.rows else own

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
            yield f"{self.names[array.name]} = {self.library.made(maker, shape, self.dtype)}"
        loop = members[0].loop
        kept = [self.names[array.name] for array, _, _ in turns.kept]
        yield from self.library.loop(length, bool(loop and loop.descending), list(self._turn(members, turns)), kept)
        for array, axis, slots in turns.kept:
            if slots and array.name in turns.outside:
                name = self.names[array.name]
                yield f"{name} = {name}[{':, ' * axis}:{length}]"

    def _turn(self, members: tuple[Statement, ...], turns: Turns) -> Iterator[str]:
        """The lines of one turn of a loop, with a comment for each step where there are several."""
        several, pending = sum(bool(s.note) for s in members) > 1, list[str]()
        for statement in members:
            pending += self._entry(statement, turns)
            if statement.note and pending:
                yield from (f"# {statement.note}", *pending) if several else pending
                pending = []
        yield from pending

    def _entry(self, statement: Statement, turns: Turns) -> Iterator[str]:
        """The lines that compute what a statement of a loop makes in one turn."""
        sliced, texts = turns.sliced(statement)
        entry = sliced and texts.get(sliced.target.array.name)
        if sliced is None or not entry or "[" not in entry or self.library.sets_entries:
            self.names |= texts
            yield from self.statement(sliced) if sliced else ()
        else:
            # An array that is not changed in place is made anew with the entry of this turn.
            whole, _, place = entry.partition("[")
            self.names |= {**texts, sliced.target.array.name: f"{whole}_t"}
            yield from self.statement(sliced)
            yield f"{whole} = {self.library.with_entry(whole, place[:-1], f'{whole}_t')}"

    def statement(self, statement: Statement) -> list[str]:
        """The lines that compute a statement into an array of its own."""
        operation = statement.operation
        if isinstance(operation, Elementwise):
            return self._elementwise(statement, operation)
        target = self.names[statement.target.array.name]
        if isinstance(operation, Gather | Scatter):
            stem = statement.target.array.name
            writer = Writer(target, stem, self.sizes, self._text, self.aligned, self.dtype, self.library, self.ranges)
            if isinstance(operation, Gather):
                return list(gather_lines(writer, statement.target, operation))
            return list(scatter_lines(writer, statement.target, operation))
        if isinstance(operation, Iota):
            stop = IndexPrinter(self.sizes).code(statement.target.array.shape[0] + 1)
            return [f"{target} = {self.library.made('arange', f'1, {stop}', self.dtype)}"]
        if isinstance(operation, MatrixProduct):
            left = self.names[operation.left.array.name] + (".T" if operation.transpose_left else "")
            right = self.names[operation.right.array.name] + (".T" if operation.transpose_right else "")
            product = self.library.dot(left, right)
            bias = f"{self.names[operation.bias.array.name]}[:, None]" if operation.bias else ""
            if bias and self.library.in_place:
                return [f"{target} = {product}", f"{target} += {bias}"]
            return [f"{target} = {product} + {bias}" if bias else f"{target} = {product}"]
        if isinstance(operation, Contraction):
            return [f"{target} = {product_code(statement.target, operation.operands, self._text, self.library)}"]
        return [f"{target} = {self._reduction(statement, operation)}"]

    @cached_property
    def ranges(self) -> dict[str, Expr]:
        """How far the positions of a maximum reach."""
        found = {}
        for statement in self.program.statements:
            operation = statement.operation
            if isinstance(operation, Reduction) and operation.kind == "argmax":
                sizes = zip(operation.operand.axes, operation.operand.array.shape, strict=True)
                found[statement.target.array.name] = prod(n for label, n in sizes if label not in statement.target.axes)
        return found

    def _text(self, operand: Operand) -> str:
        return self.names[operand.array.name]

    def _reduction(self, statement: Statement, operation: Reduction) -> str:
        labels, name = operation.operand.axes, self.names[operation.operand.array.name]
        gone = [axis for axis, label in enumerate(labels) if label not in statement.target.axes]
        kept = tuple(label for label in labels if label in statement.target.axes)
        found = self.library.reduced(name, operation.kind, gone if kept else [])
        found = self.library.transposed(found, [kept.index(label) for label in statement.target.axes])
        return found + (" + 1" if operation.kind == "argmax" else "")

    def _elementwise(self, statement: Statement, operation: Elementwise) -> list[str]:
        names = {symbol: self.aligned(operand, statement.target.axes) for symbol, operand in operation.bindings}
        printer = self.printer
        printer.names = {**self.sizes, **names}
        target, lines = self.names[statement.target.array.name], []
        expression = operation.expression
        if not plain(expression) and _repeats_a_call(expression):
            own = statement.target.array.name.partition("[")[0]  # in a loop an entry
            fresh = (Symbol(f"{own}_c{k}", real=True) for k in range(1, 1000))
            replaced, (expression,) = cse([expression], symbols=fresh)
            for symbol, part in replaced:
                printer.names[symbol] = symbol.name
                lines.append(f"{symbol.name} = {printer.code(part)}")
        reached = {label for operand in operation.operands for label in operand.axes}
        if reached != set(statement.target.axes):
            shape = tuple_text(map(IndexPrinter(self.sizes).code, statement.target.array.shape))
            value = self.library.full(shape, printer.code(expression), self.dtype, not operation.operands)
            return [*lines, f"{target} = {value}"]
        if not self.library.in_place:
            return [*lines, f"{target} = {printer.code(expression)}"]
        reused = next((s for s, o in operation.bindings if o.array.name == statement.reuses), None)
        in_place = None if reused is None else _in_place(target, reused, expression, printer)
        if in_place is None or (not statement.target.axes and "out=" in in_place):
            in_place = f"{target} = {printer.code(expression)}"
        return [*lines, in_place]

    def scalar(self, expression: Expr, views: Mapping[Symbol, Operand]) -> str:
        """The source of what is the same everywhere: numbers, sizes, arrays without axes."""
        names = {symbol: self.names[operand.array.name] for symbol, operand in views.items()}
        self.printer.names = {**self.sizes, **names}
        return self.printer.code(expression)

    def aligned(self, operand: Operand, axes: Sequence[str]) -> str:
        """The operand's name with its axes brought into the order and number of ``axes``."""
        name = self.names[operand.array.name]
        if operand.axes == tuple(axes):
            return name
        order = sorted(range(len(operand.axes)), key=lambda k: axes.index(operand.axes[k]))
        name = self.library.transposed(name, order)
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
        rest = Add(*others)
        if isinstance(rest, Mul) and rest.could_extract_minus_sign():
            return _operated(target, old, "-", "subtract", printer.code(-rest))
        return _operated(target, old, "+", "add", printer.code(rest))
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
