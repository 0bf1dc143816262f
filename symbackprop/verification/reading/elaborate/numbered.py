"""Letters that stand for parts of declared ones: ``W_{1,ij}`` is an entry of ``W_{1}``, ``w_{ij}`` one of ``W``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from symbackprop.verification.reading.labels import script_items
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Name, Number, Script, Scripted, Statement, rebuilt
from symbackprop.verification.reading.symbols import spelled, undressed

Part = TypeVar("Part")


def numbered_apart(statements: tuple[Statement, ...], scope: Scope) -> tuple[Statement, ...]:
    """The statements with such a number as a script of its own, the indices as another; words are part of names."""
    statements = _mapped(statements, lambda node: _worded(node, scope))
    if not any(name.endswith("}") and "_{" in name for name in scope.symbols):
        return statements
    return _mapped(statements, lambda node: _apart(node, scope))


def entries_named(statements: tuple[Statement, ...], scope: Scope) -> tuple[Statement, ...]:
    """The statements with ``w_{ij}`` as an entry of a declared matrix W, where nothing else is called w."""
    matrices = {undressed(s.name) for s in scope.symbols.values() if s.declared and len(s.axes or ()) == 2}
    capitals = {name for name in matrices if len(name) == 1 and name.isupper() and not _is_used(name.lower(), scope)}
    return _mapped(statements, lambda node: _entry(node, capitals)) if capitals else statements


def _is_used(letter: str, scope: Scope) -> bool:
    starts = [dress + end for dress in (letter, rf"\mathbf{{{letter}}}") for end in ("_", "^")]
    return scope.knows(letter) or any(name.startswith(tuple(starts)) for name in scope.symbols)


def _entry(node: Scripted, capitals: set[str]) -> Scripted:
    if not isinstance(node.base, Name) or len(node.subs) != 1 or node.subs[0].bracket or node.base.upright:
        return node
    items = script_items(node.subs[0])
    digits = str(items[0].value) if len(items) == 1 and isinstance(items[0], Number) else ""
    if node.base.text.upper() not in capitals or len(digits if digits.isdigit() else items) != 2:
        return node
    return replace(node, base=replace(node.base, text=node.base.text.upper()))


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


def _worded(node: Scripted, scope: Scope) -> Scripted:
    r"""``y_{\text{pred}, i}`` as an entry of a letter ``y_{pred}``, and that apart from a declared y."""
    if not isinstance(node.base, Name) or node.base.upright or not node.subs or node.subs[0].bracket or node.sups:
        return node
    script, items = node.subs[0], script_items(node.subs[0])
    if not isinstance(items[0], Name) or not items[0].upright or len(items[0].text) < 2:
        return node
    key = spelled(node.base.text, (replace(script, raw=items[0].text),), ())
    symbol = scope.find(node.base.text)
    taken = symbol is not None and symbol.kind == "quantity" and symbol.declared and bool(symbol.axes or symbol.labels)
    if scope.knows(items[0].text) or (symbol is not None and symbol.place == "sub") or len(items) == 1 and not taken:
        return node
    rest = (replace(script, items=items[1:], raw=script.raw.partition(",")[2] or script.raw),) if items[1:] else ()
    return replace(node, base=replace(node.base, text=key), subs=(*rest, *node.subs[1:]))


def _mapped(part: Part, change: Callable[[Scripted], Scripted]) -> Part:
    """The same tree with every scripted letter changed, those inside scripts as well."""
    made = rebuilt(part, lambda inner: _mapped(inner, change))
    return change(made) if isinstance(made, Scripted) else made  # type: ignore[return-value]
