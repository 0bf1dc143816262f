"""Letters and their scripts: another letter, indices swapped, another index, the layer before or after."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from symbackprop.verification.diagnosis.edit import Edit, Hints, replaced, text
from symbackprop.verification.diagnosis.marks import is_transpose
from symbackprop.verification.diagnosis.walk import walk, walk_outside_scripts
from symbackprop.verification.reading.surface import (
    Big,
    CaseRows,
    Comparison,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Script,
    Scripted,
)


def scripts(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """Indices swapped, another index, the layer before or after, a number that is off, the index of a sum."""
    for node in walk(side):
        if isinstance(node, Scripted):
            for script in node.subs:
                yield from _swapped(script, tex)
                yield from _script(script, tex, hints.indices, "index")
            for script in node.sups:
                yield from _script(script, tex, hints.labels, "layer")
        elif isinstance(node, Big):
            for bound in node.lower:
                letter = bound.left if isinstance(bound, Comparison) else bound
                others = (other for other in hints.indices if other != text(letter, tex))
                yield from (replaced("index of a sum", letter.span, other) for other in others)


def _swapped(script: Script, tex: str) -> Iterator[Edit]:
    if len(script.items) == 2:
        first, second = script.items
        swapped = text(second, tex) + tex[first.span.end : second.span.start] + text(first, tex)
        yield Edit("indices swapped", first.span.start, second.span.end, swapped)


def _script(script: Script, tex: str, others: tuple[str, ...], slip: str) -> Iterator[Edit]:
    """Another index or label in place of each item, its neighbours first."""
    for item in script.items:
        if isinstance(item, Number):
            value = int(item.value) if item.value.denominator == 1 else 1
            for number in (value + 1, value - 1):
                yield replaced("number in a script", item.span, str(number))
        elif not is_transpose(text(item, tex)):
            name = _unshifted(item, tex)
            for other in (name, f"{name}-1", f"{name}+1", *others):
                if other != text(item, tex):
                    yield replaced(slip, item.span, _braced(other, script, item))


def _unshifted(item: Node, tex: str) -> str:
    """``l`` of ``l+1``, ``t-k`` of ``t-k-1``."""
    last = item.terms[-1] if isinstance(item, Plus) else item
    last = last.operand if isinstance(last, Negative) else last
    if isinstance(item, Plus) and isinstance(last, Number):
        return tex[item.span.start : item.terms[-2].span.end]
    return text(item, tex)


def _braced(other: str, script: Script, item: Node) -> str:
    """In braces if it is the whole of a script that has none."""
    bare = script.span.end - script.span.start <= item.span.end - item.span.start + 1 and not script.bracket
    return f"{{{other}}}" if bare and len(other) > 1 else other


def whole(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """The transpose of the whole side; two index letters swapped all through it."""
    if hints.arrays:
        yield replaced("transpose", side.span, rf"\left({text(side, tex)}\right){hints.transpose}")
    for first, second in combinations(hints.indices[:4], 2):
        spots = [item for item in _script_letters(side) if item.text in (first, second)]
        if {item.text for item in spots} == {first, second}:
            result, offset = text(side, tex), side.span.start
            for item in sorted(spots, key=lambda item: -item.span.start):
                other = second if item.text == first else first
                result = result[: item.span.start - offset] + other + result[item.span.end - offset :]
            yield replaced("indices swapped", side.span, result)


def _script_letters(side: Node) -> Iterator[Name]:
    for node in walk(side):
        for script in node.subs if isinstance(node, Scripted) else ():
            yield from (item for item in script.items if isinstance(item, Name))


def other_letters(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """A letter that should be another one: with the same scripts, or with those that the other one has elsewhere."""
    nodes = list(walk_outside_scripts(side))
    bases = {id(node.base) for node in nodes if isinstance(node, Scripted)}
    for node in nodes:
        if isinstance(node, Name) and not node.upright and node.text not in hints.functions:
            others = (other for other in hints.letters if other != text(node, tex))
            yield from (replaced("letter", node.span, other) for other in others)
    for node in nodes:
        if isinstance(node, CaseRows):
            values = (value for value, _ in node.rows if isinstance(value, Number))
            yield from (replaced("letter", value.span, other) for value in values for other in hints.atoms[:8])
        named = isinstance(node, Scripted) and isinstance(node.base, Name) or isinstance(node, Name)
        word = isinstance(node, Name) and (node.upright or node.text in hints.functions)
        if named and id(node) not in bases and not word:
            others = (other for other in hints.atoms if other != text(node, tex))
            yield from (replaced("letter", node.span, other) for other in others)


def layers_of_the_left(side: Node, tex: str, hints: Hints) -> Iterator[Edit]:
    """The layer or the time on the left of a relation, where the right side is that of another one."""
    for node in walk(side):
        for script in node.sups + node.subs if isinstance(node, Scripted) else ():
            yield from _script(script, tex, (), "layer")
