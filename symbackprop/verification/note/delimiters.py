"""Where formulas begin and end: one pass over a text, from delimiter to delimiter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

MASK = "\0"
"""Stands for every character that is not prose: code, front matter."""

ENVIRONMENTS = ("align", "alignat", "displaymath", "eqnarray", "equation", "flalign", "gather", "math", "multline")
_LONGEST = 8_000
_FARTHEST = 1_000

_TOKEN = re.compile(
    r"""(?P<comment><!--|%%\ *(?=symbackprop\b))
      | (?P<environment>\\begin\{(?P<name>[a-z]+\*?)\})
      | (?P<open>\\{1,2}[(\[])
      | (?P<escape>\\.)
      | (?P<backtick>\$`)
      | (?P<dollars>\$+)
      | (?P<role>(?:\{math\}|:math:)`)
      | (?P<ticks>`+)
      | (?P<image>!\[[^\]\n]*\]\()
      | (?P<tag></?[A-Za-z][\w-]*(?:\s+[\w:@.-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*\s*/?>)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPAQUE = re.compile(r"<(pre|code|script|style|math|svg)\b", re.IGNORECASE)
MOST_CODE = 1_000  #: characters of code in a line of text that are looked for
_MATHS = re.compile(r"\\(?!\$)|[\^_=]")
_WORDS = re.compile(r"[^\W\d_]{2,}\s+[^\W\d_]{2,}|^\s*\d*\s*$")
_PARAGRAPH_END = re.compile(r"\n[ \t]*\r?\n|\0")
_IMAGE_URL = re.compile(
    r"""https?://[^\s"'()]*?(?:render/math/?\?(?:[a-z]+=[^&\s"']*&(?:amp;)?)*math=
      | codecogs\.com/[\w./]*(?:latex|image)\?
      | math\.(?:now\.sh|vercel\.app)/?\?(?:[a-z]+=[^&\s"']*&(?:amp;)?)*from=
      | upmath\.me/(?:svg|png)/)""",
    re.VERBOSE,
)
_ADDRESS = re.compile(r"(?:[^()\s\0]|\([^()\s\0]*\)){0,4000}(?=\))")
_BRACES = re.compile(r"\\.|[{}$]", re.DOTALL)
_URL_PARAMETER = re.compile(r"&(?:amp;)?(?:mode|inline|color|fg|bg|alternateColor)=")


class Span(NamedTuple):
    """A formula, or with kind ``comment`` an HTML comment, between two offsets; ``after`` is where to go on."""

    kind: str
    start: int
    end: int
    after: int


class _Text:
    """A text that remembers where it was searched in vain, so that hostile input costs linear time."""

    def __init__(self, text: str, markdown: bool) -> None:
        self.text = text
        self.markdown = markdown
        self._vain: dict[str, tuple[int, int]] = {}
        self._paragraph = (0, -1)

    def find(self, closer: str, start: int, limit: int) -> int:
        """The first place of ``closer`` between ``start`` and ``limit``, or -1."""
        begun, searched = self._vain.get(closer, (0, 0))
        if not begun <= start <= searched:
            begun, searched = start, start
        found = self.text.find(closer, max(start, searched), limit)
        if found < 0:
            self._vain[closer] = (begun, max(searched, limit - len(closer) + 1))
        return found

    def paragraph_end(self, start: int) -> int:
        """Where the paragraph of ``start`` ends, or code begins."""
        begun, end = self._paragraph
        if not begun <= start <= end:
            stop = _PARAGRAPH_END.search(self.text, start)
            end = stop.start() if stop else len(self.text)
            self._paragraph = (start, end)
        return end


def spans(text: str, *, markdown: bool = True) -> Iterator[Span]:
    r"""Formulas and comments in order. In LaTeX (not ``markdown``) every pair of dollars is a formula.

    >>> [(s.kind, "costs $5 and $6, $x_1$ \\$"[s.start : s.end]) for s in spans("costs $5 and $6, $x_1$ \\$")]
    [('dollar', 'x_1')]
    """
    searched = _Text(text, markdown)
    position = 0
    while token := _TOKEN.search(text, position):
        kind = token.lastgroup or ""
        found = _READERS[kind](searched, token) if kind in _READERS else None
        position = max(found.after, token.end()) if found else token.end()
        if found and found.kind:
            yield found


def _closed(text: _Text, start: int, closer: str, kind: str, *, within_paragraph: bool) -> Span | None:
    limit = min(start + _LONGEST, text.paragraph_end(start) if within_paragraph else len(text.text))
    end = text.find(closer, start, limit)
    if end <= start or MASK in text.text[start:end] or not text.text[start:end].strip():
        return None
    return Span(kind, start, end, end + len(closer))


def _comment(text: _Text, token: re.Match[str]) -> Span | None:
    closer = "-->" if token.group().startswith("<") else "%%"
    end = text.find(closer, token.end(), len(text.text))
    return Span("comment", token.end(), end, end + 3) if end >= 0 else None


def _environment(text: _Text, token: re.Match[str]) -> Span | None:
    name = token["name"]
    if name.rstrip("*") not in ENVIRONMENTS:
        return None
    found = _closed(text, token.end(), f"\\end{{{name}}}", "environment", within_paragraph=False)
    return found and found._replace(start=token.start(), end=found.after)


def _open(text: _Text, token: re.Match[str]) -> Span | None:
    opener = token.group()
    if not text.markdown and opener.startswith("\\\\"):
        return None
    display = opener.endswith("[")
    closer = opener[:-1] + ("]" if display else ")")
    found = _closed(text, token.end(), closer, "bracket" if display else "paren", within_paragraph=not display)
    if not found:
        return None
    inside = text.text[found.start : found.end]
    # In Markdown "\[1\]" and "\(see below\)" are brackets kept from being a link.
    if text.markdown and not _MATHS.search(inside) and _WORDS.search(inside):
        return None
    return found


def _backtick(text: _Text, token: re.Match[str]) -> Span | None:
    return _closed(text, token.end(), "`$", "backtick", within_paragraph=True) or _dollars(text, token)


def _dollars(text: _Text, token: re.Match[str]) -> Span | None:
    if token.group().startswith("$$"):
        return _display(text, token.start() + 2)
    start = token.start() + 1
    end = _closing_dollar(text.text, start, min(start + _LONGEST, text.paragraph_end(start)))
    if end is None or not _is_formula(text.text, start, end, text.markdown):
        return None
    return Span("dollar", start, end, end + 1)


def _display(text: _Text, start: int) -> Span | None:
    found = _closed(text, start, "$$", "display", within_paragraph=True)
    if not found and (start == 2 or text.text[start - 3] in "\n \t"):
        found = _closed(text, start, "$$", "display", within_paragraph=False)
    return found


def _closing_dollar(text: str, start: int, limit: int) -> int | None:
    """The first dollar outside braces (a ``\\text{…$x$…}`` inside is skipped), else the first one at all."""
    depth, first = 0, None
    for match in _BRACES.finditer(text, start, limit):
        if first is not None and match.start() > start + _FARTHEST:
            break
        mark = match.group()
        depth += (mark == "{") - (mark == "}")
        if mark == "$":
            first = match.start() if first is None else first
            if depth <= 0:
                return match.start()
    return first


def _is_formula(text: str, start: int, end: int, markdown: bool) -> bool:
    inside = text[start:end]
    if not inside.strip() or not markdown:
        return bool(inside.strip())
    if inside.count("`") % 2 and "`" in text[end : end + MOST_CODE].partition("\n\n")[0]:  # the second dollar is code
        return False
    strict = not inside[0].isspace() and not inside[-1].isspace() and "\n" not in inside
    price = text[end + 1 : end + 2].isdigit()
    if _MATHS.search(inside):
        return strict or not price
    return strict and not price


def _role(text: _Text, token: re.Match[str]) -> Span | None:
    return _closed(text, token.end(), "`", "role", within_paragraph=True)


def _ticks(text: _Text, token: re.Match[str]) -> Span | None:
    """A code span is passed over."""
    run, start = token.group(), token.end()
    end = text.paragraph_end(start)
    while text.markdown and (start := text.find(run, start, end)) >= 0:
        after = start + len(run)
        if text.text[start - 1] != "`" and text.text[after : after + 1] != "`":
            return Span("", 0, 0, after)
        start = after
    return None


def _image(text: _Text, token: re.Match[str]) -> Span | None:
    address = _ADDRESS.match(text.text, token.end())
    return _in_url(text.text, token.end(), address.end()) if address else None


def _tag(text: _Text, token: re.Match[str]) -> Span | None:
    """A tag is passed over, with its content where that is no prose; an image may hold a formula."""
    if not text.markdown:
        return None
    if opaque := _OPAQUE.match(token.group()):
        end = text.find(f"</{opaque[1]}", token.end(), len(text.text))
        return Span("", 0, 0, max(end, token.end()))
    if token.group()[:4].lower() == "<img":
        return _in_url(text.text, token.start(), token.end())
    return Span("", 0, 0, token.end())


def _in_url(text: str, start: int, limit: int) -> Span:
    url = _IMAGE_URL.search(text, start, limit)
    if not url:
        return Span("", 0, 0, limit)
    quoted = text[url.start() - 1]
    end = text.find(quoted, url.end(), limit) if quoted in "\"'" else limit
    if end < 0:
        end = limit
    if parameter := _URL_PARAMETER.search(text, url.end(), end):
        end = parameter.start()
    bare = text[url.end() : end].strip("$")
    begin = text.index(bare, url.end()) if bare else end
    return Span("image" if bare else "", begin, begin + len(bare), limit)


_READERS = {
    "comment": _comment,
    "environment": _environment,
    "open": _open,
    "backtick": _backtick,
    "dollars": _dollars,
    "role": _role,
    "ticks": _ticks,
    "image": _image,
    "tag": _tag,
}
