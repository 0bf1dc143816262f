"""Text cut out of a file, which knows where in the file each of its characters stands."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import quote, unquote_to_bytes

BYTE_ORDER_MARK = "\ufeff"
NEWLINE = re.compile(r"\r\n?|\n")
_BYTE = "%[89ABab][0-9A-Fa-f]"
# One character at a time, so that each keeps a place of its own.
_PERCENT = re.compile(
    rf"%[Ff][0-4](?:{_BYTE}){{3}}|%[Ee][0-9A-Fa-f](?:{_BYTE}){{2}}|%[CDcd][0-9A-Fa-f]{_BYTE}|%[0-9A-Fa-f]{{2}}"
    r"|&(?:amp|lt|gt|quot|#39);|\+"
)
_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")


def percent_encoded(text: str) -> str:
    """As authors of rendered images write it: braces, backslashes and brackets stay, what ends a URL does not.

    >>> percent_encoded("a + b")
    'a%20%2B%20b'
    """
    return quote(text, safe="\\{}[]()=_^,*/!|:;.-~$'<>").replace("'", "%27").replace("<", "%3C").replace(">", "%3E")


def json_encoded(text: str) -> str:
    """The inside of a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


@dataclass(frozen=True)
class Source:
    """``text`` with ``places[k]`` the offset in the file of its k-th character; the last place is the end.

    ``encoders`` turn new text into what is written to the file, in order.

    >>> inner = Source.whole("see a%20b").slice(4, 9).percent_decoded()
    >>> inner.text, list(inner.places)
    ('a b', [4, 5, 8, 9])
    """

    text: str
    places: Sequence[int]
    encoders: tuple[Callable[[str], str], ...] = ()

    @classmethod
    def whole(cls, text: str) -> Source:
        """A file as it is."""
        return cls(text, range(len(text) + 1))

    def slice(self, start: int, end: int) -> Source:
        """The characters from ``start`` to ``end``."""
        places = self.places[start : end + 1]
        if end > start and self.places[end] != self.places[end - 1] + 1 and not self.encoders:
            places = (*self.places[start:end], self.places[end - 1] + 1)
        return Source(self.text[start:end], places, self.encoders)

    def stripped(self) -> Source:
        """Without white space at both ends."""
        start = len(self.text) - len(self.text.lstrip())
        return self.slice(start, max(start, len(self.text.rstrip())))

    def without(self, spans: Iterable[tuple[int, int]]) -> Source:
        """Without the characters of the spans, which are in order."""
        kept, position = [], 0
        for start, end in spans:
            kept.append((position, start))
            position = end
        kept.append((position, len(self.text)))
        text = "".join(self.text[a:b] for a, b in kept)
        places = [place for a, b in kept for place in self.places[a:b]]
        return Source(text, (*places, self.places[len(self.text)]), self.encoders)

    def decoded(self, pattern: re.Pattern[str], decode: Callable[[str], str], encode: Callable[[str], str]) -> Source:
        """Each match of ``pattern`` replaced by what it stands for; new text is written through ``encode``."""
        pieces: list[str] = []
        places: list[int] = []
        position = 0
        for match in pattern.finditer(self.text):
            meaning = decode(match.group())
            pieces += [self.text[position : match.start()], meaning]
            places += self.places[position : match.start()]
            places += [self.places[match.start()]] * len(meaning)
            position = match.end()
        pieces.append(self.text[position:])
        places += self.places[position:]
        return Source("".join(pieces), tuple(places), (encode, *self.encoders))

    def percent_decoded(self) -> Source:
        """A formula in a URL. A ``+`` is a space only where the author writes a plus as %2B and a space not as %20."""
        plus = " " if "%2B" in self.text.upper() and "%20" not in self.text and " " not in self.text else "+"

        def meaning(code: str) -> str:
            if code == "+":
                return plus
            return unescape(code) if code[0] == "&" else unquote_to_bytes(code).decode("utf-8", "replace")

        def spelling(new: str) -> str:
            return percent_encoded(new).replace("%20", "+" if plus == " " else "%20")

        return self.decoded(_PERCENT, meaning, spelling)

    def json_decoded(self) -> Source:
        """The inside of a JSON string."""
        return self.decoded(_ESCAPE, lambda code: str(json.loads(f'"{code}"')), json_encoded)


class Lines:
    """Line and column, both from 1 and in code points, of an offset; a byte order mark has no column.

    >>> Lines("ab\\ncd").place(4), Lines("\\ufeffab").place(1)
    ((2, 2), (1, 1))
    """

    def __init__(self, text: str) -> None:
        self.starts = [int(text.startswith(BYTE_ORDER_MARK)), *(match.end() for match in NEWLINE.finditer(text))]

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column."""
        line = max(1, bisect_right(self.starts, offset))
        return line, offset - self.starts[line - 1] + 1


def masked(text: str, regions: Iterable[tuple[int, int]], mask: str) -> str:
    """The text with ``mask`` for every character of the regions except line ends.

    >>> masked("ab\\ncd", [(1, 4)], "-")
    'a-\\n-d'
    """
    parts, position = [], 0
    for start, end in sorted(regions):
        start, end = max(position, start), max(position, end)
        parts += [text[position:start], re.sub(r"[^\r\n]", mask, text[start:end])]
        position = end
    return "".join(parts) + text[position:]


def splice(text: str, changes: Iterable[tuple[int, int, str]]) -> str:
    """``text`` with each span replaced; the spans do not overlap.

    >>> splice("abcd", [(3, 4, "!"), (0, 1, "x")])
    'xbc!'
    """
    parts, position = [], 0
    for start, end, new in sorted(changes):
        parts += [text[position:start], new]
        position = end
    return "".join(parts) + text[position:]
