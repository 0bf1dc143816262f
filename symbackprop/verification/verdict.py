"""Verdicts: what can be said of a formula, and what each of them must carry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What is said of a formula or of one link of it.

    >>> bool(Verdict.PROVED)
    Traceback (most recent call last):
        ...
    TypeError: a verdict is not true or false; compare it: verdict == Verdict.PROVED
    """

    PROVED = "proved"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    NOT_UNDERSTOOD = "not_understood"
    DEFINITION = "definition"
    CONDITION = "condition"
    SKIPPED = "skipped"

    def __bool__(self) -> bool:
        raise TypeError("a verdict is not true or false; compare it: verdict == Verdict.PROVED")


@dataclass(frozen=True)
class Counterexample:
    """A point where the two sides differ: widths, indices and values by name, and both sides, all as exact text.

    ``values`` lists what was chosen (``("z_1", "3")``). For a mismatch of shapes ``left`` and ``right`` are the shapes.
    ``ring`` says in what numbers it was computed ("rationals", "integers modulo 2^61-1", "real balls, 50 digits").
    """

    values: tuple[tuple[str, str], ...]
    left: str
    right: str
    ring: str


@dataclass(frozen=True)
class Judgement:
    """The verdict on one claim with its reason; ``code`` is stable (SBP001 …).

    ``how`` says by what means ("normal form", "exact point", "shapes", "agrees at 12 points"), ``steps`` what a
    proof went through, each with its reason and in LaTeX.
    """

    verdict: Verdict
    code: str = ""
    message: str = ""
    how: str = ""
    assumptions: tuple[str, ...] = ()
    counterexample: Counterexample | None = None
    suggestion: str | None = None
    steps: tuple[tuple[str, str], ...] = ()
