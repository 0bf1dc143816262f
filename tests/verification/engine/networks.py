"""Claims about networks that hold: layers of any number, two layers written out, and a recurrent net."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from symbackprop.verification.terms.build import Index, add, at, delta, entry, fn, mul, neg, power, sub
from symbackprop.verification.terms.context import Claim, Context, Definition, Family, Tensor
from symbackprop.verification.terms.nodes import Axis, Diff, Entry, Range, Sum, Term

HALF = Fraction(1, 2)
Named = tuple[str, Claim, Context]


def width(label: Index) -> Axis:
    return Axis("n", (at(label),))


def network(cost: Term, activation: str = "h") -> Context:
    """Layers of symbolic number and width: z^l = w^l a^{l-1} + b^l, a^l = h(z^l)."""
    one, before = at("l"), at("l") + (-1)
    vector = (width("l"),)
    tensors = [Tensor(name, vector, ("l_",)) for name in "bza"]
    vectors = {t.name: Tensor(t.name, (width("l_"),), ("l_",)) for t in tensors}
    weights = Tensor("w", (width("l_"), width(at("l_") + (-1))), ("l_",))
    rest = {"w": weights, "y": Tensor("y", (width("L"),)), "J": Tensor("J")}
    pre = add(Sum("k", width(before), mul(w("j", "k"), a("k", before))), entry("b", "j", labels=(one,)))
    definitions = (
        Definition("z", (one,), ("j",), pre),
        Definition("a", (one,), ("j",), fn(activation, entry("z", "j", labels=(one,)))),
        Definition("J", (), (), cost),
    )
    return Context({**vectors, **rest}, definitions, frozenset({"h"}), Family(frozenset({"l"}), "L", 1))


def w(j: Index, k: Index, label: Index = "l") -> Entry:
    return entry("w", j, k, labels=(label,))


def a(k: Index, label: Index = "l") -> Entry:
    return entry("a", k, labels=(label,))


def z(k: Index, label: Index = "l") -> Entry:
    return entry("z", k, labels=(label,))


def dj(by: Entry) -> Term:
    return Diff(entry("J"), by)


def layers() -> Iterator[Named]:
    """The equations of backpropagation for any number of layers."""
    squares = mul(HALF, Sum("j", width("L"), power(sub(a("j", "L"), entry("y", "j")), 2)))
    net, later, before = network(squares), at("l") + 1, at("l") + (-1)
    j, k = ("j", width("l")), ("k", width(before))
    back = Sum("i", width(later), mul(w("i", "j", later), dj(z("i", later))))
    slope = fn("h", z("j"), 1)
    yield (
        "output error",
        Claim(dj(z("j", "L")), mul(sub(a("j", "L"), entry("y", "j")), fn("h", z("j", "L"), 1)), (("j", width("L")),)),
        net,
    )
    yield ("recursion", Claim(dj(z("j")), mul(back, slope), (j,)), net)
    yield ("activation error", Claim(dj(a("j")), back, (j,)), net)
    yield ("through the activation", Claim(dj(z("j")), mul(dj(a("j")), slope), (j,)), net)
    yield ("weight gradient", Claim(dj(w("j", "k")), mul(dj(z("j")), a("k", before)), (j, k)), net)
    yield ("bias gradient", Claim(dj(entry("b", "j", labels=("l",))), dj(z("j")), (j,)), net)
    yield (
        "chain rule over a layer",
        Claim(dj(z("j")), Sum("i", width(later), mul(dj(z("i", later)), Diff(z("i", later), z("j")))), (j,)),
        net,
    )
    yield (
        "layer Jacobian",
        Claim(Diff(z("i", later), z("j")), mul(w("i", "j", later), slope), (("i", width(later)), j)),
        net,
    )
    smooth = network(squares, "sigmoid")
    ready = mul(a("j"), sub(1, a("j")))
    yield ("recursion for the sigmoid", Claim(dj(z("j")), mul(back, ready), (j,)), smooth)
    entropy = neg(
        Sum(
            "j",
            width("L"),
            add(
                mul(entry("y", "j"), fn("log", a("j", "L"))),
                mul(sub(1, entry("y", "j")), fn("log", sub(1, a("j", "L")))),
            ),
        )
    )
    yield (
        "sigmoid with cross-entropy",
        Claim(dj(z("j", "L")), sub(a("j", "L"), entry("y", "j")), (("j", width("L")),)),
        network(entropy, "sigmoid"),
    )


def shallow(activation: str) -> Context:
    """Two layers written out: z = W x + b, a = h(z), o = V a, C = ½ Σ (o - y)²."""
    n, m, p = Axis("n"), Axis("m"), Axis("p")
    shapes = {"x": (n,), "z": (m,), "b": (m,), "a": (m,), "o": (p,), "y": (p,), "W": (m, n), "V": (p, m), "C": ()}
    definitions = (
        Definition("z", (), ("i",), add(Sum("j", n, mul(entry("W", "i", "j"), entry("x", "j"))), entry("b", "i"))),
        Definition("a", (), ("i",), fn(activation, entry("z", "i"))),
        Definition("o", (), ("i",), Sum("j", m, mul(entry("V", "i", "j"), entry("a", "j")))),
        Definition("C", (), (), mul(HALF, Sum("i", p, power(sub(entry("o", "i"), entry("y", "i")), 2)))),
    )
    return Context({k: Tensor(k, v) for k, v in shapes.items()}, definitions, frozenset({"h"}))


def written_out() -> Iterator[Named]:
    n, m, p = Axis("n"), Axis("m"), Axis("p")
    cost = entry("C")
    error = sub(entry("o", "i"), entry("y", "i"))
    hidden = Sum("i", p, mul(entry("V", "i", "j"), error))
    for activation in ("h", "tanh"):
        context = shallow(activation)
        slope = fn("h", entry("z", "j"), 1) if activation == "h" else sub(1, power(entry("a", "j"), 2))
        yield (
            f"output weights, {activation}",
            Claim(Diff(cost, entry("V", "i", "j")), mul(error, entry("a", "j")), (("i", p), ("j", m))),
            context,
        )
        yield (
            f"hidden error, {activation}",
            Claim(Diff(cost, entry("z", "j")), mul(hidden, slope), (("j", m),)),
            context,
        )
        yield (
            f"hidden weights, {activation}",
            Claim(Diff(cost, entry("W", "j", "k")), mul(hidden, slope, entry("x", "k")), (("j", m), ("k", n))),
            context,
        )
        yield (
            f"hidden bias, {activation}",
            Claim(Diff(cost, entry("b", "j")), mul(hidden, slope), (("j", m),)),
            context,
        )
    yield (
        "Hessian of the output weights",
        Claim(
            Diff(Diff(cost, entry("V", "i", "j")), entry("V", "k", "l")),
            mul(delta("i", "k"), entry("a", "j"), entry("a", "l")),
            (("i", p), ("j", m), ("k", p), ("l", m)),
        ),
        shallow("h"),
    )


def recurrent() -> Context:
    m, n = Axis("m"), Axis("n")
    t, before = at("t"), at("t") + (-1)
    state = fn(
        "h",
        add(
            Sum("j", m, mul(entry("U", "i", "j"), entry("s", "j", labels=(before,)))),
            Sum("j", n, mul(entry("W", "i", "j"), entry("x", "j", labels=(t,)))),
        ),
    )
    state_of = {"s": Tensor("s", (m,), ("t_",)), "x": Tensor("x", (n,), ("t_",)), "y": Tensor("y", (m,), ("t_",))}
    loss = Sum("t", Range(at(1), at("T")), Sum("i", m, mul(entry("y", "i", labels=(t,)), entry("s", "i", labels=(t,)))))
    tensors = state_of | {"U": Tensor("U", (m, m)), "W": Tensor("W", (m, n)), "C": Tensor("C")}
    definitions = (Definition("s", (t,), ("i",), state), Definition("C", (), (), loss))
    return Context(tensors, definitions, frozenset({"h"}), Family(frozenset({"t"}), "T", 1))


def through_time() -> Iterator[Named]:
    context, m = recurrent(), Axis("m")
    later, before, cost = at("t") + 1, at("t") + (-1), entry("C")

    def s(index: Index, label: Index = "t") -> Entry:
        return entry("s", index, labels=(label,))

    yield (
        "state Jacobian",
        Claim(
            Diff(s("i"), s("j", before)),
            mul(Diff(s("i"), s("i"), True), Diff(s("i"), s("j", before), False)),
            (("i", m), ("j", m)),
        ),
        context,
    )
    yield (
        "state error",
        Claim(
            Diff(cost, s("j")),
            add(
                entry("y", "j", labels=("t",)),
                Sum("i", m, mul(Diff(cost, s("i", later)), Diff(s("i", later), s("j"), False))),
            ),
            (("j", m),),
        ),
        context,
    )
    yield ("last state error", Claim(Diff(cost, s("j", "T")), entry("y", "j", labels=("T",)), (("j", m),)), context)
    shared = Sum(
        "t", Range(at(1), at("T")), Sum("k", m, mul(Diff(cost, s("k")), Diff(s("k"), entry("U", "i", "j"), False)))
    )
    yield ("shared weight", Claim(Diff(cost, entry("U", "i", "j")), shared, (("i", m), ("j", m))), context)


def network_claims() -> Iterator[Named]:
    yield from layers()
    yield from written_out()
    yield from through_time()
