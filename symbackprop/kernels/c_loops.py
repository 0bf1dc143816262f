"""Statements that are no products of matrices as C functions over loops; those that look alike share one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Expr, Symbol, cse

from symbackprop.errors import NotDerivable
from symbackprop.kernels.c_printing import CPrinter
from symbackprop.kernels.program import Elementwise, Label, Operand

#: Letters of loops, in order of the axes.
_LETTERS = "ijklopqrsuvw"


@dataclass
class Functions:
    """The functions emitted so far, by their text without the name."""

    dtype: str
    prefix: str = "static __attribute__((noinline))"
    names: dict[str, str] = field(default_factory=dict)

    def named(self, stem: str, arguments: str, body: Sequence[str]) -> str:
        """The name of a function with these arguments and lines; a new one if there is none yet."""
        text = "\n".join([f"({arguments})", "{", *(f"    {line}" for line in body), "}"])
        if text not in self.names:
            taken = {*self.names.values()}
            number = next(k for k in range(1, len(taken) + 2) if f"{stem}_{k}" not in taken)
            self.names[text] = f"{stem}_{number}"
        return self.names[text]

    def texts(self) -> Iterator[str]:
        for text, name in self.names.items():
            yield f"{self.prefix} void {name}{text}"


@dataclass(frozen=True)
class Call:
    """What a call of a loop needs: the text of an array, of a size, and of the labels that an outer loop has.

    The last axis of arrays in ``spaced`` takes ``m_`` places.
    """

    array: Mapping[str, str]
    size: Mapping[Label, str]
    fixed: Mapping[Label, str]
    spaced: frozenset[str]


class Loops:
    """One statement; its labels become the letters of loops, its arrays arguments that are called by their letters."""

    def __init__(self, functions: Functions, target: Operand, operands: Sequence[Operand], call: Call) -> None:
        self.functions, self.target, self.operands, self.call = functions, target, operands, call
        labels = dict.fromkeys([*target.axes, *(label for o in operands for label in o.axes)])
        self.letters = dict(zip(labels, _LETTERS, strict=False))
        self.arguments: list[str] = []
        self.values: list[str] = []
        self.taken = {"n", "m", *_LETTERS}
        self.out = self._argument(target, True)
        self.texts = [self._argument(operand, False) for operand in operands]

    def _argument(self, operand: Operand, written: bool) -> str:
        stem = re.sub(r"[^a-zA-Z].*", "", operand.array.name) or "x"
        name, number = stem, 1
        while name in self.taken:
            number += 1
            name = f"{stem}{number}"
        self.taken.add(name)
        text = self.call.array[operand.array.name]
        if not operand.axes and not written:
            self.arguments.append(f"real {name}")
            self.values.append(f"*{text}")
            return name
        self.arguments.append(f"{'' if written else 'const '}real *{name}")
        self.values.append(text)
        return name

    def sized(self, labels: Sequence[Label]) -> dict[Label, str]:
        """The names of the extents of labels, handed over as arguments."""
        found = {}
        for label in labels:
            found[label] = f"n_{self.letters[label]}"
            self.arguments.append(f"long {found[label]}")
            self.values.append(self.call.size[label])
        for label in labels:
            if label in self.call.fixed:
                self.arguments.append(f"long {self.letters[label]}")
                self.values.append(self.call.fixed[label])
        if any(self.spaced(o) and len(o.axes) > 1 for o in (self.target, *self.operands)):
            self.arguments.append("long m")
            self.values.append("m_")
        return found

    def spaced(self, operand: Operand) -> bool:
        return operand.array.name in self.call.spaced

    def place(self, operand: Operand, sizes: Mapping[Label, str]) -> str:
        """The place of an entry in an array that has one axis after the other."""
        text = ""
        for label in operand.axes:
            letter = self.letters[label]
            size = "m" if self.spaced(operand) and label == operand.axes[-1] else sizes[label]
            text = f"{f'({text})' if ' ' in text else text}*{size} + {letter}" if text else letter
        return text or "0"

    def made(self, stem: str, body: Sequence[str]) -> str:
        """The call of the function with this body."""
        name = self.functions.named(stem, ", ".join(self.arguments), body)
        return f"{name}({', '.join(self.values)});"

    def nested(
        self, labels: Sequence[Label], sizes: Mapping[Label, str], inside: Sequence[str], mark: str = ""
    ) -> list[str]:
        """Loops over labels, the last innermost and marked."""
        lines, indent = list[str](), ""
        free = [label for label in labels if label not in self.call.fixed]
        for label in free:
            if label == free[-1] and mark:
                lines.append(f"#pragma omp simd{mark}")
            letter = self.letters[label]
            lines.append(f"{indent}for (long {letter} = 0; {letter} < {sizes[label]}; {letter}++)")
            indent += "    "
        if len(inside) > 1 and indent:
            lines[-1] += " {"
            return [*lines, *(indent + line for line in inside), f"{indent[:-4]}}}"]
        return [*lines, *(indent + line for line in inside)]


def elementwise_call(loops: Loops, operation: Elementwise, sizes: Mapping[Symbol, str]) -> str:
    """A scalar expression at every place; over one index where all arrays have the same axes."""
    target, call = loops.target, loops.call
    symbols = [Symbol(f"{text}_", real=True) for text in loops.texts]
    swap = {symbol: new for (symbol, _), new in zip(operation.bindings, symbols, strict=True)}
    expression = operation.expression.xreplace(swap)
    own: dict[Symbol, str] = {}
    for size in sorted(expression.free_symbols - set(symbols), key=str):
        if size in sizes:
            own[size] = f"(real)size_{len(own)}"
            loops.arguments.append(f"long size_{len(own) - 1}")
            loops.values.append(sizes[size])
    arrays = [operand for operand in loops.operands if operand.axes]
    flat = not call.fixed and all(o.axes == target.axes and loops.spaced(o) == loops.spaced(target) for o in arrays)
    if flat:
        # Between the rows of spaced arrays are places for more samples; what is there is never read as one.
        sizes_of = [call.size[label] for label in target.axes]
        sizes_of[-1:] = ["m_"] if loops.spaced(target) else sizes_of[-1:]
        loops.arguments.append("long n")
        loops.values.append("*".join(map(_factor, sizes_of)) or "1")
        places = dict.fromkeys([loops.out, *loops.texts], "i")
    else:
        extents = loops.sized(target.axes)
        named = zip([target, *loops.operands], [loops.out, *loops.texts], strict=True)
        places = {text: loops.place(operand, extents) for operand, text in named}
    names = {
        symbol: f"{text}[{places[text]}]" if operand.axes else text
        for symbol, text, operand in zip(symbols, loops.texts, loops.operands, strict=True)
    }
    lines = _assignments(expression, {**own, **names}, f"{loops.out}[{places[loops.out]}]", loops.functions.dtype)
    if flat:
        head = ["#pragma omp simd", "for (long i = 0; i < n; i++)" + (" {" if len(lines) > 1 else "")]
        return loops.made("map", [*head, *(f"    {line}" for line in lines), *(["}"] if len(lines) > 1 else [])])
    return loops.made("map", loops.nested(target.axes, extents, lines, " "))


def _factor(text: str) -> str:
    return f"({text})" if " " in text else text


def _assignments(expression: Expr, names: Mapping[Symbol, str], target: str, dtype: str) -> list[str]:
    """What is used more than once first, then the value."""
    symbols = (Symbol(f"c{k}", real=True) for k in range(1, 1000))
    shared, (value,) = cse([expression], symbols=symbols)
    printer = CPrinter({**names, **{symbol: symbol.name for symbol, _ in shared}}, dtype)
    lines = [f"const real {symbol.name} = {printer.code(part)};" for symbol, part in shared]
    return [*lines, f"{target} = {printer.code(value)};"]


def reduced_call(loops: Loops, kind: str) -> str:
    """A sum, a maximum, or the place of one (counted from 1), over the labels that the target lacks."""
    operand, target = loops.operands[0], loops.target
    sizes = loops.sized(operand.axes)
    entry = f"{loops.texts[0]}[{loops.place(operand, sizes)}]"
    out = f"{loops.out}[{loops.place(target, sizes)}]"
    gone = [label for label in operand.axes if label not in target.axes]
    start = "0" if kind == "sum" else "-INFINITY"
    if kind == "argmax":
        return loops.made("place", _place_of_largest(loops, sizes, gone, entry, out))
    more = {"sum": "{0} += {1};", "max": "{0} = largest({0}, {1});"}[kind]
    if operand.axes and operand.axes[-1] in target.axes:
        first = loops.nested(target.axes, sizes, [f"{out} = {start};"])
        return loops.made(kind, [*first, *loops.nested(operand.axes, sizes, [more.format(out, entry)], " ")])
    row = _row(loops, operand, gone, sizes) if kind == "sum" and len(target.axes) == 1 else None
    if row:
        rows, columns = (sizes[label] for label in operand.axes)
        return loops.made("row_sum", [f"row_sums({loops.out}, {loops.texts[0]}, {rows}, {columns}, {row});"])
    mark = " reduction(+ : total)" if kind == "sum" else ""
    inner = loops.nested(gone, sizes, [more.format("total", entry)], mark)
    return loops.made(kind, loops.nested(target.axes, sizes, [f"real total = {start};", *inner, f"{out} = total;"]))


def _row(loops: Loops, operand: Operand, gone: Sequence[Label], sizes: Mapping[Label, str]) -> str | None:
    """How many entries are from one row to the next, where the sums are those of the rows of a matrix."""
    if len(operand.axes) != 2 or list(gone) != [operand.axes[1]] or loops.call.fixed:
        return None
    i, j = (loops.letters[label] for label in operand.axes)
    found = re.fullmatch(rf"{i}\*(\w+) \+ {j}", loops.place(operand, sizes))
    return found[1] if found else None


def _place_of_largest(
    loops: Loops, sizes: Mapping[Label, str], gone: Sequence[Label], entry: str, out: str
) -> list[str]:
    """The first of the largest entries, or of those that are NaN, as NumPy has it."""
    if len(gone) != 1:
        raise NotDerivable(f"backend 'c' has no place of a maximum over {len(gone)} axes; use backend 'numpy'")
    letter = loops.letters[gone[0]]
    inside = [
        f"const real x = {entry};",
        "if (place == 0 || x > most || (x != x && most == most)) {",
        "    most = x;",
        f"    place = {letter} + 1;",
        "}",
    ]
    lines = ["long place = 0;", "real most = 0;", *loops.nested(gone, sizes, inside), f"{out} = place;"]
    return loops.nested(loops.target.axes, sizes, lines)


def contracted_call(loops: Loops) -> str:
    """The sum, over the labels that the target lacks, of the product of all operands."""
    target = loops.target.axes
    sizes = loops.sized(list(loops.letters))
    gone = [label for label in loops.letters if label not in target]
    named = zip(loops.texts, loops.operands, strict=True)
    factors = [f"{text}[{loops.place(operand, sizes)}]" if operand.axes else text for text, operand in named]
    out = f"{loops.out}[{loops.place(loops.target, sizes)}]"
    if not gone:
        return loops.made("products", loops.nested(target, sizes, [f"{out} = {'*'.join(factors)};"], " "))
    if target and target[-1] not in loops.call.fixed:
        first = loops.nested(target, sizes, [f"{out} = 0;"])
        order = [*target[:-1], *gone, target[-1]]
        return loops.made("products", [*first, *loops.nested(order, sizes, [f"{out} += {'*'.join(factors)};"], " ")])
    inner = loops.nested(gone, sizes, [f"total += {'*'.join(factors)};"], " reduction(+ : total)")
    return loops.made("products", loops.nested(target, sizes, ["real total = 0;", *inner, f"{out} = total;"]))
