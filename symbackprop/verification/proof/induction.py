"""Induction over a label: a claim about one member follows from its first case and from the claim about the neighbour.

A power of a matrix is a family of members ``P^{(1)} = W``, ``P^{(n)} = W P^{(n-1)}``; a product of Jacobians over times
is a family as well. The left side of the claim is such a member, or a derivative of one member by another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.proof.definitions import Definitions
from symbackprop.verification.proof.facts import Facts
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import PRODUCT, Claim
from symbackprop.verification.terms.nodes import Add, Diff, Entry, Mul, Num, Pow, Prod, Range, Sum, Term, Whole
from symbackprop.verification.terms.walk import Names, entry_names, freshen, map_children, walk

Pattern = tuple[Entry, ...]  #: the member, and for a derivative also the one by which it is taken


@dataclass(frozen=True)
class Plan:
    """The claim holds at ``base``; at ``symbol`` it may be used for the neighbour at ``symbol`` + ``step``."""

    symbol: str
    step: int
    base: Affine
    pattern: Pattern
    right: Term
    free: tuple[str, ...]

    def neighbour(self) -> dict[str, Affine]:
        return {self.symbol: Affine.symbol(self.symbol) + self.step}

    def used(self, term: Term, names: Names) -> Term:
        """The term with every instance of the left side at the neighbour replaced by the right side there."""
        env = self._matched(term)
        if env is not None:
            return freshen(self.right, {**self.neighbour(), **env}, names)
        return map_children(term, lambda child: self.used(child, names))

    def _matched(self, term: Term) -> dict[str, Affine] | None:
        found = pattern_of(term)
        if found is None or len(found) != len(self.pattern):
            return None
        env: dict[str, Affine] = {}
        for mine, theirs in zip(self.pattern, found, strict=True):
            labels = tuple(label.substitute(self.neighbour()) for label in mine.labels)
            if (mine.name, labels, len(mine.indices)) != (theirs.name, theirs.labels, len(theirs.indices)):
                return None
            env |= {str(a.name): b for a, b in zip(mine.indices, theirs.indices, strict=True)}
        return env


def pattern_of(term: Term) -> Pattern | None:
    if isinstance(term, Entry):
        return (term,)
    if isinstance(term, Diff) and term.total and isinstance(term.body, Entry):
        return (term.body, term.by)
    return None


def plans(claim: Claim, facts: Facts, definitions: Definitions) -> Iterator[tuple[Plan, Claim]]:
    """Ways to prove a claim by induction, each with the claim turned so that its left side is the member."""
    if claim.conditions:
        return
    for left, right in map(_alone, ((claim.left, claim.right), (claim.right, claim.left))):
        pattern = pattern_of(left)
        if pattern is None or not _general(pattern, claim, definitions) or not _grows(right, definitions):
            continue
        turned = Claim(left, right, claim.free)
        symbols = {x for e in pattern if e.labels for x in e.labels[0].symbols}
        last = definitions.context.family.last  # what the definitions say of the last member changes with its number
        ways = [(symbol, step, base) for symbol in sorted(symbols - {last}) for step, base in _bases(symbol, facts)]
        ends = [entry.labels for entry in pattern]
        for symbol, step, base in sorted(ways, key=lambda way: (way[2],) not in ends):  # ∂h_t/∂h_k begins at k = t
            plan = Plan(symbol, step, base, pattern, right, tuple(name for name, _ in claim.free))
            if all(_keeps_step(product, plan, definitions) for product in _products(turned)):
                yield plan, turned


def _products(claim: Claim) -> Iterator[Entry]:
    """The products of so many matrices in a claim."""
    for node in (*walk(claim.left), *walk(claim.right)):
        if isinstance(node, Entry) and node.name.startswith(PRODUCT) and node.labels[0].parts:
            yield node


def _keeps_step(product: Entry, plan: Plan, definitions: Definitions) -> bool:
    """Whether a product of matrices is one factor times the product that stands in the claim for the neighbour."""
    definition = next(d for d in definitions.context.definitions if d.name == product.name and d.labels[0].parts)
    fewer = next(n for n in walk(definition.body) if isinstance(n, Entry) and n.name == product.name)
    env = {str(pattern.name): label for pattern, label in zip(definition.labels, product.labels, strict=True)}
    moved = tuple(label.substitute(plan.neighbour()) for label in product.labels)
    return moved in (product.labels, tuple(label.substitute(env) for label in fewer.labels))


def _alone(sides: tuple[Term, Term]) -> tuple[Term, Term]:
    """Both sides divided by the number that stands before the left one, and times what stands below it."""
    left, right = sides
    if isinstance(left, Mul):
        numbers = [factor.value for factor in left.factors if isinstance(factor, Num)]
        above = [up for factor in left.factors if (up := _above(factor)) is not None]
        others = [factor for factor in left.factors if not isinstance(factor, Num) and _above(factor) is None]
        if len(others) == 1 and all(numbers):
            return others[0], Mul((Num(1 / prod(numbers, start=Fraction(1))), right, *above))
    return left, right


def _above(factor: Term) -> Pow | None:
    """One over a factor that divides: it is not 0 wherever the side is defined."""
    if not isinstance(factor, Pow) or not isinstance(factor.exponent, Num) or factor.exponent.value >= 0:
        return None
    return Pow(factor.base, Num(-factor.exponent.value))


def _general(pattern: Pattern, claim: Claim, definitions: Definitions) -> bool:
    """Whether the left side stands for all entries: its indices are different free ones over its whole axes."""
    names = [index.name for entry in pattern for index in entry.indices]
    if len(set(names)) != len(names) or set(names) != {name for name, _ in claim.free}:
        return False
    if not any(entry.labels and entry.name in definitions.uses for entry in pattern):
        return False
    try:
        axes = [axis for entry in pattern for axis in definitions.axes(entry.name, entry.labels)]
    except NotSupported:
        return not names
    return axes == [dict(claim.free)[str(name)] for name in names]


def _grows(term: Term, definitions: Definitions) -> bool:
    """Whether a side has a product over a range, a label as a number, or a member defined by its neighbour."""
    for node in walk(term):
        if isinstance(node, Prod | Sum) and isinstance(node.over, Range):
            return True
        if isinstance(node, Whole) and node.value.symbols:
            return True
        if isinstance(node, Entry) and node.labels and node.labels[0].parts and _recursive(node, definitions):
            return True
    return False


def _recursive(entry: Entry, definitions: Definitions) -> bool:
    """Whether a letter is defined by other members of its own, directly."""
    return any(d.name == entry.name and entry.name in entry_names(d.body) for d in definitions.context.definitions)


def _bases(symbol: str, facts: Facts) -> Iterator[tuple[int, Affine]]:
    """The ends of the range of a label from which every other value is reached without leaving the range."""
    label = Affine.symbol(symbol)
    for fact in facts.known:
        count = dict(fact.parts).get(symbol)
        if count not in (1, -1):
            continue
        base = label - fact if count == 1 else label + fact
        step = -count
        inner = facts.plus((label - base if count == 1 else base - label) + (-1))
        moved = (other.substitute({symbol: label + step}) for other in facts.known if symbol in other.symbols)
        if all(inner.holds(other) for other in moved):
            yield step, base


# -- the step --------------------------------------------------------------------------------------------------------
def opened(term: Term, plan: Plan, facts: Facts, definitions: Definitions) -> Term:
    """Members at the label put in where they are defined by their neighbours, and ranges split at their ends."""
    if isinstance(term, Entry):
        return _unfolded(term, plan, definitions)
    if isinstance(term, Diff):
        return term
    if isinstance(term, Sum | Prod) and isinstance(term.over, Range):
        whole = _split(term, plan, facts, definitions.names)
        if whole is not term:
            return map_children(whole, lambda child: _opened_inside(child, plan, facts, definitions))
    return _opened_inside(term, plan, facts, definitions)


def _opened_inside(term: Term, plan: Plan, facts: Facts, definitions: Definitions) -> Term:
    """The term with its parts opened; a number that is bound lies in its range there."""
    if isinstance(term, Sum | Prod) and isinstance(term.over, Range):
        facts = facts.with_over(term.index, term.over)
        definitions.facts = definitions.facts.with_over(term.index, term.over)  # bound names are unique
        return map_children(term, lambda child: opened(child, plan, facts, definitions))
    return (
        term if isinstance(term, Entry) else map_children(term, lambda child: opened(child, plan, facts, definitions))
    )


def _unfolded(entry: Entry, plan: Plan, definitions: Definitions) -> Term:
    if not _recursive(entry, definitions) or not entry.labels:
        return entry
    grows = entry.name.startswith(PRODUCT) and any(plan.symbol in label.symbols for label in entry.labels)
    if entry.labels[0] != Affine.symbol(plan.symbol) and not grows:
        return entry
    body = definitions.body(entry)
    return entry if body is None else body


def _split(term: Sum | Prod, plan: Plan, facts: Facts, names: Names) -> Term:
    """The value of the range that the neighbour does not have apart from the others."""
    over = term.over
    assert isinstance(over, Range)
    low, high = plan.symbol in over.lo.symbols, plan.symbol in over.hi.symbols
    if low == high or not facts.holds(over.hi - over.lo):
        return term
    moved = (over.lo if low else over.hi).substitute(plan.neighbour())
    edge, gap = (over.lo, moved - over.lo) if low else (over.hi, over.hi - moved)
    if gap.number != 1:
        return term
    left = Range(moved, over.hi) if low else Range(over.lo, moved)
    first = freshen(term.body, {term.index: edge}, names)
    rest = freshen(type(term)(term.index, left, term.body), {}, names)
    return Mul((first, rest)) if isinstance(term, Prod) else Add((first, rest))


def telescoped(term: Term, facts: Facts, names: Names, prove: Callable[[Claim, Facts], bool]) -> Term:
    """Products of the slopes of scalar members by the members before them as one slope, where that is proved."""
    if isinstance(term, Sum | Prod) and isinstance(term.over, Range):
        whole = _end_to_end(term) if isinstance(term, Prod) else None
        if whole is not None and prove(Claim(whole, freshen(term, {}, names)), facts):
            return whole
        facts = facts.with_over(term.index, term.over)
    return map_children(term, lambda child: telescoped(child, facts, names, prove))


def _end_to_end(term: Prod) -> Diff | None:
    """∂h_b/∂h_a for Π_{k=a+1}^b ∂h_k/∂h_{k-1}."""
    pattern, over = pattern_of(term.body), term.over
    here = Affine.symbol(term.index)
    if pattern is None or len(pattern) != 2 or not isinstance(over, Range):
        return None
    after, before = pattern
    if after.name != before.name or after.indices or (after.labels, before.labels) != ((here,), (here + (-1),)):
        return None
    return Diff(Entry(after.name, (over.hi,)), Entry(after.name, (over.lo + (-1),)))


def by_induction(
    claim: Claim,
    facts: Facts,
    definitions: Definitions,
    prove_base: Callable[[Claim, str, Affine], bool],
    prove_step: Callable[[Claim, Plan, Facts], bool],
) -> bool:
    """Whether some plan proves the claim: its first case, then every other from its neighbour."""
    for plan, turned in plans(claim, facts, definitions):
        label = Affine.symbol(plan.symbol)
        inside = facts.plus((label - plan.base if plan.step < 0 else plan.base - label) + (-1))
        if prove_step(turned, plan, inside) and prove_base(turned, plan.symbol, plan.base):
            return True
    return False
