"""What comments in a note say to symbackprop."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from symbackprop.errors import InvalidSpec
from symbackprop.verification.note.formula import Block
from symbackprop.verification.note.source import Lines, Source
from symbackprop.verification.verdict import Verdict

_COMMENT = re.compile(r"\s*symbackprop(?P<word>-[a-z-]+)?(?P<colon>:)?(?=\s|$)(?P<rest>.*)", re.DOTALL)
_WORDS = ("-expect", "-disable", "-enable", "-disable-next-line")
_LATEX_BLOCK = re.compile(r"^[ \t]*%+[ \t]*symbackprop[^\n]*(?:\n[ \t]*%[^\n]*)*", re.MULTILINE)


@dataclass
class Comments:
    """Blocks of YAML and marks, collected in order of place."""

    path: str
    lines: Lines
    blocks: list[Block] = field(default_factory=list)
    expected: list[tuple[int, str]] = field(default_factory=list)
    switches: list[tuple[int, bool]] = field(default_factory=list)
    silent_lines: set[int] = field(default_factory=set)

    def read(self, comment: Source) -> None:
        """Take in one comment, if it is meant for symbackprop."""
        match = _COMMENT.match(comment.text)
        if not match:
            return
        start = comment.places[0]
        word, rest = match["word"], match["rest"]
        if word is None:
            offset = match.start("rest") + (len(rest) - len(rest.lstrip(" \t\r\n")) if rest.strip() else 0)
            offset = comment.text.rfind("\n", 0, offset) + 1 or offset
            line, _ = self.lines.place(comment.places[offset])
            self.blocks.append(Block(comment.text[offset:].rstrip(), line, start))
        elif word not in _WORDS:
            line, col = self.lines.place(start)
            known = ", ".join(f"symbackprop{w}" for w in _WORDS)
            raise InvalidSpec(f"{self.path}:{line}:{col}: no comment symbackprop{word}; known: symbackprop, {known}")
        else:
            self._mark(word, rest.strip(), start)

    def _mark(self, word: str, rest: str, start: int) -> None:
        line, col = self.lines.place(start)
        if word == "-expect":
            if rest not in tuple(Verdict):
                known = ", ".join(Verdict)
                raise InvalidSpec(f"{self.path}:{line}:{col}: no verdict named {rest!r} to expect; known: {known}")
            self.expected.append((start, rest))
        elif word == "-disable-next-line":
            self.silent_lines.add(line + 1)
        else:
            self.switches.append((start, word == "-disable"))

    def disabled(self, start: int, line: int) -> bool:
        """Whether a comment above switches the formula at ``start`` off."""
        switched = [off for place, off in self.switches if place < start]
        return line in self.silent_lines or bool(switched and switched[-1])


def latex_comments(source: Source) -> list[Source]:
    """Comments of a LaTeX file that speak to symbackprop, without their percent signs."""
    found = []
    for block in _LATEX_BLOCK.finditer(source.text):
        inside = source.slice(*block.span())
        marks = [m.span() for m in re.finditer(r"^[ \t]*%+[ ]?", inside.text, re.MULTILINE)]
        found.append(inside.without(marks))
    return found
