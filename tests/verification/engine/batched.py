"""Claims with denominators under sums and with many sums at once: regression on batches, normalisation, softmax."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from symbackprop.verification.terms.build import add, div, entry, fn, mul, neg, num, power, sub
from symbackprop.verification.terms.context import Claim, Context, Definition, Tensor
from symbackprop.verification.terms.nodes import Axis, Call, Diff, Lambda, Relation, Size, Sum, Term

Named = tuple[str, Claim, Context]
M, N, K = Axis("m"), Axis("n"), Axis("K")
HALF = Fraction(1, 2)


def tensors(**axes: tuple[Axis, ...]) -> dict[str, Tensor]:
    return {name: Tensor(name, shape) for name, shape in axes.items()}


def mean(term: Term, index: str, axis: Axis) -> Term:
    return div(Sum(index, axis, term), Size(axis))


def cross_entropy(target: Term, output: Term) -> Term:
    return neg(add(mul(target, fn("log", output)), mul(sub(1, target), fn("log", sub(1, output)))))


def regression() -> Iterator[Named]:
    """A = σ(XW) with the mean cross-entropy, one output and several; the softmax of XW."""
    pre = Sum("k", N, mul(entry("X", "i", "k"), entry("W", "k")))
    one = Context(
        tensors(A=(M,), X=(M, N), W=(N,), Y=(M,), J=()),
        (
            Definition("A", (), ("i",), fn("sigmoid", pre)),
            Definition("J", (), (), mean(cross_entropy(entry("Y", "i"), entry("A", "i")), "i", M)),
        ),
    )
    right = mean(mul(entry("X", "i", "j"), sub(entry("A", "i"), entry("Y", "i"))), "i", M)
    yield "logistic regression", Claim(Diff(entry("J"), entry("W", "j")), right, (("j", N),)), one
    pre = Sum("k", N, mul(entry("X", "i", "k"), entry("W", "k", "c")))
    shapes = tensors(A=(M, K), X=(M, N), W=(N, K), Y=(M, K), J=())
    cost = Sum("c", K, cross_entropy(entry("Y", "i", "c"), entry("A", "i", "c")))
    several = Context(
        shapes, (Definition("A", (), ("i", "c"), fn("sigmoid", pre)), Definition("J", (), (), mean(cost, "i", M)))
    )
    free = (("j", N), ("c", K))
    right = mean(mul(entry("X", "i", "j"), sub(entry("A", "i", "c"), entry("Y", "i", "c"))), "i", M)
    yield "logistic regression, several outputs", Claim(Diff(entry("J"), entry("W", "j", "c")), right, free), several
    total = Sum("d", K, fn("exp", entry("Z", "i", "d")))
    definitions = (
        Definition("Z", (), ("i", "c"), pre),
        Definition("A", (), ("i", "c"), div(fn("exp", entry("Z", "i", "c")), total)),
        Definition(
            "J", (), (), mean(neg(Sum("c", K, mul(entry("Y", "i", "c"), fn("log", entry("A", "i", "c"))))), "i", M)
        ),
    )
    one_hot = ((("i", M),), Relation(Sum("c", K, entry("Y", "i", "c")), "=", num(1)))
    rows = Context(shapes | tensors(Z=(M, K)), definitions, assumptions=(one_hot,))
    yield "softmax regression", Claim(Diff(entry("J"), entry("W", "j", "c")), right, free), rows


def normalised(name: str, batch: bool) -> Named:
    """The input gradient of normalisation over samples, or over features."""
    free = (("i", M), ("j", N))
    own, axis, index = ("i", M, "r") if batch else ("j", N, "r")

    def at_(letter: str, place: str) -> Term:
        return entry(letter, place, "j") if batch else entry(letter, "i", place)

    other = "j" if batch else "i"
    centre, spread, kept = "mu", "v", (other,)
    deviation = power(sub(at_("x", index), entry(centre, other)), 2)
    root = power(add(entry(spread, other), entry("eps")), -HALF)
    arrays = (Lambda((("i", M), ("j", N)), entry("h", "i", "j")),)
    definitions = (
        Definition(centre, (), kept, mean(at_("x", index), index, axis)),
        Definition(spread, (), kept, mean(deviation, index, axis)),
        Definition("h", (), ("i", "j"), mul(sub(entry("x", "i", "j"), entry(centre, other)), root)),
        Definition("C", (), (), Call("F", (), (), arrays)),
    )
    shape = (N,) if batch else (M,)
    letters = tensors(x=(M, N), h=(M, N), mu=shape, v=shape, eps=(), C=())
    context = Context(letters, definitions, frozenset("F"))

    def error(place: str) -> Term:
        return Diff(entry("C"), at_("h", place))

    first, second = Sum(index, axis, error(index)), Sum(index, axis, mul(error(index), at_("h", index)))
    inner = sub(sub(mul(Size(axis), error(own)), first), mul(at_("h", own), second))
    return name, Claim(Diff(entry("C"), entry("x", "i", "j")), mul(div(1, Size(axis)), root, inner), free), context


def softmax_backward() -> Iterator[Named]:
    """Attention with one query: p = softmax(s), o = Σ_k p_k v_k, s_k = q·u_k, back to the query."""
    total = Sum("c", M, fn("exp", entry("s", "c")))
    definitions = (
        Definition("s", (), ("k",), Sum("j", N, mul(entry("q", "j"), entry("u", "k", "j")))),
        Definition("p", (), ("k",), div(fn("exp", entry("s", "k")), total)),
        Definition("o", (), ("d",), Sum("k", M, mul(entry("p", "k"), entry("v", "k", "d")))),
        Definition("C", (), (), Call("F", (), (), (Lambda((("d", K),), entry("o", "d")),))),
    )
    context = Context(tensors(s=(M,), p=(M,), o=(K,), q=(N,), u=(M, N), v=(M, K), C=()), definitions, frozenset("F"))

    def back(place: str) -> Term:
        return Sum("d", K, mul(Diff(entry("C"), entry("o", "d")), entry("v", place, "d")))

    centred = sub(back("k"), Sum("e", M, mul(entry("p", "e"), back("e"))))
    scores = mul(entry("p", "k"), centred)
    yield "softmax backward", Claim(Diff(entry("C"), entry("s", "k")), scores, (("k", M),)), context
    query = Sum("k", M, mul(scores, entry("u", "k", "j")))
    yield "attention, query", Claim(Diff(entry("C"), entry("q", "j")), query, (("j", N),)), context


def batched_claims() -> Iterator[Named]:
    yield from regression()
    yield normalised("batch norm, input", True)
    yield normalised("layer norm, input", False)
    yield from softmax_backward()
