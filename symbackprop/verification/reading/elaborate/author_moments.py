r"""Means and variances as authors write them: ``\langle X \rangle``, ``\mathbb{E} X``, ``\mathbb{E}_{x \sim p}[x]``."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.array_functions import EXPECTATION, VARIANCE
from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.labels import letters_in, refer, script_items
from symbackprop.verification.reading.scope import Scope, reachable
from symbackprop.verification.reading.surface import Comparison, Group, Name, Node, Scripted, Times
from symbackprop.verification.reading.symbols import undressed

MEAN = r"\mathbb{E}"


def mean_in_angles(node: Node, scope: Scope) -> Node:
    r"""``\langle X \rangle`` of something random is its mean."""
    if not isinstance(node, Group) or node.bracket != r"\langle" or len(node.items) != 1:
        return node
    if not _random_in(node.items[0], scope):
        return node
    return Times((Name(MEAN, node.span), replace(node, bracket="[")), ("",), node.span)


def moments(node: Node, scope: Scope) -> Node:
    r"""Brackets around the one random letter behind ``\mathbb{E}``; a mean over all that is random says so no more."""
    if not isinstance(node, Times):
        return node
    factors = list(node.factors)
    for k, factor in enumerate(factors[:-1]):
        if node.operators[k] != "" or not _is_moment(factor, scope):
            continue
        body = factors[k + 1]
        letter = isinstance(body.base if isinstance(body, Scripted) else body, Name)
        if letter and not _is_moment(body, scope) and _ends(node, k + 1, scope):
            factors[k + 1] = Group("[", (body,), body.span) if _random_in(body, scope) else body
        if isinstance(factor, Scripted) and _is_over_all(factor, factors[k + 1], scope):
            factors[k] = factor.base
    return node if tuple(factors) == node.factors else replace(node, factors=tuple(factors))


def _is_moment(node: Node, scope: Scope) -> bool:
    base = node.base if isinstance(node, Scripted) else node
    bare = not isinstance(node, Scripted) or not (node.sups or node.primes)
    known = isinstance(base, Name) and base.text in (*EXPECTATION, *VARIANCE) and not scope.knows(base.text)
    return known and bare


def _ends(node: Times, place: int, scope: Scope) -> bool:
    """Whether the product ends behind a factor, or another moment or a sign follows."""
    after = place + 1
    return after == len(node.factors) or node.operators[place] != "" or _is_moment(node.factors[after], scope)


def _is_over_all(sign: Scripted, body: Node, scope: Scope) -> bool:
    """Whether the letters below a mean are all that is random in it."""
    listed: set[str] = set()
    for item in (item for script in sign.subs for item in script_items(script)):
        left = item.left if isinstance(item, Comparison) else item
        head = left.base if isinstance(left, Scripted) else left
        listed |= {undressed(x) for x in letters_in(head)}
    random = {undressed(name).partition("_")[0] for name in _random_in(body, scope)}
    return bool(random) and random <= listed


def _random_in(node: Node, scope: Scope) -> set[str]:
    """The random letters that something leads to."""
    found: set[str] = set()
    for name in references(node):
        ref = refer(name, scope)
        names = () if ref is None else (ref.name, *sorted(reachable(scope, ref.name)))
        found |= {n for n in names if (symbol := scope.symbols.get(n)) is not None and symbol.is_random}
    return found
