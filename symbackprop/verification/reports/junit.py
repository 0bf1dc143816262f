"""JUnit XML, one test case a formula."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from symbackprop.verification.report import Finding, Report
from symbackprop.verification.reports.escape import visible
from symbackprop.verification.reports.style import Style
from symbackprop.verification.reports.text import headline, report_text
from symbackprop.verification.verdict import Verdict

_OPEN = (Verdict.UNDECIDED, Verdict.NOT_UNDERSTOOD, Verdict.SKIPPED)


def report_junit(report: Report, style: Style) -> str:
    """A test suite a file; what is refuted fails, what is not decided is skipped."""
    root = Xml.Element("testsuites", name="symbackprop")
    problems = {file.path: file.problems for file in report.files if file.problems}
    for path in dict.fromkeys([*(finding.path for finding in report.findings), *problems]):
        mine = [finding for finding in report.findings if finding.path == path]
        failed = sum(not finding.passed for finding in mine)
        skipped = sum(finding.passed and finding.verdict in _OPEN for finding in mine)
        numbers = {"tests": str(len(mine)), "failures": str(failed), "skipped": str(skipped), "errors": "0"}
        suite = Xml.SubElement(root, "testsuite", {"name": visible(path), **numbers})
        for finding in mine:
            _case(suite, finding)
        if path in problems:
            said = [
                f"{visible(path)}:{problem.line}: warning: {visible(problem.message)}" for problem in problems[path]
            ]
            Xml.SubElement(suite, "system-err").text = "\n".join(said)
    for unread in report.unread:
        suite = Xml.SubElement(
            root, "testsuite", name=visible(unread.path), tests="1", failures="0", skipped="0", errors="1"
        )
        case = Xml.SubElement(suite, "testcase", name="the file", classname=visible(unread.path))
        Xml.SubElement(case, "error", message=visible(unread.message), type="unread")
    Xml.indent(root)
    encoding = "utf-8" if style.unicode else "us-ascii"
    return Xml.tostring(root, encoding=encoding, xml_declaration=True).decode() + "\n"


def _case(suite: Xml.Element, finding: Finding) -> None:
    name = f"{finding.line}:{finding.col} {visible(finding.tex)}"
    case = Xml.SubElement(suite, "testcase", name=name, classname=visible(finding.path))
    if not finding.passed:
        failure = Xml.SubElement(case, "failure", message=visible(headline(finding)), type=finding.code or "refuted")
        failure.text = report_text(Report((finding,)), Style())
    elif finding.verdict in _OPEN:
        Xml.SubElement(case, "skipped", message=visible(headline(finding)))
