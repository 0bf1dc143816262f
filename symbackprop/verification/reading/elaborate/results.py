"""What reading a formula gives: links with their admissible readings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Span
from symbackprop.verification.terms.context import Claim, Context

SPECTRAL = "the squared 2-norm of a matrix is read as the sum of all squares (Frobenius)"
NOT_JUDGED = {
    "≈": "an approximation is not judged", "∝": "a proportionality is not judged",
    "←": "an assignment, nothing to judge",
    "→": "an arrow, nothing to judge", "↦": "a map, nothing to judge", "<": "an inequality is not judged",
    ">": "an inequality is not judged", "≤": "an inequality is not judged", "≥": "an inequality is not judged",
    "≠": "an inequality is not judged", "≪": "an inequality is not judged", "≫": "an inequality is not judged",
    "≲": "an inequality up to a factor is not judged", "≳": "an inequality up to a factor is not judged",
    "⪯": "an order of matrices is not judged", "⪰": "an order of matrices is not judged",
}  # fmt: skip

LinkKind: TypeAlias = Literal["claim", "definition", "condition", "nothing", "not_understood", "order"]


@dataclass(frozen=True)
class Choice:
    """One admissible reading of a claim, with the words for the conventions that it takes.

    ``doubt`` is what makes the reading too weak a ground to refute the claim, ``unusual`` what makes it too weak a
    ground to prove it.
    """

    claim: Claim
    context: Context
    words: tuple[str, ...] = ()
    doubt: str = ""
    unusual: str = ""


@dataclass(frozen=True)
class Link:
    """One relation of a chain: ``tex[start:end]`` holds both sides.

    ``readings`` are the claims left = right under each admissible convention, the usual one first; ``head`` are the
    same for the head of the chain in place of the left side. ``shape_conflict`` are two shapes that do not fit
    under any reading; ``unbound`` are
    index letters of the right side that nothing binds. ``reason`` and ``place`` say why nothing, or only part, was
    understood. ``doubt`` is why the claim may be proved but never refuted; ``sums_written`` whether the note writes
    its sums out, so that none is left out by convention. A link of kind "order" is an inequality, which with a
    ``doubt`` is refuted only if it holds nowhere.
    """

    start: int
    end: int
    kind: LinkKind
    relation: str
    readings: tuple[Choice, ...] = ()
    head: tuple[Choice, ...] = ()
    reason: str = ""
    place: Span | None = None
    shape_conflict: tuple[str, str] | None = None
    unbound: tuple[str, ...] = ()
    doubt: str = ""
    sums_written: bool = False

    @property
    def is_unread(self) -> bool:
        """Whether a part of it is not understood, or nothing that can be taken as given."""
        named = self.kind == "definition" and self.place is not None
        return named or self.kind in ("not_understood", "nothing") or self.shape_conflict is not None


@dataclass(frozen=True)
class Reading:
    """The links of a formula, and what is known after it."""

    links: tuple[Link, ...]
    scope: Scope

    @property
    def is_clear(self) -> bool:
        """Whether all of the formula was understood, and no guess stands in the way of a verdict."""
        return not any(link.kind == "not_understood" or link.doubt or link.unbound for link in self.links)
