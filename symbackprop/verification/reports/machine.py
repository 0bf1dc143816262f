"""JSON and JSON Lines."""

from __future__ import annotations

import json

from symbackprop.verification.report import Report
from symbackprop.verification.reports.style import Style


def report_json(report: Report, style: Style) -> str:
    """One JSON object, as in ``schema.json``."""
    return json.dumps(report.to_json(), indent=1, ensure_ascii=not style.unicode) + "\n"


def report_jsonl(report: Report, style: Style) -> str:
    """One finding a line."""
    lines = [json.dumps(finding.to_json(), ensure_ascii=not style.unicode) for finding in report.findings]
    return "".join(line + "\n" for line in lines)
