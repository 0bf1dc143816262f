"""SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any
from urllib.parse import quote

from symbackprop import __version__
from symbackprop.verification.codes import codes
from symbackprop.verification.report import Finding, Problem, Report
from symbackprop.verification.reports.escape import visible
from symbackprop.verification.reports.style import Style
from symbackprop.verification.reports.text import code, headline, level

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def report_sarif(report: Report, style: Style) -> str:
    """The findings that need attention; a fingerprint of the formula keeps an alert when lines move."""
    rules = [
        {
            "id": entry.name,
            "name": "".join(word.capitalize() for word in entry.title.split()),
            "shortDescription": {"text": entry.title},
            "fullDescription": {"text": entry.meaning},
            "defaultConfiguration": {"level": entry.level},
        }
        for entry in codes.values()
    ]
    seen: Counter[str] = Counter()
    results = [_result(finding, seen) for finding in report.findings if level(finding) != "ok"]
    results += [_block(file.path, problem) for file in report.files for problem in file.problems]
    driver = {"name": "symbackprop", "version": __version__, "rules": rules}
    run: dict[str, Any] = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    if report.unread:
        told = [{"level": "error", "message": {"text": visible(unread.message)}} for unread in report.unread]
        run["invocations"] = [{"executionSuccessful": False, "toolExecutionNotifications": told}]
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1) + "\n"


def _result(finding: Finding, seen: Counter[str]) -> dict[str, Any]:
    same = f"{finding.path}\n{' '.join(finding.tex.split())}"
    number = seen[same]
    seen[same] += 1
    region = {
        "startLine": finding.line,
        "startColumn": finding.col,
        "endLine": finding.end_line,
        "endColumn": finding.end_col,
        "snippet": {"text": finding.tex},
    }
    text = headline(finding) + (f"; should be: {finding.suggestion}" if finding.suggestion else "")
    result = {
        "level": level(finding),
        "message": {"text": visible(text)},
        "locations": [_location(finding.path, region)],
        "partialFingerprints": {"formula/v1": hashlib.sha256(f"{same}\n{number}".encode()).hexdigest()[:32]},
    }
    return {"ruleId": code(finding), **result} if code(finding) in codes else result


def _block(path: str, problem: Problem) -> dict[str, Any]:
    return {
        "ruleId": problem.CODE,
        "level": codes[problem.CODE].level,
        "message": {"text": visible(problem.message)},
        "locations": [_location(path, {"startLine": problem.line})],
    }


def _location(path: str, region: dict[str, Any]) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": quote(path.replace("\\", "/"))}, "region": region}}
