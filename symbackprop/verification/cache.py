"""Keeps the verdicts of earlier checks, so that a formula is judged again only if something that decides it changed.

A formula's key is a digest of everything that its verdict depends on: the formulas, comment blocks and macros above it,
itself, the settings, and the program with the versions of what it computes with. Prose is no part of it. There is one
file a note; whatever is wrong with it, the note is judged as if there were none.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

import symbackprop
from symbackprop.verification.note import Block, Formula, Macro, Note
from symbackprop.verification.report import Finding, Problem
from symbackprop.verification.sandbox import Failure, Result
from symbackprop.verification.settings import Settings

COMPUTE_WITH = ("sympy", "mpmath", "python-flint", "latex2sympy2", "antlr4-python3-runtime", "numpy", "PyYAML")
_PLACE = ("path", "line", "col", "end_line", "end_col", "expected")


def standard_folder() -> Path | None:
    """The user's folder for caches: ``XDG_CACHE_HOME``, else that of the system; ``None`` if the user has no home."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        place = os.environ.get(name, "")
        if os.path.isabs(place):
            return Path(place) / "symbackprop"
    try:
        return Path.home() / ".cache" / "symbackprop"
    except RuntimeError:
        return None


@dataclass(frozen=True)
class Known:
    """What an earlier check found: the results of the first formulas of a note, and its blocks' problems if known."""

    results: tuple[dict[str, Any], ...] = ()
    problems: tuple[Problem, ...] | None = None

    def whole(self, note: Note) -> bool:
        """Whether nothing of the note is left to be read."""
        return len(self.results) == len(note.formulas) and (self.problems is not None or not note.blocks)


@dataclass(frozen=True)
class Cache:
    """The files in ``folder``; without one nothing is kept."""

    folder: Path | None = None

    def load(self, note: Note, settings: Settings) -> Known:
        """What is known of ``note``, at the places where its formulas stand now."""
        try:
            kept = _opened(self._file(note, settings).read_text(encoding="ascii"))
            keys = _Keys.of(note, settings)
            results = []
            for formula, key, (kept_key, result) in zip(note.formulas, keys.formulas, kept["results"], strict=False):
                if key != kept_key:
                    break
                results.append(_placed(result, formula))
            said = [Problem(**problem) for problem in kept["problems"]] if kept["blocks"] == keys.blocks else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return Known()
        return Known(tuple(results), None if said is None else tuple(said))

    def save(self, note: Note, settings: Settings, results: Sequence[Result], problems: Sequence[Problem]) -> None:
        """Keep the results up to the first failure: those behind it may lack what the failed formula defines."""
        if self.folder is None:
            return
        keys = _Keys.of(note, settings)
        whole: list[tuple[str, Mapping[str, Any]]] = []
        for key, result in zip(keys.formulas, results, strict=True):
            if isinstance(result, Failure):
                break
            whole.append((key, {name: value for name, value in result.items() if name not in _PLACE}))
        said = [{"line": problem.line, "message": problem.message} for problem in problems]
        try:
            _write(self._file(note, settings), {"results": whole, "blocks": keys.blocks, "problems": said})
        except (OSError, ValueError):
            return

    def clear(self) -> None:
        """Forget everything; what cannot be removed stays."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, note: Note, settings: Settings) -> Path:
        if self.folder is None:
            raise FileNotFoundError
        name = _digest(note.path if note.path == "-" else os.path.abspath(note.path), settings.for_report())
        return self.folder / "verdicts" / f"{name[:32]}.json"


@dataclass
class _Keys:
    """The key of each formula, which holds those of all above it, and the key of the blocks with their places."""

    state: str
    formulas: list[str] = field(default_factory=list)
    blocks: str = ""

    @classmethod
    def of(cls, note: Note, settings: Settings) -> _Keys:
        keys = cls(_digest(engine(), settings.for_report()))
        items: list[Block | Macro | Formula] = [*note.blocks, *note.macros, *note.formulas]
        for item in sorted(items, key=lambda item: item.start):
            keys._take(item)
        macros = [(macro.start, _said(macro)) for macro in note.macros]
        blocks = [(block.start, block.line, block.body) for block in note.blocks]
        keys.blocks = _digest(engine(), settings.for_report(), macros, blocks)
        return keys

    def _take(self, item: Block | Macro | Formula) -> None:
        self.state = _digest(self.state, type(item).__name__, _said(item))
        if isinstance(item, Formula):
            self.formulas.append(self.state)


def _said(item: Block | Macro | Formula) -> tuple[object, ...]:
    if isinstance(item, Block):
        return (item.body,)
    if isinstance(item, Macro):
        return (item.name, item.arity, item.body, item.default)
    return (item.tex, item.kind, item.disabled)


@lru_cache(maxsize=1)
def engine() -> str:
    """A digest of the program: its own source, Python, and the versions of what it computes with."""
    root = Path(symbackprop.__file__).parent
    source = hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        source.update(f"{file.relative_to(root).as_posix()}\0".encode() + file.read_bytes() + b"\0")
    return _digest(symbackprop.__version__, sys.version, [_version(name) for name in COMPUTE_WITH], source.hexdigest())


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _placed(result: Mapping[str, Any], formula: Formula) -> dict[str, Any]:
    """A kept result as that of ``formula``: only its place in the note may have changed."""
    place = {name: getattr(formula, name) for name in _PLACE[:-1]}
    return Finding.from_json({**result, **place, "expected": formula.expect}).to_json()


def _opened(text: str) -> Any:
    """What a file keeps; its first line is a digest of the rest, so that no damage goes unseen."""
    digest, _, body = text.partition("\n")
    if digest != hashlib.sha256(body.encode()).hexdigest():
        raise ValueError("damaged")
    return json.loads(body)


def _write(file: Path, kept: Mapping[str, Any]) -> None:
    body = json.dumps(kept)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="ascii", newline="") as out:
            out.write(f"{hashlib.sha256(body.encode()).hexdigest()}\n{body}")
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
