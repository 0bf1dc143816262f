"""Annotations of GitHub Actions, which shows only the first ten of a kind, and the table that shows them all."""

from __future__ import annotations

from symbackprop.verification.report import WORST_FIRST, File, Finding, Problem, Report
from symbackprop.verification.reports.escape import ascii_only, html, visible
from symbackprop.verification.reports.style import Style
from symbackprop.verification.reports.text import code, counts_in_words, headline, level

_KINDS = {"error": "error", "warning": "warning", "note": "notice"}
_MOST_ROWS = 200


def report_github(report: Report, style: Style) -> str:
    """One workflow command a finding, then the sums."""
    commands = [f"::error file={_escaped(u.path, ':,')}::{_escaped(u.message)}" for u in report.unread]
    commands += [_command(finding) for finding in _worst_first(report)]
    commands += [_warning(file, problem) for file in report.files for problem in file.problems]
    text = "".join(command + "\n" for command in commands) + counts_in_words(report.counts) + "\n"
    return text if style.unicode else ascii_only(text)


def summary(report: Report) -> str:
    """A Markdown table for the summary of a step, which may have 1 MiB."""
    rows = [f"| {_cell(unread.path)} | | {_cell(unread.message)} | |\n" for unread in report.unread]
    rows += [_row(finding) for finding in _worst_first(report)]
    rows += [
        f"| {_cell(f'{file.path}:{problem.line}')} | {problem.CODE} | {_cell(problem.message)} | |\n"
        for file in report.files
        for problem in file.problems
    ]
    head = f"### symbackprop: {counts_in_words(report.counts)}\n\n"
    if not rows:
        return head
    return head + "| place | code | verdict | formula |\n|---|---|---|---|\n" + "".join(rows[:_MOST_ROWS])


def _row(finding: Finding) -> str:
    place = _cell(f"{finding.path}:{finding.line}:{finding.col}")
    return f"| {place} | {_cell(code(finding))} | {_cell(headline(finding))} | <code>{_cell(finding.tex)}</code> |\n"


def _cell(text: str) -> str:
    """Text in a table: no markup of a note is markup here."""
    escaped = html(text)
    for mark in "|`$*_[]\\":
        escaped = escaped.replace(mark, f"&#{ord(mark)};")
    return escaped


def _worst_first(report: Report) -> list[Finding]:
    shown = [finding for finding in report.findings if level(finding) in _KINDS]
    return sorted(shown, key=lambda finding: (finding.passed, WORST_FIRST.index(finding.verdict)))


def _command(finding: Finding) -> str:
    text = headline(finding) + (f"; should be: {finding.suggestion}" if finding.suggestion else "")
    place = {
        "file": finding.path,
        "line": str(finding.line),
        "endLine": str(finding.end_line),
        "col": str(finding.col),
        "title": f"symbackprop {code(finding)}".strip(),
    }
    if finding.line == finding.end_line:
        place["endColumn"] = str(finding.end_col)
    properties = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in place.items())
    return f"::{_KINDS[level(finding)]} {properties}::{_escaped(text)}"


def _warning(file: File, problem: Problem) -> str:
    place = f"file={_escaped(file.path, ':,')},line={problem.line},title=symbackprop {problem.CODE}"
    return f"::warning {place}::{_escaped(problem.message)}"


def _escaped(text: str, marks: str = "") -> str:
    """GitHub's own escapes: a percent sign first, then what would end a property."""
    escaped = visible(text).replace("%", "%25")
    for mark in marks:
        escaped = escaped.replace(mark, f"%{ord(mark):02X}")
    return escaped
