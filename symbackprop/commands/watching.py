"""Does something again whenever a note changes, until it is interrupted."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from symbackprop.commands.notes import notes_in
from symbackprop.errors import InvalidSpec, SymbackpropError

PAUSE = 0.5
"""Seconds between two looks at the files."""

Stamp = tuple[int, int]


def watch(paths: Sequence[str], act: Callable[[Sequence[str]], int], *, rounds: int | None = None) -> int:
    """Do ``act`` on the notes of ``paths``, then on those that are new or changed, for ``rounds`` looks or for ever.

    An error is told and waited out: the file may be half saved. Returns what ``act`` returned last.
    """
    if "-" in paths:
        raise InvalidSpec("standard input cannot be watched; give a file or a folder")
    known: dict[str, Stamp] = {}
    code = 0
    while rounds is None or rounds > 0:
        try:
            seen = {path: _stamp(path) for path in notes_in(paths)}
            changed = [path for path, stamp in seen.items() if known.get(path) != stamp]
            known = seen
            if changed:
                code = act(changed)
                print(f"watching {len(seen)} note{'s' * (len(seen) != 1)}; Ctrl-C ends", file=sys.stderr)
        except SymbackpropError as error:
            if not known:
                raise
            print(f"symbackprop: error: {error}", file=sys.stderr)
        rounds = rounds if rounds is None else rounds - 1
        time.sleep(PAUSE)
    return code


def _stamp(path: str) -> Stamp:
    try:
        found = Path(path).stat()
    except OSError as error:
        raise InvalidSpec(f"{path}: cannot be read: {error.strerror}") from None
    return found.st_mtime_ns, found.st_size
