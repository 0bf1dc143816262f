"""The comment block of a note: what its formulas do not say themselves, as YAML within limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

import yaml

from symbackprop.errors import InvalidSpec
from symbackprop.verification.reading.notation_tables import encoded

MAX_CHARACTERS = 20_000
MAX_ITEMS = 400
KEYS = ("notation", "model", "given", "symbols", "assume", "layout")
LAYOUTS = ("shape", "numerator", "denominator")
_OPEN = re.compile(r"[\[{]")


@dataclass(frozen=True)
class Block:
    """The words of a block, unread: LaTeX strings and words for symbols; ``problems`` are what YAML would pass over."""

    notation: str = ""
    model: str = ""
    given: tuple[str, ...] = ()
    symbols: tuple[tuple[str, str], ...] = ()
    assume: tuple[str, ...] = ()
    layout: str = ""
    problems: tuple[str, ...] = ()


def read_block(text: str) -> Block:
    r"""Read the YAML of a comment block.

    Raises:
        InvalidSpec: it is no YAML of this form, or too large.

    >>> read_block("symbols: {z: scalar}\ngiven: [a = z^2]")
    Block(notation='', model='', given=('a = z^2',), symbols=(('z', 'scalar'),), assume=(), layout='', problems=())
    """
    data, problems = _load(text)
    if data is None:
        return Block()
    if not isinstance(data, dict):
        raise InvalidSpec(f"comment block: expected keys such as {', '.join(KEYS)}, found {type(data).__name__}")
    for key in data:
        if key not in KEYS:
            near = get_close_matches(str(key).lower(), KEYS, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise InvalidSpec(f"comment block: no key named {str(key)[:40]!r}{hint}; known: {', '.join(KEYS)}")
    layout = _word(data, "layout")
    if layout and layout not in LAYOUTS:
        raise InvalidSpec(f"comment block: no layout named {layout!r}; known: {', '.join(LAYOUTS)}")
    own = data.get("notation")
    return Block(
        encoded(own) if isinstance(own, dict) and own else _word(data, "notation"),
        _word(data, "model"),
        _lines(data, "given"),
        _pairs(data),
        _lines(data, "assume"),
        layout,
        problems,
    )


def line_of(text: str, problem: str) -> int:
    """The line of a block, counted from 0, that holds the entry which a problem quotes; 0 if it quotes none.

    >>> line_of("symbols:\\n  x: scalar\\ngiven:\\n  - x = foo", "given 'x = foo': what is foo")
    3
    """
    block = read_block(text)
    keys = tuple(key for key, _ in block.symbols)
    for word, entries in (("given", block.given), ("assume", block.assume), ("symbol", keys)):
        quoted = next((entry for entry in entries if problem.startswith(f"{word} {entry!r}")), None)
        if quoted:
            spellings = (quoted, quoted.replace("\\", "\\\\"), quoted.replace("'", "''"))
            tail = r"['\"]?\s*:" if word == "symbol" else ""
            found = re.search("|".join(f"{re.escape(spelling)}{tail}" for spelling in spellings), text)
            return text.count("\n", 0, found.start()) if found else 0
    return 0


def _load(text: str) -> tuple[object, tuple[str, ...]]:
    """Safe YAML without anchors, as an alias could blow up; and the keys that it holds more than once."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidSpec(f"comment block: {len(text)} characters; at most {MAX_CHARACTERS} are read")
    if len(_OPEN.findall(text)) > MAX_ITEMS:
        raise InvalidSpec("comment block: too many brackets")
    try:
        return _restored(_loaded(text)), _repeated(text)
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        mark = getattr(problem, "problem_mark", None)
    try:
        return _restored(_loaded(repaired(text))), _repeated(repaired(text))
    except (yaml.YAMLError, RecursionError, ValueError):
        place = f" in line {mark.line + 1}" if mark is not None else ""
        hint = "; put LaTeX with a colon, a bracket or a # in single quotes"
        raise InvalidSpec(f"comment block: not valid YAML{place}{hint}") from None


def _loaded(text: str) -> object:
    if any(isinstance(token, yaml.AliasToken | yaml.AnchorToken) for token in yaml.scan(text)):
        raise InvalidSpec("comment block: YAML anchors and aliases are not allowed; write the value out")
    return yaml.safe_load(text)


def _repeated(text: str) -> tuple[str, ...]:
    """Of a key that stands twice YAML keeps the last value only."""
    root = yaml.compose(text, yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    maps = [root, *(value for _, value in pairs)]
    found = []
    for node in maps:
        keys = [str(key.value) for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
        found += [f"{key!r} stands twice; the last holds" for key in dict.fromkeys(keys) if keys.count(key) > 1]
    return tuple(found)


# What YAML makes of a backslash and a letter in double quotes; in a note it is the start of a LaTeX command.
_ESCAPES = {
    "\x00": "\\0", "\x07": "\\a", "\x08": "\\b", "\t": "\\t", "\n": "\\n", "\x0b": "\\v", "\x0c": "\\f",
    "\r": "\\r", "\x1b": "\\e",
    "\x85": "\\N", "\xa0": "\\_", "\u2028": "\\L", "\u2029": "\\P",
}  # fmt: skip


def _restored(data: object) -> object:
    """Undo YAML's escapes: ``"\\theta"`` is a letter and no tab."""
    if isinstance(data, str):
        return re.sub(
            "[\x00-\x1f\x85\xa0\u2028\u2029]",
            lambda m: _ESCAPES.get(m.group(), " ") if m.group() != "\n" else _newline(data, m),
            data,
        )
    if isinstance(data, list):
        return [_restored(item) for item in data]
    if isinstance(data, dict):
        return {_restored(key): _restored(value) for key, value in data.items()}
    return data


def _newline(text: str, match: re.Match[str]) -> str:
    r"""A line break before ``abla`` or ``u`` was ``\nabla`` or ``\nu``; any other is a line break."""
    return "\\n" if re.match(r"abla|u\b|eq?\b|ot\b", text[match.end() :]) else "\n"


def repaired(text: str) -> str:
    r"""The block with LaTeX quoted where YAML stumbles: braces in ``{\mathbf{x}: vector(n)}``, ``"\sigma"``.

    >>> repaired(r"symbols: {\mathbf{x}: vector(n), W: matrix(m, n)}")
    "symbols: {'\\mathbf{x}': 'vector(n)', 'W': 'matrix(m, n)'}"
    """
    text = re.sub(r'"((?:[^"\\\n]|\\.)*)"', lambda m: _quoted(m.group(1).replace("\\\\", "\\")), text)
    match = re.search(r"^symbols:\s*\{", text, re.MULTILINE)
    if match is not None:
        end = _closing(text, match.end())
        entries = ", ".join(_entry(part) for part in _parts(text[match.end() : end]) if part.strip())
        text = f"{text[: match.end()]}{entries}}}{text[end + 1 :]}"
    text = re.sub(r"^(given|assume):\s*\[(.*)\]\s*$", _quoted_items, text, flags=re.MULTILINE)
    return re.sub(
        r"^(\s*-\s+)(?!['\"])(.*\S)\s*$", lambda m: m.group(1) + _quoted(m.group(2)), text, flags=re.MULTILINE
    )


def _quoted_items(match: re.Match[str]) -> str:
    """A list of formulas in one line, each quoted."""
    return f"{match[1]}: [{', '.join(_quoted(part) for part in _parts(match[2]) if part.strip())}]"


def _quoted(text: str) -> str:
    text = text.strip()
    inner = text[1:-1].replace("''", "'") if len(text) > 1 and text[0] == text[-1] == "'" else text.lstrip("'")
    return "'" + inner.replace("'", "''") + "'"


def _entry(part: str) -> str:
    key, mark, value = part.partition("':") if part.lstrip().startswith("'") else part.rpartition(":")
    key = key + mark.rstrip(":")
    return f"{_quoted(key)}: {_quoted(value)}"


def _depths(text: str, start: int) -> Iterator[tuple[int, int, str]]:
    """Every place with the depth of brackets around it; quoted text has none."""
    depth, quoted, second = 0, False, -1
    for place in range(start, len(text)):
        sign = text[place]
        opens = quoted or not text[start:place].rstrip() or text[:place].rstrip()[-1:] in "{[(,:-"
        twice = quoted and (text[place : place + 2] == "''" or place == second)  # a quote in quoted text
        second = place + 1 if twice and place != second else second
        quoted ^= sign == "'" and opens and not twice  # h' is a letter with a prime
        if not quoted:
            depth += (sign in "({[") - (sign in ")}]")
        yield place, depth, "" if quoted else sign


def _closing(text: str, start: int) -> int:
    return next((place for place, depth, _ in _depths(text, start) if depth < 0), len(text))


def _parts(text: str) -> list[str]:
    parts, start = [], 0
    for place, depth, sign in _depths(text, 0):
        if sign == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def _word(data: dict[object, object], key: str) -> str:
    value = data.get(key, "")
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise InvalidSpec(f"comment block: {key} must be a word, found {type(value).__name__}")
    return str(value).strip()


def _lines(data: dict[object, object], key: str) -> tuple[str, ...]:
    value = data.get(key) or []
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or len(items) > MAX_ITEMS:
        raise InvalidSpec(f"comment block: {key} must be a list of formulas")
    for item in items:
        if not isinstance(item, str | int | float) or isinstance(item, bool):
            raise InvalidSpec(f"comment block: an item of {key} is no text; put it in single quotes")
    return tuple(str(item).strip() for item in items)


def _pairs(data: dict[object, object]) -> tuple[tuple[str, str], ...]:
    value = data.get("symbols") or {}
    if not isinstance(value, dict) or len(value) > MAX_ITEMS:
        raise InvalidSpec("comment block: symbols must map letters to words such as scalar or vector(n)")
    for key, word in value.items():
        if not isinstance(word, str) or not isinstance(key, str | int) or isinstance(key, bool):
            raise InvalidSpec(f"comment block: symbol {str(key)[:40]!r}: expected a word such as scalar or vector(n)")
    return tuple((str(key).strip(), word.strip()) for key, word in value.items())
