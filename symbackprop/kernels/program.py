"""A kernel as data: typed array assignments in single-assignment form, between the derivation and any source text.

Every axis of every operand carries a label, as in Einstein's notation, so that one rule gives the meaning of all
operations: operands are aligned by label, and a label that the result does not have is summed (or maximised) over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from operator import is_
from typing import TypeAlias

from sympy import Add, Atom, Basic, Expr, Max, Min, Mul, Symbol

from symbackprop.derivation.alike import with_arguments
from symbackprop.errors import IllFormed, ShapeMismatch

Label: TypeAlias = str


@dataclass(frozen=True)
class Array:
    """A named array; ``shape`` holds integers or size symbols. The dtype is the kernel's and is the same everywhere."""

    name: str
    shape: tuple[Expr, ...]


@dataclass(frozen=True)
class Operand:
    """An array whose axes run along the labels ``axes``."""

    array: Array
    axes: tuple[Label, ...]


@dataclass(frozen=True)
class Elementwise:
    """A scalar expression, evaluated at every position; ``operands`` says what each of its symbols stands for."""

    expression: Expr
    bindings: tuple[tuple[Symbol, Operand], ...]

    @property
    def operands(self) -> tuple[Operand, ...]:
        return tuple(operand for _, operand in self.bindings)


@dataclass(frozen=True)
class Contraction:
    """The sum, over the labels that the result lacks, of the product of the operands."""

    operands: tuple[Operand, ...]


@dataclass(frozen=True)
class MatrixProduct:
    """A contraction of two operands that is one matrix product, each side perhaps seen transposed.

    ``bias``, where there is one, is added to every column.
    """

    left: Operand
    right: Operand
    transpose_left: bool = False
    transpose_right: bool = False
    bias: Operand | None = None

    @property
    def operands(self) -> tuple[Operand, ...]:
        return (self.left, self.right, *([self.bias] if self.bias else []))


@dataclass(frozen=True)
class Reduction:
    """``kind`` over the labels that the result lacks: ``sum``, ``max``, or ``argmax``, which counts from 1."""

    kind: str
    operand: Operand

    @property
    def operands(self) -> tuple[Operand, ...]:
        return (self.operand,)


@dataclass(frozen=True)
class Gather:
    """The entries of ``source`` at ``indices``, one an axis of it; zero where an index is outside of its axis.

    An index is a whole number, counted from 1: an expression in sizes, in the labels of the result (see
    :func:`letter`) and in the symbols of ``bindings``, which stand for arrays of positions. The labels of ``source``
    are its own and mean nothing.
    """

    source: Operand
    indices: tuple[Expr, ...]
    bindings: tuple[tuple[Symbol, Operand], ...] = ()

    @property
    def operands(self) -> tuple[Operand, ...]:
        return (self.source, *(operand for _, operand in self.bindings))


@dataclass(frozen=True)
class Scatter:
    """Zeros, to which every entry of ``source`` is added at ``indices``, one an axis of the result.

    Indices are as those of a :class:`Gather`, in the labels of the source; what falls outside is left out.
    """

    source: Operand
    indices: tuple[Expr, ...]
    bindings: tuple[tuple[Symbol, Operand], ...] = ()

    @property
    def operands(self) -> tuple[Operand, ...]:
        return (self.source, *(operand for _, operand in self.bindings))


@dataclass(frozen=True)
class Iota:
    """The numbers 1, 2, … along the only axis of the result."""

    @property
    def operands(self) -> tuple[Operand, ...]:
        return ()


Operation: TypeAlias = Elementwise | Contraction | MatrixProduct | Reduction | Gather | Scatter | Iota


@dataclass(frozen=True)
class Loop:
    """The loop number ``number``: statements that follow each other are done for each value of ``label`` in turn."""

    number: int
    label: Label
    descending: bool


@dataclass(frozen=True)
class Statement:
    """``target`` := ``operation``; ``note`` names the quantity of the derivation that it computes, or is empty.

    ``reuses`` names an operand that dies here and whose memory the target takes over. In a ``loop`` only the entries
    at the present value of the loop's label are computed; there a :class:`Gather` may read what an earlier turn made.
    """

    target: Operand
    operation: Operation
    note: str = ""
    reuses: str = ""
    loop: Loop | None = None

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The names of the arrays that are read, in order, each once."""
        return tuple(dict.fromkeys(operand.array.name for operand in self.operation.operands))


@dataclass(frozen=True)
class Program:
    """Statements in order; every array is assigned once and before it is read.

    ``inputs`` come from the caller; ``outputs`` maps what the caller asks for (``J``, the label of a parameter) to the
    name of an array. ``sizes`` are the size symbols, each read off the shape of an input: (array name, axis);
    ``sampled`` names the arrays whose last axis runs over the samples of a batch.
    """

    inputs: tuple[Array, ...]
    statements: tuple[Statement, ...]
    outputs: Mapping[str, str]
    sizes: Mapping[Symbol, tuple[str, int]] = field(default_factory=dict)
    sampled: frozenset[str] = frozenset()

    @cached_property
    def arrays(self) -> Mapping[str, Array]:
        """Every array by name."""
        computed = (statement.target.array for statement in self.statements)
        return {array.name: array for array in (*self.inputs, *computed)}

    def __str__(self) -> str:
        """One line for each statement, with shapes and the statement at which an array is last read."""
        return "\n".join(_shown(self))

    def with_statements(self, statements: Iterable[Statement]) -> Program:
        return replace(self, statements=tuple(statements))


def last_uses(program: Program) -> Mapping[str, int]:
    """The number of the last statement that reads each array, or what may be a view of it; outputs live to the end."""
    last = {name: number for number, statement in enumerate(program.statements) for name in statement.reads}
    last |= {name: len(program.statements) for name in program.outputs.values()}
    for statement in reversed(program.statements):
        if isinstance(statement.operation, Gather):
            source = statement.operation.source.array.name
            last[source] = max(last[source], last.get(statement.target.array.name, 0))
    return last


def _shown(program: Program) -> Iterator[str]:
    last, end = last_uses(program), len(program.statements)
    yield f"inputs: {', '.join(f'{array.name}{array.shape}' for array in program.inputs)}"
    for number, statement in enumerate(program.statements):
        name = statement.target.array.name
        lives = "a result" if last.get(name) == end else f"until {last.get(name, number) + 1}"
        about = [statement.note, f"for {statement.loop.label}" if statement.loop else ""]
        about += [str(statement.target.array.shape), lives, f"over {statement.reuses}" if statement.reuses else ""]
        target, text = view(statement.target), written(statement)
        yield f"{number + 1:>3}  {target} = {text}".ljust(52) + f"  # {'; '.join(filter(None, about))}"
    yield f"outputs: {', '.join(f'{key} = {name}' for key, name in program.outputs.items())}"


def written(statement: Statement) -> str:
    """What a statement computes, by the labels of its axes.

    >>> w, x, z = Array("w", (2, 3)), Array("x", (3,)), Array("z", (2,))
    >>> written(Statement(Operand(z, ("i",)), Contraction((Operand(w, ("i", "j")), Operand(x, ("j",))))))
    'sum[j] w[i,j]*x[j]'
    """
    operation = statement.operation
    if isinstance(operation, Elementwise):
        return str(operation.expression)
    labels = dict.fromkeys(label for operand in operation.operands for label in operand.axes)
    over = ",".join(label for label in labels if label not in statement.target.axes)
    if isinstance(operation, MatrixProduct):
        bias = f" + {view(operation.bias)}" if operation.bias else ""
        return f"sum[{over}] {view(operation.left)}*{view(operation.right)}{bias}"
    if isinstance(operation, Contraction):
        return (f"sum[{over}] " if over else "") + "*".join(str(view(operand)) for operand in operation.operands)
    if isinstance(operation, Reduction):
        return f"{operation.kind}[{over}] {view(operation.operand)}"
    if isinstance(operation, Gather | Scatter):
        verb = "at" if isinstance(operation, Gather) else "added at"
        return f"{view(operation.source)} {verb} [{', '.join(map(str, operation.indices))}]"
    return "1, 2, …"


def check(program: Program) -> Program:
    """The program itself, or :class:`IllFormed` / :class:`ShapeMismatch` for a name or shape that does not fit.

    >>> check(Program((), (), {"J": "loss"}))
    Traceback (most recent call last):
        ...
    symbackprop.errors.IllFormed: the program returns 'loss' for J, which nothing assigns
    """
    known = {array.name for array in program.inputs}
    later = {(s.loop.number, s.target.array.name) for s in program.statements if s.loop is not None}
    for statement in program.statements:
        for name in statement.reads:
            carried = isinstance(statement.operation, Gather) and statement.loop is not None
            if name not in known and not (carried and statement.loop and (statement.loop.number, name) in later):
                raise IllFormed(f"the program reads {name!r} before it is assigned, in {statement.target.array.name!r}")
        if statement.target.array.name in known:
            raise IllFormed(f"the program assigns {statement.target.array.name!r} twice")
        _check_shapes(statement)
        known.add(statement.target.array.name)
    for wanted, name in program.outputs.items():
        if name not in known:
            raise IllFormed(f"the program returns {name!r} for {wanted}, which nothing assigns")
    return program


def _check_shapes(statement: Statement) -> None:
    extent: dict[Label, Expr] = {}
    for operand in (*statement.operation.operands, statement.target):
        if len(operand.axes) != len(operand.array.shape):
            raise ShapeMismatch(f"{operand.array.name!r} has shape {operand.array.shape}, labelled {operand.axes}")
        for label, size in zip(operand.axes, operand.array.shape, strict=True):
            if extent.setdefault(label, size) != size:
                raise ShapeMismatch(f"axis {label} of {operand.array.name!r} is {size}, elsewhere {extent[label]}")
    if isinstance(statement.operation, Elementwise):
        missing = {label for operand in statement.operation.operands for label in operand.axes}
        if missing - set(statement.target.axes):
            raise ShapeMismatch(f"{statement.target.array.name!r} loses the axes {sorted(missing)} elementwise")


def letter(label: Label) -> Symbol:
    """The symbol that stands for a label in an index."""
    return Symbol(label, integer=True)


def view(operand: Operand) -> Symbol:
    """The symbol that stands for an operand in a scalar expression; equal operands have equal symbols.

    >>> view(Operand(Array("z1", (Symbol("n"),)), ("i",)))
    z1[i]
    """
    return _seen(operand.array.name, operand.axes)


@lru_cache(maxsize=8192)
def _seen(name: str, axes: tuple[Label, ...]) -> Symbol:
    return _real(f"{name}[{','.join(axes)}]")


@lru_cache(maxsize=8192)
def _real(name: str) -> Symbol:
    return Symbol(name, real=True)


def plain(expression: Expr) -> bool:
    """Whether this is a letter, a number, or a sum or product of such.

    >>> a, b = _real("a1[i]"), _real("z1[i]")
    >>> plain(2 * a * b), plain(a * (b + 1))
    (True, False)
    """
    return isinstance(expression, Add | Mul | Atom) and all(isinstance(e, Atom) for e in expression.args)


def by_structure(expression: Expr, letters: Iterable[Symbol], rule: Callable[[Expr], Expr]) -> Expr:
    """``rule`` of an expression, in which ``letters`` go by number: every layer of one kind asks for the same form.

    A rule that remembers what it is asked works once for all of them. Numbers follow the order of the names, so that
    terms stand in one order before and after. What is :func:`plain` has one form only, and no rule is asked.

    >>> a, b = _real("a1[i]"), _real("z1[i]")
    >>> by_structure(a**2 + b, (a, b), lambda form: print(form) or form)
    [0000]**2 + [0001]
    a1[i]**2 + z1[i]
    """
    if plain(expression):
        return expression
    numbered = {letter: _real(f"[{k:04}]") for k, letter in enumerate(sorted(letters, key=_by_name))}
    form = _renamed(expression, numbered)
    found = rule(form)
    if found == form:
        return expression
    return _renamed(found, {number: letter for letter, number in numbered.items()})


def _renamed(expression: Expr, names: Mapping[Symbol, Symbol]) -> Expr:
    """Other names for symbols: a Max would ask again of each two of its arguments which is larger, at length."""
    new = [names[letter].name for letter in sorted(names, key=_by_name)]
    alike = new == sorted(new) and expression.free_symbols <= names.keys()
    return _with_names(expression, dict(names), alike)


def _with_names(e: Basic, known: dict[Basic, Basic], alike: bool) -> Basic:
    new = known.get(e)
    if new is not None or not e.args:
        return e if new is None else new
    args = [_with_names(argument, known, alike) for argument in e.args]
    if all(map(is_, args, e.args)):
        known[e] = e
    elif isinstance(e, Max | Min):
        known[e] = e.func(*args, evaluate=False)
    else:
        known[e] = with_arguments(e, args) if alike else e.func(*args)
    return known[e]


def _by_name(letter: Symbol) -> str:
    return str(letter.name)


def with_operands(operation: Elementwise, operands: Sequence[Operand]) -> Elementwise:
    """The operation with other operands, in the order of its own."""
    views = {view(operand): operand for operand in operands}
    if len(views) < len(operands):
        names = {symbol: view(operand) for (symbol, _), operand in zip(operation.bindings, operands, strict=True)}
        return elementwise(operation.expression.xreplace(names), views)
    names = dict(zip((symbol for symbol, _ in operation.bindings), views, strict=True))
    bindings = tuple((symbol, views[symbol]) for symbol in sorted(views, key=_by_name))
    return Elementwise(_renamed(operation.expression, names), bindings)


def elementwise(expression: Expr, views: Mapping[Symbol, Operand]) -> Elementwise:
    """The operation for ``expression`` over those ``views`` that it uses, in order of name."""
    used = sorted(expression.free_symbols & views.keys(), key=lambda symbol: symbol.name)
    return Elementwise(expression, tuple((symbol, views[symbol]) for symbol in used))
