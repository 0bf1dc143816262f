"""Walks through a note from top to bottom: each formula in the scope in which it stands, and what the blocks say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from symbackprop.errors import InvalidSpec
from symbackprop.verification.note import Block, Formula, Note
from symbackprop.verification.opening import enter, opening
from symbackprop.verification.reading import Reading, Scope, read_formula
from symbackprop.verification.reading.block import line_of
from symbackprop.verification.reading.inference.shapes import Part, infer_shapes, with_inferred
from symbackprop.verification.reading.macros import WORD
from symbackprop.verification.reading.plain_text import read_plain_text, read_typed
from symbackprop.verification.reading.surface import NotRead, Statement
from symbackprop.verification.report import Problem
from symbackprop.verification.sandbox import Failure, Limits, Result, run_isolated
from symbackprop.verification.settings import Settings

PLAIN_TEXT = "text"
"""The way of writing of formulas without LaTeX."""

#: Longer formulas are not asked what they show of the shapes of letters.
LONGEST = 4_000

#: Seconds for the comment blocks of one note; less than a worker has to start, as it takes them in again.
BLOCK_SECONDS = 5.0


def walk_through(
    note: Note, settings: Settings, stop: int, skip: frozenset[int] = frozenset()
) -> Iterator[tuple[Formula, Scope, Reading | None]]:
    """Every formula in order with the scope in which it stands and what was read; ``None`` if it is passed over.

    The note is read twice side by side: with the letters that are declared or plain from their own formula, and with
    the shapes that all formulas together show. The second counts where the first is not understood.
    """
    blocks = list(note.blocks)
    scopes = declared = (opening(settings),) * 2
    parts = _shapes(note, 0, scopes[0], skip)
    for number, formula in enumerate(note.formulas[:stop]):
        entered = bool(blocks) and blocks[0].start < formula.start
        while blocks and blocks[0].start < formula.start:
            block = blocks.pop(0)
            pairs = zip(scopes, declared, strict=True)
            first, second = (_entered(note, block, scope, before, settings) for scope, before in pairs)
            scopes = declared = first, second
        parts = _shapes(note, number, scopes[0], skip) if entered else parts
        plain, shaped = (_with_macros(note, formula, scope) for scope in scopes)
        shaped = with_inferred(shaped, parts, number) if parts else plain
        if number in skip or formula.disabled:
            yield formula, plain, None
            scopes = plain, shaped
            continue
        reading = _read(formula, plain)
        other = reading if shaped is plain else _read(formula, shaped)
        use_other = other.is_clear and (not reading.is_clear or _is_known(reading, plain, shaped))
        yield formula, *((shaped, other) if use_other else (plain, reading))
        scopes = reading.scope, other.scope


def _is_known(reading: Reading, plain: Scope, shaped: Scope) -> bool:
    """Whether a formula would define a letter that has a definition, which was understood with its shape only."""
    new = {d.name for d in reading.scope.definitions} - {d.name for d in plain.definitions}
    return any(map(shaped.defined, sorted(new)))


def _with_macros(note: Note, formula: Formula, scope: Scope) -> Scope:
    words = {name: body for name, body in scope.macros.items() if body[0] == WORD}
    return replace(scope, macros={**words, **_macros(note, formula.start)})


def _shapes(note: Note, first: int, scope: Scope, skip: frozenset[int]) -> tuple[Part, ...]:
    """What the formulas from ``first`` up to the next comment block show of the shapes of their letters."""
    start = note.formulas[first].start if note.formulas else 0
    end = next((block.start for block in note.blocks if block.start > start), None)
    found = {}
    for number, formula in enumerate(note.formulas):
        here = number >= first and (end is None or formula.start < end) and number not in skip
        if here and not formula.disabled and len(formula.tex) <= LONGEST:
            surface = _surface(formula, _with_macros(note, formula, scope))
            found[number] = () if isinstance(surface, NotRead) else surface
    return infer_shapes(found, scope) if found else ()


def _surface(formula: Formula, scope: Scope) -> tuple[Statement, ...] | NotRead:
    return read_plain_text(formula.tex) if formula.kind == PLAIN_TEXT else read_typed(formula.tex, scope.macros)


def _read(formula: Formula, scope: Scope) -> Reading:
    return read_formula(formula.tex, scope, _surface(formula, scope), gradients=True)


def _entered(note: Note, block: Block, scope: Scope, declared: Scope, settings: Settings) -> Scope:
    return enter(replace(scope, macros=_macros(note, block.start)), declared, block, settings, note.path)


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
