r"""Indices in brackets, as in programs: ``x[i]`` is ``x_i``, ``W[i, j]`` is ``W_{ij}``."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from symbackprop.verification.reading.elaborate.usage import INDEX_LETTERS, SCALAR_NAMES
from symbackprop.verification.reading.labels import letters_in, plain_affine
from symbackprop.verification.reading.scope import LAYER_LETTERS, Scope
from symbackprop.verification.reading.surface import Group, Name, Node, Script, Scripted, Span, Times
from symbackprop.verification.reading.symbols import known_function, undressed

Part = TypeVar("Part")
_NEVER = ("E", "V", "P", "D", "e", "d")


def with_bracket_indices(part: Part, scope: Scope) -> Part:
    """The tree with such indices as scripts."""
    if isinstance(part, tuple):
        return tuple(with_bracket_indices(item, scope) for item in part)  # type: ignore[return-value]
    if not is_dataclass(part) or isinstance(part, type | Span):
        return part
    made: object = _joined(part, scope) if isinstance(part, Times) else part
    changes = {f.name: with_bracket_indices(getattr(made, f.name), scope) for f in fields(made)}  # type: ignore[arg-type]
    return replace(made, **changes)  # type: ignore[type-var, return-value]


def _joined(node: Times, scope: Scope) -> Node:
    factors, operators = [node.factors[0]], []
    for operator, factor in zip(node.operators, node.factors[1:], strict=True):
        entry = _entry(factors[-1], factor, scope) if operator == "" else None
        if entry is not None:
            factors[-1] = entry
        else:
            factors.append(factor)
            operators.append(operator)
    return factors[0] if len(factors) == 1 else replace(node, factors=tuple(factors), operators=tuple(operators))


def _entry(letter: Node, behind: Node, scope: Scope) -> Scripted | None:
    """The letter with what stands in the bracket behind it as a script, if that numbers an entry; layers do not."""
    group = behind.base if isinstance(behind, Scripted) and not behind.subs and not behind.primes else behind
    touching = isinstance(letter, Name) and letter.span.end == group.span.start
    if not isinstance(letter, Name) or not isinstance(group, Group) or group.bracket != "[" or not touching:
        return None
    sups = behind.sups if isinstance(behind, Scripted) else ()
    letters = [text for item in group.items for text in letters_in(item)]
    if any(plain_affine(item) is None for item in group.items) or not letters:
        return None
    span = Span(letter.span.start, behind.span.end)
    script = Script(group.items, "", ",".join(letters), group.span)
    return (
        Scripted(letter, (script,), sups, 0, span) if _has_entries(letter, letters, len(group.items), scope) else None
    )


def _has_entries(letter: Name, letters: list[str], count: int, scope: Scope) -> bool:
    if set(letters) <= set(LAYER_LETTERS) or not all(
        text in INDEX_LETTERS and not _is_quantity(text, scope) for text in letters
    ):
        return False
    symbol = scope.find(letter.text)
    if symbol is not None and symbol.declared:
        return symbol.kind == "quantity" and len(symbol.axes or ()) == count and not symbol.labels
    bare = undressed(letter.text)
    known = letter.upright or bool(known_function(bare)) or bare in (*_NEVER, *SCALAR_NAMES)
    return not known and (symbol is None or symbol.kind == "quantity")


def _is_quantity(letter: str, scope: Scope) -> bool:
    symbol = scope.find(letter)
    return symbol is not None and symbol.kind in ("quantity", "function")
