r"""Macros that a block uses for letters and nobody defines, ``\cL`` and ``\bx``: each is a letter of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from symbackprop.verification.reading.block import Block
from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import NotRead

_MACRO = re.compile(r"\\[A-Za-z]+")
_START = re.compile(r"\s*d?(\\[A-Za-z]+)")
_SIGNS = (r"\neg", r"\lnot", r"\square", r"\triangle")
_FONTS = {"c": "mathcal", "b": "mathbf", "v": "mathbf", "m": "mathbf"}


def with_macros(scope: Scope, block: Block) -> tuple[Scope, Block]:
    r"""The scope with a body for each such macro, and the block without them.

    What takes an argument in braces anywhere is no letter and stays unknown.
    """
    lines = (*(key for key, _ in block.symbols), *block.given, *block.assume)
    whole = "\n".join(lines)
    bodies: dict[str, tuple[int, str]] = {}
    for macro in dict.fromkeys(_names(block)):
        if macro not in scope.macros and _is_unknown(macro) and not re.search(rf"{re.escape(macro)}\s*\{{", whole):
            bodies[macro] = (0, _body(macro, whole))
    if not bodies:
        return scope, block

    def plain(latex: str) -> str:
        return _MACRO.sub(lambda found: bodies[found[0]][1] + " " if found[0] in bodies else found[0], latex)

    scope = replace(scope, macros=MappingProxyType({**scope.macros, **bodies}))
    symbols = tuple((plain(key).strip(), words) for key, words in block.symbols)
    return scope, replace(
        block, symbols=symbols, given=tuple(map(plain, block.given)), assume=tuple(map(plain, block.assume))
    )


def _names(block: Block) -> Iterator[str]:
    """What stands where only a letter can: at the start of a key, or of a line that says what it is."""
    starts = (key for key, _ in block.symbols), (latex for latex in block.given if "=" in latex)
    for latex in (latex for lines in starts for latex in lines):
        found = _START.match(latex)
        if found is not None and found[1] not in _SIGNS:
            yield found[1]


def _is_unknown(macro: str) -> bool:
    """Whether no place is known where a macro may stand: as a letter, as a sign in brackets, before an argument."""
    read = [read_surface(probe.replace("#", f"{macro} ")) for probe in ("#", "(x # y)", "#{x}{y}")]
    return all(isinstance(made, NotRead) and made.reason == f"unknown macro {macro}" for made in read)


def _body(macro: str, whole: str) -> str:
    r"""``\cL`` in the font that its author most likely gave it; a word where that is another letter of the block."""
    font = _FONTS.get(macro[1]) if len(macro) == 3 else None
    body = rf"\{font}{{{macro[2]}}}"
    return body if font is not None and body not in whole else rf"\text{{{macro[1:]}}}"
