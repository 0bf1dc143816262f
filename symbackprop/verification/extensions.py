r"""Numbers with one more letter: ε of which ε² = 0 is assumed (dual numbers), i of which i² = -1 is assumed.

No real number other than 0 is such a letter. Everything made with it is x + y ε with x and y free of it, and two such
numbers are equal where both parts are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.terms.build import add, mul, neg, num
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.nodes import Add, Axis, Entry, Fn, Mul, Num, Pow, Relation, Sum, Term
from symbackprop.verification.terms.walk import entry_names

Parts: TypeAlias = tuple[Term, Term]
Assumption: TypeAlias = tuple[tuple[tuple[str, Axis], ...], Relation]
NOTHING, ONE = num(0), num(1)
MOST_POWER = 8


@dataclass(frozen=True)
class Extension:
    """The letter and the number that its square is; ``assumed`` says so in the context."""

    letter: Entry
    square: Fraction
    assumed: Assumption

    def parts(self, term: Term) -> Parts:
        """x and y of x + y ε; ``NotSupported`` where the term is no such sum."""
        if self.letter.name not in entry_names(term):
            return term, NOTHING
        match term:
            case Entry():
                return NOTHING, ONE
            case Add(terms):
                both = [self.parts(part) for part in terms]
                return add(*(x for x, _ in both)), add(*(y for _, y in both))
            case Mul(factors):
                return self._product([self.parts(factor) for factor in factors])
            case Sum(index, over, body):
                x, y = self.parts(body)
                return Sum(index, over, x), Sum(index, over, y)
            case Pow(base, Num(value)):
                return self._power(self.parts(base), value)
            case Fn(name, order, argument) if not self.square:
                x, y = self.parts(argument)
                return Fn(name, order, x), mul(Fn(name, order + 1, x), y)
        raise NotSupported(f"{self.letter.name}, of which the square is assumed, in such a place")

    def _product(self, factors: list[Parts]) -> Parts:
        total: Parts = (ONE, NOTHING)
        for x, y in factors:
            a, b = total
            total = add(mul(a, x), mul(self.square, b, y)), add(mul(a, y), mul(b, x))
        return total

    def _power(self, base: Parts, exponent: Fraction) -> Parts:
        x, y = base
        if exponent.denominator == 1 and 0 < exponent <= MOST_POWER:
            return self._product([base] * int(exponent))
        if not self.square:
            return Pow(x, Num(exponent)), mul(exponent, Pow(x, Num(exponent - 1)), y)
        if exponent == -1:
            size = Pow(add(Pow(x, num(2)), neg(mul(self.square, Pow(y, num(2))))), num(-1))
            return mul(x, size), neg(mul(y, size))
        raise NotSupported(f"this power of {self.letter.name}")


def without_extension(claim: Claim, context: Context) -> tuple[Claim, Context]:
    """The claim for any number in place of the letter whose square is assumed, part by part."""
    found = _extension(claim, context)
    if found is None:
        return claim, context
    left, right = (add(x, mul(found.letter, y)) for x, y in map(found.parts, (claim.left, claim.right)))
    rest = tuple(pair for pair in context.assumptions if pair is not found.assumed)
    said = f"where {found.letter.name}^2 = {found.square}"
    return replace(claim, left=left, right=right), replace(context, assumptions=rest, words=(*context.words, said))


def _extension(claim: Claim, context: Context) -> Extension | None:
    """The letter of a claim of which a square that no number but 0 has is assumed, and nothing else."""
    for assumed in context.assumptions:
        made = _assumed_square(assumed)
        if made is None or made.letter.name not in entry_names(claim.left) | entry_names(claim.right):
            continue
        name = made.letter.name
        others = [side for pair in context.assumptions if pair is not assumed for side in _sides(pair[1])]
        others += [side for condition in claim.conditions for side in _sides(condition)]
        others += [definition.body for definition in context.definitions]
        defined = any(definition.name == name for definition in context.definitions)
        if not defined and not any(name in entry_names(term) for term in others):
            return made
    return None


def _assumed_square(assumed: Assumption) -> Extension | None:
    free, relation = assumed
    if free or relation.op != "=":
        return None
    for square, value in (_sides(relation), reversed(_sides(relation))):
        base = _root(square)
        number = _number(value)
        if isinstance(base, Entry) and not base.labels and not base.indices and number is not None and number <= 0:
            return Extension(base, number, assumed)
    return None


def _sides(relation: Relation) -> tuple[Term, Term]:
    return relation.left, relation.right


def _root(term: Term) -> Term | None:
    match term:
        case Pow(base, Num(value)) if value == 2:
            return base
        case Mul((left, right)) if left == right:
            return left
    return None


def _number(term: Term) -> Fraction | None:
    match term:
        case Num(value):
            return value
        case Mul((Num(left), Num(right))):
            return left * right
    return None
