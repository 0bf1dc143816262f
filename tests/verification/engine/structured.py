"""Claims about symmetric and orthogonal matrices, claims proved on both sides of a kink, powers by any exponent."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.build import add, delta, div, entry, fn, mul, neg, num, power, sub
from symbackprop.verification.terms.context import Claim, Context, Definition, Family, Tensor
from symbackprop.verification.terms.nodes import (
    Axis,
    Diff,
    Entry,
    Expect,
    Prod,
    Range,
    Relation,
    Size,
    Sum,
    Term,
    Whole,
)

Named = tuple[str, Claim, Context]
N, HALF = Axis("n"), Fraction(1, 2)
X, Y, Z, A = (entry(name) for name in "xyza")
PLACES = (("i", N), ("j", N))


def square(name: str) -> Tensor:
    return Tensor(name, (N, N))


def times(matrix: str, vector: str, row: str, index: str = "k") -> Term:
    return Sum(index, N, mul(entry(matrix, row, index), entry(vector, index)))


def form(left: str, matrix: str, right: str) -> Term:
    """leftᵀ matrix right."""
    return Sum("p", N, mul(entry(left, "p"), times(matrix, right, "p")))


def matrices() -> Context:
    """S symmetric with an inverse R, Q orthogonal, M any."""
    same = Relation(entry("S", "i", "j"), "=", entry("S", "j", "i"))
    turned = Relation(Sum("k", N, mul(entry("Q", "k", "i"), entry("Q", "k", "j"))), "=", delta("i", "j"))
    tensors = {name: square(name) for name in "SQM"} | {name: Tensor(name, (N,)) for name in "uv"}
    tensors["R"] = Tensor("R", (N, N), inverse_of="S")
    return Context(tensors, assumptions=((PLACES, same), (PLACES, turned)))


def matrix_claims() -> Iterator[Named]:
    known, u = matrices(), entry("u", "j")
    slope = mul(2, times("S", "u", "j"))
    yield "slope of a symmetric form", Claim(Diff(form("u", "S", "u"), u), slope, (("j", N),)), known
    yield "symmetric form", Claim(form("u", "S", "v"), form("v", "S", "u")), known
    yield "inverse of a symmetric matrix", Claim(form("u", "R", "v"), form("v", "R", "u")), known
    image = Sum("i", N, power(times("Q", "u", "i"), 2))
    yield "length under a rotation", Claim(image, Sum("i", N, power(entry("u", "i"), 2))), known
    back = Sum("j", N, mul(entry("Q", "i", "j"), Sum("k", N, mul(entry("Q", "k", "j"), entry("v", "k")))))
    yield "there and back", Claim(back, entry("v", "i"), (("i", N),)), known
    gap = Sum("i", N, power(sub(times("Q", "u", "i"), entry("v", "i")), 2))
    pulled = mul(2, sub(u, Sum("i", N, mul(entry("Q", "i", "j"), entry("v", "i")))))
    yield "slope through a rotation", Claim(Diff(gap, u), pulled, (("j", N),)), known


def scalar(name: str, left: Term, right: Term, *facts: tuple[Entry, str]) -> Named:
    relations = tuple(((), Relation(letter, op, num(0))) for letter, op in facts)
    return name, Claim(left, right), Context(assumptions=relations)


def kinked_claims() -> Iterator[Named]:
    relu, size = fn("relu", X), fn("abs", X)
    yield scalar("relu of a relu", fn("relu", relu), relu)
    yield scalar("size of a product", fn("abs", mul(X, Y)), mul(size, fn("abs", Y)))
    yield scalar("root of a square with a sign", power(power(X, 2), HALF), size)
    yield scalar("relu of a multiple", fn("relu", mul(A, X)), mul(A, relu), (A, ">"))
    high = add(X, fn("relu", sub(Y, X)))
    yield scalar("greater of two", high, mul(HALF, add(X, Y, fn("abs", sub(X, Y)))))
    stable = add(relu, fn("log", add(1, fn("exp", neg(size)))))
    yield scalar("stable softplus", stable, fn("softplus", X))
    yield scalar("slope of the stable softplus", Diff(stable, X), fn("sigmoid", X))


def power_claims() -> Iterator[Named]:
    rest = sub(1, X)
    focal = mul(-1, power(rest, A), fn("log", X))
    slope = sub(mul(A, power(rest, sub(A, 1)), fn("log", X)), div(power(rest, A), X))
    yield scalar("focal loss", Diff(focal, X), slope)
    yield scalar("power of a power", power(X, add(A, 2)), mul(power(X, 2), power(X, A)))
    jacobian = mul(2, sub(sub(fn("log", num(2)), X), fn("softplus", mul(-2, X))))
    yield scalar("log of the slope of tanh", fn("log", sub(1, power(fn("tanh", X), 2))), jacobian)
    yield scalar("log of cosh", fn("log", fn("cosh", X)), sub(add(X, fn("softplus", mul(-2, X))), fn("log", num(2))))


def following(name: str, claim: tuple[Term, Term], premise: tuple[Term, Term], *above: Entry) -> Named:
    """left = right where another equation holds and some letters are above 0."""
    tensors = {"v": Tensor("v", (N,))} | {letter.name: Tensor(letter.name) for letter in (X, Y, Z, A)}
    facts = tuple(((), Relation(letter, ">", num(0))) for letter in above)
    return name, Claim(*claim, conditions=(Relation(premise[0], "=", premise[1]),)), Context(tensors, assumptions=facts)


def following_claims() -> Iterator[Named]:
    """What follows from setting a slope to 0, or a variance to 1."""
    centred, total = sub(entry("v", "i"), X), Sum("i", N, entry("v", "i"))
    mean = (X, div(total, Size(N)))
    yield following("mean from its slope", mean, (Sum("i", N, centred), num(0)))
    squares = Sum("i", N, power(centred, 2))
    slope = add(div(Size(N), mul(-2, Y)), div(squares, mul(2, power(Y, 2))))
    yield following("variance from its slope", (Y, div(squares, Size(N))), (slope, num(0)))
    odds = sub(div(A, X), div(sub(Y, A), sub(1, X)))
    yield following("share from its slope", (X, div(A, Y)), (odds, num(0)))
    yield following("spread from a variance", (X, power(Y, -HALF)), (mul(Y, power(X, 2)), num(1)), X, Y)


def domain_claims() -> Iterator[Named]:
    """Where the logarithms of a claim are defined; sums of the powers of an index."""
    known = Context({name: Tensor(name, (N,)) for name in "pqv"})
    p, q, v = (entry(name, "i") for name in "pqv")
    parts = [Sum("i", N, mul(p, fn("log", letter))) for letter in (p, q)]
    yield "relative entropy", Claim(Sum("i", N, mul(p, fn("log", div(p, q)))), sub(*parts)), known
    chance = mul(power(p, v), power(sub(1, p), sub(1, v)))
    logs = add(mul(v, fn("log", p)), mul(sub(1, v), fn("log", sub(1, p))))
    yield "log likelihood", Claim(fn("log", Prod("i", N, chance)), Sum("i", N, logs)), known
    rest = sub(1, p)
    yield "log of a long product", Claim(fn("log", Prod("i", N, rest)), Sum("i", N, fn("log", rest))), known
    index, size = Whole(Affine.symbol("i")), Size(N)
    yield "sum of the numbers", Claim(Sum("i", N, index), mul(HALF, size, add(size, 1))), known
    cubes = power(mul(HALF, size, add(size, 1)), 2)
    yield "sum of the cubes", Claim(Sum("i", N, power(index, 3)), cubes), known
    last, first = Affine.symbol("b"), Affine.symbol("a")
    ends = div(mul(sub(add(Whole(last), 1), Whole(first)), add(Whole(first), Whole(last))), 2)
    run = Claim(Sum("i", Range(first, last), index), ends, conditions=(Relation(Whole(first), "<=", Whole(last)),))
    yield "sum of a run of numbers", run, known
    r, scalar_r = entry("r"), Context({"r": Tensor("r")})
    powers = Sum("i", N, power(r, index))
    yield "geometric sum", Claim(mul(sub(1, r), powers), sub(r, mul(r, power(r, size)))), scalar_r


def numbered_claims() -> Iterator[Named]:
    """The second layer of a network of unknown depth: it is there, so there are two layers at least."""
    here = Affine.symbol("l")
    z, w = (entry(name, labels=("l",)) for name in "zw")
    bodies = (
        Definition("z", (here,), (), mul(w, entry("a", labels=(here + (-1),)))),
        Definition("a", (here,), (), fn("h", z)),
        Definition("c", (), (), fn("g", entry("a", labels=("L",)))),
    )
    tensors = {name: Tensor(name, (), ("l",)) for name in "zaw"} | {"c": Tensor("c")}
    context = Context(tensors, bodies, frozenset("hg"), Family(frozenset({"l"}), "L", 1))
    slope, error = (Diff(entry("c"), entry(name, labels=(2,))) for name in "wz")
    yield "second layer", Claim(slope, mul(error, entry("a", labels=(1,)))), context


def structured_claims() -> Iterator[Named]:
    yield from numbered_claims()
    yield from domain_claims()
    yield from following_claims()
    yield from matrix_claims()
    yield from kinked_claims()
    yield from power_claims()


def random(law: str) -> Context:
    return Context({"x": Tensor("x", (), (), num(0), num(1), law=law)})


#: Near misses: like claims above, but without what makes them true.
NOT_STRUCTURED: dict[str, Named] = {
    "geometric sum to the one before": (
        "",
        Claim(
            mul(sub(1, entry("r")), Sum("i", N, power(entry("r"), Whole(Affine.symbol("i"))))),
            sub(entry("r"), power(entry("r"), Size(N))),
        ),
        Context({"r": Tensor("r")}),
    ),
    "any matrix": ("", Claim(form("u", "M", "v"), form("v", "M", "u")), matrices()),
    "orthogonal is not symmetric": ("", Claim(form("u", "Q", "v"), form("v", "Q", "u")), matrices()),
    "symmetric is not orthogonal": (
        "",
        Claim(Sum("i", N, power(times("S", "u", "i"), 2)), Sum("i", N, power(entry("u", "i"), 2))),
        matrices(),
    ),
    "one side of a kink": scalar("", fn("relu", X), X),
    "size of a sum": (
        "",
        Claim(power(Sum("i", N, fn("abs", entry("v", "i"))), 2), power(Sum("i", N, entry("v", "i")), 2)),
        Context({"v": Tensor("v", (N,))}),
    ),
    "mean of a size": ("", Claim(power(Expect(fn("abs", X)), 2), power(Expect(X), 2)), random("symmetric")),
    "multiple of any sign": scalar("", fn("relu", mul(A, X)), mul(A, fn("relu", X))),
    "sum of the numbers below": ("", Claim(Sum("i", N, Whole(Affine.symbol("i"))), mul(HALF, Size(N), sub(Size(N), 1))),
                                 Context()),
    "log of a shifted product": (
        "",
        Claim(fn("log", Prod("i", N, entry("p", "i"))), Sum("i", N, fn("log", add(entry("p", "i"), 1)))),
        Context({"p": Tensor("p", (N,))}),
    ),
    "spread of any sign": following("", (X, power(Y, -HALF)), (mul(Y, power(X, 2)), num(1))),
    "total from a slope": following(
        "", (X, Sum("i", N, entry("v", "i"))), (Sum("i", N, sub(entry("v", "i"), X)), num(0)),
    ),
    "base of a power": scalar("", power(sub(1, X), A), power(sub(X, 1), A)),
}  # fmt: skip
