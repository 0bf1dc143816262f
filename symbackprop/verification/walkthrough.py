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
from symbackprop.verification.reading.macros import WORD
from symbackprop.verification.reading.plain_text import read_plain_text, read_typed
from symbackprop.verification.report import Problem
from symbackprop.verification.sandbox import Failure, Limits, Result, run_isolated
from symbackprop.verification.settings import Settings

PLAIN_TEXT = "text"
"""The way of writing of formulas without LaTeX."""

#: Seconds for the comment blocks of one note; less than a worker has to start, as it takes them in again.
BLOCK_SECONDS = 5.0


def walk_through(
    note: Note, settings: Settings, stop: int, skip: frozenset[int] = frozenset()
) -> Iterator[tuple[Formula, Scope, Reading | None]]:
    """Every formula in order with the scope in which it stands and what was read; ``None`` if it is passed over."""
    scope = opening(settings)
    blocks = list(note.blocks)
    declared = scope
    for number, formula in enumerate(note.formulas[:stop]):
        while blocks and blocks[0].start < formula.start:
            scope = declared = _entered(note, blocks.pop(0), scope, declared, settings)
        words = {name: body for name, body in scope.macros.items() if body[0] == WORD}
        scope = replace(scope, macros={**words, **_macros(note, formula.start)})
        passed_over = number in skip or formula.disabled
        reading = None if passed_over else _read(formula, scope)
        yield formula, scope, reading
        scope = scope if reading is None else reading.scope


def _read(formula: Formula, scope: Scope) -> Reading:
    surface = read_plain_text(formula.tex) if formula.kind == PLAIN_TEXT else read_typed(formula.tex, scope.macros)
    return read_formula(formula.tex, scope, surface, gradients=True)


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
