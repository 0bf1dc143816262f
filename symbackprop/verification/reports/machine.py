"""JSON and JSON Lines, both in ASCII, so that no character of a note acts on whatever shows them."""

from __future__ import annotations

import json

from symbackprop.verification.report import Report
from symbackprop.verification.reports.style import Style


def report_json(report: Report, style: Style) -> str:
    """One JSON object, as in ``schema.json``."""
    return json.dumps(report.to_json(), indent=1) + "\n"


def report_jsonl(report: Report, style: Style) -> str:
    """One finding a line; a line without a formula is a comment block that was not understood, a line without a place
    a file that could not be checked."""
    lines = [json.dumps({"path": unread.path, "message": unread.message}) for unread in report.unread]
    lines += [
        json.dumps({"path": file.path, "line": problem.line, "code": problem.CODE, "message": problem.message})
        for file in report.files
        for problem in file.problems
    ]
    lines += [json.dumps(finding.to_json()) for finding in report.findings]
    return "".join(line + "\n" for line in lines)
