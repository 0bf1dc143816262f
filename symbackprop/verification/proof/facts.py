"""What is known of label symbols: which differences are never negative."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Axis, Num, Over, Range, Relation, Term, Whole

DEPTH = 4


@dataclass(frozen=True)
class Facts:
    """``known`` are index expressions that are at least 0 wherever the claim speaks; those ``apart`` are not 0.

    >>> l, last = Affine.symbol("l"), Affine.symbol("L")
    >>> facts = Facts((l + (-1), last - l + (-1)))
    >>> facts.holds(last - l), facts.holds(last + (-2)), facts.holds(l + (-2))
    (True, True, False)
    """

    known: tuple[Affine, ...] = ()
    apart: tuple[Affine, ...] = ()

    def differ(self, left: Affine, right: Affine) -> bool:
        """Whether two index expressions are never equal."""
        difference = left - right
        if difference in self.apart or -difference in self.apart:
            return True
        return self.holds(difference + (-1)) or self.holds(-difference + (-1))

    def holds(self, difference: Affine, depth: int = DEPTH) -> bool:
        """Whether ``difference >= 0`` follows by adding known facts."""
        if difference.number is not None:
            return difference.number >= 0
        if depth == 0:
            return False
        counts = dict(difference.parts)
        for fact in self.known:
            helps = any(counts.get(name, 0) * count > 0 for name, count in fact.parts)
            if helps and self.holds(difference - fact, depth - 1):
                return True
        return False

    def within(self, index: Affine, span: Range) -> bool | None:
        """Whether an index lies in a range: yes, no, or not known."""
        if self.holds(index - span.lo) and self.holds(span.hi - index):
            return True
        if self.holds(span.lo - index + (-1)) or self.holds(index - span.hi + (-1)):
            return False
        return None

    def plus(self, *facts: Affine) -> Facts:
        return Facts((*self.known, *facts), self.apart)

    def assuming(self, relations: Iterable[Relation]) -> Facts:
        """Also what relations between labels say."""
        found: list[Affine] = []
        for relation in relations:
            left, right = whole(relation.left), whole(relation.right)
            if left is None or right is None:
                continue
            less = right - left
            more = {"<": [less + (-1)], "<=": [less], ">": [-less + (-1)], ">=": [-less], "=": [less, -less]}
            found += more.get(relation.op, [])
        return self.plus(*found)

    def substitute(self, values: Mapping[str, Affine]) -> Facts:
        """The facts with symbols replaced by index expressions."""
        known, apart = (tuple(fact.substitute(values) for fact in facts) for facts in (self.known, self.apart))
        return Facts(known, apart)

    def with_over(self, name: str, over: Over) -> Facts:
        """Also the facts about a symbol bound over a range."""
        if isinstance(over, Axis):
            return self
        symbol = Affine.symbol(name)
        return self.plus(symbol - over.lo, over.hi - symbol)


def whole(term: Term) -> Affine | None:
    """A term as an index expression, if it is one."""
    if isinstance(term, Whole):
        return term.value
    return Affine.of(int(term.value)) if isinstance(term, Num) and term.value.denominator == 1 else None
