"""Draws the pictures of docs/derivations/, as its pages ask for them: ``python docs/pictures.py [NAME …]``.

It needs the extra ``plot``. The pages embed what is there: ``python -m symbackprop.commands.pages`` draws nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

from symbackprop.cli import main
from symbackprop.rendering.pages import results
from symbackprop.rendering.pictures import FOLDER, picture_file

DOCS = Path(__file__).parent
TARGET = DOCS / "derivations" / FOLDER


def draw_all(pages: list[str]) -> int:
    """The pictures of these pages, or of all; the highest exit code. A picture that no page asks for is removed."""
    TARGET.mkdir(exist_ok=True)
    found = results(DOCS.parent / "derivations")
    wanted = {picture_file(page.name, command): command for page in found for command in page.drawn}
    for old in TARGET.glob("*.svg"):
        if old.name not in wanted:
            old.unlink()
    asked = {file: command for file, command in wanted.items() if not pages or file.rpartition("-")[0] in pages}
    return max(
        (main(["draw", *command.split(), "-o", str(TARGET / file)]) for file, command in asked.items()), default=0
    )


if __name__ == "__main__":
    sys.exit(draw_all(sys.argv[1:]))
