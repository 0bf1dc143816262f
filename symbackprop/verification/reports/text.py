"""One line a finding for people and for editors that match problems, the evidence below it, and the sums at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from symbackprop.verification.codes import codes
from symbackprop.verification.note import NotLookedAt
from symbackprop.verification.report import File, Finding, LinkFinding, Report
from symbackprop.verification.reports.escape import ascii_only, log_path, visible
from symbackprop.verification.reports.style import Style
from symbackprop.verification.verdict import Verdict

_COLOURS = {"error": "31", "warning": "33", "note": "36", "ok": "32"}
_SHOWN = (Verdict.REFUTED, Verdict.UNDECIDED, Verdict.NOT_UNDERSTOOD)
_LEVELS = {Verdict.REFUTED: "error", Verdict.UNDECIDED: "warning", Verdict.NOT_UNDERSTOOD: "note"}
_MOST_VALUES = 12
LOOKED_FOR = r"$…$, $$…$$, \(…\), \[…\], math fences, align and its like, images of formulas"


def level(finding: Finding) -> str:
    """error, warning, note, or ok."""
    if not finding.passed:
        return "error"
    if finding.expected is not None:
        return "ok"
    registered = codes[finding.code].level if finding.code in codes else ""
    return registered if finding.verdict in _SHOWN and registered else _LEVELS.get(finding.verdict, "ok")


def headline(finding: Finding) -> str:
    """What is said of the formula in one line, without place and code."""
    if finding.expected is None:
        return finding.message or (f"by {finding.how}" if finding.how else finding.verdict.replace("_", " "))
    got = f"{finding.verdict.replace('_', ' ')}, as expected"
    if finding.passed:
        return got
    return f"expected {finding.expected.replace('_', ' ')}, but {finding.verdict.replace('_', ' ')}: {finding.message}"


def code(finding: Finding) -> str:
    """The code, which for a verdict that a comment did not announce is its own."""
    return finding.code if finding.expected is None or finding.passed else "SBP030"


def report_text(report: Report, style: Style) -> str:
    """The findings that need attention (all with ``style.verbose``), each with its evidence, then one line a file."""
    lines: list[str] = []
    for finding in report.findings:
        if style.verbose or level(finding) != "ok":
            lines += _lines(finding, style)
    for file in report.files:
        lines += _problems(file, style)
    lines += [_sums(file, report, style) for file in report.files]
    text = "".join(line + "\n" for line in lines)
    return text if style.unicode else ascii_only(text)


def _lines(finding: Finding, style: Style) -> Iterator[str]:
    word = level(finding)
    tail = f" [{code(finding)}]" if code(finding) else ""
    place = f"{log_path(finding.path)}:{finding.line}:{finding.col}"
    yield f"{place}: {style.paint(_COLOURS[word], word)}: {visible(headline(finding))}{style.paint('2', tail)}"
    yield f"    | {visible(finding.tex)}"
    for link in finding.links:
        if link.verdict == Verdict.REFUTED:
            yield from _evidence(link, len(finding.links) > 1, style)
    if finding.suggestion:
        yield f"    | should be: {style.paint(_COLOURS['ok'], visible(finding.suggestion))}"
    if style.verbose and finding.how:
        yield f"    | how: {visible(finding.how)}"
    if finding.assumptions and (style.verbose or finding.verdict == Verdict.REFUTED):
        yield f"    | assuming: {visible('; '.join(finding.assumptions))}"


def _problems(file: File, style: Style) -> Iterator[str]:
    for problem in file.problems:
        word, tail = style.paint(_COLOURS["warning"], "warning"), style.paint("2", f" [{problem.CODE}]")
        yield f"{log_path(file.path)}:{problem.line}: {word}: {visible(problem.message)}{tail}"


def _evidence(link: LinkFinding, name_link: bool, style: Style) -> Iterator[str]:
    if name_link:
        yield f"    | in: {visible(link.tex)}"
    point = link.counterexample
    if point:
        shown = point.values if style.verbose else point.values[:_MOST_VALUES]
        values = ", ".join(f"{name} = {value}" for name, value in shown)
        if len(shown) < len(point.values):
            values += f" and {len(point.values) - len(shown)} more values (--verbose)"
        where = f"at {values}: " if values else ""
        ring = f"  ({point.ring})" if point.ring else ""
        yield "    | " + visible(f"{where}left {point.left}, right {point.right}{ring}")


def counts_in_words(counts: dict[str, int]) -> str:
    """The verdicts that occur, with plurals for the nouns."""
    words = []
    for verdict in Verdict:
        number = counts.get(verdict.value, 0)
        noun = verdict.value.replace("_", " ")
        plural = "s" if number != 1 and verdict in (Verdict.DEFINITION, Verdict.CONDITION) else ""
        if number or verdict in (Verdict.PROVED, Verdict.REFUTED):
            words.append(f"{number} {noun}{plural}")
    return ", ".join(words)


def not_looked_at_in_words(counts: NotLookedAt) -> str:
    """What a file holds besides its formulas, or nothing."""
    parts = (
        (counts.text_lines, "line of plain-text mathematics", "lines of plain-text mathematics"),
        (counts.sub_sup_tags, "sub/sup tag", "sub/sup tags"),
        (counts.code_blocks, "code block", "code blocks"),
        (counts.other_files, "file of \\input (name it too)", "files of \\input (name them too)"),
    )
    return ", ".join(f"{number} {one if number == 1 else many}" for number, one, many in parts if number)


def _sums(file: File, report: Report, style: Style) -> str:
    path = log_path(file.path)
    rest = not_looked_at_in_words(file.not_looked_at)
    tail = f"; not looked at: {rest}" if rest else ""
    if not file.formulas:
        return f"{path}: {style.paint(_COLOURS['warning'], 'warning')}: no formula found; looked for {LOOKED_FOR}{tail}"
    mine = [finding for finding in report.findings if finding.path == file.path]
    mark, colour = (style.good, "ok") if all(f.passed for f in mine) else (style.bad, "error")
    counted = Counter(finding.verdict.value for finding in mine)
    noun = "formula" if file.formulas == 1 else "formulas"
    return f"{style.paint(_COLOURS[colour], mark)} {path}: {file.formulas} {noun}: {counts_in_words(counted)}{tail}"
