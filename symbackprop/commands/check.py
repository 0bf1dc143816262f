"""``symbackprop check``: judge the formulas of notes, and mend them if asked."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from symbackprop.commands.notes import notes_in
from symbackprop.commands.output import deliver, write_file
from symbackprop.commands.watching import watch
from symbackprop.errors import InvalidSpec
from symbackprop.verification.cache import Cache, standard_folder
from symbackprop.verification.check import check_files
from symbackprop.verification.explanation import Explanation, explain_notes
from symbackprop.verification.mending import diff, mended
from symbackprop.verification.note import read_note
from symbackprop.verification.report import Report, Unread
from symbackprop.verification.reports import Format, Style, formats
from symbackprop.verification.reports.escape import log_path, visible
from symbackprop.verification.reports.github import summary
from symbackprop.verification.settings import Settings


def execute(options: Namespace) -> int:
    """Exit code 1 if something is refuted (or as ``--strict`` and ``--require`` say), 2 if a file could not be checked,
    else 0."""
    if options.clear_cache:
        Cache(standard_folder()).clear()
        if not options.paths:
            return 0
    if not options.paths:
        raise InvalidSpec("say what to check: notes, folders of notes, or - for standard input")
    if options.watch:
        return watch(options.paths, partial(check_once, options))
    paths: dict[str, None] = {}
    missing: list[Unread] = []
    for path in options.paths:
        try:
            paths |= dict.fromkeys(notes_in([path]))
        except InvalidSpec as error:
            missing.append(Unread(path, str(error)))
    return check_once(options, list(paths), missing)


def check_once(options: Namespace, paths: Sequence[str], missing: Sequence[Unread] = ()) -> int:
    """Check the notes at ``paths`` as the options say; the exit code. ``missing`` says which notes there are not.

    What could not be checked is told on standard error, after the report on the others; without others there is none.
    """
    write = formats[options.format]
    if (options.diff or options.fix) and "-" in paths:
        raise InvalidSpec("standard input cannot be mended; give a file")
    if options.explain_notation:
        unread = _explain(paths, _settings(options), options.output)
        return _complain([*missing, *unread])
    report = _report(options, paths, missing)
    if report.files:
        if options.diff:
            deliver("".join(_mend(report, options, write_back=False)), options.output)
        else:
            if options.fix and "".join(_mend(report, options, write_back=True)):
                report = _report(options, paths, missing)
            _deliver(report, write, options)
    return _complain(report.unread) or report.exit_code(strict=options.strict, require=options.require)


def _settings(options: Namespace) -> Settings:
    return Settings(
        notation=options.notation,
        model=options.model,
        timeout=options.timeout,
        jobs=options.jobs,
        seed=options.seed,
        plain_text=options.text,
    )


def _report(options: Namespace, paths: Sequence[str], missing: Sequence[Unread]) -> Report:
    progress = _progress if sys.stderr.isatty() and not options.quiet else None
    cache = Cache() if options.no_cache else Cache(standard_folder())
    report = check_files(paths, _settings(options), cache=cache, progress=progress)
    return replace(report, unread=(*missing, *report.unread))


def _deliver(report: Report, write: Format, options: Namespace) -> None:
    if options.format == "github":
        _summarize(report)
    failed = report.exit_code(strict=options.strict, require=options.require)
    if failed or not options.quiet or options.output is not None:
        style = Style.of(sys.stdout, options.color, options.verbose)
        deliver(write(report, style if options.output is None else Style(verbose=options.verbose)), options.output)


def _complain(unread: Sequence[Unread]) -> int:
    """Tell what could not be checked; 2 if there is any."""
    sys.stdout.flush()
    for file in unread:
        print(f"symbackprop: error: {visible(file.message)}", file=sys.stderr)
    return 2 if unread else 0


def _explain(paths: Sequence[str], settings: Settings, output: str | None) -> list[Unread]:
    """Deliver the comment blocks, with the place before each if there are several."""
    found: list[Explanation] = []
    unread: list[Unread] = []
    for path in paths:
        try:
            found += explain_notes([read_note(path, plain_text=settings.plain_text)], settings)
        except InvalidSpec as error:
            unread.append(Unread(path, str(error)))
    if len(found) == 1:
        deliver(found[0].block + "\n", output)
    elif found or not unread:
        told = (f"{log_path(part.path)}, from line {part.line}:\n\n{part.block}\n" for part in found)
        deliver("\n".join(told), output)
    return unread


def _summarize(report: Report) -> None:
    """Add to the summary of a GitHub step, whose file the environment names."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(summary(report))


def _progress(done: int, total: int) -> None:
    """One line on a terminal that is overwritten, and cleared at the end."""
    text = f"{done} of {total} formulas" if done < total else ""
    sys.stderr.write(f"\r\x1b[K{text}")
    sys.stderr.flush()


def _mend(report: Report, options: Namespace, *, write_back: bool) -> Iterator[str]:
    """A diff for every file that the corrections change."""
    for file in report.files:
        note = read_note(file.path, plain_text=options.text)
        text = mended(note, [finding for finding in report.findings if finding.path == file.path])
        if text != note.text:
            if write_back:
                write_file(Path(file.path), text)
            yield diff(note, text)
