"""Which files are notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from symbackprop.errors import InvalidSpec

SUFFIXES = (".md", ".markdown", ".qmd", ".rmd", ".ipynb", ".tex")


def notes_in(paths: Sequence[str]) -> Iterator[str]:
    """The files meant by ``paths``: a folder stands for the notes in it, except in hidden folders; none comes twice."""
    seen: set[str] = set()
    for path in paths:
        for found in _expanded(path):
            if found not in seen:
                seen.add(found)
                yield found


def _expanded(path: str) -> list[str]:
    folder = Path(path)
    if path == "-" or not folder.is_dir():
        if path != "-" and not folder.exists():
            raise InvalidSpec(f"{path}: no such file or folder")
        return [path]
    inside = [file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file()]
    shown = [f for f in inside if not any(part.startswith(".") for part in f.relative_to(folder).parts)]
    if not shown:
        raise InvalidSpec(f"{path}: no notes in this folder; looked for {', '.join(f'*{s}' for s in SUFFIXES)}")
    return sorted(map(str, shown))
