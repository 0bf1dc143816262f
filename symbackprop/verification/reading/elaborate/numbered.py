"""Letters that are declared with a number below them and stand with more: ``W_{1,ij}`` is an entry of ``W_{1}``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from symbackprop.verification.reading.labels import script_items
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Name, Number, Script, Scripted, Span, Statement
from symbackprop.verification.reading.symbols import spelled

Part = TypeVar("Part")


def numbered_apart(statements: tuple[Statement, ...], scope: Scope) -> tuple[Statement, ...]:
    """The statements with such a number as a script of its own, the indices as another."""
    if not any(name.endswith("}") and "_{" in name for name in scope.symbols):
        return statements
    return _mapped(statements, lambda node: _apart(node, scope))


def _apart(node: Scripted, scope: Scope) -> Scripted:
    if not isinstance(node.base, Name) or not node.subs or node.subs[0].bracket:
        return node
    script, items = node.subs[0], script_items(node.subs[0])
    if len(items) < 2 or not isinstance(items[0], Number):
        return node
    first = Script(items[:1], "", str(items[0].value), items[0].span)
    names = scope.spellings(node.base.text)
    if any(spelled(name, (script,), ()) in scope.symbols for name in names):
        return node
    if not any(spelled(name, (first,), ()) in scope.symbols for name in names):
        return node
    raw = script.raw.partition(",")[2] or script.raw
    return replace(node, subs=(first, replace(script, items=items[1:], raw=raw), *node.subs[1:]))


def _mapped(part: Part, change: Callable[[Scripted], Scripted]) -> Part:
    """The same tree with every scripted letter changed, those inside scripts as well."""
    if isinstance(part, tuple):
        return tuple(_mapped(item, change) for item in part)  # type: ignore[return-value]
    if not is_dataclass(part) or isinstance(part, type | Span):
        return part
    changes = {f.name: _mapped(getattr(part, f.name), change) for f in fields(part)}
    made = replace(part, **changes)
    return change(made) if isinstance(made, Scripted) else made  # type: ignore[return-value]
