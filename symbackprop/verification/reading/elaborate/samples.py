r"""Letters with a number that runs over nothing: ``h(x^{(i)}) = …`` holds for every x, and ``v_c`` is a letter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from symbackprop.verification.reading.block_symbols import Declared
from symbackprop.verification.reading.elaborate.walk import references, unbound_letters
from symbackprop.verification.reading.labels import is_transpose, letters_in
from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Group, Name, Node, NotRead, Scripted, Statement, rebuilt
from symbackprop.verification.reading.symbols import spelled

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
    return rebuilt(part, lambda inner: _unnumbered(inner, letter, raw))


def stray_members(given: tuple[str, ...], scope: Scope, indices: set[str]) -> frozenset[str]:
    """Members such as ``v_c`` whose number nothing binds in what is given: the letter is part of their name."""
    statements = [
        s for latex in given if not isinstance(made := read_surface(latex, scope.macros), NotRead) for s in made
    ]
    found: frozenset[str] = frozenset()
    while (more := found.union(*(_stray(statement, indices, found) for statement in statements))) != found:
        found = more
    return found


def _stray(statement: Statement, indices: set[str], known: frozenset[str]) -> Iterator[str]:
    """Members on the right of a statement whose number neither a sum binds nor the left side, unless that is one."""
    sides = [side for side in statement.sides if side is not None]
    if len(sides) < 2:
        return
    left, right = sides[0], sides[-1]
    named = isinstance(left, Scripted) and isinstance(left.base, Name) and _member_name(left) in known
    free = unbound_letters(right) - (frozenset() if named else unbound_letters(left)) - indices
    for ref in references(right):
        name = _member_name(ref) if isinstance(ref, Scripted) else ""
        if name and isinstance(ref, Scripted):
            letters = letters_in((*ref.subs, *ref.sups)[0].items[0])
            yield from (name for x in letters if x in free)


def _member_name(ref: Scripted) -> str:
    """The letter with the one script that may be a part of its name: below it, or above it and in no bracket."""
    if not isinstance(ref.base, Name):
        return ""
    above = [script for script in ref.sups if not is_transpose(script)]
    if len(ref.subs) == 1 and not above:
        return spelled(ref.base.text, ref.subs, ())
    alone = not ref.subs and len(ref.sups) == 1 and len(above) == 1 and not above[0].bracket
    return spelled(ref.base.text, (), ref.sups) if alone and isinstance(above[0].items[0], Name) else ""


def as_name(item: Declared, key: str, stray: frozenset[str]) -> Declared:
    """A letter declared by its members as one letter of its own, where its number is a part of the name."""
    symbol, name = item.symbol, key.replace(" ", "")
    sign = "^" if symbol.place == "sup" else "_"
    if sign in name and "{" not in name:
        head, _, tail = name.partition(sign)
        name = f"{head}{sign}{{{tail}}}"
    if symbol.leading != 1 or name not in stray:
        return item
    axes = (symbol.axes or ())[1:]
    return replace(item, symbol=replace(symbol, name=name, axes=axes, leading=0, place=""))
