"""What a letter that is differentiated by is to others: another name of one, or an argument listed beside them."""

from __future__ import annotations

from symbackprop.verification.reading.scope import Scope, reachable
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Entry, Term
from symbackprop.verification.terms.walk import entry_names


def leads_to(body: Term, name: str, scope: Scope) -> bool:
    """Whether a letter stands in a term or in what its definitions lead to."""
    names = entry_names(body)
    return name in names or any(name in reachable(scope, other) for other in sorted(names))


def by_its_other_name(body: Term, by: Entry, scope: Scope) -> Entry:
    """The entry of which ``by`` is another name, where what is differentiated speaks of that one only."""
    own = [d for d in scope.definitions if d.name == by.name]
    if len(own) != 1 or own[0].labels or leads_to(body, by.name, scope):
        return by
    (meant,) = own
    other = meant.body
    if not isinstance(other, Entry) or set(other.indices) != set(map(Affine.symbol, meant.indices)):
        return by
    if not leads_to(body, other.name, scope):
        return by
    env = dict(zip(meant.indices, by.indices, strict=True))
    return Entry(other.name, other.labels, tuple(index.substitute(env) for index in other.indices))


def listed_apart(body: Term, by: str, scope: Scope) -> bool:
    """Whether a function lists all letters of a term and ``by`` as arguments, each of which may vary alone."""
    names = entry_names(body)
    if not names or leads_to(body, by, scope):
        return False
    if scope.defined(by) or any(scope.defined(name) for name in names):
        return False
    lists = [set(listed) for listed in scope.arguments.values()]
    lists += [set(body.parameters) for body in scope.bodies.values()]
    return any(names | {by} <= listed and by not in names for listed in lists)
