"""What the formulas nearby offer for corrections: letters, indices, widths, sums, derivatives of functions in use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import TypeGuard

from symbackprop.verification.diagnosis.atoms import Near, atoms
from symbackprop.verification.diagnosis.edit import Hints, text
from symbackprop.verification.diagnosis.marks import is_transpose
from symbackprop.verification.diagnosis.walk import walk
from symbackprop.verification.reading import Link, Scope
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.surface import (
    Big,
    Comparison,
    Derivative,
    Group,
    Name,
    Node,
    Scripted,
    Statement,
    Times,
)
from symbackprop.verification.terms.functions import KNOWN

#: A formula as written: its source and its statements.
Written = tuple[str, tuple[Statement, ...]]

MOST_PRIMED = 6
MOST_SIZES = 4
MOST_LETTERS = 10
MOST_SUMS = 6


def collect_hints(sides: tuple[Node, Node], written: tuple[Written, ...], scope: Scope, link: Link) -> Hints:
    """Hints for repairing the link with these sides of the first of the formulas as ``written``, from all of them."""
    left, tex = sides[0], written[0][0]
    nodes = [(node, source) for source, statements in written for node in _nodes(statements)]
    own = [(node, source) for node, source in nodes if source == tex]
    functions = _functions(nodes, scope)
    indices = _unique((*link.unbound, *_indices(own, scope)))
    near = Near(sides, tex, nodes, indices, _unique(_labels(own)), scope, functions, _mark(nodes), _arrays(link))
    return Hints(
        primed=_unique(_derivative_factors(left, tex, nodes, functions))[:MOST_PRIMED],
        atoms=atoms(near),
        letters=_unique(_letters(nodes, functions))[:MOST_LETTERS],
        sizes=_unique((*_sizes(nodes), *_size_letters(scope)))[:MOST_SIZES],
        indices=indices,
        labels=near.labels,
        sums=tuple(islice(dict.fromkeys(_sums(nodes)), MOST_SUMS)),
        unbound=link.unbound,
        transpose=near.mark,
        arrays=near.arrays,
        functions=functions,
    )


def _nodes(statements: tuple[Statement, ...]) -> Iterator[Node]:
    for statement in statements:
        for side in statement.sides:
            if side is not None:
                yield from walk(side)


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _arrays(link: Link) -> bool:
    """Whether the sides are vectors or matrices: some index of the claim is one that nobody wrote."""
    return not link.readings or any("#" in name for name, _ in link.readings[0].claim.free)


def _functions(nodes: list[tuple[Node, str]], scope: Scope) -> frozenset[str]:
    names = {node.text for node, _ in nodes if isinstance(node, Name)}
    found = {name: scope.find(name) for name in sorted(names)}
    return frozenset(
        n for n, s in found.items() if n in KNOWN or n in scope.bodies or s is not None and s.kind == "function"
    )


def _mark(nodes: list[tuple[Node, str]]) -> str:
    """How the note writes a transpose."""
    for node, _ in nodes:
        for script in node.sups if isinstance(node, Scripted) else ():
            if is_transpose(script.raw):
                raw = script.raw.strip()
                return f"^{raw}" if raw == "T" or raw.startswith("\\") and raw[1:].isalpha() else f"^{{{raw}}}"
    return "^T"


def _letters(nodes: list[tuple[Node, str]], functions: frozenset[str]) -> Iterator[str]:
    """Letters of quantities as they are spelled, without scripts."""
    for node, source in nodes:
        base = node.base if isinstance(node, Scripted) else node
        if (
            isinstance(base, Name)
            and not (base.upright or base.text in functions or _is_index(base))
            and (not base.text.startswith(r"\mathbb"))
        ):
            yield text(base, source)


def _size_letters(scope: Scope) -> Iterator[str]:
    """The widths that are plain letters."""
    for name, symbol in sorted(scope.symbols.items()):
        if symbol.kind == "size" and not symbol.labels:
            yield name


def _sizes(nodes: Iterable[tuple[Node, str]]) -> Iterator[str]:
    for node, source in nodes:
        if isinstance(node, Big) and node.upper is not None and isinstance(node.upper, Name | Scripted):
            yield text(node.upper, source)


def _sums(nodes: Iterable[tuple[Node, str]]) -> Iterator[tuple[str, str]]:
    """The heads of sums, each with the letter that it binds."""
    for node, source in nodes:
        if isinstance(node, Big) and node.kind.lstrip("\\") == "sum":
            for bound in node.lower[:1]:
                letter = bound.left if isinstance(bound, Comparison) else bound
                head = source[node.span.start : node.body.span.start].rstrip(" -([")
                if isinstance(letter, Name) and head.count("{") == head.count("}") and r"\left" not in head:
                    yield letter.text, head


def _indices(nodes: Iterable[tuple[Node, str]], scope: Scope) -> Iterator[str]:
    """The letters that pick entries; those that number layers or times are none."""
    for node, _ in nodes:
        if isinstance(node, Name | Scripted):
            known = refer(node, scope)
            parts = known.indices if known is not None else ()
        elif isinstance(node, Big):
            parts = tuple(bound.left if isinstance(bound, Comparison) else bound for bound in node.lower)
        else:
            continue
        yield from (part.text for part in parts if _is_index(part) and part.text not in scope.running)


def _labels(nodes: Iterable[tuple[Node, str]]) -> Iterator[str]:
    """The letters of layers and times, which stand above."""
    for node, source in nodes:
        for script in node.sups if isinstance(node, Scripted) else ():
            yield from (text(item, source) for item in script.items if not is_transpose(script.raw))


def _is_index(node: Node) -> TypeGuard[Name]:
    return isinstance(node, Name) and not node.upright and len(node.text) == 1 and node.text in "ijklmnpqrstuvc"


def _derivative_factors(
    left: Node, tex: str, nodes: Iterable[tuple[Node, str]], functions: frozenset[str]
) -> Iterator[str]:
    """``f'(z…)`` for every ``f(z…)`` nearby, as written and with the labels and indices of the left side."""
    labels = _scripts(left, tex)
    for node, source in nodes:
        if isinstance(node, Times):
            for function, argument in pairwise(node.factors):
                base = function.base if isinstance(function, Scripted) else function
                known = isinstance(base, Name) and base.text in functions
                if known and isinstance(argument, Group) and len(argument.items) == 1:
                    yield from _derivatives(function, argument.items[0], source, labels)


def _derivatives(function: Node, argument: Node, source: str, labels: str) -> Iterator[str]:
    head = function.base if isinstance(function, Scripted) else function
    plain = isinstance(function, Name) or (isinstance(function, Scripted) and not function.subs and not function.sups)
    if not plain or not isinstance(head, Name):
        return
    base = argument.base if isinstance(argument, Scripted) else argument
    if isinstance(base, Name) and labels:
        yield f"{text(head, source)}'({text(base, source)}{labels})"
    yield f"{text(head, source)}'({text(argument, source)})"


def _scripts(left: Node, tex: str) -> str:
    """The scripts of the left side as written: those of ``δ^{l}_j``, or of the variable of a derivative."""
    target = left.by[0][0] if isinstance(left, Derivative) and left.by else left
    return tex[target.base.span.end : target.span.end] if isinstance(target, Scripted) else ""
