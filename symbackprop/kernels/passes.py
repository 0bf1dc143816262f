"""Passes from program to program: each keeps the meaning and does one thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import lru_cache

from sympy import Expr, Function, Max, Min, Symbol, preorder_traversal, sign
from sympy.core.function import Application

from symbackprop.kernels.contractions import with_pairs
from symbackprop.kernels.masks import masked
from symbackprop.kernels.program import (
    Array,
    Contraction,
    Elementwise,
    Gather,
    Label,
    Loop,
    MatrixProduct,
    Operand,
    Operation,
    Program,
    Scatter,
    Statement,
    by_structure,
    elementwise,
    last_uses,
    letter,
    plain,
    view,
)
from symbackprop.kernels.reductions import joined_reductions
from symbackprop.kernels.rewriting import LETTERS, changed, longest_first, uses_of, with_operation, without_dead_code
from symbackprop.kernels.stable import stable

_CHEAP = (Max, Min, sign)


def letter_axes(program: Program) -> Program:
    """Every statement labelled alike: the target's axes are i, j, …, the summed ones follow."""

    def lettered(statement: Statement) -> Statement:
        labels = [label for operand in (statement.target, *statement.operation.operands) for label in operand.axes]
        names = dict(zip(dict.fromkeys(labels), LETTERS, strict=False))
        if all(label == name for label, name in names.items()):
            return statement

        def rename(operand: Operand) -> Operand:
            return Operand(operand.array, tuple(names[label] for label in operand.axes))

        operation = changed(statement.operation, rename)
        if isinstance(operation, Gather | Scatter):
            letters = {letter(label): letter(name) for label, name in names.items()}
            operation = replace(operation, indices=tuple(index.xreplace(letters) for index in operation.indices))
        loop = statement.loop and replace(statement.loop, label=names[statement.loop.label])
        return replace(statement, target=rename(statement.target), operation=operation, loop=loop)

    return program.with_statements(map(lettered, program.statements))


def without_copies(program: Program) -> Program:
    """A copy of a temporary names what made it; a copy of a named array in the same order of axes is that array."""
    uses, made, alias = uses_of(program), dict[str, int](), dict[str, Array]()
    statements: list[Statement] = []
    for statement in program.statements:
        operation = changed(statement.operation, lambda o: _current(o, alias)) if alias else statement.operation
        source = _copied(operation)
        name = source.array.name if source else ""
        whole = source is not None and set(source.axes) == set(statement.target.axes)
        if source and whole and name in made and uses[name] == 1 and not statements[made[name]].note:
            producer = statements[made[name]]
            axes = tuple(producer.target.axes[source.axes.index(label)] for label in statement.target.axes)
            target = Operand(statement.target.array, axes)
            statements[made[name]] = replace(producer, target=target, note=statement.note)
            made[target.array.name] = made[name]
        elif source and source.axes == statement.target.axes:
            alias[statement.target.array.name] = source.array
            uses[name] += uses[statement.target.array.name] - 1
        else:
            made[statement.target.array.name] = len(statements)
            statements.append(with_operation(statement, operation))
    return _named(replace(program, statements=tuple(statements)), alias)


def _current(operand: Operand, alias: Mapping[str, Array]) -> Operand:
    """The operand with the array that stands for its own now, if another one does."""
    return Operand(alias[operand.array.name], operand.axes) if operand.array.name in alias else operand


def _named(program: Program, alias: Mapping[str, Array]) -> Program:
    """The program with other arrays read, and returned, in the place of those that are gone."""

    # In a loop an array may be read above the statement that makes it.
    looped = (
        replace(s, operation=changed(s.operation, lambda o: _current(o, alias))) if s.loop else s
        for s in program.statements
    )
    outputs = {wanted: alias[name].name if name in alias else name for wanted, name in program.outputs.items()}
    return replace(program, statements=tuple(looped), outputs=outputs)


def _copied(operation: Operation) -> Operand | None:
    if isinstance(operation, Elementwise) and isinstance(operation.expression, Symbol) and operation.bindings:
        return operation.bindings[0][1]
    return None


def without_repeats(program: Program) -> Program:
    """A statement that computes what an earlier one did is left out, and the earlier array read in its place."""
    seen: dict[object, Array] = {}
    alias: dict[str, Array] = {}
    statements = []
    for statement in program.statements:
        operation = changed(statement.operation, lambda o: _current(o, alias)) if alias else statement.operation
        key = (statement.target.axes, statement.target.array.shape, operation, statement.loop)
        if key in seen:
            alias[statement.target.array.name] = seen[key]
        else:
            seen[key] = statement.target.array
            statements.append(with_operation(statement, operation))
    return _named(replace(program, statements=tuple(statements)), alias)


def rewritten(program: Program, rule: Callable[[Expr], Expr]) -> Program:
    """Every scalar expression replaced by ``rule`` of it, which uses no new array."""

    def anew(statement: Statement) -> Statement:
        operation = statement.operation
        if not isinstance(operation, Elementwise) or plain(operation.expression):
            return statement
        views = dict(operation.bindings)
        form = by_structure(operation.expression, views, rule)
        return statement if form == operation.expression else replace(statement, operation=elementwise(form, views))

    return program.with_statements(map(anew, program.statements))


def with_stable_forms(program: Program) -> Program:
    """Scalar expressions in the forms of the rule table, without branches."""
    return rewritten(program, _stable_and_masked)


@lru_cache(maxsize=1024)
def _stable_and_masked(expression: Expr) -> Expr:
    return masked(stable(expression))


def with_shared_functions(program: Program) -> Program:
    """A function value that several statements need (of h and h′, say) is computed once, before the first of them."""
    counted: Counter[tuple[tuple[Label, ...], Expr]] = Counter()
    calls = {statement.target.array.name: _calls(statement) for statement in program.statements}
    for statement in program.statements:
        counted.update((statement.target.axes, call) for call in calls[statement.target.array.name])
    shared = {key for key, count in counted.items() if count > 1}
    statements: list[Statement] = []
    known: dict[tuple[tuple[Label, ...], Expr], Operand] = {}
    for statement in program.statements:
        operation = statement.operation
        for call in calls[statement.target.array.name]:
            key = (statement.target.axes, call)
            if key not in shared or not isinstance(operation, Elementwise) or not operation.expression.has(call):
                continue
            if key not in known:
                known[key] = Operand(replace(statement.target.array, name=f"s{len(known) + 1}"), statement.target.axes)
                apart = elementwise(call, dict(operation.bindings))
                statements.append(Statement(known[key], apart, loop=statement.loop))
            views = dict(operation.bindings) | {view(known[key]): known[key]}
            operation = elementwise(operation.expression.xreplace({call: view(known[key])}), views)
        statements.append(with_operation(statement, operation))
    return without_copies(program.with_statements(statements))


def _calls(statement: Statement) -> list[Expr]:
    """The costly function values in a statement that run along all its axes, the longest first."""
    if not isinstance(statement.operation, Elementwise) or plain(statement.operation.expression):
        return []
    axes = {symbol: operand.axes for symbol, operand in statement.operation.bindings}
    found = [
        call
        for call in statement.operation.expression.atoms(Function)
        if isinstance(call, Application) and not isinstance(call, _CHEAP)
        if set().union(*(axes.get(symbol, ()) for symbol in call.free_symbols)) == set(statement.target.axes)
    ]
    return longest_first(found)


def with_known_terms(program: Program) -> Program:
    """A term of more than one operation that an earlier statement computes, along the same axes, is read there."""
    known: dict[tuple[tuple[Label, ...], Loop | None, Expr], Operand] = {}

    def read(statement: Statement) -> Statement:
        operation, key = statement.operation, (statement.target.axes, statement.loop)
        if not isinstance(operation, Elementwise):
            return statement
        terms = {term: known[*key, term] for term in preorder_traversal(operation.expression) if (*key, term) in known}
        if any(argument.args for argument in operation.expression.args):
            known.setdefault((*key, operation.expression), statement.target)
        if not terms:
            return statement
        expression = operation.expression.xreplace({term: view(operand) for term, operand in terms.items()})
        views = dict(operation.bindings) | {view(operand): operand for operand in terms.values()}
        return replace(statement, operation=elementwise(expression, views))

    return program.with_statements(map(read, program.statements))


def with_matrix_products(program: Program) -> Program:
    """Contractions of two matrices over one axis become matrix products; transposes are flags, never copies.

    In a loop the axis that is looped is no axis of the matrices.
    """

    def product(statement: Statement) -> Statement:
        operation = statement.operation
        along = statement.loop.label if statement.loop else None
        if not isinstance(operation, Contraction) or len(operation.operands) != 2:
            return statement
        free = [tuple(label for label in axes if label != along) for axes in _axes(statement)]
        if any(len(axes) != 2 for axes in free):
            return statement
        row, column = free[0]
        pairs = sorted(zip(free[1:], operation.operands, strict=True), key=lambda pair: row not in pair[0])
        (one, left), (other, right) = pairs
        if len(set(one) & set(other)) != 1 or row not in one or row in other or column not in other:
            return statement
        return replace(statement, operation=MatrixProduct(left, right, one[0] != row, other[1] != column))

    return program.with_statements(map(product, program.statements))


def _axes(statement: Statement) -> list[tuple[Label, ...]]:
    return [statement.target.axes, *(operand.axes for operand in statement.operation.operands)]


def with_reused_memory(program: Program) -> Program:
    """A result that is one operation on an operand of its shape, not read again, takes over that operand's memory.

    What may be a view of another array, and what a loop makes entry by entry, is left alone.
    """
    last = last_uses(program)
    made = {
        statement.target.array.name: number
        for number, statement in enumerate(program.statements)
        if not isinstance(statement.operation, Gather)
    }

    def reusing(number: int, statement: Statement) -> Statement:
        if not isinstance(statement.operation, Elementwise) or statement.loop is not None:
            return statement
        free = [
            operand.array.name
            for symbol, operand in statement.operation.bindings
            if operand.axes == statement.target.axes and symbol in statement.operation.expression.args
            if operand.array.name in made and last[operand.array.name] == number
        ]
        return replace(statement, reuses=max(free, key=made.__getitem__)) if free else statement

    return program.with_statements(reusing(number, s) for number, s in enumerate(program.statements))


def tidied(program: Program, without: Collection[str] = frozenset()) -> Program:
    """No copies, no repeats, no dead code, sums joined."""
    program = without_copies(letter_axes(program))
    program = without_dead_code(program if "repeats" in without else without_repeats(program))
    return program if "joined_sums" in without else joined_reductions(program)


def optimised(
    program: Program, expand: Callable[[Program], Program], without: Collection[str] = frozenset()
) -> Program:
    """All passes in order; ``expand`` puts the closed forms of the functions in.

    ``without`` leaves out ``repeats``, ``joined_sums``, ``shared_functions``, ``matrix_products`` or ``reuse`` (a
    result over a dying operand).
    """
    program = with_stable_forms(expand(tidied(program, without)))
    if "shared_functions" not in without:
        program = with_known_terms(with_shared_functions(program))
    program = with_pairs(without_dead_code(program))
    if "matrix_products" not in without:
        program = with_matrix_products(program)
    return program if "reuse" in without else with_reused_memory(program)
