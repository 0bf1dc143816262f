"""The written pages: ``python -m symbackprop.commands.pages`` makes ``docs/`` from ``derivations/``.

Pictures are embedded as they are; ``python docs/pictures.py`` draws them anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from symbackprop.rendering.catalogue import catalogue
from symbackprop.rendering.errata import Erratum, Outcome, errata, erratum_page, gallery_index
from symbackprop.rendering.markdown import markdown
from symbackprop.rendering.pages import results, texts
from symbackprop.rendering.pictures import FOLDER
from symbackprop.verification.check import check_text
from symbackprop.verification.settings import Settings

#: Long enough for every formula of the gallery on a slow machine.
_SETTINGS = Settings(timeout=60.0)


def write_all(source: Path, docs: Path) -> None:
    """Write the results, the gallery and the catalogue."""
    gallery = errata(source / "errata")
    pages = {f"{slip.name}.md": markdown(erratum_page(slip, outcome(slip))) for slip in gallery}
    write_pages(texts(source, pictures(docs)), docs / "derivations")
    write_pages({"index.md": gallery_index(gallery)} | pages, docs / "derivations" / "errata")
    (docs / "catalogue.md").write_text(catalogue(results(source), "derivations"), encoding="utf-8")


def pictures(docs: Path) -> list[str]:
    """The names of the pictures that there are."""
    return sorted(path.name for path in (docs / "derivations" / FOLDER).glob("*.svg"))


def write_pages(pages: Mapping[str, str], folder: Path) -> None:
    """Write pages by name into a folder of their own; other pages there are of files that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


def outcome(slip: Erratum) -> Outcome:
    """Check what was claimed and what is right."""
    [claimed], [right] = (check_text(slip.note(tex), _SETTINGS) for tex in (slip.claimed, slip.right))
    point = claimed.counterexample
    values: dict[str, str] = {}
    if point is not None and point.ring != "shapes":
        values = {**dict(point.values), "left side": point.left, "right side": point.right}
    # What mends it stands on the page as the right formula; the search for it depends on the time it is given.
    why = claimed.message.partition(";")[0]
    return Outcome(claimed.verdict.value, right.verdict.value, why, values)


if __name__ == "__main__":
    write_all(Path("derivations"), Path("docs"))
