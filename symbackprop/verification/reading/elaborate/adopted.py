"""A member that was defined before its family was met: ``m_0 = 0`` and then ``m_t = \\beta m_{t-1} + g_t``."""

from __future__ import annotations

import re
from dataclasses import replace

from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.symbols import Symbol
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Definition
from symbackprop.verification.terms.nodes import Entry, Term
from symbackprop.verification.terms.walk import map_children


def with_members(scope: Scope, family: Symbol) -> Scope:
    """The scope with what was a letter of its own as the member of a family that is new."""
    if len(family.labels) != 1 or family.place not in ("sub", "sup"):
        return scope
    sign = "_" if family.place == "sub" else r"\^"
    pattern = re.compile(re.escape(family.name) + sign + r"\{(\d+)\}")
    found = {key: int(match[1]) for key in scope.symbols if (match := pattern.fullmatch(key))}
    alike = {key: n for key, n in found.items() if _is_alike(scope.symbols[key], family, scope)}
    if not alike:
        return scope
    symbols = {key: symbol for key, symbol in scope.symbols.items() if key not in alike}
    definitions = tuple(_renamed(definition, alike, family.name) for definition in scope.definitions)
    return replace(scope, symbols=symbols, definitions=definitions)


def _is_alike(symbol: Symbol, family: Symbol, scope: Scope) -> bool:
    plain = symbol.kind == "quantity" and not symbol.labels and not symbol.leading and not symbol.is_random
    return plain and symbol.name not in scope.declared and symbol.axes == family.axes == ()


def _renamed(definition: Definition, keys: dict[str, int], name: str) -> Definition:
    body = _in_family(definition.body, keys, name)
    if definition.name not in keys:
        return replace(definition, body=body)
    return replace(definition, name=name, labels=(Affine.of(keys[definition.name]),), body=body)


def _in_family(term: Term, keys: dict[str, int], name: str) -> Term:
    if isinstance(term, Entry) and term.name in keys:
        return Entry(name, (Affine.of(keys[term.name]),), term.indices)
    return map_children(term, lambda part: _in_family(part, keys, name))
