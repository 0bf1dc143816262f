"""The comment block of a note: what its formulas do not say themselves, as YAML within limits."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from symbackprop.errors import InvalidSpec

MAX_CHARACTERS = 20_000
MAX_ITEMS = 400
KEYS = ("notation", "model", "given", "symbols", "assume", "layout")
LAYOUTS = ("shape", "numerator", "denominator")
_OPEN = re.compile(r"[\[{]")


@dataclass(frozen=True)
class Block:
    """The words of a block, unread: LaTeX strings and words for symbols."""

    notation: str = ""
    model: str = ""
    given: tuple[str, ...] = ()
    symbols: tuple[tuple[str, str], ...] = ()
    assume: tuple[str, ...] = ()
    layout: str = ""


def read_block(text: str) -> Block:
    r"""Read the YAML of a comment block.

    Raises:
        InvalidSpec: it is no YAML of this form, or too large.

    >>> read_block("symbols: {z: scalar}\ngiven: [a = z^2]")
    Block(notation='', model='', given=('a = z^2',), symbols=(('z', 'scalar'),), assume=(), layout='')
    """
    data = _load(text)
    if data is None:
        return Block()
    if not isinstance(data, dict):
        raise InvalidSpec(f"comment block: expected keys such as {', '.join(KEYS)}, found {type(data).__name__}")
    for key in data:
        if key not in KEYS:
            raise InvalidSpec(f"comment block: no key named {str(key)[:40]!r}; known: {', '.join(KEYS)}")
    layout = _word(data, "layout")
    if layout and layout not in LAYOUTS:
        raise InvalidSpec(f"comment block: no layout named {layout!r}; known: {', '.join(LAYOUTS)}")
    return Block(_word(data, "notation"), _word(data, "model"), _lines(data, "given"), _pairs(data), _lines(data, "assume"), layout)


def _load(text: str) -> object:
    """Safe YAML without anchors: an alias could blow up."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidSpec(f"comment block: {len(text)} characters; at most {MAX_CHARACTERS} are read")
    if len(_OPEN.findall(text)) > MAX_ITEMS:
        raise InvalidSpec("comment block: too many brackets")
    try:
        if any(isinstance(token, yaml.AliasToken | yaml.AnchorToken) for token in yaml.scan(text)):
            raise InvalidSpec("comment block: YAML anchors and aliases are not allowed; write the value out")
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        mark = getattr(problem, "problem_mark", None)
        place = f" in line {mark.line + 1}" if mark is not None else ""
        hint = "; put LaTeX with a colon, a bracket or a # in single quotes"
        raise InvalidSpec(f"comment block: not valid YAML{place}{hint}") from None


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
