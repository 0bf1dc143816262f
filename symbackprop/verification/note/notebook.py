"""Jupyter notebooks: Markdown cells, and outputs that are Markdown or LaTeX, with places in the file itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from json import scanner
from typing import Any

from symbackprop.errors import InvalidSpec
from symbackprop.verification.note.source import Source


class _Located(str):
    """A string that knows where in the file its characters stand, between its quotes."""

    start: int
    end: int


def read_notebook(text: str, path: str) -> Iterator[tuple[str, Source]]:
    """Each text of a notebook that may hold formulas, as ``markdown`` or ``latex``, with its source."""
    try:
        cells = _decoder().decode(text)["cells"]
        for cell in cells:
            if cell["cell_type"] == "markdown":
                yield "markdown", _joined(text, cell["source"])
            for output in cell.get("outputs", ()):
                for kind in ("markdown", "latex"):
                    if found := output.get("data", {}).get(f"text/{kind}"):
                        yield kind, _joined(text, found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidSpec(f"{path}: not a Jupyter notebook of format 4 ({type(error).__name__}: {error})") from None


def _decoder() -> json.JSONDecoder:
    """The decoder of the standard library, with strings that keep their place."""
    decoder: Any = json.JSONDecoder()
    plain = decoder.parse_string

    def located(text: str, start: int, strict: bool = True) -> tuple[_Located, int]:
        value, end = plain(text, start, strict)
        found = _Located(value)
        found.start, found.end = start, end - 1
        return found, end

    decoder.parse_string = located
    decoder.scan_once = scanner.py_make_scanner(decoder)  # type: ignore[attr-defined]
    return decoder


def _joined(text: str, source: list[_Located] | _Located) -> Source:
    whole = Source.whole(text)
    parts = [source] if isinstance(source, str) else source
    pieces = [whole.slice(part.start, part.end).json_decoded() for part in parts]
    if not pieces:
        return Source("", (0,))
    places = [place for piece in pieces for place in piece.places[: len(piece.text)]]
    return Source("".join(p.text for p in pieces), (*places, parts[-1].end), pieces[0].encoders)
