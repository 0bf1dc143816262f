"""Whether the definitions of a note pass a parameter by: a layer that is written without its bias."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Definition
from symbackprop.verification.terms.nodes import Entry, Term
from symbackprop.verification.terms.walk import walk

Member = tuple[str, tuple[Affine, ...]]
MOST = 200


def passes_by(body: Term, by: Entry, scope: Scope) -> bool:
    """Whether for sure the definitions lead from ``body`` to the layer of the parameter ``by`` and not to ``by``.

    It is only sure where every definition goes from a layer to that layer or to lower ones. A layer that they do not
    come to at all is another matter: there the derivative is 0.
    """
    if len(by.labels) != 1 or any(d.name == by.name for d in scope.definitions) or not _goes_down(scope):
        return False
    waiting = list(_members(body))
    seen: set[Member] = set()
    while waiting and len(seen) < MOST:
        member = waiting.pop()
        if member in seen:
            continue
        seen.add(member)
        name, labels = member
        gap = (labels[0] - by.labels[0]).number if len(labels) == 1 else None
        if labels and gap is None or (name, labels) == (by.name, by.labels):
            return False
        if gap is None or gap >= 0:
            found = _definition(name, labels, scope.definitions)
            if found is not None:
                waiting += _unfolded(found, labels)
            elif any(d.name == name and d.labels for d in scope.definitions):
                return False
    return len(seen) < MOST and any(labels == by.labels for _, labels in seen)


def _members(term: Term) -> Iterator[Member]:
    return ((node.name, node.labels) for node in walk(term) if isinstance(node, Entry))


def _definition(name: str, labels: tuple[Affine, ...], definitions: Iterable[Definition]) -> Definition | None:
    """That of the member itself, else that of every member."""
    mine = [d for d in definitions if d.name == name and len(d.labels) == len(labels)]
    own = [d for d in mine if d.labels == labels]
    general = [d for d in mine if all(label.name is not None and label.name != "L" for label in d.labels)]
    return next(iter((*own, *general)), None)


def _unfolded(definition: Definition, labels: tuple[Affine, ...]) -> Iterator[Member]:
    value = {name: to for label, to in zip(definition.labels, labels, strict=True) if (name := label.name) is not None}
    for name, inner in _members(definition.body):
        yield name, tuple(label.substitute(value) for label in inner)


def _goes_down(scope: Scope) -> bool:
    for definition in scope.definitions:
        for _, labels in _members(definition.body) if len(definition.labels) == 1 else ():
            shift = (labels[0] - definition.labels[0]).number if len(labels) == 1 else 0
            if shift is None or shift > 0:
                return False
    return True
