"""Further claims about networks that hold: named errors, a softmax network, batches in rows, a scalar recurrent net."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from symbackprop.verification.terms.build import Index, add, at, div, entry, fn, mul, neg, power, sub
from symbackprop.verification.terms.context import Claim, Context, Definition, Family, Tensor
from symbackprop.verification.terms.nodes import Axis, Diff, Entry, Range, Relation, Size, Sum, Term

Named = tuple[str, Claim, Context]
HERE, LATER, BEFORE = at("l"), at("l") + 1, at("l") + (-1)
LAYERS = Family(frozenset({"l"}), "L", 1)


def width(label: Index) -> Axis:
    return Axis("n", (at(label),))


def part(name: str, *indices: Index, label: Index = "l") -> Entry:
    return entry(name, *indices, labels=(label,))


def named_errors() -> Iterator[Named]:
    """δ^l is a name for ∂C/∂z^l, as in Nielsen's four equations."""
    vector = {n: Tensor(n, (width("l_"),), ("l_",)) for n in "bzad"}
    weights = Tensor("w", (width("l_"), width(at("l_") + (-1))), ("l_",))
    tensors = vector | {"w": weights, "y": Tensor("y", (width("L"),)), "C": Tensor("C")}
    pre = add(Sum("k", width(BEFORE), mul(part("w", "j", "k"), part("a", "k", label=BEFORE))), part("b", "j"))
    error = sub(part("a", "j", label="L"), entry("y", "j"))
    definitions = (
        Definition("z", (HERE,), ("j",), pre),
        Definition("a", (HERE,), ("j",), fn("sigmoid", part("z", "j"))),
        Definition("C", (), (), mul(Fraction(1, 2), Sum("j", width("L"), power(error, 2)))),
        Definition("d", (HERE,), ("j",), Diff(entry("C"), part("z", "j"))),
    )
    context = Context(tensors, definitions, family=LAYERS)
    back = Sum("i", width(LATER), mul(part("w", "i", "j", label=LATER), part("d", "i", label=LATER)))
    j, k, last = ("j", width("l")), ("k", width(BEFORE)), ("j", width("L"))
    slope = fn("sigmoid", part("z", "j"), 1)
    by_output = mul(part("a", "j"), sub(1, part("a", "j")))
    yield (
        "first equation",
        Claim(part("d", "j", label="L"), mul(error, fn("sigmoid", part("z", "j", label="L"), 1)), (last,)),
        context,
    )
    yield "second equation", Claim(part("d", "j"), mul(back, slope), (j,)), context
    yield "second equation by outputs", Claim(part("d", "j"), mul(back, by_output), (j,)), context
    yield "third equation", Claim(Diff(entry("C"), part("b", "j")), part("d", "j"), (j,)), context
    yield (
        "fourth equation",
        Claim(Diff(entry("C"), part("w", "j", "k")), mul(part("a", "k", label=BEFORE), part("d", "j")), (j, k)),
        context,
    )
    twice = Sum("q", width(HERE + 2), mul(part("w", "q", "i", label=HERE + 2), part("d", "q", label=HERE + 2)))
    inner = mul(twice, fn("sigmoid", part("z", "i", label=LATER), 1))
    far = Sum("i", width(LATER), mul(part("w", "i", "j", label=LATER), inner))
    yield "two layers back", Claim(part("d", "j"), mul(far, slope), (j,)), context


def softmax_network() -> Iterator[Named]:
    n0, n1, n2 = Axis("n0"), Axis("n1"), Axis("n2")
    shapes = {
        "x": (n0,),
        "y": (n2,),
        "W": (n1, n0),
        "V": (n2, n1),
        "z": (n1,),
        "a": (n1,),
        "o": (n2,),
        "p": (n2,),
        "C": (),
    }
    total = Sum("k", n2, fn("exp", entry("o", "k")))
    definitions = (
        Definition("z", (), ("i",), Sum("k", n0, mul(entry("W", "i", "k"), entry("x", "k")))),
        Definition("a", (), ("i",), fn("relu", entry("z", "i"))),
        Definition("o", (), ("i",), Sum("k", n1, mul(entry("V", "i", "k"), entry("a", "k")))),
        Definition("p", (), ("i",), div(fn("exp", entry("o", "i")), total)),
        Definition("C", (), (), neg(Sum("k", n2, mul(entry("y", "k"), fn("log", entry("p", "k")))))),
    )
    one = (((), Relation(Sum("k", n2, entry("y", "k")), "=", num_one())),)
    context = Context({k: Tensor(k, v) for k, v in shapes.items()}, definitions, assumptions=one)
    error = sub(entry("p", "i"), entry("y", "i"))
    hidden = mul(Sum("i", n2, mul(entry("V", "i", "j"), error)), fn("step", entry("z", "j")))
    i, j, k = ("i", n2), ("j", n1), ("k", n0)
    yield (
        "softmax network, output",
        Claim(Diff(entry("C"), entry("V", "i", "j")), mul(error, entry("a", "j")), (i, j)),
        context,
    )
    yield (
        "softmax network, hidden",
        Claim(Diff(entry("C"), entry("W", "j", "k")), mul(hidden, entry("x", "k")), (j, k)),
        context,
    )
    whole = Sum("j", n1, mul(hidden, entry("W", "j", "k")))
    yield "softmax network, input", Claim(Diff(entry("C"), entry("x", "k")), whole, (k,)), context


def num_one() -> Term:
    return add(1)


def batches() -> Iterator[Named]:
    """Samples in rows: Z^l = A^{l-1} W^l + b^l, mean loss."""
    m, j, k = Axis("m"), ("j", width("l")), ("k", width(BEFORE))
    tensors = {n: Tensor(n, (m, width("l_")), ("l_",)) for n in "ZA"} | {"b": Tensor("b", (width("l_"),), ("l_",))}
    tensors |= {"W": Tensor("W", (width(at("l_") + (-1)), width("l_")), ("l_",)), "Y": Tensor("Y", (m, width("L")))}
    pre = Sum("k", width(BEFORE), mul(part("A", "i", "k", label=BEFORE), part("W", "k", "j")))
    loss = Sum("i", m, Sum("j", width("L"), power(sub(part("A", "i", "j", label="L"), entry("Y", "i", "j")), 2)))
    definitions = (
        Definition("Z", (HERE,), ("i", "j"), add(pre, part("b", "j"))),
        Definition("A", (HERE,), ("i", "j"), fn("f", part("Z", "i", "j"))),
        Definition("C", (), (), div(loss, Size(m))),
    )
    context = Context(tensors | {"C": Tensor("C")}, definitions, frozenset("f"), LAYERS)
    cost, error = entry("C"), Diff(entry("C"), part("Z", "i", "j"))
    outer = Sum("i", m, mul(part("A", "i", "k", label=BEFORE), error))
    yield "batch weights", Claim(Diff(cost, part("W", "k", "j")), outer, (k, j)), context
    yield "batch bias", Claim(Diff(cost, part("b", "j")), Sum("i", m, error), (j,)), context
    slope = fn("f", part("Z", "i", "k", label=BEFORE), 1)
    back = mul(Sum("j", width("l"), mul(error, part("W", "k", "j"))), slope)
    yield "batch error", Claim(Diff(cost, part("Z", "i", "k", label=BEFORE)), back, (("i", m), k)), context


def scalar_recurrence() -> Iterator[Named]:
    """h_t = tanh(w h_{t-1} + u x_t), C = h_T²."""
    t, before = at("t"), at("t") + (-1)
    state = fn("tanh", add(mul(entry("w"), part("h", label=before)), mul(entry("u"), part("x", label="t"))))
    definitions = (Definition("h", (t,), (), state), Definition("C", (), (), power(part("h", label="T"), 2)))
    tensors = {n: Tensor(n, (), ("t_",)) for n in "hx"} | {n: Tensor(n) for n in "wuC"}
    context = Context(tensors, definitions, family=Family(frozenset({"t"}), "T", 1))
    now, past, w = part("h", label="t"), part("h", label=before), entry("w")
    total = add(Diff(now, w, False), mul(Diff(now, past), Diff(past, w)))
    yield "total and partial", Claim(Diff(now, w), total), context
    explicit = mul(sub(1, power(now, 2)), add(past, mul(w, Diff(past, w))))
    yield "total by recursion", Claim(Diff(now, w), explicit), context
    through = Sum("t", Range(at(1), at("T")), mul(Diff(entry("C"), now), Diff(now, w, False)))
    yield "sum over times", Claim(Diff(entry("C"), w), through), context
    ahead = part("h", label=t + 1)
    yield "two steps", Claim(Diff(ahead, past), mul(Diff(ahead, now), Diff(now, past))), context


def more_claims() -> Iterator[Named]:
    yield from named_errors()
    yield from softmax_network()
    yield from batches()
    yield from scalar_recurrence()
