r"""The gallery of mistakes: each file of ``derivations/errata/`` as a page, with what a check says of it.

A file has a docstring (its first line is the title, the rest says why people make the slip), ``source`` (where it was
found), ``given`` (a comment block), ``claimed`` (LaTeX as it stands there) and ``right`` (the formula that is true).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from symbackprop.rendering.declared import declared
from symbackprop.rendering.page import Page, Section


@dataclass(frozen=True)
class Erratum:
    """One file of ``derivations/errata/``, read."""

    name: str
    title: str
    words: str
    source: str
    given: str
    claimed: str
    right: str

    def note(self, tex: str) -> str:
        """A note with the comment block and one formula."""
        return f"<!-- symbackprop\n{self.given.strip()}\n-->\n\n${tex}$\n"


@dataclass(frozen=True)
class Outcome:
    """What a check says of an erratum: both verdicts, why the claim is refuted, and a point with both sides there.

    ``point`` is empty where the shapes do not fit.
    """

    claimed: str
    right: str
    why: str
    point: Mapping[str, str]


def errata(folder: Path) -> list[Erratum]:
    """The mistakes of a folder, by name."""
    return [erratum(path) for path in sorted(folder.glob("*.py"))]


def erratum(path: Path) -> Erratum:
    """Run one file of the gallery and read what it declares."""
    names = ("source", "given", "claimed", "right")
    module, title, words = declared(path, names)
    return Erratum(path.stem, title, words, *(str(getattr(module, name)) for name in names))


def erratum_page(erratum: Erratum, outcome: Outcome) -> Page:
    """The page of a mistake.

    >>> slip = Erratum("slip", "A slip", "Why.", "a note", "symbols: {x: scalar}", "2 x = x", "2 x = x + x")
    >>> found = Outcome("refuted", "proved", "the two sides differ", {"x": "3", "left side": "6", "right side": "3"})
    >>> print(erratum_page(slip, found).sections[0].words)
    $$2 x = x$$
    <BLANKLINE>
    **refuted**: the two sides differ
    <BLANKLINE>
    | at | value |
    |:---|:---|
    | `x` | `3` |
    | `left side` | `6` |
    | `right side` | `3` |
    """
    rows = (f"| `{name}` | `{value}` |" for name, value in outcome.point.items())
    table = "\n".join(["\n\n| at | value |", "|:---|:---|", *rows]) if outcome.point else ""
    claimed = Section("Claimed", (), f"$${erratum.claimed}$$\n\n**{outcome.claimed}**: {outcome.why}{table}")
    right = Section("Right", (), f"$${erratum.right}$$\n\n**{outcome.right}**")
    given = Section("Given", (), f"```yaml\n{erratum.given.strip()}\n```")
    return Page(erratum.title, (claimed, right, given), f"{erratum.words}\n\nFound in: {erratum.source}.")


def gallery_index(found: Sequence[Erratum]) -> str:
    """The index of the gallery: each mistake with its source."""
    rows = "\n".join(f"| [{slip.title}]({slip.name}.md) | {slip.source} |" for slip in found)
    return (
        "# Mistakes found in public notes and code\n\n"
        "Each page has the formula as it was found, the point at which it is false, and the formula that is proved "
        f"in its place.\n\n| mistake | found in |\n|:---|:---|\n{rows}\n"
    )
