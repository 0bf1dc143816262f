"""The pytest plugin: ``pytest --symbackprop notes/`` makes every formula of a note a test.

A refuted formula fails; one that is undecided, not understood or no claim is skipped with the reason; a mistake that
``symbackprop-expect: refuted`` announces is an expected failure. Nothing heavy is imported before a note is collected.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from symbackprop.commands.notes import SUFFIXES
from symbackprop.errors import SymbackpropError

if TYPE_CHECKING:
    from symbackprop.verification.note import Formula
    from symbackprop.verification.report import Finding


def pytest_addoption(parser: pytest.Parser) -> None:
    """The flag and its twin in the configuration file."""
    group = parser.getgroup("symbackprop", "formulas in notes")
    group.addoption(
        "--symbackprop", action="store_true", help="test the formulas of notes (Markdown, LaTeX, notebooks)"
    )
    parser.addini("symbackprop", "test the formulas of notes", type="bool", default=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> NoteFile | None:
    """A note is collected where the flag is given."""
    wanted = parent.config.getoption("symbackprop") or parent.config.getini("symbackprop")
    if not wanted or file_path.suffix.lower() not in SUFFIXES:
        return None
    file: NoteFile = NoteFile.from_parent(parent, path=file_path)
    return file


class Refuted(Exception):
    """A formula that is wrong, with the report on it."""


class NoteFile(pytest.File):
    """A note; it is judged as a whole when the first of its formulas is tested."""

    def collect(self) -> Iterator[FormulaItem]:
        """One item a formula, named by its place."""
        from symbackprop.verification.note import read_note

        for formula in read_note(str(self.path)).formulas:
            yield FormulaItem.from_parent(self, name=f"{formula.line}:{formula.col}", formula=formula)

    @cached_property
    def findings(self) -> dict[tuple[int, int], Finding]:
        """What is said of each formula, by place; what is not understood in a comment block is a warning."""
        from symbackprop.verification.check import check_paths

        report = check_paths([str(self.path)])
        for problem in report.files[0].problems:
            self.warn(pytest.PytestWarning(f"{self.path.name}:{problem.line}: {problem.message} [{problem.CODE}]"))
        return {(found.line, found.col): found for found in report}

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Why a note cannot be checked, in one line."""
        return str(excinfo.value) if isinstance(excinfo.value, SymbackpropError) else super().repr_failure(excinfo)


class FormulaItem(pytest.Item):
    """One formula as a test."""

    def __init__(self, *, formula: Formula, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.formula = formula

    def runtest(self) -> None:
        """Fail, skip or pass by the verdict."""
        assert isinstance(self.parent, NoteFile)
        found = self.parent.findings[self.formula.line, self.formula.col]
        if not found.passed:
            raise Refuted(_shown(found))
        if found.verdict == "refuted":
            pytest.xfail(found.message)
        if found.verdict in ("undecided", "not_understood", "skipped"):
            pytest.skip(found.message)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report on the formula, without a traceback."""
        if isinstance(excinfo.value, Refuted | SymbackpropError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Path, line from 0, and what is tested."""
        return self.path, self.formula.line - 1, self.formula.tex


def _shown(found: Finding) -> str:
    from symbackprop.verification.report import Report
    from symbackprop.verification.reports import Style, formats

    return formats["text"](Report((found,)), Style())
