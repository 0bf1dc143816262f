"""A name for a part of what is defined already: ``a = \\sigma(W x + b)`` and later ``z = W x + b`` mean a = σ(z)."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Definition
from symbackprop.verification.terms.nodes import Entry, Num, Prod, Sum, Term
from symbackprop.verification.terms.walk import map_children, walk

Bound = dict[str, Affine]


def with_late_name(scope: Scope, new: Definition) -> Scope:
    """The scope with the body of a new definition replaced by its name in the bodies of the others."""
    letters = {part.name for part in walk(new.body) if isinstance(part, Entry)}
    if len(letters) < 2 or not any(isinstance(part, Sum | Prod) for part in walk(new.body)):
        return scope  # x y or 2 x may stand in a body for another reason
    definitions = tuple(d if d.name == new.name else replace(d, body=_named(d.body, new)) for d in scope.definitions)
    return replace(scope, definitions=definitions)


def _named(term: Term, new: Definition) -> Term:
    found: Bound = {}
    letters = {*new.indices, *(label.name for label in new.labels if label.name is not None)}
    if _matches(new.body, term, found, frozenset(letters)) and set(found) >= letters:
        indices = tuple(found[index] for index in new.indices)
        return Entry(new.name, tuple(label.substitute(found) for label in new.labels), indices)
    return map_children(term, lambda part: _named(part, new))


def _matches(pattern: object, found: object, bound: Bound, letters: frozenset[str]) -> bool:
    """Whether a part of a term is the pattern with something else for its letters, which ``bound`` gathers."""
    if isinstance(pattern, Affine):
        return isinstance(found, Affine) and _same_index(pattern, found, bound, letters)
    if type(pattern) is not type(found):
        return False
    if isinstance(pattern, Num) or not is_dataclass(pattern) and not isinstance(pattern, tuple):
        return pattern == found
    if isinstance(pattern, tuple) and isinstance(found, tuple):
        pairs = zip(pattern, found, strict=False)
        return len(pattern) == len(found) and all(_matches(a, b, bound, letters) for a, b in pairs)
    if isinstance(pattern, Sum | Prod) and isinstance(found, Sum | Prod):
        inner = {**bound, pattern.index: Affine.symbol(found.index)}
        same = _matches(pattern.over, found.over, inner, letters) and _matches(pattern.body, found.body, inner, letters)
        bound.update({name: value for name, value in inner.items() if name in letters})
        return same
    parts = [(getattr(pattern, f.name), getattr(found, f.name)) for f in fields(pattern)]  # type: ignore[arg-type]
    return all(_matches(a, b, bound, letters) for a, b in parts)


def _same_index(pattern: Affine, found: Affine, bound: Bound, letters: frozenset[str]) -> bool:
    opened = [name for name in pattern.symbols if name in letters and name not in bound]
    if len(opened) == 1 and dict(pattern.parts)[opened[0]] == 1:
        rest = pattern - Affine.symbol(opened[0])
        bound[opened[0]] = found - rest.substitute(bound)
        return True
    return not opened and pattern.substitute(bound) == found
