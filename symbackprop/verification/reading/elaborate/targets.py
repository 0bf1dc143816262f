r"""Targets of a cross-entropy ``-\sum_i t_i \log y_i`` sum to 1, which notes leave to their prose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from symbackprop.verification.reading.elaborate.results import Choice
from symbackprop.verification.reading.elaborate.trust import reached_by
from symbackprop.verification.reading.scope import Assumption, Scope
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Context
from symbackprop.verification.terms.nodes import Axis, Entry, Fn, Mul, Num, Relation, Sum, Term
from symbackprop.verification.terms.walk import free_symbols, walk

MOST_READINGS = 4


def under_targets(choices: tuple[Choice, ...], scope: Scope) -> tuple[Choice, ...]:
    """The readings, and after them the same with targets that are distributions."""
    found = []
    for choice in choices[:MOST_READINGS]:
        letters = reached_by(choice)
        bodies = [d.body for d in choice.context.definitions if d.name in letters]
        sides = [choice.claim.left, choice.claim.right]
        found_here = {name: made for body in (*bodies, *sides) for name, made in _targets(body, choice.context, scope)}
        spoken = _summed(choice.context)
        targets = {name: made for name, made in found_here.items() if name not in spoken}
        if targets:
            assumptions = (*choice.context.assumptions, *(targets[name] for name in sorted(targets)))
            words = (*choice.words, *(f"{name} sums to 1, as a target of a cross-entropy" for name in sorted(targets)))
            context = replace(choice.context, assumptions=assumptions)
            found.append(replace(choice, context=context, words=words))
    return (*choices, *found)


def _summed(context: Context) -> set[str]:
    """The letters of whose sum something is assumed already."""
    sides = (side for _, relation in context.assumptions for side in (relation.left, relation.right))
    sums = (part for side in sides for part in walk(side) if isinstance(part, Sum))
    return {part.name for total in sums for part in walk(total.body) if isinstance(part, Entry)}


def _targets(body: Term, context: Context, scope: Scope) -> Iterator[tuple[str, Assumption]]:
    """The free letters that weight the logarithms of a sum."""
    for part in walk(body):
        if isinstance(part, Sum) and isinstance(part.over, Axis):
            for weight in _weights(part):
                symbol = scope.symbols.get(weight.name)
                if symbol is None or symbol.is_random or scope.defined(weight.name):
                    continue
                others = [index for index in weight.indices if index != Affine.symbol(part.index)]
                axes = dict(zip(weight.indices, context.tensors[weight.name].axes, strict=False))
                if all(index.name is not None for index in others):
                    free = tuple((str(index.name), axes[index]) for index in others)
                    yield weight.name, (free, Relation(Sum(part.index, part.over, weight), "=", Num(Fraction(1))))


def _weights(term: Sum) -> Iterator[Entry]:
    """The factors of the logarithms of what varies with the index, which carry it themselves."""
    for product in walk(term.body):
        factors = product.factors if isinstance(product, Mul) else ()
        logs = [f for f in factors if isinstance(f, Fn) and f.name == "log" and term.index in free_symbols(f)]
        entries = [f for f in factors if isinstance(f, Entry) and Affine.symbol(term.index) in f.indices]
        if len(logs) == 1 and len(entries) == 1:
            yield entries[0]
