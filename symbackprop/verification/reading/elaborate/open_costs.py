"""What is false of a cost that a note leaves open is called wrong only where no such cost would make it true.

A claim that differs from the truth by what does not depend on the cost may be about a cost with a further term: weight
decay, a target that only the author knows, another path from a letter to the cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbackprop.verification.judge import STANDARD, refutes
from symbackprop.verification.reading.elaborate.results import Choice
from symbackprop.verification.reading.scope import Scope, reachable, unknown_cost
from symbackprop.verification.refutation.well_formed import fault
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.build import add, mul, sub
from symbackprop.verification.terms.context import Claim, Context, Definition
from symbackprop.verification.terms.nodes import Add, Call, Diff, Entry, Lambda, Range, Sum, Term
from symbackprop.verification.terms.walk import axis_at, entry_names, map_children, walk

COPY = "°"  # behind a name: the same where the cost is 0
NUMBER = "b#0"


def cost_in_doubt(choice: Choice, scope: Scope) -> str:
    """Why a claim that rests on a cost of which nothing is said is not refuted; empty where it may be."""
    claim, context = choice.claim, choice.context
    letters = entry_names(claim.left) | entry_names(claim.right)
    met = letters.union(*(reachable(scope, letter) for letter in letters)) if scope.supposed else set()
    costs = frozenset(name for name in scope.supposed if name in met and _is_open(name, context))
    if not costs:
        return ""
    known = {d.name for d in context.definitions}.union(*(entry_names(d.body) for d in context.definitions))
    for letter in sorted(letters - known):
        return f"nothing says how {min(costs)} depends on {letter}"
    nothing = replace(context, definitions=tuple(_at_zero(d, costs) for d in context.definitions))
    if refutes(claim, nothing) and refutes(*_compared(claim, _with_paths(choice, costs, scope), costs, scope)):
        return f"nothing says what {min(costs)} is"
    if any(not refutes(other, within) for other, within in _others(claim, context, costs)) and refutes(claim, context):
        return f"it may hold where {min(costs)} depends on other things than it is taken to"
    return ""


def _others(claim: Claim, context: Context, costs: frozenset[str]) -> Iterator[tuple[Claim, Context]]:
    """The claim without one of its terms, which another path may bring; and for a cost of fewer of the last letters."""
    terms = claim.right.terms if isinstance(claim.right, Add) else ()
    for k in range(len(terms) if len(terms) > 1 else 0):
        yield replace(claim, right=Add(terms[:k] + terms[k + 1 :])), context
    for d in (d for d in context.definitions if d.name in costs):
        calls = [part for part in walk(d.body) if isinstance(part, Call) and part.name == unknown_cost(d.name)]
        count = len(calls[0].arguments) if calls else 0
        for kept in ((k,) for k in range(count if count > 1 else 0)):
            fewer = replace(d, body=_of_fewer(d.body, unknown_cost(d.name), kept))
            within = replace(context, definitions=tuple(fewer if o is d else o for o in context.definitions))
            if fault(claim, within, STANDARD) is None:  # else the claim itself speaks of the others
                yield claim, within


def _of_fewer(term: Term, function: str, kept: tuple[int, ...]) -> Term:
    if isinstance(term, Call) and term.name == function:
        return replace(term, arguments=tuple(term.arguments[k] for k in kept))
    return map_children(term, lambda part: _of_fewer(part, function, kept))


def _is_open(name: str, context: Context) -> bool:
    bodies = (d.body for d in context.definitions if d.name == name)
    return any(isinstance(part, Call) and part.name == unknown_cost(name) for body in bodies for part in walk(body))


def _at_zero(definition: Definition, costs: frozenset[str]) -> Definition:
    return replace(definition, body=mul(0, definition.body)) if definition.name in costs else definition


def _with_paths(choice: Choice, costs: frozenset[str], scope: Scope) -> Context:
    """The context in which the cost depends on each letter by which it is differentiated by a path of its own, too."""
    claim, context = choice.claim, choice.context
    bodies = [d.body for d in context.definitions if d.name not in costs and costs & reachable(scope, d.name)]
    slopes = [part for body in (claim.left, claim.right, *bodies) for part in walk(body) if isinstance(part, Diff)]
    names = sorted({slope.by.name for slope in slopes} & set(context.tensors))
    paths = tuple(_path(name, context) for name in names)
    definitions = tuple(replace(d, body=add(d.body, *paths)) if d.name in costs else d for d in context.definitions)
    return replace(context, definitions=definitions, unknown=context.unknown | {_function(name) for name in names})


def _function(letter: str) -> str:
    return f"a path from {letter}"


def _path(letter: str, context: Context) -> Term:
    """An unknown function of a letter; of a family the sum of one for each member."""
    tensor, family = context.tensors[letter], context.family
    numbers = tuple(Affine.symbol(NUMBER) for _ in tensor.labels)
    env = dict(zip(tensor.labels, numbers, strict=True))
    indices = tuple((f"_{k}", axis_at(axis, env)) for k, axis in enumerate(tensor.axes))
    entry = Entry(letter, numbers, tuple(Affine.symbol(name) for name, _ in indices))
    value = Call(_function(letter), numbers, (), (Lambda(indices, entry),))
    if not numbers:
        return value
    last = Affine.symbol(family.last) if family.last else Affine.of(family.first + 2)
    return Sum(NUMBER, Range(Affine.of(family.first), last), value)


def _compared(claim: Claim, context: Context, costs: frozenset[str], scope: Scope) -> tuple[Claim, Context]:
    """That both sides change alike from no cost at all to this one: then no cost makes a false claim true."""
    resting = costs | {d.name for d in context.definitions if costs & reachable(scope, d.name)}
    copies = [_at_zero(d, costs) for d in context.definitions if d.name in resting]
    copied = tuple(replace(d, name=d.name + COPY, body=_copied(d.body, resting)) for d in copies)
    named = {name + COPY: replace(t, name=name + COPY) for name, t in context.tensors.items() if name in resting}
    left, right = (sub(side, _copied(side, resting)) for side in (claim.left, claim.right))
    both = replace(context, definitions=(*context.definitions, *copied), tensors={**context.tensors, **named})
    return replace(claim, left=left, right=right), both


def _copied(term: Term, names: frozenset[str]) -> Term:
    if isinstance(term, Entry):
        return replace(term, name=term.name + COPY) if term.name in names else term
    return map_children(term, lambda part: _copied(part, names))
