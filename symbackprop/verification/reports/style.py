"""How a report may look where it goes: colour, characters, and how much."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True)
class Style:
    """Plain text by default; ``verbose`` also lists what is right."""

    color: bool = False
    unicode: bool = True
    verbose: bool = False

    @classmethod
    def of(cls, stream: TextIO, color: str = "auto", verbose: bool = False) -> Style:
        """What suits a stream; ``color`` is auto, always or never, and NO_COLOR turns auto off."""
        terminal = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        encoding = (stream.encoding or "ascii").lower().replace("_", "-")
        return cls(color == "always" or (color == "auto" and terminal), encoding.startswith("utf"), verbose)

    def paint(self, colour: str, text: str) -> str:
        """``text`` in an ANSI colour, where colour is allowed."""
        return f"\x1b[{colour}m{text}\x1b[0m" if self.color and text else text

    @property
    def good(self) -> str:
        """The mark of success."""
        return "✓" if self.unicode else "ok"

    @property
    def bad(self) -> str:
        """The mark of failure."""
        return "✗" if self.unicode else "FAILED"
