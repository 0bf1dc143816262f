"""From the formulas of a note to symbols for the arrays among its undeclared letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from symbackprop.verification.reading.elaborate.conditions import is_real_space, space_axes
from symbackprop.verification.reading.elaborate.named_costs import COST_AS_USED
from symbackprop.verification.reading.elaborate.usage import SCALAR_NAMES
from symbackprop.verification.reading.elaborate.walk import every, references
from symbackprop.verification.reading.inference.fitting import Shape
from symbackprop.verification.reading.inference.letters import Letter, Usage
from symbackprop.verification.reading.inference.ranks import Unknowns, find_ranks
from symbackprop.verification.reading.inference.sizes import symbols_of
from symbackprop.verification.reading.labels import is_transpose, refer
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Derivative, Group, Name, Node, Norm, Scripted, Statement, Times
from symbackprop.verification.reading.symbols import (
    AS_USED,
    DEFAULT_FUNCTIONS,
    Symbol,
    head_name,
    known_function,
    undressed,
)

_MATRICES = frozenset("WXUVAHQYZ")
_ARRAY_WORDS = ("softmax", "diag", "Diag", "tr", "Tr")


@dataclass(frozen=True)
class Part:
    """From formula ``start`` on, the letters are these arrays."""

    start: int
    symbols: tuple[Symbol, ...]


def infer_shapes(formulas: Mapping[int, Sequence[Statement]], scope: Scope) -> tuple[Part, ...]:
    """The functions among the letters that ``scope`` does not know, and the arrays where the formulas show any.

    ``formulas`` are the statements by the number of their formula. Where a letter is defined anew
    among them, each part is taken for itself if that fits better.
    """
    nodes = [side for statements in formulas.values() for s in statements for side in s.sides if side is not None]
    usage = Usage.of([statement for statements in formulas.values() for statement in statements])
    functions = (*_functions(usage, scope), *_costs(formulas.values(), scope))
    if scope.counting.from_output or not any(map(_shows_arrays, nodes)):
        return (Part(min(formulas), functions),) if functions else ()
    price, whole = _inferred(min(formulas), formulas, scope)
    starts = _starts(formulas, usage)
    parts = [whole]
    if len(starts) > 1:
        found = [
            _inferred(start, {number: formulas[number] for number in formulas if start <= number < stop}, scope)
            for start, stop in zip(starts, [*starts[1:], max(formulas) + 1], strict=True)
        ]
        parts = [part for _, part in found] if sum(cost for cost, _ in found) < price else parts
    return (replace(parts[0], symbols=(*functions, *parts[0].symbols)), *parts[1:])


def with_inferred(scope: Scope, parts: Iterable[Part], number: int) -> Scope:
    """The scope at formula ``number``, with the arrays of the part that begins there."""
    begun = [symbol for part in parts if part.start == number for symbol in part.symbols]
    for stale in _others_of(begun, scope):
        scope = scope.reused(stale)
    for symbol in begun:
        known = scope.find(symbol.name)
        if known is not None and (not known.why.endswith(AS_USED) or known.axes == symbol.axes):
            continue
        scope = (scope if known is None else scope.reused(known.name)).with_symbol(symbol)
    return scope


def _others_of(begun: Sequence[Symbol], scope: Scope) -> list[str]:
    """Letters of an earlier part that a new part writes in another way: members for one thing, or reversely."""
    names, bases = {symbol.name for symbol in begun}, {_base(symbol.name) for symbol in begun}
    shown = (symbol for symbol in scope.symbols.values() if symbol.why.endswith(AS_USED))
    return sorted(s.name for s in shown if s.name not in names and _base(s.name) in bases)


def _base(name: str) -> str:
    return re.split(r"[_^]", name, maxsplit=1)[0]


def _inferred(start: int, formulas: Mapping[int, Sequence[Statement]], scope: Scope) -> tuple[float, Part]:
    statements = tuple(statement for number in sorted(formulas) for statement in formulas[number])
    usage = Usage.of(statements)

    def space(node: Node) -> Shape | None:
        listed = isinstance(node, Scripted) and isinstance(node.base, Group)  # {0, 1}^q
        return space_axes(node, scope) if is_real_space(node) or listed else None

    unknowns = Unknowns(statements, usage, _known(statements, usage, scope), space)
    price, ranks = find_ranks(unknowns)
    found = (symbol for symbol in symbols_of(unknowns, ranks, scope) if _is_free(symbol.name, scope))
    return price, Part(start, tuple(found))


def _is_free(name: str, scope: Scope) -> bool:
    known = scope.find(name)
    return known is None or known.why.endswith(AS_USED)


def _functions(usage: Usage, scope: Scope) -> Iterator[Symbol]:
    """Letters that stand with a prime before brackets somewhere in the note, and so are functions everywhere."""
    for name in sorted(usage.functions):
        if scope.find(name) is None and not known_function(name):
            function = DEFAULT_FUNCTIONS.get(name, "")
            yield Symbol(name, "function", function=function, declared=False, why=f"a function, {AS_USED}")


def _costs(formulas: Iterable[Sequence[Statement]], scope: Scope) -> Iterator[Symbol]:
    """Costs that are differentiated and never said to be anything."""
    statements = [statement for statements in formulas for statement in statements if statement.relations]
    sides = [side for statement in statements for side in statement.sides if side is not None]
    slopes = [part for side in sides for part in every(side) if isinstance(part, Derivative)]
    named = {slope.operand.text for slope in slopes if isinstance(slope.operand, Name)} & set(SCALAR_NAMES)
    inside = {id(slope.operand) for slope in slopes}
    parts = (part for side in sides for part in every(side) if id(part) not in inside)
    elsewhere = {part.text for part in parts if isinstance(part, Name)}
    for name in sorted(named - elsewhere):
        if scope.find(name) is None:
            yield Symbol(name, "quantity", declared=True, certain=False, why=COST_AS_USED)


def _starts(formulas: Mapping[int, Sequence[Statement]], usage: Usage) -> list[int]:
    """Where a part begins: at the first formula, and where a letter is defined that is defined already."""
    starts = [min(formulas)]
    defined: set[Letter] = set()
    for number in sorted(formulas):
        lefts = (s.sides[0] for s in formulas[number] if s.relations[:1] in (("=",), (":=",)))
        letters = (usage.letter_of(left) for left in lefts if isinstance(left, Name | Scripted))
        here = {letter for letter in letters if letter is not None and not letter.marks and not letter.indices}
        if here & defined:
            starts.append(number)
            defined = set()
        defined |= here
    return starts


def _known(statements: Iterable[Statement], usage: Usage, scope: Scope) -> dict[str, Shape | None]:
    """The shapes of the letters that mean something already; ``None`` for what is no array, or of no known shape."""
    found: dict[str, Shape | None] = {}
    sides = (side for statement in statements for side in statement.sides if side is not None)
    for ref in (ref for side in sides for ref in references(side)):
        letter, meant = usage.letter_of(ref), refer(ref, scope)
        if letter is None or meant is None or meant.symbol is None or meant.symbol.why.endswith(AS_USED):
            continue
        symbol = meant.symbol
        whole = symbol.kind == "quantity" and len(meant.indices) == letter.indices and symbol.axes is not None
        found[letter.name] = symbol.axes if whole and not symbol.labels else None
    return found


def _shows_arrays(node: Node) -> bool:
    """Whether something in a formula is done with arrays only."""
    return any(_is_of_arrays(part) for part in every(node))


def _is_matrix_product(node: Times) -> bool:
    """Whether a capital letter that goes by matrices stands right before another letter: ``W x``."""
    pairs = zip(node.factors, node.operators, node.factors[1:], strict=False)
    heads = ((head_name(left), head_name(right)) for left, operator, right in pairs if operator == "")
    return any(a is not None and b is not None and undressed(a.text) in _MATRICES for a, b in heads)


def _is_of_arrays(part: Node) -> bool:
    match part:
        case Scripted():
            return any(map(is_transpose, part.sups))
        case Times():
            return any(operator in (r"\odot", "⊙") for operator in part.operators) or _is_matrix_product(part)
        case Norm():
            return part.kind == "norm"
        case Name():
            return undressed(part.text) != part.text or part.text in _ARRAY_WORDS
        case _:
            return False
