"""Claims that hold, built from term constructors: the base of the mutation campaign."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from symbackprop.verification.terms.build import add, at, delta, div, entry, fn, mul, neg, num, power, sub
from symbackprop.verification.terms.context import Claim, Context, Definition, Tensor
from symbackprop.verification.terms.nodes import (
    Axis,
    Call,
    Cases,
    Const,
    Diff,
    Entry,
    Expect,
    Lambda,
    Relation,
    Size,
    Sum,
    Term,
    Whole,
)

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Case:
    """A claim with its context."""

    name: str
    claim: Claim
    context: Context


Z, X, Y = entry("z"), entry("x"), entry("y")


def scalar(name: str, left: Term, right: Term, *definitions: Definition) -> Case:
    return Case(name, Claim(left, right), Context(definitions=definitions))


def d(body: Term, by: Entry = Z, order: int = 1) -> Term:
    for _ in range(order):
        body = Diff(body, by)
    return body


def activations() -> Iterator[Case]:
    """Identities of activation and loss functions."""
    s, t, e = fn("sigmoid", Z), fn("tanh", Z), fn("exp", Z)
    me = fn("exp", neg(Z))
    yield scalar("sigmoid slope", d(s), mul(s, sub(1, s)))
    yield scalar("sigmoid slope in exp", d(s), div(me, power(add(1, me), 2)))
    yield scalar("sigmoid second", d(s, order=2), mul(s, sub(1, s), sub(1, mul(2, s))))
    yield scalar("sigmoid mirrored", fn("sigmoid", neg(Z)), sub(1, s))
    yield scalar("sigmoid rising", s, div(e, add(1, e)))
    yield scalar("tanh slope", d(t), sub(1, power(t, 2)))
    yield scalar("tanh from sigmoid", t, sub(mul(2, fn("sigmoid", mul(2, Z))), 1))
    yield scalar("tanh second", d(t, order=2), mul(-2, t, sub(1, power(t, 2))))
    yield scalar("tanh odd", fn("tanh", neg(Z)), neg(t))
    yield scalar("sech", sub(1, power(t, 2)), power(fn("sech", Z), 2))
    yield scalar("softplus slope", d(fn("softplus", Z)), s)
    yield scalar("softplus difference", sub(fn("softplus", Z), fn("softplus", neg(Z))), Z)
    yield scalar("logit", fn("log", div(s, sub(1, s))), Z)
    yield scalar("log sigmoid", fn("log", s), neg(fn("softplus", neg(Z))))
    yield scalar("swish slope", d(fn("swish", Z)), add(s, mul(Z, s, sub(1, s))))
    yield scalar("gelu slope", d(fn("gelu", Z)), add(fn("normal_cdf", Z), mul(Z, fn("normal_pdf", Z))))
    yield scalar("relu slope", d(fn("relu", Z)), fn("step", Z))
    over = Relation(Z, ">", num(0))
    yield scalar("relu by cases", fn("relu", Z), Cases((((over,), Z),), num(0)))
    yield scalar("relu slope by cases", d(fn("relu", Z)), Cases((((over,), num(1)),), num(0)))
    yield scalar("abs from relu", fn("abs", Z), add(fn("relu", Z), fn("relu", neg(Z))))
    yield scalar("square root of square", power(fn("abs", Z), 2), power(Z, 2))
    yield scalar("elu slope", d(fn("elu", Z)), add(fn("step", Z), mul(e, sub(1, fn("step", Z)))))
    yield scalar(
        "mish slope",
        d(fn("mish", Z)),
        add(fn("tanh", fn("softplus", Z)), mul(Z, s, sub(1, power(fn("tanh", fn("softplus", Z)), 2)))),
    )
    yield scalar("pythagoras", add(power(fn("sin", Z), 2), power(fn("cos", Z), 2)), num(1))
    yield scalar("sine slope", d(fn("sin", mul(2, Z))), mul(2, fn("cos", mul(2, Z))))
    yield scalar(
        "quotient rule",
        d(div(fn("f", Z), fn("g", Z))),
        div(sub(mul(fn("f", Z, 1), fn("g", Z)), mul(fn("f", Z), fn("g", Z, 1))), power(fn("g", Z), 2)),
    )
    yield scalar("chain rule", d(fn("f", fn("g", Z))), mul(fn("f", fn("g", Z), 1), fn("g", Z, 1)))
    yield scalar("normal density slope", d(fn("normal_pdf", Z)), neg(mul(Z, fn("normal_pdf", Z))))
    yield scalar("root", power(mul(4, power(add(1, power(Z, 2)), -1)), HALF), div(2, power(add(1, power(Z, 2)), HALF)))
    bce = neg(add(mul(Y, fn("log", X)), mul(sub(1, Y), fn("log", sub(1, X)))))
    yield scalar("cross-entropy slope", d(bce, X), div(sub(X, Y), mul(X, sub(1, X))))
    yield scalar(
        "cross-entropy with definitions",
        Diff(entry("C"), Z),
        sub(entry("a"), Y),
        Definition("a", (), (), s),
        Definition("C", (), (), neg(add(mul(Y, fn("log", entry("a"))), mul(sub(1, Y), fn("log", sub(1, entry("a"))))))),
    )


def softmax() -> Iterator[Case]:
    K = Axis("K")
    total = Sum("k", K, fn("exp", entry("z", "k")))
    definitions = (
        Definition("p", (), ("i",), div(fn("exp", entry("z", "i")), total)),
        Definition("C", (), (), neg(Sum("k", K, mul(entry("y", "k"), fn("log", entry("p", "k")))))),
    )
    tensors = {name: Tensor(name, (K,)) for name in "zpy"} | {"C": Tensor("C")}
    one_hot = (((), Relation(Sum("k", K, entry("y", "k")), "=", num(1))),)
    bare, assumed = Context(tensors, definitions), Context(tensors, definitions, assumptions=one_hot)
    p, i, j = (lambda index: entry("p", index)), ("i", K), ("j", K)
    yield Case(
        "softmax Jacobian",
        Claim(Diff(p("i"), entry("z", "j")), mul(p("i"), sub(delta("i", "j"), p("j"))), (i, j)),
        bare,
    )
    same = Relation(Whole(at("i")), "=", Whole(at("j")))
    yield Case(
        "softmax Jacobian by cases",
        Claim(
            Diff(p("i"), entry("z", "j")),
            Cases((((same,), mul(p("i"), sub(1, p("i")))),), neg(mul(p("i"), p("j")))),
            (i, j),
        ),
        bare,
    )
    yield Case("softmax sums to one", Claim(Sum("i", K, p("i")), num(1)), bare)
    yield Case(
        "cross-entropy by logits", Claim(Diff(entry("C"), entry("z", "j")), sub(p("j"), entry("y", "j")), (j,)), assumed
    )
    yield Case(
        "cross-entropy by probabilities", Claim(Diff(entry("C"), p("j")), neg(div(entry("y", "j"), p("j"))), (j,)), bare
    )
    yield Case(
        "cross-entropy in general",
        Claim(Diff(entry("C"), entry("z", "j")), sub(mul(p("j"), Sum("k", K, entry("y", "k"))), entry("y", "j")), (j,)),
        bare,
    )
    yield Case("log-softmax", Claim(fn("log", p("i")), sub(entry("z", "i"), fn("log", total)), (i,)), bare)
    lse = fn("log", total)
    yield Case("log-sum-exp gradient", Claim(Diff(lse, entry("z", "j")), p("j"), (j,)), bare)


def regression() -> Iterator[Case]:
    n, N = Axis("n"), Axis("N")
    guess = Sum("j", n, mul(entry("X", "i", "j"), entry("w", "j")))
    tensors = {"X": Tensor("X", (N, n)), "w": Tensor("w", (n,)), "y": Tensor("y", (N,)), "u": Tensor("u", (N,))}
    tensors |= {"J": Tensor("J"), "s": Tensor("s"), "A": Tensor("A", (n, n)), "q": Tensor("q")}
    loss = div(Sum("i", N, power(sub(entry("u", "i"), entry("y", "i")), 2)), mul(2, Size(N)))
    form = Sum("i", n, Sum("j", n, mul(entry("w", "i"), entry("A", "i", "j"), entry("w", "j"))))
    definitions = (Definition("u", (), ("i",), guess), Definition("J", (), (), loss), Definition("q", (), (), form))
    context = Context(tensors, definitions)
    residual = sub(entry("u", "i"), entry("y", "i"))
    gradient = div(Sum("i", N, mul(entry("X", "i", "k"), residual)), Size(N))
    yield Case("least squares", Claim(Diff(entry("J"), entry("w", "k")), gradient, (("k", n),)), context)
    yield Case(
        "least squares Hessian",
        Claim(
            Diff(Diff(entry("J"), entry("w", "k")), entry("w", "l")),
            div(Sum("i", N, mul(entry("X", "i", "k"), entry("X", "i", "l"))), Size(N)),
            (("k", n), ("l", n)),
        ),
        context,
    )
    yield Case(
        "quadratic form",
        Claim(
            Diff(entry("q"), entry("w", "k")),
            Sum("i", n, mul(add(entry("A", "k", "i"), entry("A", "i", "k")), entry("w", "i"))),
            (("k", n),),
        ),
        context,
    )
    norm = power(Sum("i", n, power(entry("w", "i"), 2)), HALF)
    yield Case("norm", Claim(Diff(norm, entry("w", "k")), div(entry("w", "k"), norm), (("k", n),)), context)
    mean = div(Sum("i", N, entry("y", "i")), Size(N))
    centred = Sum("i", N, power(sub(entry("y", "i"), mean), 2))
    yield Case(
        "variance", Claim(centred, sub(Sum("i", N, power(entry("y", "i"), 2)), mul(Size(N), power(mean, 2)))), context
    )
    yield Case("centred sum", Claim(Sum("i", N, sub(entry("y", "i"), mean)), num(0)), context)


def normalisation() -> Iterator[Case]:
    N = Axis("N")
    x = entry("x", "i")
    mean, variance = entry("m"), entry("v")
    definitions = (
        Definition("m", (), (), div(Sum("i", N, x), Size(N))),
        Definition("v", (), (), div(Sum("i", N, power(sub(x, mean), 2)), Size(N))),
        Definition("n", (), ("i",), mul(sub(x, mean), power(add(variance, entry("e")), -HALF))),
    )
    tensors = {"x": Tensor("x", (N,)), "n": Tensor("n", (N,))} | {c: Tensor(c) for c in "mve"}
    context = Context(tensors, definitions)
    i, j = ("i", N), ("j", N)
    yield Case("mean slope", Claim(Diff(mean, entry("x", "j")), div(1, Size(N)), (j,)), context)
    yield Case(
        "variance slope",
        Claim(Diff(variance, entry("x", "j")), div(mul(2, sub(entry("x", "j"), mean)), Size(N)), (j,)),
        context,
    )
    jacobian = mul(
        power(add(variance, entry("e")), -HALF),
        sub(sub(delta("i", "j"), div(1, Size(N))), div(mul(entry("n", "i"), entry("n", "j")), Size(N))),
    )
    yield Case("normalisation Jacobian", Claim(Diff(entry("n", "i"), entry("x", "j")), jacobian, (i, j)), context)


def moments() -> Iterator[Case]:
    n = Axis("n")
    tensors = {"w": Tensor("w", (n,), (), num(0), power(entry("s"), 2)), "x": Tensor("x", (n,), (), num(0), entry("v"))}
    tensors |= {"r": Tensor("r", (n,), (), entry("p"), mul(entry("p"), sub(1, entry("p")))), "c": Tensor("c", (n,))}
    context = Context(tensors)
    pre = Sum("i", n, mul(entry("w", "i"), entry("x", "i")))

    def var(term: Term) -> Term:
        return sub(Expect(power(term, 2)), power(Expect(term), 2))

    spread = mul(Size(n), power(entry("s"), 2), entry("v"))
    yield Case("forward variance", Claim(var(pre), spread), context)
    assumed = Context(tensors, assumptions=(((), Relation(mul(Size(n), power(entry("s"), 2)), "=", num(1))),))
    yield Case("Xavier condition", Claim(var(pre), entry("v")), assumed)
    yield Case("zero mean", Claim(Expect(pre), num(0)), context)
    yield Case(
        "covariance",
        Claim(
            Expect(mul(entry("w", "i"), entry("w", "j"))),
            mul(delta("i", "j"), power(entry("s"), 2)),
            (("i", n), ("j", n)),
        ),
        context,
    )
    kept = Sum("i", n, div(mul(entry("r", "i"), entry("c", "i")), entry("p")))
    yield Case("inverted dropout mean", Claim(Expect(kept), Sum("i", n, entry("c", "i"))), context)
    yield Case(
        "dropout variance",
        Claim(var(kept), mul(div(sub(1, entry("p")), entry("p")), Sum("i", n, power(entry("c", "i"), 2)))),
        context,
    )


def unknown() -> Iterator[Case]:
    """Unknown functions of arrays, composed."""
    n, m = Axis("n"), Axis("m")

    def call(name: str, argument: Entry, axis: Axis, component: tuple[str, ...] = (), slot: str = "") -> Term:
        slots = ((0, (at(slot),)),) if slot else ()
        return Call(name, (), tuple(map(at, component)), (Lambda((("q", axis),), argument),), slots)

    definitions = (
        Definition("u", (), ("i",), call("f", entry("x", "q"), n, ("i",))),
        Definition("C", (), (), call("g", entry("u", "q"), m)),
    )
    context = Context({"x": Tensor("x", (n,)), "u": Tensor("u", (m,)), "C": Tensor("C")}, definitions, frozenset("fg"))
    yield Case(
        "composition",
        Claim(
            Diff(entry("C"), entry("x", "j")),
            Sum("i", m, mul(call("g", entry("u", "q"), m, (), "i"), call("f", entry("x", "q"), n, ("i",), "j"))),
            (("j", n),),
        ),
        context,
    )
    yield Case(
        "composition by links",
        Claim(
            Diff(entry("C"), entry("x", "j")),
            Sum("i", m, mul(Diff(entry("C"), entry("u", "i")), Diff(entry("u", "i"), entry("x", "j")))),
            (("j", n),),
        ),
        context,
    )


def constants() -> Iterator[Case]:
    n = Axis("n")
    context = Context({"v": Tensor("v", (n,)), "V": Tensor("V", (n, n)), "I": Tensor("I", (n, n), inverse_of="V")})
    yield Case(
        "inverse",
        Claim(Sum("k", n, mul(entry("V", "i", "k"), entry("I", "k", "j"))), delta("i", "j"), (("i", n), ("j", n))),
        context,
    )
    yield Case("trace of the identity", Claim(Sum("i", n, delta("i", "i")), Size(n)), context)
    yield Case(
        "gaussian constant", Claim(mul(power(Const("pi"), HALF), power(Const("pi"), HALF)), Const("pi")), context
    )
    yield Case(
        "square of a sum",
        Claim(power(Sum("i", n, entry("v", "i")), 2), Sum("i", n, Sum("j", n, mul(entry("v", "i"), entry("v", "j"))))),
        context,
    )


FAMILIES: tuple[Callable[[], Iterator[Case]], ...] = (
    activations,
    softmax,
    regression,
    normalisation,
    moments,
    unknown,
    constants,
)


def base_claims() -> list[Case]:
    """All claims that hold, with names that differ."""
    return [case for family in FAMILIES for case in family()]
