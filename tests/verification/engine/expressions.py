"""Random terms, and random rewritings of a term that do not change its value."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.build import add, delta, div, entry, fn, mul, neg, num, power, sub
from symbackprop.verification.terms.context import Context, Tensor
from symbackprop.verification.terms.nodes import (
    Add,
    Axis,
    Entry,
    Expect,
    Fn,
    Mul,
    Num,
    Pow,
    Prod,
    Relation,
    Size,
    Sum,
    Term,
    Whole,
)
from symbackprop.verification.terms.walk import Names, freshen, map_children

N, M = Axis("n"), Axis("m")
CONTEXT = Context({"v": Tensor("v", (N,)), "u": Tensor("u", (M,)), "w": Tensor("w", (N, N)), "x": Tensor("x"),
    "y": Tensor("y")}, unknown=frozenset("hg"))  # fmt: skip
FREE = (("i", N), ("j", N))
SMALL = (Fraction(-1), Fraction(1), Fraction(2), Fraction(1, 2), Fraction(3))


def random_term(chance: Random, depth: int, over_n: tuple[str, ...] = ("i", "j"), over_m: tuple[str, ...] = ()) -> Term:  # noqa: C901 - one case a kind of node
    """A term with free indices i, j over n; indices of inner sums often have the same letters."""
    if depth == 0:
        return _leaf(chance, over_n, over_m)

    def inner(more_n: tuple[str, ...] = (), more_m: tuple[str, ...] = ()) -> Term:
        hidden = {*more_n, *more_m}
        names_n = (*(n for n in over_n if n not in hidden), *more_n)
        return random_term(chance, depth - 1, names_n, (*(n for n in over_m if n not in hidden), *more_m))

    kind = chance.choices(range(9), (5, 5, 6, 3, 2, 1, 1, 1, 1))[0]
    if kind == 0:
        return add(*(inner() for _ in range(chance.choice((2, 2, 3)))))
    if kind == 1:
        return mul(*(inner() for _ in range(chance.choice((2, 2, 3)))))
    if kind == 2:
        index = chance.choice("ijk")
        return Sum(index, N, inner((index,))) if chance.random() < 0.7 else Sum(index, M, inner((), (index,)))
    if kind == 3:
        return fn(chance.choice("hg"), inner(), chance.choice((0, 0, 1)))
    if kind == 4:
        return power(inner(), chance.choice((2, 2, 3, -1)))
    if kind == 5:
        return fn("exp", mul(Fraction(1, 4), inner()))
    if kind == 6:
        return div(inner(), add(2, power(inner(), 2)))
    if kind == 7:
        return fn("step", inner())
    return fn("sigmoid", inner())


def _leaf(chance: Random, over_n: tuple[str, ...], over_m: tuple[str, ...]) -> Term:
    leaves: list[Term] = [entry("x"), entry("y"), num(chance.choice(SMALL)), Size(N), Size(M)]
    if over_n:
        i, j = chance.choice(over_n), chance.choice(over_n)
        leaves += [entry("v", i), entry("v", j), entry("w", i, j), entry("w", j, i), delta(i, j), entry("v", i)]
    if over_m:
        leaves += [entry("u", chance.choice(over_m))] * 3
    return chance.choice(leaves)


SAME = Relation(entry("s", "i", "j"), "=", entry("s", "j", "i"))
RICH = Context(
    {**CONTEXT.tensors, "s": Tensor("s", (N, N)), "r": Tensor("r", (N,), (), num(0), num(2), law="symmetric"),
     "b": Tensor("b", (N,), (), num(Fraction(1, 3)), num(Fraction(2, 9)), law="bernoulli")},
    unknown=frozenset("hg"), assumptions=((FREE, SAME),),
)  # fmt: skip


def rich_term(chance: Random, depth: int, over_n: tuple[str, ...] = ("i", "j"), random: bool = False) -> Term:  # noqa: C901 - one case a kind of node
    """A term with a symmetric matrix, kinks, logs, products, means, and indices as numbers."""
    if depth == 0:
        return _rich_leaf(chance, over_n, random)

    def inner(*more: str, chances: bool = random) -> Term:
        return rich_term(chance, depth - 1, (*(n for n in over_n if n not in more), *more), chances)

    kind = chance.choices(range(9), (4, 5, 5, 2, 2, 1, 1, 1, 0 if random else 3))[0]
    index = chance.choice("ijk")
    if kind == 0:
        return add(inner(), inner())
    if kind == 1:
        return mul(inner(), inner())
    if kind == 2:
        return Sum(index, N, inner(index))
    if kind == 3:
        return fn(chance.choice(("relu", "abs", "step")), inner())
    if kind == 4:
        return power(inner(), 2)
    if kind == 5:
        return fn("log", power(add(1, power(inner(), 2)), chance.choice((1, 2, -1))))
    if kind == 6:
        return Prod(index, N, inner(index)) if not random else power(inner(), 3)
    if kind == 7:
        return power(power(inner(), 2), Fraction(1, 2))
    return Expect(inner(chances=True))


def _rich_leaf(chance: Random, over_n: tuple[str, ...], random: bool) -> Term:
    i, j = chance.choice(over_n), chance.choice(over_n)
    leaves: list[Term] = [entry("x"), num(chance.choice(SMALL)), Size(N), entry("v", i), entry("s", i, j)]
    leaves += [entry("s", j, i), delta(i, j), Whole(Affine.symbol(i))]
    return chance.choice([*leaves, *[entry(name, i) for name in "rrrbb"]] if random else leaves)


def rewritten(term: Term, chance: Random) -> Term:
    """The same value in another spelling."""
    term = freshen(term, {}, Names()) if chance.random() < 0.3 else term
    term = map_children(term, lambda child: rewritten(child, chance) if chance.random() < 0.7 else child)
    return _here(term, chance) if chance.random() < 0.6 else term


def _here(term: Term, chance: Random) -> Term:  # noqa: C901 - one case a kind of node
    match term:
        case Add(parts):
            shuffled = list(parts)
            chance.shuffle(shuffled)
            return Add((*shuffled[:-1], Add((shuffled[-1], num(0)))))
        case Mul((first, Add(parts), *rest)):
            return Add(tuple(Mul((part, first, *rest)) for part in parts))
        case Mul(parts):
            return Mul(tuple(reversed(parts)))
        case Sum(index, over, Add(parts)):
            return Add(tuple(Sum(index, over, part) for part in parts))
        case Sum(index, over, body):
            return mul(Fraction(1, 2), add(term, Sum(index, over, neg(neg(body)))))
        case Pow(base, Num(exponent)) if exponent == 2:
            return mul(base, base)
        case Pow(base, Num(exponent)) if exponent == -1:
            return mul(base, power(base, -2))
        case Fn("exp", 0, argument):
            return power(fn("exp", mul(Fraction(1, 2), argument)), 2)
        case Fn(name, order, argument):
            return Fn(name, order, sub(add(argument, entry("x")), entry("x")))
        case Entry():
            return sub(mul(2, term), term)
    return term
