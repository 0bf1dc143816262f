"""One HTML file without scripts or network: a card a formula, with the evidence for what is said of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from importlib.resources import files

from symbackprop.verification.report import File, Finding, LinkFinding, Report
from symbackprop.verification.reports.drawing import picture
from symbackprop.verification.reports.escape import html
from symbackprop.verification.reports.style import Style
from symbackprop.verification.reports.text import code, counts_in_words, headline, not_looked_at_in_words
from symbackprop.verification.verdict import Counterexample, Verdict

_LOOKS = {
    Verdict.PROVED: ("good", "✓"),
    Verdict.REFUTED: ("bad", "✗"),
    Verdict.UNDECIDED: ("open", "~"),
    Verdict.NOT_UNDERSTOOD: ("open", "?"),
}
_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>symbackprop report</title>
<style>
{css}</style>
</head>
<body>
"""
# The glyph of a space is empty, and closes itself.
_SYMBOL = re.compile(r'<symbol id="([^"]*)"[^>]*?(?:/>|>.*?</symbol>)', re.DOTALL)
_WORD = re.compile(r"\\[A-Za-z]+|\s+|.", re.DOTALL)


def report_html(report: Report, style: Style) -> str:
    """The whole page; glyphs that several formulas use are in it once."""
    css = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    body = "\n".join(_body(report))
    glyphs = {match[1]: match[0] for match in _SYMBOL.finditer(body)}
    shared = f'<svg width="0" height="0" style="position:absolute">{"".join(glyphs[k] for k in sorted(glyphs))}</svg>\n'
    page = _HEAD.format(css=css) + shared + _SYMBOL.sub("", body) + "\n</body>\n</html>\n"
    return page if style.unicode else page.encode("ascii", "xmlcharrefreplace").decode()


def _body(report: Report) -> Iterator[str]:
    yield "<h1>symbackprop report</h1>"
    yield f"<p>{html(counts_in_words(report.counts))}</p>"
    yield _bar(report)
    settings = "; ".join(f"{name}: {value}" for name, value in report.settings.items() if value not in (None, ""))
    yield f'<p class="dim">{html(settings)}</p>'
    for unread in report.unread:
        yield f'<article class="bad"><header><b>✗ not checked</b></header><p>{html(unread.message)}</p></article>'
    for file in report.files:
        yield from _file(file, report)


def _bar(report: Report) -> str:
    counts = report.counts
    shares = {
        "good": counts["proved"],
        "bad": counts["refuted"],
        "open": counts["undecided"] + counts["not_understood"],
    }
    parts = "".join(f'<i class="{name}" style="flex:{n}"></i>' for name, n in shares.items() if n)
    return f'<div class="bar" aria-hidden="true">{parts}</div>'


def _file(file: File, report: Report) -> Iterator[str]:
    yield f"<h2>{html(file.path)}</h2>"
    for problem in file.problems:
        place = f"{html(file.path)}:{problem.line} [{problem.CODE}]"
        yield f'<article class="open"><header><b>? warning</b><span class="dim">{place}</span></header>'
        yield f"<p>{html(problem.message)}</p></article>"
    mine = [finding for finding in report.findings if finding.path == file.path]
    for finding in mine:
        if finding.verdict != Verdict.SKIPPED or not finding.passed:
            yield from _card(finding)
    skipped = [f"<li>{f.line}:{f.col} {_source(f.tex)}</li>" for f in mine if f.verdict == Verdict.SKIPPED and f.passed]
    if skipped:
        yield f'<details class="dim"><summary>{len(skipped)} without a claim</summary><ul>'
        yield from skipped
        yield "</ul></details>"
    rest = not_looked_at_in_words(file.not_looked_at)
    yield f'<p class="dim">{file.formulas} formulas{"; not looked at: " + rest if rest else ""}</p>'


def _card(finding: Finding) -> Iterator[str]:
    look, mark = _LOOKS.get(finding.verdict, ("", "·"))
    if finding.expected is not None:
        look = "good" if finding.passed else "bad"
    word = finding.verdict.replace("_", " ")
    place = f"{html(finding.path)}:{finding.line}:{finding.col}"
    tail = f" [{html(code(finding))}]" if code(finding) else ""
    yield f'<article class="{look}"><header><b>{mark} {word}</b><span class="dim">{place}{tail}</span></header>'
    yield f'<div class="formula">{picture(finding.tex) or _source(finding.tex)}</div>'
    if headline(finding) != word:
        yield f"<p>{html(headline(finding))}</p>"
    for link in finding.links:
        if link.counterexample:
            yield from _point(link, link.counterexample, len(finding.links) > 1)
    if finding.suggestion:
        yield f"<p>Corrected:</p><pre>{_difference(finding.tex, finding.suggestion)}</pre>"
        yield f'<div class="formula">{picture(finding.suggestion) or ""}</div>'
    yield from _details(finding)
    yield "</article>"


def _source(tex: str) -> str:
    return f"<code>{html(tex)}</code>"


def _point(link: LinkFinding, point: Counterexample, name_link: bool) -> Iterator[str]:
    if name_link:
        yield f"<p>In {_source(link.tex)}:</p>"
    values = ", ".join(f"{name} = {value}" for name, value in point.values) or "everywhere"
    yield "<table><tr><th>left side</th><th>right side</th><th>at</th><th>computed in</th></tr>"
    cells = "".join(f"<td>{html(text)}</td>" for text in (point.left, point.right, values, point.ring))
    yield f"<tr>{cells}</tr></table>"


def _difference(old: str, new: str) -> str:
    """What is taken out and what is put in, by whole commands."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    parts = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = html("".join(before[a:b])), html("".join(after[c:d]))
        if kind == "equal":
            parts.append(gone)
        else:
            parts += [f"<del>{gone}</del>" if gone else "", f"<ins>{come}</ins>" if come else ""]
    return "".join(parts)


def _steps(finding: Finding) -> Iterator[str]:
    """The proof of each link, folded away."""
    yield "<details><summary>the proof, step by step</summary><table>"
    for link in finding.links:
        if len(finding.links) > 1 and link.steps:
            yield f'<tr><th colspan="2">{_source(link.tex)}</th></tr>'
        for because, tex in link.steps:
            yield f"<tr><td>{html(because)}</td><td>{picture(tex) or _source(tex)}</td></tr>"
    yield f"</table><p>Proved by {html(finding.how)}.</p></details>"


def _details(finding: Finding) -> Iterator[str]:
    """The source, the links and the assumptions, folded away."""
    if finding.proved and any(link.steps for link in finding.links):
        yield from _steps(finding)
    yield f'<details class="dim"><summary>source and reasons</summary><p>{_source(finding.tex)}</p>'
    if finding.how:
        yield f"<p>Decided by: {html(finding.how)}</p>"
    if finding.assumptions:
        yield f"<p>Assuming: {html('; '.join(finding.assumptions))}</p>"
    if len(finding.links) > 1:
        rows = (
            f"<tr><td>{_source(k.tex)}</td><td>{k.verdict.replace('_', ' ')}</td><td>{html(k.message)}</td></tr>"
            for k in finding.links
        )
        yield f"<table>{''.join(rows)}</table>"
    yield "</details>"
