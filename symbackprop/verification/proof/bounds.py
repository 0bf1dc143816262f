r"""Inequalities in one number: ``\sigma'(x) \le 1/4``, ``|\tanh x| < 1``, ``x^2 \ge 0``.

The difference of the two sides is written as a quotient of polynomials, in E = e^{u/d} > 0 where exponentials of
multiples of one u stand, else in the one letter. Where it may be zero or change its sign is counted by Sturm's theorem,
so the answer holds for every real number.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from symbackprop.verification.proof.polynomials import Poly, never_below, plus, poly, slope, times
from symbackprop.verification.terms.build import neg, sub
from symbackprop.verification.terms.context import Context
from symbackprop.verification.terms.functions import KNOWN, X
from symbackprop.verification.terms.nodes import Add, Diff, Entry, Fn, Mul, Num, Pow, Term
from symbackprop.verification.terms.walk import Names, freshen, map_children, walk

MAX_DEGREE = 60
MAX_POWER = 12


class NoRatio(Exception):
    """Raised where a term is no quotient of polynomials in one exponential or one letter."""


@dataclass(frozen=True)
class Ratio:
    above: Poly
    below: Poly

    def __post_init__(self) -> None:
        if not self.below or max(len(self.above), len(self.below)) > MAX_DEGREE:
            raise NoRatio

    def plus(self, other: Ratio) -> Ratio:
        if self.below == other.below:
            return Ratio(plus(self.above, other.above), self.below)
        crossed = plus(times(self.above, other.below), times(other.above, self.below))
        return Ratio(crossed, times(self.below, other.below))

    def times(self, other: Ratio) -> Ratio:
        return Ratio(times(self.above, other.above), times(self.below, other.below))

    def slope(self) -> Ratio:
        """The derivative by the variable of the polynomials."""
        negative = times(poly(-1), times(self.above, slope(self.below)))
        return Ratio(plus(times(slope(self.above), self.below), negative), times(self.below, self.below))


def never_above(left: Term, right: Term, strict: bool, context: Context) -> bool | None:
    """Whether ``left <= right``, or ``left < right``, holds for all real numbers at which both are defined.

    ``None`` where this is not known because a side is nothing of the kind.
    """
    left, right = _opened(left, context), _opened(right, context)
    parts = (
        (left.argument, neg(left.argument)) if isinstance(left, Fn) and (left.name, left.order) == ("abs", 0) else ()
    )
    try:
        return all(_holds(side, right, strict) for side in parts or (left,))
    except NoRatio:
        return None


def _holds(left: Term, right: Term, strict: bool) -> bool:
    difference = sub(right, left)
    variable = _Variable.of(difference)
    ratio = variable.ratio(difference)
    return never_below(times(ratio.above, ratio.below), variable.step > 0, strict)


def _opened(term: Term, context: Context, depth: int = 8, closed: frozenset[str] = frozenset()) -> Term:
    """The term with the definitions of single numbers put in; what is differentiated by stays a letter."""
    if isinstance(term, Diff):
        return Diff(_opened(term.body, context, depth, closed | {term.by.name}), term.by, term.total)
    if isinstance(term, Entry) and depth and term.name not in closed:
        found = [d for d in context.definitions if d.name == term.name]
        if len(found) == 1 and not found[0].labels and not term.labels:
            inside = freshen(found[0].body, dict(zip(found[0].indices, term.indices, strict=True)), Names("b"))
            return _opened(inside, context, depth - 1, closed)
        return term
    return map_children(term, lambda child: _opened(child, context, depth, closed))


def _split(term: Term) -> tuple[Fraction, tuple[Term, ...]]:
    """A product as its number and the rest."""
    if isinstance(term, Num):
        return term.value, ()
    if not isinstance(term, Mul):
        return Fraction(1), (term,)
    number, rest = Fraction(1), list[Term]()
    for factor in term.factors:
        count, inner = _split(factor)
        number *= count
        rest += inner
    return number, tuple(rest)


@dataclass(frozen=True)
class _Variable:
    """What the polynomials are in: e^{u * step}, or the letter u itself where ``step`` is 0."""

    base: tuple[Term, ...]
    step: Fraction = Fraction(0)

    @classmethod
    def of(cls, term: Term) -> _Variable:
        arguments = [_split(node.argument) for node in _outer(term) if isinstance(node, Fn)]
        if arguments:
            bases = {rest for count, rest in arguments if count}
            if len(bases) != 1 or () in bases:
                raise NoRatio
            return cls(bases.pop(), Fraction(1, lcm(*(count.denominator for count, _ in arguments))))
        letters = {node for node in walk(term) if isinstance(node, Entry)}
        if len(letters) != 1:
            raise NoRatio
        return cls((letters.pop(),))

    def ratio(self, term: Term) -> Ratio:
        """The term as a quotient of polynomials.

        Raises:
            NoRatio: it is none.
        """
        match term:
            case Num(number):
                return Ratio(poly(number), poly(1))
            case Entry() if not self.step and (term,) == self.base:
                return Ratio(poly(0, 1), poly(1))
            case Add(parts):
                total = Ratio((), poly(1))
                for part in parts:
                    total = total.plus(self.ratio(part))
                return total
            case Mul(parts):
                product = Ratio(poly(1), poly(1))
                for part in parts:
                    product = product.times(self.ratio(part))
                return product
            case Pow(base, Num(exponent)) if exponent.denominator == 1:
                return _power(self.ratio(base), int(exponent))
            case Fn(name, order, argument):
                count, _ = _split(argument)
                return _stretched(_known(name, order), int(count / self.step))
            case Diff(body, by) if (by,) == self.base:
                return self._slope(self.ratio(body))
        raise NoRatio

    def _slope(self, inner: Ratio) -> Ratio:
        chain = Ratio(poly(0, self.step), poly(1)) if self.step else Ratio(poly(1), poly(1))
        return inner.slope().times(chain)


def _outer(term: Term) -> list[Term]:
    """The nodes of a term, but not those inside the argument of a function."""
    found, stack = [], [term]
    while stack:
        node = stack.pop()
        found.append(node)
        if not isinstance(node, Fn):
            map_children(node, lambda child: stack.append(child) or child)  # type: ignore[func-returns-value]
    return found


def _known(name: str, order: int) -> Ratio:
    """A function of X, differentiated, in e^X."""
    if name == "exp":
        return Ratio(poly(0, 1), poly(1))
    if name not in KNOWN:
        raise NoRatio
    variable = _Variable((X,), Fraction(1))
    body = KNOWN[name]
    if any(isinstance(node, Fn) and _split(node.argument)[1] not in ((X,),) for node in _outer(body)):
        raise NoRatio
    ratio = variable.ratio(body)
    for _ in range(order):
        ratio = variable._slope(ratio)
    return ratio


def _power(base: Ratio, exponent: int) -> Ratio:
    if abs(exponent) > MAX_POWER:
        raise NoRatio
    if exponent < 0:
        base = Ratio(base.below, base.above)
    result = Ratio(poly(1), poly(1))
    for _ in range(abs(exponent)):
        result = result.times(base)
    return result


def _stretched(ratio: Ratio, count: int) -> Ratio:
    """The quotient with the ``count``-th power of the variable in place of it."""
    above, below = (_spread(p, abs(count)) for p in (ratio.above, ratio.below))
    if count >= 0:
        return Ratio(above, below)
    degree = max(len(above), len(below))
    return Ratio(_reversed(above, degree), _reversed(below, degree))


def _spread(p: Poly, count: int) -> Poly:
    if count == 0:
        return poly(sum(p, Fraction(0)))
    if len(p) * count > MAX_DEGREE:
        raise NoRatio
    found = [Fraction(0)] * max(0, (len(p) - 1) * count + 1)
    for k, coefficient in enumerate(p):
        found[k * count] = coefficient
    return tuple(found)


def _reversed(p: Poly, degree: int) -> Poly:
    return poly(*reversed((*p, *(Fraction(0) for _ in range(degree - len(p))))))
