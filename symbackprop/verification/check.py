"""Checks notes: finds their formulas, reads them from top to bottom, judges every link, and reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

from symbackprop.errors import InvalidSpec
from symbackprop.verification.cache import Cache
from symbackprop.verification.diagnosis.repair import repair
from symbackprop.verification.diagnosis.typed import is_typed, repair_typed
from symbackprop.verification.entrywise import for_any_function
from symbackprop.verification.links import SUMMED, judge_link
from symbackprop.verification.note import Formula, Note, find_formulas, read_note
from symbackprop.verification.numbers import SHAPES_SHOWN, rests_on_shapes, with_numbers
from symbackprop.verification.reading import Reading, Scope, read_block
from symbackprop.verification.reading.adapter import warm
from symbackprop.verification.report import File, Finding, Report, Unread
from symbackprop.verification.reservations import reservation
from symbackprop.verification.sandbox import Failure, Limits, Result, Task, run_tasks
from symbackprop.verification.settings import Settings
from symbackprop.verification.verdict import Judgement, Verdict
from symbackprop.verification.walkthrough import PLAIN_TEXT, note_problems, walk_through

#: A note is shared out among workers only if each gets at least so many formulas.
FORMULAS_A_SHARE = 8

Progress = Callable[[int, int], None]


def check_paths(paths: Sequence[str], settings: Settings = Settings()) -> Report:
    """The findings on all formulas of the notes at ``paths`` (``-`` is standard input), each note on its own.

    Raises:
        InvalidSpec: a file cannot be read, or a comment block in it is not of the right form.
    """
    return _whole(check_files(paths, settings))


def check_text(text: str, settings: Settings = Settings(), *, path: str = "-") -> Report:
    r"""The findings on all formulas of a note given as text.

    >>> report = check_text(r"$\tanh'(z) = 1 - \tanh(z)^2$", path="note.md")
    >>> [finding.verdict.value for finding in report]
    ['proved']
    """
    return _whole(check_notes([find_formulas(text, path=path, plain_text=settings.plain_text)], settings))


def _whole(report: Report) -> Report:
    if report.unread:
        raise InvalidSpec(report.unread[0].message)
    return report


def check_files(
    paths: Sequence[str], settings: Settings = Settings(), *, cache: Cache = Cache(), progress: Progress | None = None
) -> Report:
    """As ``check_paths``; what keeps a note from being checked is said in the report, and the others are judged."""
    notes: list[Note] = []
    unread: list[Unread] = []
    for path in paths:
        try:
            notes.append(read_note(path, plain_text=settings.plain_text))
        except InvalidSpec as error:
            unread.append(Unread(path, str(error)))
    report = check_notes(notes, settings, cache=cache, progress=progress)
    return replace(report, unread=(*unread, *report.unread))


def check_notes(
    notes: Sequence[Note], settings: Settings, *, cache: Cache = Cache(), progress: Progress | None = None
) -> Report:
    """The findings on notes that are already split into formulas; each formula is judged in a confined child."""
    known = {id(note): cache.load(note, settings) for note in notes}
    if not all(known[id(note)].whole(note) for note in notes):
        warm()  # once, here: what the parser has loaded, every worker that is forked finds loaded
    unsaid = [note for note in notes if known[id(note)].problems is None]
    said = {id(note): problems for note, problems in zip(unsaid, note_problems(unsaid, settings), strict=True)}
    files, unread, good = [], [], []
    for note in notes:
        problems = said.get(id(note), known[id(note)].problems or ())
        if isinstance(problems, InvalidSpec):
            unread.append(Unread(note.path, str(problems)))
        else:
            good.append(note)
            files.append(File(note.path, len(note.formulas), note.not_looked_at, problems))
    results = _results(good, [known[id(note)].results for note in good], settings, progress)
    for note, file, found in zip(good, files, results, strict=True):
        cache.save(note, settings, found, file.problems)
    formulas = [formula for note in good for formula in note.formulas]
    flat = [result for found in results for result in found]
    findings = [_finding(formula, result) for formula, result in zip(formulas, flat, strict=True)]
    return Report(tuple(findings), tuple(files), settings.for_report(), tuple(unread))


def _results(
    notes: Sequence[Note], known: Sequence[Sequence[Result]], settings: Settings, progress: Progress | None
) -> list[list[Result]]:
    """The results on the formulas of each note, of which the first ones may be known."""
    shares = [_tasks(note, len(first), settings) for note, first in zip(notes, known, strict=True)]
    tasks = [task for share in shares for task in share]
    judged = iter(run_tasks(tasks, limits=_limits(notes, settings), jobs=settings.jobs, progress=progress))
    return [
        [*first, *(result for _ in share for result in next(judged))]
        for first, share in zip(known, shares, strict=True)
    ]


def _tasks(note: Note, first: int, settings: Settings) -> list[Task]:
    """The shares of a note from formula ``first`` on; every share reads it from the top, so their number is the same
    to the verdicts."""
    count = len(note.formulas) - first
    shares = max(1, min(settings.jobs, count // FORMULAS_A_SHARE))
    edges = [first + count * k // shares for k in range(shares + 1)]
    work = partial(judge_share, note, settings)
    return [Task(work, start, stop) for start, stop in pairwise(edges)]


def _limits(notes: Sequence[Note], settings: Settings) -> Limits:
    most = max((len(note.formulas) for note in notes), default=0)
    return Limits(item=settings.patience, task=60.0 + settings.patience * most)


def _finding(formula: Formula, result: Result) -> Finding:
    if not isinstance(result, Failure):
        return Finding.from_json(result)
    detail = f": {result.detail}" if result.detail else ""
    if result.reason == "internal":
        why = Judgement(Verdict.UNDECIDED, "SBP090", f"internal error{detail}")
    else:
        budget = "out of time" if result.reason == "time" else f"out of budget ({result.reason})"
        why = Judgement(Verdict.UNDECIDED, "SBP011", budget + detail)
    return Finding.of(formula, [(formula.tex, why)])


def judge_share(
    note: Note, settings: Settings, first: int, stop: int, skip: frozenset[int]
) -> Iterator[Mapping[str, Any]]:
    """The findings on formulas ``first`` … ``stop - 1``, as JSON; what stands above is read for its definitions."""
    for number, (formula, scope, reading) in enumerate(walk_through(note, settings, stop, skip)):
        if number >= first:
            yield finding(note, formula, scope, reading, settings).to_json()


def finding(note: Note, formula: Formula, scope: Scope, reading: Reading | None, settings: Settings) -> Finding:
    """What is said of one formula in the scope in which it stands."""
    if reading is None:
        return Finding.of(formula, [])
    judged = []
    typed = formula.kind == PLAIN_TEXT or is_typed(formula.tex, scope)
    for number, link in enumerate(reading.links):
        judgement = judge_link(link, seed=settings.seed)
        if judgement.verdict is Verdict.REFUTED:
            judgement = with_numbers(formula.tex, number, scope, settings.seed) or judgement
        judgement = for_any_function(judgement, link, reading.scope, settings.seed)
        if judgement.verdict is Verdict.REFUTED and link.kind == "claim" and (why := reservation(link, note, formula)):
            judgement = Judgement(Verdict.UNDECIDED, "SBP010", why)
        wrong = judgement.verdict is Verdict.REFUTED and link.kind != "order"
        if wrong or judgement.how == SUMMED:
            nearby, seed = _nearby(note, formula, settings), settings.seed
            if typed:
                mended = repair_typed(formula.tex, reading, number, scope, nearby=nearby, seed=seed)
            else:
                mended = repair(formula.tex, link, scope, nearby=nearby, seed=seed)
            if mended is not None:
                judgement = replace(
                    judgement,
                    suggestion=mended.tex,
                    message=f"{judgement.message}; one edit mends it: {mended.edit.slip}",
                )
            elif wrong and rests_on_shapes(link, scope):
                judgement = Judgement(Verdict.UNDECIDED, "SBP010", f"{judgement.message}{SHAPES_SHOWN}")
        judged.append((formula.tex[link.start : link.end], judgement))
    return Finding.of(formula, judged)


def _nearby(note: Note, formula: Formula, settings: Settings) -> tuple[str, ...]:
    """What the block in force gives and the formulas just above, whose spellings a correction may borrow."""
    place = note.formulas.index(formula)
    typed = formula.kind == PLAIN_TEXT
    alike = (o for o in note.formulas[max(0, place - 12) : place] if (o.kind == PLAIN_TEXT) == typed)
    above = tuple(other.tex for other in alike)
    bodies = [block.body for block in note.blocks if block.start < formula.start][-1:] or [settings.block]
    return (*(given for body in bodies for given in read_block(body).given), *above)
