r"""Functions that a note defines by one sample: ``h(x^{(i)}) = w^T x^{(i)} + b`` says the same of every x."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from symbackprop.verification.reading.labels import letters_in
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Group, Name, Node, Scripted, Span

Part = TypeVar("Part")


def of_any_sample(group: Group, body: Node, scope: Scope) -> tuple[Group, Node]:
    """The argument and the body without the number of the sample, where that is all the scripts of the argument."""
    only = group.items[0] if len(group.items) == 1 else None
    if not isinstance(only, Scripted) or not isinstance(only.base, Name) or only.primes:
        return group, body
    symbol = scope.find(only.base.text)
    scripts = (*only.subs, *only.sups)
    if symbol is None or symbol.leading != 1 or len(scripts) != 1 or len(scripts[0].items) != 1:
        return group, body
    if (symbol.place == "sup") != bool(only.sups) or len(letters_in(scripts[0].items[0])) != 1:
        return group, body
    return replace(group, items=(only.base,)), _unnumbered(body, only.base.text, scripts[0].raw)


def _unnumbered(part: Part, letter: str, raw: str) -> Part:
    """The tree with this script taken off this letter."""
    if isinstance(part, Scripted) and isinstance(part.base, Name) and part.base.text == letter:
        subs = tuple(s for s in part.subs if s.raw != raw)
        sups = tuple(s for s in part.sups if s.raw != raw)
        bare = not (subs or sups or part.primes)
        return part.base if bare else replace(part, subs=subs, sups=sups)  # type: ignore[return-value]
    if isinstance(part, tuple):
        return tuple(_unnumbered(item, letter, raw) for item in part)  # type: ignore[return-value]
    if is_dataclass(part) and not isinstance(part, type | Span):
        changes = {f.name: _unnumbered(getattr(part, f.name), letter, raw) for f in fields(part)}
        return replace(part, **changes)
    return part
