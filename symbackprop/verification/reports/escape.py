"""Makes text from a note harmless: in a log line, on a terminal, in XML and HTML."""

from __future__ import annotations

import re
from html import escape

# Control and format characters: C0, C1, zero width, bidirectional, line and paragraph separators, tags, surrogates.
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    r"""Control and format characters as escapes, white space as single blanks: what is left is one line.

    >>> visible("a\x1b[31m\n\tb\u202e")
    'a\\x1b[31m b\\u202e'
    """
    return _CONTROL.sub(lambda m: m[0].encode("unicode_escape", "surrogatepass").decode(), re.sub(r"\s+", " ", text))


def ascii_only(text: str) -> str:
    r"""For an output that knows ASCII only.

    >>> ascii_only("∂J")
    '\\u2202J'
    """
    return text.encode("ascii", "backslashreplace").decode()


def log_path(path: str) -> str:
    """A path at the start of a line, where a leading colon or hash would be a command to a build log.

    >>> log_path("::error.md")
    './::error.md'
    """
    shown = visible(path).strip()
    return f"./{shown}" if shown[:1] in (":", "#") else shown


def html(text: str) -> str:
    """Text in HTML or XML, also inside an attribute.

    >>> html('<b a="1">')
    '&lt;b a=&quot;1&quot;&gt;'
    """
    return escape(visible(text), quote=True)
