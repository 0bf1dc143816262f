"""``symbackprop check``: judge the formulas of notes, and mend them if asked."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from symbackprop.commands.notes import notes_in
from symbackprop.commands.output import deliver, write_file
from symbackprop.commands.watching import watch
from symbackprop.errors import InvalidSpec
from symbackprop.verification.check import check_paths
from symbackprop.verification.explanation import explain_notes
from symbackprop.verification.mending import diff, mended
from symbackprop.verification.note import read_note
from symbackprop.verification.report import Report
from symbackprop.verification.reports import Style, formats
from symbackprop.verification.reports.escape import log_path
from symbackprop.verification.reports.github import summary
from symbackprop.verification.settings import Settings


def execute(options: Namespace) -> int:
    """Exit code 1 if something is refuted (or as ``--strict`` and ``--require`` say), else 0."""
    if options.watch:
        return watch(options.paths, partial(check_once, options))
    return check_once(options, list(notes_in(options.paths)))


def check_once(options: Namespace, paths: Sequence[str]) -> int:
    """Check the notes at ``paths`` as the options say; the exit code."""
    write = formats[options.format]
    if (options.diff or options.fix) and "-" in paths:
        raise InvalidSpec("standard input cannot be mended; give a file")
    settings = Settings(
        notation=options.notation,
        model=options.model,
        timeout=options.timeout,
        jobs=options.jobs,
        seed=options.seed,
        plain_text=options.text,
    )
    if options.explain_notation:
        deliver(_explained(paths, settings), options.output)
        return 0
    progress = _progress if sys.stderr.isatty() and not options.quiet else None
    report = check_paths(paths, settings, progress=progress)
    if options.diff:
        deliver("".join(_mend(paths, report, write_back=False)), options.output)
        return report.exit_code(strict=options.strict, require=options.require)
    if options.fix and "".join(_mend(paths, report, write_back=True)):
        report = check_paths(paths, settings)
    code = report.exit_code(strict=options.strict, require=options.require)
    if options.format == "github":
        _summarize(report)
    if code or not options.quiet or options.output is not None:
        style = Style.of(sys.stdout, options.color, options.verbose)
        deliver(write(report, style if options.output is None else Style(verbose=options.verbose)), options.output)
    return code


def _explained(paths: Sequence[str], settings: Settings) -> str:
    """The comment blocks; with the place before each, if there are several."""
    found = explain_notes([read_note(path, plain_text=settings.plain_text) for path in paths], settings)
    if len(found) == 1:
        return found[0].block + "\n"
    return "\n".join(f"{log_path(part.path)}, from line {part.line}:\n\n{part.block}\n" for part in found)


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


def _mend(paths: Sequence[str], report: Report, *, write_back: bool) -> Iterator[str]:
    """A diff for every file that the corrections change."""
    for path in paths:
        note = read_note(path)
        text = mended(note, [finding for finding in report.findings if finding.path == path])
        if text != note.text:
            if write_back:
                write_file(Path(path), text)
            yield diff(note, text)
