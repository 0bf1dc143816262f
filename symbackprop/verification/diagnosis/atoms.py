"""The letters and short expressions of a note that may have been left out of a formula, spelled to fit into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

from symbackprop.verification.diagnosis.edit import text
from symbackprop.verification.diagnosis.walk import walk
from symbackprop.verification.reading import Scope
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.surface import (
    Derivative,
    Group,
    Name,
    Node,
    Number,
    Plus,
    Quotient,
    Scripted,
    Times,
)

MOST = 48
MOST_OF_A_KIND = 6


@dataclass(frozen=True)
class Near:
    """A link with its surroundings: its sides, the nodes of all formulas nearby, and how its own is spelled."""

    sides: tuple[Node, Node]
    tex: str
    nodes: list[tuple[Node, str]]
    indices: tuple[str, ...]
    labels: tuple[str, ...]
    scope: Scope
    functions: frozenset[str]
    mark: str
    arrays: bool


def atoms(near: Near) -> tuple[str, ...]:
    """What may stand as a factor, the likeliest first: letters, derivatives, what stands in brackets."""
    own = [(node, source) for node, source in near.nodes if source == near.tex]
    found: dict[str, None] = {}
    for node, source in (*own, *near.nodes):
        found.update(dict.fromkeys(_letter(node, source, near)))
    found.update(dict.fromkeys(_parameters(near)))
    letters = list(found)
    kinds = [list(dict.fromkeys(kind)) for kind in _compounds(near, letters)]
    rest = [atom for kind in kinds for atom in kind[MOST_OF_A_KIND:]]
    ordered = [*letters[:18], *(atom for kind in kinds for atom in kind[:MOST_OF_A_KIND]), *letters[18:], *rest]
    left, wanted = text(near.sides[0], near.tex), _wanted(near)
    return tuple(atom for atom in dict.fromkeys(ordered) if atom != left and _holds(atom, wanted))[:MOST]


def _compounds(near: Near, letters: list[str]) -> tuple[Iterator[str], ...]:
    kinds = (
        _derivatives(near, letters),
        _complements(near, letters),
        _brackets(near),
        _quotients(near),
        _diagonals(near),
    )
    return kinds if near.arrays else (*kinds, (f"{letter}^2" for letter in letters if "^" not in letter))


def _wanted(near: Near) -> tuple[str, ...]:
    """The indices that only the left side has: what is missing on the right must have them."""
    letters = [set(_script_letters(side)) for side in near.sides]
    return tuple(index for index in near.indices if index in letters[0] - letters[1])


def _script_letters(side: Node) -> Iterator[str]:
    for node in walk(side):
        for script in node.subs if isinstance(node, Scripted) else ():
            yield from (item.text for item in script.items if isinstance(item, Name))


def _holds(atom: str, wanted: tuple[str, ...]) -> bool:
    return all(re.search(rf"(?<![a-zA-Z\\]){index}(?![a-zA-Z])", atom) for index in wanted)


def _letter(node: Node, source: str, near: Near) -> Iterator[str]:
    """A letter as it is written, with the layers and the indices of the formula, and its transpose."""
    base = node.base if isinstance(node, Scripted) else node
    if not isinstance(node, Name | Scripted) or not isinstance(base, Name) or base.text in near.functions:
        return
    if base.text.startswith(r"\mathbb"):
        return
    known = refer(node, near.scope)
    if known is None or known.symbol is None or known.symbol.kind not in ("quantity", "size") or known.posts:
        return
    for spelling in (text(node, source), *_other_layers(node, source, near), *_other_numbers(node, source, near)):
        yield from _indexed(spelling, node, len(known.symbol.axes or ()) - len(known.indices), near)


def _parameters(near: Near) -> Iterator[str]:
    """Numbers that a block declares and that no formula may have named."""
    for name, symbol in sorted(near.scope.symbols.items()):
        number = symbol.kind == "quantity" and symbol.declared and symbol.axes == () and not symbol.labels
        if number and not near.scope.defined(name):
            yield name


def _other_layers(node: Node, source: str, near: Near) -> Iterator[str]:
    """The letter at the layers that the formula speaks of."""
    for script in node.sups if isinstance(node, Scripted) else ():
        for item in script.items:
            if isinstance(item, Name | Plus):
                name = text(item.terms[0] if isinstance(item, Plus) else item, source)
                own = [f"{label}{step}" for label in near.labels if len(label) == 1 for step in ("", "-1", "+1")]
                for label in dict.fromkeys((*near.labels, *own, f"{name}-1", f"{name}+1")):
                    inner = f"{{{label}}}" if len(label) > 1 and source[item.span.start - 1] == "^" else label
                    yield source[node.span.start : item.span.start] + inner + source[item.span.end : node.span.end]


def _other_numbers(node: Node, source: str, near: Near) -> Iterator[str]:
    """``o_2`` beside ``o_1`` where the formula has a 2 below another letter."""
    items = [item for script in node.subs for item in script.items] if isinstance(node, Scripted) else []
    if source == near.tex and len(items) == 1 and isinstance(items[0], Number):
        for number in dict.fromkeys(_numbers_below(near)):
            yield source[node.span.start : items[0].span.start] + number + source[items[0].span.end : node.span.end]


def _numbers_below(near: Near) -> Iterator[str]:
    for side in near.sides:
        for node in walk(side):
            for script in node.subs if isinstance(node, Scripted) else ():
                yield from (text(item, near.tex) for item in script.items if isinstance(item, Number))


def _indexed(spelling: str, node: Node, missing: int, near: Near) -> Iterator[str]:
    """With an index for each axis where the formula writes indices; else as it is and transposed."""
    if missing > 0 and near.indices:
        for letters in permutations(near.indices[:3], missing):
            yield spelling + (f"_{letters[0]}" if missing == 1 else f"_{{{''.join(letters)}}}")
    if near.arrays or not missing or not near.indices:
        yield spelling
        if missing and near.arrays:
            yield f"({spelling}){near.mark}" if isinstance(node, Scripted) and node.sups else f"{spelling}{near.mark}"


def _derivatives(near: Near, letters: list[str]) -> Iterator[str]:
    """Derivatives as they are written, and that of the left side by, or of, another letter."""
    for node, source in near.nodes:
        if isinstance(node, Derivative) and node.by and not node.written_apart:
            yield text(node, source)
    left = near.sides[0]
    if isinstance(left, Derivative) and len(left.by) == 1 and not left.written_apart:
        for part in (left.by[0][0], left.operand):
            for letter in letters:
                if near.mark not in letter and letter not in (
                    text(left.operand, near.tex),
                    text(left.by[0][0], near.tex),
                ):
                    before, after = near.tex[left.span.start : part.span.start], near.tex[part.span.end : left.span.end]
                    yield before + letter + after


def _complements(near: Near, letters: list[str]) -> Iterator[str]:
    """``(1 - a)`` for the letters and values of functions on the right."""
    right = near.sides[1]
    for node in walk(right):
        if isinstance(node, Times):
            for function, group in zip(node.factors, node.factors[1:], strict=False):
                if isinstance(group, Group) and isinstance(function, Name) and function.text in near.functions:
                    yield f"(1 - {near.tex[function.span.start : group.span.end]})"
                    yield near.tex[function.span.start : group.span.end]
        elif isinstance(node, Name | Scripted) and text(node, near.tex) in letters:
            yield f"(1 - {text(node, near.tex)})"
    yield from (f"(1 - {name})" for name in _parameters(near))


def _brackets(near: Near) -> Iterator[str]:
    """Differences and sums of two terms, and values of functions, as they stand in formulas nearby."""
    for node, source in near.nodes:
        if source == near.tex:
            continue
        if isinstance(node, Plus) and len(node.terms) == 2 and not any(isinstance(t, Number) for t in node.terms):
            if len(text(node, source)) <= 40:
                yield f"({text(node, source)})"
        elif isinstance(node, Times):
            for function, group in zip(node.factors, node.factors[1:], strict=False):
                if isinstance(group, Group) and isinstance(function, Name) and _calls(function, near):
                    yield source[function.span.start : group.span.end]


def _calls(function: Name, near: Near) -> bool:
    return function.upright or function.text in near.functions


def _quotients(near: Near) -> Iterator[str]:
    """Fractions of letters as they stand nearby, also without the 2 of a half."""
    for node, source in near.nodes:
        if isinstance(node, Quotient):
            below, source = text(node.denominator, source), text(node, source)
            if len(source) <= 24:
                yield source
                yield source.replace("{2", "{", 1)
            yield rf"\frac{{1}}{{{below}}}"


def _diagonals(near: Near) -> Iterator[str]:
    """The diagonal matrix of a derivative, where the formula is a Jacobian: of ``1 - h^2`` behind a tanh."""
    left = near.sides[0]
    if not near.arrays or not isinstance(left, Derivative):
        return
    words = (text(node, source) for node, source in near.nodes if isinstance(node, Name) and node.text == "diag")
    diag = next(words, r"\text{diag}")
    for inner in (f"1 - {text(left.operand, near.tex)}^2", text(left.operand, near.tex)):
        yield f"{diag}({inner})"
