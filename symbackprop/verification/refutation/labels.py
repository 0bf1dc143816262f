"""Which values the label symbols of a claim may take: only those for which every member it names exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from symbackprop.verification.refutation.scene import pattern_symbols
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Claim, Context, Definition
from symbackprop.verification.terms.nodes import Call, Delta, Diff, Entry, Prod, Range, Sum, Term
from symbackprop.verification.terms.walk import free_symbols, walk

Members = dict[str, set[tuple[int, ...]]]
COMBINATIONS = 24


def numeric_labels(terms: list[Term]) -> list[int]:
    """All label numbers that are written out."""
    labels = [a for t in terms for node in walk(t) if isinstance(node, Entry) for a in node.labels]
    return [label.constant for label in labels if label.number is not None]


def layers_below_last(terms: list[Term], context: Context) -> int:
    """The largest k of the members L - k that are named: so many layers there are below the last at least."""
    last = ((str(context.family.last), 1),)
    labels = [a for t in terms for node in walk(t) if isinstance(node, Entry) for a in node.labels]
    return max((-label.constant for label in labels if label.parts == last), default=0)


def last_values(claim: Claim, context: Context) -> list[int | None]:
    """Two numbers for the last label, large enough for every written label and for a middle."""
    if context.family.last is None:
        return [None]
    bodies = [d.body for d in context.definitions]
    fixed = [a.constant for d in context.definitions for a in d.labels if a.number is not None]
    deepest = context.family.first + layers_below_last([claim.left, claim.right, *bodies], context)
    start = max([3, deepest + 1, *numeric_labels([claim.left, claim.right, *bodies]), *fixed])
    return [start, start + 1]


def members(context: Context, last: int | None) -> Members:
    """The members of each defined or used family, by the definitions at every label in range."""
    found: Members = {}
    high = context.family.first + 4 if last is None else last
    span = range(context.family.first, high + 1)
    for definition in context.definitions:
        patterns = sorted(pattern_symbols(definition, context))
        for values in product(span, repeat=len(patterns)):
            env = dict(zip(patterns, values, strict=True))
            if context.family.last is not None and last is not None:
                env[context.family.last] = last
            _add_member(found, definition.name, definition.labels, env)
            _add_body(found, definition, env, span)
    return found


def _add_member(found: Members, name: str, labels: tuple[Affine, ...], env: Mapping[str, int]) -> None:
    values = _evaluate(labels, env)
    if labels and values is not None:
        found.setdefault(name, set()).add(values)


def _evaluate(labels: tuple[Affine, ...], env: Mapping[str, int]) -> tuple[int, ...] | None:
    numbers = [label.substitute({n: Affine.of(v) for n, v in env.items()}).number for label in labels]
    return tuple(n for n in numbers if n is not None) if None not in numbers else None


def _add_body(found: Members, definition: Definition, env: dict[str, int], span: range) -> None:
    for node in walk(definition.body):
        if isinstance(node, Entry) and node.labels:
            bound = sorted({s for label in node.labels for s in label.symbols} - set(env))
            for values in product(span, repeat=len(bound)):
                _add_member(found, node.name, node.labels, {**env, **dict(zip(bound, values, strict=True))})


def label_symbols(claim: Claim, context: Context) -> tuple[list[str], list[str], list[str]]:
    """The unbound symbols of a claim: running labels, whole-number parameters, and indices bound nowhere."""
    listed = {name for name, _ in claim.free}
    sides = [claim.left, claim.right]
    sides += [side for r in claim.conditions for side in (r.left, r.right)]
    unbound = set().union(*(free_symbols(side) for side in sides)) - listed - {context.family.last}
    indices = set().union(*(_index_symbols(side) for side in sides))
    labels = set().union(*(_label_symbols(side) for side in sides)) | set(context.family.running)
    running = sorted(s for s in unbound if s in labels)
    wrong = sorted(s for s in unbound if s not in labels and s in indices)
    numbers = sorted(s for s in unbound if s not in labels and s not in indices)
    return running, numbers, wrong


def _index_symbols(term: Term) -> set[str]:
    found: set[str] = set()
    for node in walk(term):
        parts: tuple[Affine, ...] = ()
        if isinstance(node, Entry):
            parts = node.indices
        elif isinstance(node, Delta):
            parts = (node.left, node.right)
        elif isinstance(node, Call):
            parts = (*node.component, *(a for _, slot in node.slots for a in slot))
        found.update(s for part in parts for s in part.symbols)
    return found


def _label_symbols(term: Term) -> set[str]:
    nodes = [n for n in walk(term) if isinstance(n, Entry | Call)]
    return {s for node in nodes for part in node.labels for s in part.symbols}


def label_values(claim: Claim, context: Context) -> Iterator[dict[str, int]]:
    """Every admissible assignment of the label symbols, the last one included."""
    running, numbers, _ = label_symbols(claim, context)
    for last in last_values(claim, context):
        known = members(context, last)
        high = context.family.first + 3 if last is None else last
        spans = [range(context.family.first, high + 1)] * len(running) + [range(2, 5)] * len(numbers)
        for values in product(*spans):
            env = dict(zip([*running, *numbers], values, strict=True))
            if last is not None and context.family.last is not None:
                env[context.family.last] = last
            if all(_exists(side, env, known) and _runs_up(side, env, context) for side in (claim.left, claim.right)):
                yield env


def _exists(term: Term, env: dict[str, int], known: Members) -> bool:
    """Whether every family member that is named without a bound label exists."""
    for node in walk(term):
        if isinstance(node, Entry) and node.name in known and node.labels:
            values = _evaluate(node.labels, env)
            if values is not None and values not in known[node.name]:
                return False
    return True


def _runs_up(term: Term, env: dict[str, int], context: Context) -> bool:
    """Whether what runs upwards does so here."""
    lengths = (_evaluate((length,), env) for length in upward(term, context))
    return all(length is None or length[0] >= 0 for length in lengths)


def upward(term: Term, context: Context) -> Iterator[Affine]:
    """What is never negative where a formula speaks: ``Π_{i=k+1}^t`` and ∂h_t/∂h_k have k ≤ t."""
    for node in walk(term):
        length = Affine()
        if isinstance(node, Sum | Prod) and isinstance(node.over, Range):
            length = node.over.hi - node.over.lo + 1
        elif isinstance(node, Diff) and isinstance(node.body, Entry) and _follows(node.body.name, context):
            both = (*node.body.labels, *node.by.labels)
            length = both[0] - both[1] if len(both) == 2 else length
        if length.symbols:
            yield length


def _follows(name: str, context: Context) -> bool:
    """Whether each member of a family is defined by the one before it, and none by a later one."""
    steps = {
        (node.labels[0] - definition.labels[0]).number
        for definition in context.definitions
        if definition.name == name and len(definition.labels) == 1
        for node in walk(definition.body)
        if isinstance(node, Entry) and node.name == name and len(node.labels) == 1
    }
    return bool(steps) and all(step is not None and step < 0 for step in steps)
