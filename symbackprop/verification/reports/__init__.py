"""A report in the formats that people and programs read; a format is one function and one registration."""

from __future__ import annotations

from collections.abc import Callable

from symbackprop.registry import Registry
from symbackprop.verification.report import Report
from symbackprop.verification.reports.github import report_github
from symbackprop.verification.reports.junit import report_junit
from symbackprop.verification.reports.machine import report_json, report_jsonl
from symbackprop.verification.reports.page import report_html
from symbackprop.verification.reports.sarif import report_sarif
from symbackprop.verification.reports.style import Style
from symbackprop.verification.reports.text import report_text

Format = Callable[[Report, Style], str]

formats = Registry[Format]("format")
"""Every format by name."""

formats.register("text", report_text)
formats.register("json", report_json)
formats.register("jsonl", report_jsonl)
formats.register("sarif", report_sarif)
formats.register("github", report_github)
formats.register("junit", report_junit)
formats.register("html", report_html)

__all__ = ["Format", "Style", "formats"]
