"""Jupyter notebooks: Markdown cells, and outputs that are Markdown or LaTeX, with places in the file itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from json import scanner
from typing import Any

from symbackprop.errors import InvalidSpec
from symbackprop.verification.note.source import BYTE_ORDER_MARK, Source


class _Located(str):
    """A string that knows where in the file its characters stand, between its quotes."""

    start: int
    end: int


def read_notebook(text: str, path: str) -> Iterator[tuple[str, Source]]:
    """Each text of a notebook that may hold formulas, as ``markdown`` or ``latex``, with its source.

    A cell that lacks what its kind should have is passed over, as other programs do.
    """
    try:
        data = _decoder().decode(text.replace(BYTE_ORDER_MARK, " ", 1) if text.startswith(BYTE_ORDER_MARK) else text)
    except (ValueError, RecursionError) as error:
        raise InvalidSpec(f"{path}: not a Jupyter notebook: {error}") from None
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list):
        hint = "an older one is brought up to date by `jupyter nbconvert --to notebook`"
        raise InvalidSpec(f"{path}: not a Jupyter notebook of format 4, which has a list of cells; {hint}")
    for cell in cells:
        if not isinstance(cell, dict):
            continue
        if cell.get("cell_type") == "markdown" and (source := _strings(cell.get("source"))):
            yield "markdown", _joined(text, source)
        outputs = cell.get("outputs")
        for output in outputs if isinstance(outputs, list) else ():
            shown = output.get("data") if isinstance(output, dict) else None
            for kind in ("markdown", "latex"):
                found = _strings(shown.get(f"text/{kind}")) if isinstance(shown, dict) else []
                if found:
                    yield kind, _joined(text, found)


def _strings(value: object) -> list[_Located]:
    """The lines of a text, which may stand as one string; nothing of what is no text."""
    parts = value if isinstance(value, list) else [value]
    texts = [part for part in parts if isinstance(part, _Located)]
    return texts if len(texts) == len(parts) else []


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


def _joined(text: str, parts: list[_Located]) -> Source:
    whole = Source.whole(text)
    pieces = [whole.slice(part.start, part.end).json_decoded() for part in parts]
    places = [place for piece in pieces for place in piece.places[: len(piece.text)]]
    return Source("".join(p.text for p in pieces), (*places, parts[-1].end), pieces[0].encoders)
