"""Claims about random letters whose law is stated: normal, uniform, symmetric, and numbers that are 1 or 0."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from symbackprop.verification.terms.build import Value, add, delta, div, entry, fn, mul, neg, num, power, sub
from symbackprop.verification.terms.context import Claim, Context, Definition, Tensor
from symbackprop.verification.terms.nodes import Axis, Const, Expect, Relation, Size, Sum, Term

Named = tuple[str, Claim, Context]
N, HALF = Axis("n"), Fraction(1, 2)
X, S, V, P, B = (entry(name) for name in "xsvpb")
POSITIVE = (((), Relation(S, ">", num(0))),)
PI = Const("pi")
AXES = (("i", N), ("j", N))


def known(law: str, mean: Value = 0, variance: Term | None = None) -> Context:
    """x and the entries of z, r have the law; w_i has mean 0 and variance v; y = Σ_i w_i relu(z_i)."""
    variance = power(S, 2) if variance is None else variance
    tensors = {name: Tensor(name) for name in ("s", "v", "p", "b", "m")} | {"y": Tensor("y")}
    tensors["x"] = Tensor("x", (), (), num(mean), variance, law=law)
    tensors |= {name: Tensor(name, (N,), (), num(mean), variance, law=law) for name in "zr"}
    tensors["w"] = Tensor("w", (N,), (), num(0), V)
    body = Sum("i", N, mul(entry("w", "i"), fn("relu", entry("z", "i"))))
    return Context(tensors, (Definition("y", (), (), body),), assumptions=POSITIVE)


def mean(body: Term) -> Term:
    return Expect(body)


def law_claims() -> Iterator[Named]:
    normal, uniform, symmetric = known("normal"), known("uniform"), known("symmetric")
    z = entry("z", "i")
    yield "fourth moment, normal", Claim(mean(power(X, 4)), mul(3, power(S, 4))), normal
    yield "third moment, normal", Claim(mean(power(X, 3)), num(0)), normal
    shifted = known("normal", entry("m"))
    cube = add(power(entry("m"), 3), mul(3, entry("m"), power(S, 2)))
    yield "third moment, normal with a mean", Claim(mean(power(X, 3)), cube), shifted
    growth = fn("exp", add(mul(B, entry("m")), mul(HALF, power(B, 2), power(S, 2))))
    yield "moment generating function", Claim(mean(fn("exp", mul(B, X))), growth), shifted
    moved = mul(add(entry("m"), mul(B, power(S, 2))), growth)
    yield "its slope", Claim(mean(mul(X, fn("exp", mul(B, X)))), moved), shifted
    yield "mean of a relu, normal", Claim(mean(fn("relu", X)), div(S, power(mul(2, PI), HALF))), normal
    yield "mean of |x|, normal", Claim(mean(fn("abs", X)), mul(S, power(div(2, PI), HALF))), normal
    third = mul(2, power(S, 3), power(mul(2, PI), -HALF))
    yield "third half moment, normal", Claim(mean(power(fn("relu", X), 3)), third), normal
    yield "square of a relu, symmetric", Claim(mean(power(fn("relu", X), 2)), mul(HALF, power(S, 2))), symmetric
    yield "relu and its mirror", Claim(mean(fn("relu", X)), mul(HALF, mean(fn("abs", X)))), symmetric
    yield "fourth moment, uniform", Claim(mean(power(X, 4)), mul(Fraction(9, 5), power(S, 4))), uniform
    yield "sixth moment, uniform", Claim(mean(power(X, 6)), mul(Fraction(27, 7), power(S, 6))), uniform
    root = mul(power(num(3), HALF), S)
    yield "mean of |x|, uniform", Claim(mean(fn("abs", X)), mul(HALF, root)), uniform
    pair = mean(mul(fn("relu", z), fn("relu", entry("z", "j"))))
    apart, same = div(power(S, 2), mul(2, PI)), mul(HALF, power(S, 2))
    both = add(mul(delta("i", "j"), same), mul(sub(1, delta("i", "j")), apart))
    yield "two entries, normal", Claim(pair, both, AXES), normal
    other = mean(mul(fn("relu", z), fn("relu", entry("r", "j"))))
    yield "two letters, normal", Claim(other, apart, AXES), normal
    spread = sub(mean(power(entry("y"), 2)), power(mean(entry("y")), 2))
    yield "variance after a relu", Claim(spread, mul(HALF, Size(N), V, power(S, 2))), symmetric
    yield "variance after a relu, normal", Claim(spread, mul(HALF, Size(N), V, power(S, 2))), normal
    chance = known("bernoulli", P, mul(P, sub(1, P)))
    yield "power of a mask", Claim(mean(power(X, 5)), P), chance
    yield "function of a mask", Claim(mean(fn("exp", X)), add(mul(P, fn("exp", num(1))), sub(1, P))), chance
    masks = mean(mul(power(z, 3), entry("z", "j")))
    pairs = add(mul(delta("i", "j"), P), mul(sub(1, delta("i", "j")), power(P, 2)))
    yield "two masks", Claim(masks, pairs, AXES), chance


#: Near misses: like claims above, but for a law that does not give what they say.
NOT_BY_LAW: dict[str, Named] = {
    "fourth moment without a law": ("", Claim(mean(power(X, 4)), mul(3, power(S, 4))), known("")),
    "fourth moment, symmetric": ("", Claim(mean(power(X, 4)), mul(3, power(S, 4))), known("symmetric")),
    "fourth moment, wrong law": ("", Claim(mean(power(X, 4)), mul(3, power(S, 4))), known("uniform")),
    "half without symmetry": ("", Claim(mean(power(fn("relu", X), 2)), mul(HALF, power(S, 2))), known("")),
    "half about another mean": ("", Claim(mean(fn("step", X)), num(HALF)), known("normal", 1)),
    "relu of a symmetric law": (
        "", Claim(mean(fn("relu", X)), div(S, power(mul(2, PI), HALF))), known("symmetric"),
    ),
    "function of a mean": ("", Claim(mean(fn("exp", X)), fn("exp", mean(X))), known("normal")),
    "relu of two entries": (
        "",
        Claim(mean(mul(fn("relu", entry("z", "i")), fn("relu", entry("z", "j")))), div(power(S, 2), mul(2, PI)), AXES),
        known("normal"),
    ),
    "definition left out": ("", Claim(mean(power(entry("y"), 2)), power(entry("y"), 2)), known("")),
    "negative half": ("", Claim(mean(neg(fn("relu", neg(X)))), div(S, power(mul(2, PI), HALF))), known("normal")),
}  # fmt: skip
