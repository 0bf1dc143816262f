r"""Indices with a prime: ``\sum_{h'} w_{h h'} b_{h'}``. In a script or below a sum ``h'`` is a letter of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Big, Comparison, Name, Node, Script, Scripted, rebuilt

Part = TypeVar("Part")
BINDERS = ("sum", "prod")


def with_primed_indices(part: Part, scope: Scope) -> Part:
    """The tree with the indices that carry a prime as letters."""
    made: object = part
    if isinstance(part, Script):
        made = replace(part, items=_primed(part.items, scope))
    elif isinstance(part, Big) and part.kind.lstrip("\\") in BINDERS:
        made = replace(part, lower=tuple(_bound(item, scope) for item in part.lower))
    return rebuilt(made, lambda inner: with_primed_indices(inner, scope))  # type: ignore[return-value]


def _bound(item: Node, scope: Scope) -> Node:
    if isinstance(item, Comparison):
        return replace(item, left=_primed(item.left, scope), right=_primed(item.right, scope))
    return _primed(item, scope)


def _primed(part: Part, scope: Scope) -> Part:
    """Every letter with nothing but primes, unless that is a quantity or function of its own."""
    if isinstance(part, Scripted) and isinstance(part.base, Name) and part.primes and not part.subs and not part.sups:
        name = part.base.text + "'" * part.primes
        symbol = scope.find(name) or scope.find(part.base.text)
        taken = symbol is not None and symbol.kind in ("quantity", "function")
        return part if taken else Name(name, part.span)  # type: ignore[return-value]
    return rebuilt(part, lambda inner: _primed(inner, scope))
