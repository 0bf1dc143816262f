"""What a check found, as data: one finding a formula, its links, the counts, and what was not looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from typing import Any, ClassVar

from symbackprop import __version__
from symbackprop.verification.note import Formula, NotLookedAt
from symbackprop.verification.verdict import Counterexample, Judgement, Verdict

WORST_FIRST = (
    Verdict.REFUTED,
    Verdict.NOT_UNDERSTOOD,
    Verdict.UNDECIDED,
    Verdict.PROVED,
    Verdict.CONDITION,
    Verdict.DEFINITION,
    Verdict.SKIPPED,
)
"""A formula's verdict is that of its first link in this order."""

NO_CLAIM = Judgement(Verdict.SKIPPED, "SBP024", "there is no relation to judge")
DISABLED = Judgement(Verdict.SKIPPED, message="switched off by a comment")


@dataclass(frozen=True)
class LinkFinding:
    """One link of a chain, such as the second ``=`` of ``a = b = c``; ``steps`` are those of its proof."""

    tex: str
    verdict: Verdict
    message: str
    counterexample: Counterexample | None = None
    suggestion: str | None = None
    steps: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Finding:
    """What is said of one formula; code, message and evidence are those of its worst link.

    ``suggestion`` is the corrected LaTeX of the whole formula. ``expected`` is the verdict that a comment announced.
    """

    path: str
    line: int
    col: int
    end_line: int
    end_col: int
    kind: str
    tex: str
    verdict: Verdict
    code: str = ""
    message: str = ""
    how: str = ""
    links: tuple[LinkFinding, ...] = ()
    counterexample: Counterexample | None = None
    assumptions: tuple[str, ...] = ()
    suggestion: str | None = None
    expected: str | None = None

    @classmethod
    def of(cls, formula: Formula, links: Sequence[tuple[str, Judgement]]) -> Finding:
        """The finding on ``formula`` from the judgement on each of its links, given with the link's LaTeX.

        The suggestion of a judgement is the corrected LaTeX of the whole formula. Without links there is no claim.
        """
        judged = [(formula.tex, DISABLED)] if formula.disabled else list(links)
        worst = min((j for _, j in judged), key=lambda j: WORST_FIRST.index(j.verdict), default=NO_CLAIM)
        assumptions = dict.fromkeys(a for _, j in judged for a in j.assumptions)
        found = cls(
            *(formula.path, formula.line, formula.col, formula.end_line, formula.end_col, formula.kind, formula.tex),
            verdict=worst.verdict,
            code=worst.code,
            message=worst.message,
            how=worst.how,
            links=tuple(
                LinkFinding(tex, j.verdict, j.message, j.counterexample, j.suggestion, j.steps) for tex, j in judged
            ),
            counterexample=worst.counterexample,
            assumptions=tuple(assumptions),
            suggestion=worst.suggestion,
            expected=formula.expect,
        )
        return found

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """A finding from its JSON, such as a worker process sends."""
        steps = [tuple((step["because"], step["tex"]) for step in link["steps"]) for link in data["links"]]
        links = tuple(LinkFinding(**_typed({**k, "steps": s})) for k, s in zip(data["links"], steps, strict=True))
        return cls(**_typed({**data, "links": links, "assumptions": tuple(data["assumptions"])}))

    def __bool__(self) -> bool:
        raise TypeError("a finding is not true or false; compare finding.verdict, or look at finding.proved")

    @property
    def proved(self) -> bool:
        """Whether the formula is proved."""
        return self.verdict is Verdict.PROVED

    @property
    def refuted(self) -> bool:
        """Whether the formula is refuted."""
        return self.verdict is Verdict.REFUTED

    @property
    def passed(self) -> bool:
        """Not refuted; or, where a comment announces a verdict, just that one."""
        return self.verdict != Verdict.REFUTED if self.expected is None else self.verdict == self.expected

    def to_json(self) -> dict[str, Any]:
        """As plain dictionaries and lists."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        for part in (plain, *plain["links"]):
            if part["counterexample"]:
                part["counterexample"]["values"] = dict(part["counterexample"]["values"])
        for link in plain["links"]:
            link["steps"] = [{"because": because, "tex": tex} for because, tex in link["steps"]]
        return plain


def _typed(data: Mapping[str, Any]) -> dict[str, Any]:
    """JSON values as those of the dataclasses."""
    point = data["counterexample"]
    if isinstance(point, Mapping):
        point = Counterexample(**{**point, "values": tuple(point["values"].items())})
    return {**data, "verdict": Verdict(data["verdict"]), "counterexample": point}


@dataclass(frozen=True)
class Problem:
    """What is not understood in a comment block; ``line`` is that of the entry."""

    line: int
    message: str

    CODE: ClassVar[str] = "SBP031"


@dataclass(frozen=True)
class File:
    """A file that was checked: how many formulas it holds, what was not looked at, problems in its comment blocks."""

    path: str
    formulas: int
    not_looked_at: NotLookedAt = NotLookedAt()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Unread:
    """A file that could not be checked, and why."""

    path: str
    message: str


@dataclass(frozen=True)
class Report:
    """The findings of a check in the order of files and places; it can be used as a sequence of findings.

    ``settings`` are those in force (notation, seed, …), by name; ``unread`` are the files that were not checked.
    """

    findings: tuple[Finding, ...]
    files: tuple[File, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __getitem__(self, position: int) -> Finding:
        return self.findings[position]

    def __bool__(self) -> bool:
        raise TypeError("a report is not true or false; look at report.passed or report.refuted")

    def having(self, verdict: Verdict) -> tuple[Finding, ...]:
        """The findings with one verdict."""
        return tuple(f for f in self.findings if f.verdict == verdict)

    @property
    def refuted(self) -> tuple[Finding, ...]:
        """The formulas that are wrong."""
        return self.having(Verdict.REFUTED)

    @property
    def proved(self) -> tuple[Finding, ...]:
        """The formulas that are right."""
        return self.having(Verdict.PROVED)

    @property
    def counts(self) -> dict[str, int]:
        """How many formulas got each verdict."""
        return {verdict.value: len(self.having(verdict)) for verdict in Verdict}

    @property
    def passed(self) -> bool:
        """Whether every finding passed."""
        return all(finding.passed for finding in self.findings)

    def exit_code(self, *, strict: bool = False, require: int = 0) -> int:
        """For the command line: 2 if a file could not be checked, else 0 or 1.

        ``strict`` also fails on formulas that are undecided or not understood and on comment blocks that are not
        understood, ``require`` on fewer than that many formulas with a decision (proved, refuted, definition or
        condition).
        """
        if self.unread:
            return 2
        open_ends = [f for f in self.findings if f.verdict in (Verdict.UNDECIDED, Verdict.NOT_UNDERSTOOD)]
        undecided = any(f.expected is None for f in open_ends) or any(file.problems for file in self.files)
        skipped = self.having(Verdict.SKIPPED)
        decided = len(self.findings) - len(open_ends) - len(skipped)
        return int(not self.passed or strict and undecided or decided < require)

    def to_json(self) -> dict[str, Any]:
        """The report as in ``reports/schema.json``."""
        return {
            "schema": 1,
            "tool": {"name": "symbackprop", "version": __version__},
            "settings": dict(self.settings),
            "counts": self.counts,
            "files": [{**asdict(file), "problems": [asdict(said) for said in file.problems]} for file in self.files],
            "unread": [asdict(unread) for unread in self.unread],
            "findings": [finding.to_json() for finding in self.findings],
        }


def schema() -> dict[str, Any]:
    """The JSON Schema of :meth:`Report.to_json`."""
    text = files("symbackprop.verification.reports").joinpath("schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
