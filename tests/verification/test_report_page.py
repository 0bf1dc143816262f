"""The page about the report names what reports hold, neither more nor less, and reports hold to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from symbackprop.verification.check import check_files, check_text
from symbackprop.verification.report import schema
from symbackprop.verification.reports import Style, formats
from symbackprop.verification.settings import Settings
from symbackprop.verification.verdict import Verdict

PAGE = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
TYPES = {str: "string", int: "integer", dict: "object", list: "array", type(None): "null"}
NOTES = [
    r"$\tanh'(z) = 1 + \tanh(z)^2$ $t = \tanh(z) = 2$ $x \in \mathbb{R}$ $\foo$ $q$ w<sub>j</sub>",
    r"$t = \tanh(z)$ $\frac{dt}{dz} = 1 - t^2$",
    "<!-- symbackprop\nsymbols: {x: vektor(n), W: 'matrix(m, n)', z: vector(m)}\n-->\n$z = W^T x$ $z = x + W x$",
    "<!-- symbackprop-expect: refuted -->\n$1 = 2$\n\n```\nx\n```\nso ∂J/∂w_i = x_i\n",
    "",
]


def tables() -> dict[str, dict[str, str]]:
    """The names and types of every table, by the object it is about."""
    found: dict[str, dict[str, str]] = {}
    for section in PAGE.split("\n## ")[1:]:
        heading = section.partition("\n")[0]
        about = re.search(r"`(\w+)`$", heading)
        rows = re.findall(r"^\| (`[^|]*`) \| ([^|]*) \|", section, re.MULTILINE)
        if rows:
            names = {name: kind for cell, kind in rows for name in re.findall(r"`(\w+)`", cell)}
            found[about[1] if about else "report"] = names
    return found


def objects() -> dict[str, dict[str, Any]]:
    """The parts of the schema by the same names."""
    whole = schema()
    parts = whole["properties"]
    finding = parts["findings"]["items"]
    return {
        "report": whole,
        "files": parts["files"]["items"],
        "not_looked_at": parts["files"]["items"]["properties"]["not_looked_at"],
        "unread": parts["unread"]["items"],
        "findings": finding,
        "links": finding["properties"]["links"]["items"],
        "steps": finding["properties"]["links"]["items"]["properties"]["steps"]["items"],
        "counterexample": whole["$defs"]["counterexample"],
    }


def reports() -> Iterator[dict[str, Any]]:
    for text in NOTES:
        yield check_text(text, Settings(plain_text="∂" in text), path="n.md").to_json()
    yield check_files(["none.md"]).to_json()


def parts_of(report: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a report with the name of its table."""
    yield "report", report
    for name in ("files", "unread", "findings"):
        for item in report[name]:
            yield name, item
    for file in report["files"]:
        yield "not_looked_at", file["not_looked_at"]
    for finding in report["findings"]:
        points = [finding["counterexample"], *(link["counterexample"] for link in finding["links"])]
        yield from (("links", link) for link in finding["links"])
        yield from (("steps", step) for link in finding["links"] for step in link["steps"])
        yield from (("counterexample", point) for point in points if point)


def test_the_page_and_the_schema_name_the_same() -> None:
    assert set(tables()) == set(objects())
    for name, part in objects().items():
        assert list(tables()[name]) == list(part["properties"]) == part["required"], name


def test_reports_hold_to_the_page_and_to_the_schema() -> None:
    seen: set[str] = set()
    for report in reports():
        jsonschema.Draft202012Validator(schema()).validate(report)
        for name, part in parts_of(report):
            seen.add(name)
            assert set(part) == set(tables()[name]), name
            for key, value in part.items():
                kinds = tables()[name][key].strip()
                assert kinds == str(value) if kinds.isdigit() else TYPES[type(value)] in kinds.split(" or "), key
    assert seen == set(tables())


def test_a_report_with_a_name_too_many_is_noticed() -> None:
    report = next(reports())
    report["findings"][0]["more"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(report)


def test_the_page_lists_every_verdict_kind_setting_and_format() -> None:
    findings = PAGE[PAGE.index("## A formula") :]
    assert all(verdict.value in findings for verdict in Verdict)
    assert all(f"`{name}`" in PAGE or f"{name}|" in PAGE or f"|{name}" in PAGE for name in formats)
    assert all(f"`{name}`" in PAGE for name in Settings().for_report())
    kinds = re.search(r"`kind` \| string \| how it is written: ([^|]*) \|", PAGE)
    assert kinds is not None
    source = (Path(__file__).parents[2] / "symbackprop/verification/note/formula.py").read_text(encoding="utf-8")
    documented = re.search(r"``kind`` is the way of writing:(.*?)\.", source, re.DOTALL)
    assert documented is not None
    assert set(re.findall(r"[a-z]+", documented[1].split("(")[0])) <= set(re.findall(r"[a-z]+", kinds[1]))


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_machine_formats_are_made_of_ascii(name: str) -> None:
    report = check_text("$α = β$ so ∂J/∂w_i = x_i", Settings(plain_text=True), path="n.md")
    text = formats[name](report, Style())
    assert text.isascii() and [json.loads(line) for line in ([text] if name == "json" else text.splitlines())]
