"""The rule of an optimizer as NumPy source over flat vectors, a block at a time so that what it needs stays near."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from sympy import Expr, Symbol, cse

from symbackprop.errors import NotDerivable
from symbackprop.kernels.backend import checked_name
from symbackprop.kernels.memory import Memory, planned
from symbackprop.kernels.numpy_calls import call, found_before, with_functions_at_hand
from symbackprop.kernels.printing import KernelPrinter
from symbackprop.kernels.program import Array, Operand, Program, Statement, elementwise, view
from symbackprop.kernels.singles import with_single_operations
from symbackprop.optimizers import GRADIENT, NORM, PARAMETER, STEP, Optimizer

#: Entries of a block; some vectors of it fit into the second cache of a core.
BLOCK = 8192
_SIZE = Symbol("size", integer=True, positive=True)


def update_lines(optimizer: Optimizer, dtype: str) -> Iterator[str]:
    """The source of ``updates(theta, gradient, *memory)``, which makes ``update(t, *settings)``."""
    emitter = _UpdateEmitter(optimizer, dtype)
    body, functions = with_functions_at_hand(list(emitter.body()))
    memory = [checked_name(symbol.name) for symbol in optimizer.memory]
    vectors = ["theta", "gradient", *memory]
    settings = [checked_name(symbol.name) for symbol in optimizer.settings]
    yield f"def updates({', '.join(vectors)}):"
    yield '    """The update of θ in place, with what the optimizer remembers of it."""'
    scratch = [name for name, _ in emitter.scratch()]
    for name, kind in emitter.scratch():
        yield f"    {name} = np.empty(min({BLOCK}, theta.size), dtype={kind})"
    yield f"    starts = range(0, theta.size, {BLOCK})"
    parts = ", ".join(f"{name}[k : k + {BLOCK}]" for name in vectors)
    yield f"    blocks = [({parts}) for k in starts]"
    if scratch:
        used = ", ".join(f"{name}[: len(block[0])]" for name in scratch)
        yield f"    blocks = [(*block, {used}) for block in blocks]"
    yield from (f"    {line}" for line in found_before(functions))
    yield ""
    yield f"    def update({', '.join(['t', *settings])}):"
    if optimizer.uses_norm:
        yield "        g_norm = np.sqrt(np.dot(gradient, gradient))"
    for name, text in emitter.scalars.items():
        yield f"        {text} = {name}"
    yield f"        for {', '.join(['theta_k', 'g', *memory, *scratch])} in blocks:"
    yield from (f"            {line}" for line in body)
    yield ""
    yield "    return update"


class _UpdateEmitter:
    def __init__(self, optimizer: Optimizer, dtype: str) -> None:
        self.dtype = dtype
        old = {PARAMETER: "theta_k", GRADIENT: "g"} | {m: checked_name(m.name) for m in optimizer.memory}
        self.arrays = {symbol: Operand(Array(name, (_SIZE,)), ("i",)) for symbol, name in old.items()}
        self.scalar_symbols = {*optimizer.settings, STEP, NORM}
        self.scalars: dict[str, str] = {}
        self.targets: dict[str, str] = {}
        self.program = with_single_operations(self._program(optimizer))
        self.late = frozenset(self._read_later())
        direct = set(self.targets) - self.late
        made = frozenset(s.target.array.name for s in self.program.statements) - direct
        self.memory: Memory = planned(self.program, made, frozenset())

    def _program(self, optimizer: Optimizer) -> Program:
        """One statement for each new value, the parameter last, and before them what they share."""
        views = {view(operand): operand for operand in self.arrays.values()}
        swap = {symbol: view(operand) for symbol, operand in self.arrays.items()}
        statements: list[Statement] = []
        swaps: dict[Expr, Expr] = {}
        for symbol, rule in {**optimizer.memory, PARAMETER: optimizer.parameter}.items():
            operand = Operand(Array(f"new_{self.arrays[symbol].array.name}", (_SIZE,)), ("i",))
            value = rule.xreplace(swaps)
            shared, (value,) = cse([value], symbols=(Symbol(f"part_{k}", real=True) for k in count(len(statements))))
            for part, form in [*shared, (None, value)]:
                target = operand if part is None else Operand(Array(part.name, (_SIZE,)), ("i",))
                form = form.xreplace(swap)
                alike = form.free_symbols & views.keys()
                if part is not None:
                    swap[part] = view(target) if alike else form
                    views |= {view(target): target} if alike else {}
                if alike:
                    statements.append(Statement(target, elementwise(form, views)))
            swaps[rule] = view(operand)
            views[view(operand)] = operand
            self.targets[operand.array.name] = self.arrays[symbol].array.name
        inputs = tuple(operand.array for operand in self.arrays.values())
        return Program(inputs, tuple(statements), {name: name for name in self.targets})

    def _read_later(self) -> Iterator[str]:
        """The new values whose old ones are still read after them."""
        for number, statement in enumerate(self.program.statements):
            name = statement.target.array.name
            later = {read for s in self.program.statements[number + 1 :] for read in s.reads}
            if name in self.targets and self.targets[name] in later:
                yield name

    def body(self) -> Iterator[str]:
        """One call a line; a new value goes over the old one where nothing reads that any more."""
        for statement in self.program.statements:
            expression = getattr(statement.operation, "expression", None)
            line = expression and call(expression, self._name(statement.target.array.name), self._text)
            if not line:
                raise NotDerivable(f"no kernel for {expression} in the rule of an optimizer")
            yield line
        yield from (f"np.copyto({self.targets[name]}, {self._name(name)})" for name in sorted(self.late))

    def scratch(self) -> Iterator[tuple[str, str]]:
        """The vectors that a block needs in between, with their dtype."""
        for number, slot in enumerate(self.memory.slots):
            yield f"work{number + 1}", "bool" if slot.truth else f"np.{self.dtype}"

    def _name(self, name: str) -> str:
        if name in self.memory.places:
            return f"work{self.memory.places[name] + 1}"
        return self.targets.get(name, name)

    def _text(self, e: Expr) -> str:
        if e.is_Symbol and "[" in e.name:
            return self._name(e.name.partition("[")[0])
        names = {symbol: symbol.name for symbol in self.scalar_symbols}
        text = KernelPrinter(names, self.dtype).code(e)
        if e.is_number:
            return text
        return self.scalars.setdefault(text, f"c{len(self.scalars) + 1}")
