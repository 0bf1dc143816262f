"""Claims that hold where their conditions and assumptions do: equal and unequal indices, signs of arguments."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from symbackprop.verification.terms.build import Value, at, delta, div, entry, fn, mul, neg, num, power, sub
from symbackprop.verification.terms.context import Claim, Context, Definition, Tensor
from symbackprop.verification.terms.nodes import Axis, Cases, Diff, Relation, Sum, Term, Whole

Named = tuple[str, Claim, Context]
K, N = Axis("K"), Axis("n")
HALF = Fraction(1, 2)
X, Y = entry("x"), entry("y")


def same(left: str, op: str, right: str) -> Relation:
    return Relation(Whole(at(left)), op, Whole(at(right)))


def softmax_by_cases() -> Iterator[Named]:
    """∂p_j/∂z_i with i = j, with i ≠ j, and by both cases at once."""
    total = Sum("k", K, fn("exp", entry("z", "k")))
    context = Context(
        {name: Tensor(name, (K,)) for name in "zp"},
        (Definition("p", (), ("i",), div(fn("exp", entry("z", "i")), total)),),
    )
    i, j, free = entry("p", "i"), entry("p", "j"), (("i", K), ("j", K))
    slope, own, other = Diff(j, entry("z", "i")), mul(i, sub(1, i)), neg(mul(i, j))
    equal, different = same("i", "=", "j"), same("i", "!=", "j")
    yield "softmax, equal indices", Claim(slope, own, free, (equal,)), context
    yield "softmax, different indices", Claim(slope, other, free, (different,)), context
    both = Cases((((equal,), own), ((different,), other)))
    yield "softmax, both cases", Claim(slope, both, free), context
    yield "delta apart", Claim(mul(delta("i", "j"), i), num(0), free, (different,)), context
    yield "delta together", Claim(mul(delta("i", "j"), i), j, free, (equal,)), context


def assumed(name: str, left: Term, right: Term, *facts: tuple[Value, str, Value]) -> Named:
    relations = tuple(((), Relation(num(low), op, num(high))) for low, op, high in facts)
    tensors = {"w": Tensor("w", (N,)), "v": Tensor("v", (N,))}
    return name, Claim(left, right), Context(tensors, assumptions=relations)


def signs() -> Iterator[Named]:
    """Kinks, roots and logarithms where the sign of what is in them is assumed."""
    margin = sub(1, mul(Y, Sum("k", N, mul(entry("w", "k"), entry("v", "k")))))
    yield assumed("hinge inside", fn("relu", margin), margin, (margin, ">", 0))
    scaled = mul(3, margin)
    yield assumed("hinge outside", Diff(fn("relu", scaled), Y), num(0), (margin, "<", 0))
    yield assumed("root of a negative square", power(power(X, 2), HALF), neg(X), (X, "<", 0))
    yield assumed("log of a product", fn("log", mul(X, Y)), plus(fn("log", X), fn("log", Y)), (X, ">", 0), (Y, ">", 0))
    delta_, error = entry("d"), entry("e")
    far = mul(delta_, sub(fn("abs", error), mul(HALF, delta_)))
    huber = Cases((((Relation(fn("abs", error), "<=", delta_),), mul(HALF, power(error, 2))),), far)
    wide = (delta_, ">", 0)
    yield assumed("huber far", Diff(huber, error), delta_, (error, ">", delta_), wide)
    yield assumed("huber far below", Diff(huber, error), neg(delta_), (error, "<", neg(delta_)), wide)
    yield assumed("huber near", Diff(huber, error), error, (error, "<", delta_), (error, ">", 0))
    leaky = Cases((((Relation(X, ">", num(0)),), X),), mul(entry("a"), sub(fn("exp", X), 1)))
    yield assumed("elu below 0", Diff(leaky, X), plus(leaky, entry("a")), (X, "<", 0))


def plus(*terms: Term) -> Term:
    return sub(terms[0], neg(terms[1]))


def conditional_claims() -> Iterator[Named]:
    yield from softmax_by_cases()
    yield from signs()


#: Near misses: each is like a claim above, but its condition does not give what it says.
NOT_FOLLOWING: dict[str, Named] = {
    "root without a sign": assumed("", power(power(X, 2), HALF), neg(X), (Y, "<", 0)),
    "sum above 0": assumed("", fn("relu", X), X, (sub(X, neg(Y)), ">", 0)),
    "difference of positive": assumed("", fn("relu", sub(X, Y)), sub(X, Y), (X, ">", 0), (Y, ">", 0)),
    "product of unlike signs": assumed("", fn("abs", mul(X, Y)), mul(X, Y), (X, ">", 0), (Y, "<", 0)),
    "negative multiple": assumed("", fn("relu", mul(-2, sub(X, 1))), mul(-2, sub(X, 1)), (sub(X, 1), ">", 0)),
    "odd root": assumed("", power(power(X, 2), HALF), X, (X, "<", 0)),
}
