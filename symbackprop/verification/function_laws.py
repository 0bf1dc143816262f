r"""What a note says of an unknown function for every argument: ``g'(z) = g(z)(1 - g(z))`` is a law, not a point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from symbackprop.verification.budget import Budget, NotSupported
from symbackprop.verification.proof.prove import prove
from symbackprop.verification.refutation.features import reached, sides
from symbackprop.verification.refutation.refute import differs
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.functions import KNOWN, PRIMITIVE, X
from symbackprop.verification.terms.nodes import Call, Cases, Diff, Entry, Expect, Fn, Lambda, Relation, Term
from symbackprop.verification.terms.walk import free_symbols, map_children, map_relation, walk


def with_slopes(claim: Claim, context: Context) -> tuple[Claim, Context]:
    """The context in which an assumed derivative of an unknown function is the derivative at every argument."""
    slopes: dict[str, Term] = dict(context.slopes)

    def is_law(relation: Relation) -> bool:
        found = slope_law(relation, context.unknown)
        return found is not None and slopes.setdefault(*found) == found[1]

    assumed = tuple(pair for pair in context.assumptions if not is_law(pair[1]))
    conditions = tuple(relation for relation in claim.conditions if not is_law(relation))
    if not slopes:
        return claim, context
    context = replace(context, assumptions=assumed, slopes=tuple(sorted(slopes.items())))
    return replace(claim, conditions=conditions), context


def slope_law(relation: Relation, unknown: frozenset[str]) -> tuple[str, Term] | None:
    """The function and its derivative as a term in the ``X`` of the table of functions, if a relation says that.

    >>> from symbackprop.verification.terms.build import entry, fn, mul, sub
    >>> y = entry("z", "i")
    >>> name, slope = slope_law(Relation(fn("g", y, 1), "=", mul(2, fn("g", y))), frozenset("g"))
    >>> name, slope == mul(2, fn("g", X))
    ('g', True)
    >>> slope_law(Relation(fn("g", y, 1), "=", fn("g", y, 1)), frozenset("g")) is None
    True
    """
    left, right = _slope(relation.left), relation.right
    if not isinstance(left, Fn):
        left, right = _slope(right), relation.left
    if relation.op != "=" or not isinstance(left, Fn) or left.order != 1 or left.name not in unknown:
        return None
    variable = left.argument
    if not isinstance(variable, Entry):
        return None
    bound = {symbol for index in (*variable.labels, *variable.indices) for symbol in index.symbols}
    slope = _put(right, variable, X)
    if bound & free_symbols(slope) or any(_is_open(node, left) or _is_bound(node, variable) for node in walk(slope)):
        return None
    return left.name, slope


def _slope(side: Term) -> Term:
    """A side, with d/dx f(x) as f'(x)."""
    match side:
        case Diff(Fn(name, 0, Entry() as argument), by) if argument == by:
            return Fn(name, 1, argument)
    return side


def _is_open(node: Term, left: Fn) -> bool:
    """Whether part of a law is itself a derivative, or the law's own function elsewhere than at the variable."""
    if isinstance(node, Fn):
        return node.order > 0 or node.name == left.name and node.argument != X
    return isinstance(node, Call | Cases | Diff | Expect)


def _is_bound(node: Term, variable: Entry) -> bool:
    """Whether a letter in a law is the variable's at another place, or could be mistaken for the ``X`` of the table."""
    return isinstance(node, Entry) and node != X and node.name in (variable.name, X.name)


def _put(term: Term, old: Entry, new: Entry) -> Term:
    if term == old:
        return new
    return map_children(term, lambda child: _put(child, old, new))


def law_left(claim: Claim, context: Context) -> str:
    """Why a claim is not called wrong: more is assumed of an unknown function that it reaches than a point can meet."""
    assumed = sides([*(relation for _, relation in context.assumptions), *claim.conditions])
    spoken = {n.name for side in assumed for n in walk(side) if isinstance(n, Fn | Call) and n.name in context.unknown}
    if not spoken:
        return ""
    terms = reached((claim.left, claim.right), context)
    names = sorted(spoken & {n.name for t in terms for n in walk(t) if isinstance(n, Fn | Call)})
    return f"what is assumed of {', '.join(names)} is more than values at a point can meet" if names else ""


def witnessed(claim: Claim, context: Context, budget: Budget) -> tuple[Claim, Context, tuple[str, ...]] | None:
    """The claim with each function that has a law replaced by a known one that obeys it, and words that say so.

    A counterexample to that is one to the claim; ``None`` where no known function obeys.
    """
    chosen: dict[str, str] = {}
    for name, slope in context.slopes:
        known = _obeying(name, slope, budget)
        if known is None:
            return None
        chosen[name] = known
    rename = _renaming(chosen)
    definitions = tuple(replace(d, body=rename(d.body)) for d in context.definitions)
    assumed = tuple((f, map_relation(r, rename)) for f, r in context.assumptions)
    unknown = context.unknown - frozenset(chosen)
    made = replace(context, definitions=definitions, assumptions=assumed, unknown=unknown, slopes=())
    conditions = tuple(map_relation(relation, rename) for relation in claim.conditions)
    claim = replace(claim, left=rename(claim.left), right=rename(claim.right), conditions=conditions)
    words = tuple(f"for {name} = {known}, which has the stated derivative" for name, known in sorted(chosen.items()))
    return claim, made, words


@lru_cache(maxsize=64)
def _obeying(name: str, slope: Term, budget: Budget) -> str | None:
    """The first known function whose derivative the law states."""
    for known in (*PRIMITIVE, *KNOWN):
        claim = Claim(Fn(known, 1, X), _renaming({name: known})(slope))
        try:
            if differs(claim, Context(), seed=0, budget=budget, points=2):
                continue  # found in a fraction of the time in which no proof is found
            if prove(claim, Context(), budget=budget).proved:
                return known
        except NotSupported:
            continue
    return None


def _renaming(chosen: dict[str, str]) -> Callable[[Term], Term]:
    def rename(term: Term) -> Term:
        term = map_children(term, rename)
        match term:
            case Fn(name, order, argument) if name in chosen:
                return Fn(chosen[name], order, argument)
            case Call(name, (), (), (Lambda((), argument),), slots) if name in chosen:
                return Fn(chosen[name], len(slots), argument)
        return term

    return rename
