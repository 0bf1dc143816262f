"""The marks on letters: a transpose or a prime left out or put in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from symbackprop.verification.diagnosis.edit import Edit, Hints, replaced, text
from symbackprop.verification.diagnosis.walk import walk
from symbackprop.verification.reading.surface import (
    Applied,
    Derivative,
    Group,
    Name,
    Node,
    Quotient,
    Script,
    Scripted,
    Times,
)

_TRANSPOSE = re.compile(r"^(\\top|T|\\intercal|\\mathsf\s*\{?T\}?|\\mathrm\{T\})$")


def is_transpose(source: str) -> bool:
    """Whether the source of a superscript is the mark of a transpose."""
    return bool(_TRANSPOSE.match(source.strip()))


def transposes(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A transpose left out or put in."""
    inner = {id(node.base) for node in walk(side) if isinstance(node, Scripted)}
    for node in walk(side):
        if isinstance(node, Scripted):
            yield from _transpose_scripted(node, tex, hints)
        elif isinstance(node, Name | Group) and id(node) not in inner and not _is_word(node):
            yield replaced("transpose", node.span, text(node, tex) + hints.transpose + _apart(node, tex))
        elif isinstance(node, Derivative | Quotient) and hints.arrays:
            yield replaced("transpose", node.span, rf"\left({text(node, tex)}\right){hints.transpose}")
    yield from _crossed(side, tex, hints)


def _crossed(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """``a b^T`` for ``b a^T``."""
    if not isinstance(side, Times) or len(side.factors) != 2:
        return
    first, second = side.factors
    if isinstance(second, Scripted) and second.sups and is_transpose(second.sups[-1].raw):
        bare = _unbracketed(_cut(_unmarked(second, second.sups[-1], tex), second, tex))
        letter = isinstance(first, Name) or isinstance(first, Scripted) and not first.sups
        marked = text(first, tex) if letter else f"({text(first, tex)})"
        between = tex[first.span.end : second.span.start] or " "
        yield replaced("order of factors", side.span, f"{bare}{between}{marked}{hints.transpose}")


def _cut(edit: Edit, node: Node, tex: str) -> str:
    return tex[node.span.start : edit.start] + tex[edit.end : node.span.end]


def _unbracketed(source: str) -> str:
    """Without brackets or braces around a single letter with its scripts."""
    inner = re.fullmatch(r"\s*[({]\s*(\\?[a-zA-Z]+([_^](\w|\{[^{}]*\}))*)\s*[)}]\s*", source)
    return inner[1] if inner is not None else source.strip()


def _is_word(node: Node) -> bool:
    return isinstance(node, Name) and node.upright


def _transpose_scripted(node: Scripted, tex: str, hints: Hints) -> Iterator[Edit]:
    found = [script for script in node.sups if is_transpose(script.raw)]
    for script in found:
        yield _unmarked(node, script, tex)
    if not found and not (node.subs and node.sups):
        source = f"({text(node, tex)})" if node.sups else text(node, tex)
        yield replaced("transpose", node.span, source + hints.transpose + _apart(node, tex))


def _apart(node: Node, tex: str) -> str:
    """A space where a letter follows."""
    return " " if tex[node.span.end : node.span.end + 1].isalpha() else ""


def _unmarked(node: Scripted, script: Script, tex: str) -> Edit:
    start, end = script.span.start, script.span.end
    while start > node.base.span.end and tex[start - 1] in "^{ ":
        start -= 1
    while end < node.span.end and tex[end] == "}" and tex[start:end].count("{") > tex[start:end].count("}"):
        end += 1
    return Edit("transpose", start, end, "")


def primes(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A prime left out or put in: h where h' is meant, and the other way round."""
    for node in walk(side):
        if isinstance(node, Scripted) and node.primes:
            source = text(node, tex)
            bare = re.sub(r"\^\{?(\\prime|')+\}?|'", "", source, count=1)
            if bare != source:
                yield replaced("derivative", node.span, bare)
        elif isinstance(node, Times):
            for function, argument in pairwise(node.factors):
                base = function.base if isinstance(function, Scripted) and not function.primes else function
                if isinstance(argument, Group) and isinstance(base, Name):
                    yield Edit("derivative", base.span.end, base.span.end, "'")
        elif isinstance(node, Applied) and isinstance(node.function, Name):
            yield Edit("derivative", node.function.span.end, node.function.span.end, "'")
