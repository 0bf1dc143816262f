"""Walks through a note from top to bottom: each formula in the scope in which it stands, and what the blocks say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from symbackprop.errors import InvalidSpec
from symbackprop.verification.note import Block, Formula, Note
from symbackprop.verification.opening import enter, opening
from symbackprop.verification.reading import Reading, Scope, read_formula
from symbackprop.verification.reading.block import line_of
from symbackprop.verification.reading.elaborate.compounds import with_own_compounds
from symbackprop.verification.reading.elaborate.gradient_names import names_gradient
from symbackprop.verification.reading.elaborate.named_costs import names_slope, with_named_costs
from symbackprop.verification.reading.elaborate.spelling import in_compounds
from symbackprop.verification.reading.elaborate.supposed import with_renewed_costs
from symbackprop.verification.reading.inference.shapes import Part, infer_shapes, with_inferred
from symbackprop.verification.reading.plain_text import read_plain_text, read_typed
from symbackprop.verification.reading.surface import NotRead, Statement
from symbackprop.verification.reading.symbols import AS_USED
from symbackprop.verification.report import Problem
from symbackprop.verification.sandbox import Failure, Limits, Result, run_isolated
from symbackprop.verification.settings import Settings
from symbackprop.verification.terms.walk import entry_names

PLAIN_TEXT = "text"
"""The way of writing of formulas without LaTeX."""

HEADING = re.compile(r"^(?P<sharps>#{1,6})\s|^\s*\\(?P<words>(?:sub)*section)\b", re.MULTILINE)
#: Longer formulas are not asked what they show of the shapes of letters.
LONGEST = 4_000

#: Seconds for the comment blocks of one note; less than a worker has to start, as it takes them in again.
BLOCK_SECONDS = 5.0


def walk_through(
    note: Note, settings: Settings, stop: int, skip: frozenset[int] = frozenset()
) -> Iterator[tuple[Formula, Scope, Reading | None]]:
    """Every formula in order with the scope in which it stands and what was read; ``None`` if it is passed over.

    The note is read side by side: with the letters that are declared or plain from their own formula, with the shapes
    that all formulas together show, and with those that the formulas of each section show. The first reading that is
    clear counts.
    """
    blocks = list(note.blocks)
    start = opening(settings)
    above = bool(blocks and note.formulas) and blocks[0].start < note.formulas[0].start
    first, ways = (start, [()]) if above else _ways(note, 0, start, skip)
    scopes, declared = [first] * len(ways), [start] * len(ways)
    late: set[str] = set()
    sections = set(section_starts(note))
    for number, formula in enumerate(note.formulas[:stop]):
        if blocks and blocks[0].start < formula.start:
            while blocks and blocks[0].start < formula.start:
                block = blocks.pop(0)
                scopes = declared = _all_entered(note, block, scopes, declared, settings)
            first, ways = _ways(note, number, scopes[0], skip)
            scopes, declared = [first] * len(ways), declared[:1] * len(ways)
        pairs = zip(scopes, ways, strict=True)
        scopes = [
            _with_costs(formula, with_inferred(_with_macros(note, formula, scope), parts, number))
            for scope, parts in pairs
        ]
        if number in sections:
            scopes = [replace(scope, earlier=frozenset(d.name for d in scope.definitions)) for scope in scopes]
        if number in skip or formula.disabled:
            yield formula, scopes[0], None
            continue
        readings = [_read(formula, scope) for scope in scopes]
        best = _clearest(readings, scopes, late)
        yield formula, scopes[best], readings[best]
        scopes = [reading.scope for reading in readings]


def _clearest(readings: list[Reading], scopes: list[Scope], late: set[str]) -> int:
    """Which reading counts: the first that is clear, but not as a definition of what another one knows already.

    ``late`` gathers the letters of which the definition was understood with the shapes of the note only.
    """
    clear = [k for k, reading in enumerate(readings) if reading.is_clear]
    if 0 in clear and any(_is_array(name, scopes[1:]) for name in _numbers(readings[0])):
        return next(iter(clear[1:]), 1)  # W x is no product of numbers
    new = _defined_by(readings[0], scopes[0])
    best = clear[0] if clear else 0
    if best == 0 and len(clear) > 1 and new and (new <= late or all(map(names_gradient, new))):
        best = next((k for k in clear[1:] if any(link.kind == "claim" for link in readings[k].links)), best)
    if best:
        late |= _defined_by(readings[best], scopes[best])
    return best


def _numbers(reading: Reading) -> set[str]:
    """The letters that a reading takes for numbers because nothing declares them."""
    found: set[str] = set()
    for choice in (choice for link in reading.links for choice in link.readings):
        for name in entry_names(choice.claim.left) | entry_names(choice.claim.right):
            tensor, symbol = choice.context.tensors.get(name), reading.scope.symbols.get(name)
            if tensor is not None and not tensor.axes and symbol is not None and not symbol.declared:
                found.add(name)
    return found


def _is_array(name: str, scopes: list[Scope]) -> bool:
    symbols = (scope.symbols.get(name) for scope in scopes)
    return any(symbol is not None and symbol.why.endswith(AS_USED) and bool(symbol.axes) for symbol in symbols)


def _defined_by(reading: Reading, scope: Scope) -> set[str]:
    """The letters that a reading defines, for the first time or anew."""
    return {d.name for d in reading.scope.definitions if d not in scope.definitions}


def _with_macros(note: Note, formula: Formula, scope: Scope) -> Scope:
    """The scope with the macros in force at a formula, before those that a block only takes for letters."""
    return replace(scope, macros={**scope.macros, **_macros(note, formula.start)})


def _ways(note: Note, first: int, scope: Scope, skip: frozenset[int]) -> tuple[Scope, list[tuple[Part, ...]]]:
    """The scope with the names in several signs that the formulas from ``first`` up to the next block define.

    Also what these formulas show of shapes: nothing, or all of them, or those of each section.
    """
    found = _surfaces(note, first, scope, skip)
    scope = with_own_compounds(scope, [statement for number in sorted(found) for statement in found[number]])
    found = {number: in_compounds(statements, scope) for number, statements in found.items()}
    whole = infer_shapes(found, scope) if found else ()
    parted: tuple[Part, ...] = ()
    edges = [number for number in section_starts(note) if number in found] if whole else []
    for start, stop in zip([first, *edges], [*edges, len(note.formulas)], strict=True) if edges else ():
        inside = {number: found[number] for number in found if start <= number < stop}
        parted += infer_shapes(inside, scope) if inside else ()
    return scope, [(), *([whole] if whole else []), *([parted] if parted else [])]


def _surfaces(note: Note, first: int, scope: Scope, skip: frozenset[int]) -> dict[int, tuple[Statement, ...]]:
    start = note.formulas[first].start if note.formulas else 0
    end = next((block.start for block in note.blocks if block.start > start), None)
    found = {}
    for number, formula in enumerate(note.formulas):
        here = number >= first and (end is None or formula.start < end) and number not in skip
        if here and not formula.disabled and len(formula.tex) <= LONGEST:
            surface = _surface(formula, _with_macros(note, formula, scope))
            found[number] = () if isinstance(surface, NotRead) else surface
    return found


def section_starts(note: Note) -> list[int]:
    """The first formula below each heading but the first, of the highest level that has two headings or more."""
    found: dict[int, list[int]] = {}
    for match in HEADING.finditer(note.text):
        level = len(match["sharps"]) if match["sharps"] else 1 + match["words"].count("sub")
        found.setdefault(level, []).append(match.start())
    places = next((found[level] for level in sorted(found) if len(found[level]) > 1), [])
    below = (next((k for k, f in enumerate(note.formulas) if f.start > place), None) for place in places)
    return sorted({number for number in below if number})


def _surface(formula: Formula, scope: Scope) -> tuple[Statement, ...] | NotRead:
    return read_plain_text(formula.tex) if formula.kind == PLAIN_TEXT else read_typed(formula.tex, scope.macros)


def _read(formula: Formula, scope: Scope) -> Reading:
    surface = _surface(formula, scope)
    reading = read_formula(formula.tex, scope, surface, gradients=True)
    named = not isinstance(surface, NotRead) and len(surface) == 1 and names_slope(surface[0], reading.scope)
    if not named or [link.kind for link in reading.links] != ["not_understood"]:
        return reading
    return replace(reading, links=(replace(reading.links[0], kind="definition"),))


def _with_costs(formula: Formula, scope: Scope) -> Scope:
    """The scope in which a cost that the formula only differentiates is one, if a block declares letters at all."""
    surface = _surface(formula, scope) if scope.declared else ()
    statements = () if isinstance(surface, NotRead) else surface
    sides = [side for statement in statements if statement.relations for side in statement.sides if side is not None]
    return with_renewed_costs(with_named_costs(scope, sides))


def _entered(note: Note, block: Block, scope: Scope, declared: Scope, settings: Settings) -> Scope:
    return enter(replace(scope, macros=_macros(note, block.start)), declared, block, settings, note.path)


def _all_entered(
    note: Note, block: Block, scopes: list[Scope], declared: list[Scope], settings: Settings
) -> list[Scope]:
    """The scope of every way from a block on; where they are one so far the block is read once."""
    made: dict[tuple[int, int], Scope] = {}
    for scope, before in zip(scopes, declared, strict=True):
        if (id(scope), id(before)) not in made:
            made[id(scope), id(before)] = _entered(note, block, scope, before, settings)
    return [made[id(scope), id(before)] for scope, before in zip(scopes, declared, strict=True)]


def _macros(note: Note, place: int) -> dict[str, tuple[int, str]]:
    return {name: (macro.arity, macro.body) for name, macro in note.macros_at(place).items()}


def note_problems(notes: Sequence[Note], settings: Settings) -> list[tuple[Problem, ...] | InvalidSpec]:
    """What is not understood in the comment blocks of each note, found out in confined children.

    A note of which a block is no YAML of the right form, names what is not known, or costs too much, gets an error.

    Raises:
        InvalidSpec: the settings name what is not known.
    """
    opening(settings)  # objects to what the settings name before any child is started
    spoken = [note for note in notes if note.blocks]
    limits = Limits(item=BLOCK_SECONDS, start=BLOCK_SECONDS)
    found = run_isolated(partial(_said_problems, settings), spoken, limits=limits, jobs=settings.jobs)
    said = iter([_problems(note, result) for note, result in zip(spoken, found, strict=True)])
    return [next(said) if note.blocks else () for note in notes]


def _problems(note: Note, result: Result) -> tuple[Problem, ...] | InvalidSpec:
    if isinstance(result, Failure):
        return InvalidSpec(f"{note.path}:{note.blocks[0].line}: comment block: {result.detail or result.reason}")
    if result["error"]:
        return InvalidSpec(result["error"])
    return tuple(Problem(**problem) for problem in result["problems"])


def _said_problems(settings: Settings, note: Note) -> Mapping[str, Any]:
    scope = declared = opening(settings)
    problems: list[dict[str, Any]] = []
    try:
        for block in note.blocks:
            scope = declared = _entered(note, block, scope, declared, settings)
            for said in scope.problems:
                line = block.line + line_of(block.body, said)
                problems.append({"line": line, "message": f"comment block: {said}"})
    except InvalidSpec as error:
        return {"error": str(error), "problems": []}
    return {"error": "", "problems": problems}
