"""A program as the statements of a C function: calls of products and of loops, one statement of the program each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from sympy import Expr, Symbol, prod

from symbackprop.errors import NotDerivable
from symbackprop.kernels.backend import checked_name
from symbackprop.kernels.c_few import few_lines, few_sums
from symbackprop.kernels.c_loops import Call, Functions, Loops, contracted_call, elementwise_call, reduced_call
from symbackprop.kernels.c_printing import CIndexPrinter
from symbackprop.kernels.program import (
    Array,
    Contraction,
    Elementwise,
    Gather,
    Iota,
    Label,
    MatrixProduct,
    Operand,
    Program,
    Scatter,
    Statement,
    letter,
)

#: How many places the last axis of a spaced array takes. No array has a name that ends like this.
SPACE = Symbol("m_", integer=True, positive=True)


class CBody:
    """The calls for the statements of a program.

    ``by_rows`` names the arrays that are kept with samples first, ``spaced`` those whose last axis takes ``m_`` places;
    with ``few`` products have so few entries that they are written out.
    """

    def __init__(
        self,
        program: Program,
        functions: Functions,
        by_rows: frozenset[str] = frozenset(),
        spaced: frozenset[str] = frozenset(),
        few: bool = False,
    ) -> None:
        self.program, self.functions, self.by_rows, self.spaced, self.few = program, functions, by_rows, spaced, few
        self.names = {name: checked_name(name) for name in program.arrays}
        self.sizes: dict[Symbol, str] = {size: f"n{k}" if k else "n" for k, size in enumerate(program.sizes)}
        self.index = CIndexPrinter({**self.sizes, SPACE: SPACE.name})

    def size(self, expression: Expr) -> str:
        return self.index.code(expression)

    def shape(self, array: Array) -> tuple[Expr, ...]:
        """The shape of an array in memory."""
        return (*array.shape[:-1], SPACE) if array.name in self.spaced else array.shape

    def count(self, array: Array) -> str:
        """How many places an array takes."""
        return self.size(prod(self.shape(array)))

    def lines(self, statements: Sequence[Statement]) -> Iterator[str]:
        """The statements in order; those of a loop together."""
        for loop, group in groupby(statements, key=lambda s: s.loop):
            members = tuple(group)
            if loop is None:
                for statement in members:
                    yield from self._noted(statement, self.statement(statement, {}))
                continue
            first = members[0].target
            length = self.size(first.array.shape[first.axes.index(loop.label)])
            head = (
                f"for (long t = {length} - 1; t >= 0; t--)"
                if loop.descending
                else f"for (long t = 0; t < {length}; t++)"
            )
            yield f"{head} {{"
            for statement in members:
                fixed = {statement.loop.label: "t"} if statement.loop else {}
                found = self.statement(statement, fixed)
                yield from (f"    {line}" for line in self._noted(statement, found))
            yield "}"

    def _noted(self, statement: Statement, lines: Sequence[str]) -> Iterator[str]:
        if statement.note:
            yield f"/* {statement.note} */"
        yield from lines

    def statement(self, statement: Statement, fixed: Mapping[Label, str]) -> list[str]:
        """The lines of one statement; ``fixed`` holds the text of a label that an outer loop has."""
        operation, target = statement.operation, statement.target
        if isinstance(operation, MatrixProduct):
            found = self._product(target, operation.left, operation.right, operation.bias, fixed)
            if not found:
                raise NotDerivable(f"backend 'c' has no such product for {target.array.name}; use backend 'numpy'")
            return found
        if isinstance(operation, Gather | Scatter):
            return self._moved(target, operation, fixed)
        if isinstance(operation, Iota):
            name, size = self.names[target.array.name], self.count(target.array)
            return [f"for (long i = 0; i < {size}; i++)", f"    {name}[i] = i + 1;"]
        found = few_sums(self, target, operation)
        if isinstance(operation, Contraction) and len(operation.operands) == 2:
            left, right = operation.operands
            found = self._product(target, left, right, None, fixed)
        if found:
            return found
        loops = Loops(self.functions, target, operation.operands, self._call(statement, fixed))
        if isinstance(operation, Elementwise):
            return [elementwise_call(loops, operation, self.sizes)]
        if isinstance(operation, Contraction):
            return [contracted_call(loops)]
        return [reduced_call(loops, operation.kind)]

    def extents(self, operands: Sequence[Operand]) -> dict[Label, Expr]:
        return {label: size for o in operands for label, size in zip(o.axes, o.array.shape, strict=True)}

    def _call(self, statement: Statement, fixed: Mapping[Label, str]) -> Call:
        operands = [statement.target, *statement.operation.operands]
        turned = sorted(self.by_rows & {operand.array.name for operand in operands})
        if turned:
            raise NotDerivable(f"backend 'c' keeps {turned[0]} by rows and cannot loop over it; use backend 'numpy'")
        sizes = {label: self.size(size) for label, size in self.extents(operands).items()}
        return Call(self.names, sizes, fixed, self.spaced)

    # Products.

    def _steps(self, operand: Operand) -> dict[Label, Expr]:
        """How far apart in memory the neighbours along each label are."""
        axes, shape = list(operand.axes), list(self.shape(operand.array))
        if operand.array.name in self.by_rows:
            axes, shape = [axes[-1], *axes[:-1]], [shape[-1], *shape[:-1]]
        return {label: prod(shape[k + 1 :]) for k, label in enumerate(axes)}

    def _product(
        self, target: Operand, left: Operand, right: Operand, bias: Operand | None, fixed: Mapping[Label, str]
    ) -> list[str]:
        """Products of matrices, one for each place of the labels that they have in common; nothing if it is none."""
        if any(len(set(o.axes)) < len(o.axes) for o in (target, left, right)):
            return []
        if target.axes and target.axes[-1] in left.axes:
            left, right = (right, left) if target.axes[-1] not in right.axes else (left, right)
        if target.axes and target.axes[-1] not in fixed and target.axes[-1] in left.axes:
            return []
        free = [label for label in target.axes if label not in fixed]
        column = next((label for label in reversed(free) if label not in left.axes), None)
        row = next((label for label in reversed(free) if label not in right.axes), None)
        summed = [label for label in left.axes if label in right.axes and label not in target.axes]
        alone = {*left.axes, *right.axes} - {*target.axes, *summed, *fixed}
        if column is None or alone:
            return []
        along = summed[-1] if summed else None
        outer = [label for label in [*free, *summed] if label not in (row, column, along)]
        return self._blocks(target, left, right, bias, fixed, (row, column, along), outer, summed[:-1])

    def _blocks(
        self,
        target: Operand,
        left: Operand,
        right: Operand,
        bias: Operand | None,
        fixed: Mapping[Label, str],
        main: tuple[Label | None, Label, Label | None],
        outer: Sequence[Label],
        added: Sequence[Label],
    ) -> list[str]:
        row, column, along = main
        extents = self.extents((target, left, right))
        if self.few and not (outer or fixed):
            found = few_lines(self, target, left, right, bias, main)
            if found:
                return found
        at = {**fixed, **{label: f"at_{label}" for label in outer}}
        rows, columns, sums = ("1" if label is None else self.size(extents[label]) for label in main)
        a = f"{self.at(left, at)}, {self.step(left, row)}, {self.step(left, along)}"
        b = f"{self.at(right, at)}, {self.step(right, along)}, {self.step(right, column)}"
        c = f"{self.at(target, at)}, {self.step(target, row)}, {self.step(target, column)}"
        add = " || ".join(f"at_{label} > 0" for label in added) or "0"
        text = (
            f"product({rows}, {columns}, {sums}, {a}, {b}, {c}, {self.names[bias.array.name] if bias else '0'}, {add});"
        )
        lines = [
            f"{'    ' * k}for (long at_{label} = 0; at_{label} < {self.size(extents[label])}; at_{label}++)"
            for k, label in enumerate(outer)
        ]
        return [*lines, f"{'    ' * len(outer)}{text}"]

    def step(self, operand: Operand, label: Label | None) -> str:
        """The step along a label; of one that the array has not, any will do: there is one row."""
        steps = self._steps(operand)
        return self.size(steps[label]) if label in steps else "1"

    def at(self, operand: Operand, at: Mapping[Label, str]) -> str:
        steps = self._steps(operand)
        parts = [f"{at[label]}*{_factor(self.size(step))}" for label, step in steps.items() if label in at]
        return " + ".join([self.names[operand.array.name], *parts])

    # Entries moved to other places.

    def _moved(self, target: Operand, operation: Gather | Scatter, fixed: Mapping[Label, str]) -> list[str]:
        gather = isinstance(operation, Gather)
        here, there = (target, operation.source) if gather else (operation.source, target)
        at = {label: fixed.get(label, f"at_{label}") for label in here.axes}
        own = dict(zip(here.axes, here.array.shape, strict=True))
        names = {**self.sizes, **{letter(label): f"({text} + 1)" for label, text in at.items()}}
        names |= {symbol: f"(long){self._entry(operand, at)}" for symbol, operand in operation.bindings}
        index, inside = CIndexPrinter(names), []
        lines = list[str]()
        for k, (form, size) in enumerate(zip(operation.indices, there.array.shape, strict=True)):
            lines.append(f"const long to_{k} = {index.code(form)} - 1;")
            inside.append(f"0 <= to_{k} && to_{k} < {self.size(size)}")
        place = ""
        for k, size in enumerate(self.shape(there.array)):
            place = f"({place})*{_factor(self.size(size))} + to_{k}" if place else f"to_{k}"
        moved, mine = f"{self.names[there.array.name]}[{place or '0'}]", self._entry(here, at)
        test = " && ".join(inside) or "1"
        lines.append(f"{mine} = {test} ? {moved} : 0;" if gather else f"if ({test})\n        {moved} += {mine};")
        free = [label for label in here.axes if label not in fixed]
        loops = [f"for (long at_{label} = 0; at_{label} < {self.size(own[label])}; at_{label}++)" for label in free]
        body = [*loops, "{", *(f"    {line}" for line in lines), "}"]
        if gather:
            return body
        if fixed:
            raise NotDerivable(f"backend 'c' cannot add up {target.array.name} in a recurrence; use backend 'numpy'")
        name = self.names[target.array.name]
        return [f"memset({name}, 0, {_factor(self.count(target.array))}*sizeof(real));", *body]

    def _entry(self, operand: Operand, at: Mapping[Label, str]) -> str:
        return self.at(operand, at).replace(" + ", "[", 1) + "]" if operand.axes else f"{self._name(operand)}[0]"

    def _name(self, operand: Operand) -> str:
        return self.names[operand.array.name]


def _factor(text: str) -> str:
    return f"({text})" if any(sign in text for sign in "+- ") else text
