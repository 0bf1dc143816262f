"""Claims proved by induction over a label: powers of matrices, products of slopes over times, sums over times."""

from __future__ import annotations

from collections.abc import Iterator

from symbackprop.verification.terms.build import Index, add, at, delta, div, entry, fn, mul, num, power, sub
from symbackprop.verification.terms.context import PRODUCT, Claim, Context, Definition, Family, Tensor
from symbackprop.verification.terms.nodes import Axis, Diff, Entry, Expect, Prod, Range, Relation, Sum, Term, Whole

Named = tuple[str, Claim, Context]
N = Axis("n")
STEPS = Family(frozenset({"t"}), "T", 1)


def state(label: Index, *indices: Index) -> Entry:
    return entry("h", *indices, labels=(label,))


def matrix_power(name: str, base: str) -> tuple[Definition, Definition]:
    """``name``^{(s)} = ``base``^s by its recursion."""
    last = Sum("k", N, mul(entry(base, "i", "k"), entry(name, "k", "j", labels=(at("s") + (-1),))))
    return (
        Definition(name, (at(0),), ("i", "j"), delta("i", "j")),
        Definition(name, (at("s"),), ("i", "j"), last),
    )


def powers() -> Iterator[Named]:
    """W = V Λ V⁻¹ with its powers, Λ a diagonal and any matrix."""
    square, free = (N, N), (("i", N), ("j", N))
    diagonal = Sum("k", N, mul(entry("V", "i", "k"), entry("d", "k"), entry("U", "k", "j")))
    tensors = {n: Tensor(n, square) for n in "VW"} | {"d": Tensor("d", (N,)), "U": Tensor("U", square, inverse_of="V")}
    tensors |= {n: Tensor(n, square, ("s_",)) for n in "PQ"} | {"A": Tensor("A", square)}
    family = Family(frozenset({"s"}), None, 1)
    context = Context(tensors, (Definition("W", (), ("i", "j"), diagonal), *matrix_power("P", "W")), family=family)
    eigen = mul(entry("V", "i", "k"), power(entry("d", "k"), Whole(at("s"))), entry("U", "k", "j"))
    yield "power by eigenvalues", Claim(entry("P", "i", "j", labels=("s",)), Sum("k", N, eigen), free), context
    between = Sum("k", N, Sum("q", N, mul(entry("V", "i", "k"), entry("A", "k", "q"), entry("U", "q", "j"))))
    similar = Context(
        tensors,
        (Definition("W", (), ("i", "j"), between), *matrix_power("P", "W"), *matrix_power("Q", "A")),
        family=family,
    )
    inner = mul(entry("V", "i", "k"), entry("Q", "k", "q", labels=("s",)), entry("U", "q", "j"))
    right = Sum("k", N, Sum("q", N, inner))
    yield "power of similar matrices", Claim(entry("P", "i", "j", labels=("s",)), right, free), similar
    yield "third power", Claim(entry("P", "i", "j", labels=(3,)), cube("W"), free), context


def cube(name: str) -> Term:
    inner = mul(entry(name, "i", "p"), entry(name, "p", "q"), entry(name, "q", "j"))
    return Sum("p", N, Sum("q", N, inner))


def recurrent() -> Iterator[Named]:
    """h_t = f(w h_{t-1} + x_t): slopes over many steps."""
    before = at("t") + (-1)
    body = fn("f", add(mul(entry("w"), state(before)), entry("x", labels=("t",))))
    tensors = {n: Tensor(n, (), ("t_",)) for n in "hx"} | {n: Tensor(n) for n in "wC"}
    definitions = (Definition("h", (at("t"),), (), body), Definition("C", (), (), power(state("T"), 2)))
    context = Context(tensors, definitions, frozenset("f"), STEPS)
    one = Diff(state("k"), state(at("k") + (-1)))
    chained = Prod("k", Range(at("t") + 1, at("T")), one)
    yield "slope over many steps", Claim(Diff(state("T"), state("t")), chained), context
    between = Prod("k", Range(at("r") + 1, at("t")), one)
    yield "slope between any two times", Claim(Diff(state("t"), state("r")), between), context
    explicit = mul(entry("w"), fn("f", add(mul(entry("w"), state(at("k") + (-1))), entry("x", labels=("k",))), 1))
    product = Prod("k", Range(at("t") + 1, at("T")), explicit)
    yield "slope over many steps, explicit", Claim(Diff(state("T"), state("t")), product), context
    through = Sum("t", Range(at(1), at("T")), mul(2, state("T"), chained, Diff(state("t"), entry("w"), False)))
    yield "weight through all times", Claim(Diff(entry("C"), entry("w")), through), context
    linear = Context(tensors, (Definition("h", (at("t"),), (), mul(entry("w"), state(before))),), family=STEPS)
    yield (
        "linear recurrence",
        Claim(state("t"), mul(power(entry("w"), Whole(at("t"))), state(0))),
        linear,
    )


def arrays() -> Iterator[Named]:
    """h_t = tanh(W h_{t-1} + b): the Jacobian over many steps is the ordered product of the steps."""
    before = at("t") + (-1)
    pre = add(Sum("k", N, mul(entry("W", "i", "k"), state(before, "k"))), entry("b", "i"))
    tensors = {"h": Tensor("h", (N,), ("t_",)), "W": Tensor("W", (N, N)), "b": Tensor("b", (N,))}
    tensors |= {"J": Tensor("J", (N, N), ("t_",))}
    onward = Diff(state(at("t") + 1, "k"), state("t", "j"))
    ordered = Sum("k", N, mul(entry("J", "i", "k", labels=(at("t") + 1,)), onward))
    definitions = (
        Definition("h", (at("t"),), ("i",), fn("tanh", pre)),
        Definition("J", (at("T"),), ("i", "j"), delta("i", "j")),
        Definition("J", (at("t"),), ("i", "j"), ordered),
    )
    context = Context(tensors, definitions, family=STEPS)
    free = (("i", N), ("j", N))
    right = entry("J", "i", "j", labels=("t",))
    yield "Jacobian over many steps", Claim(Diff(state("T", "i"), state("t", "j")), right, free), context


def differences() -> Iterator[Named]:
    """h_t = W h_{t-1}: a power of W leads from one time to another, and is the Jacobian between them."""
    name = PRODUCT + "W"
    body = Sum("k", N, mul(entry("W", "i", "k"), state(at("t") + (-1), "k")))
    tensors = {"h": Tensor("h", (N,), ("t_",)), "W": Tensor("W", (N, N)), name: Tensor(name, (N, N), ("s_",))}
    context = Context(tensors, (Definition("h", (at("t"),), ("i",), body), *matrix_power(name, "W")), family=STEPS)
    right = entry(name, "i", "j", labels=(at("t") - at("r"),))
    claim = Claim(Diff(state("t", "i"), state("r", "j")), right, (("i", N), ("j", N)))
    yield "power over a difference of times", claim, context
    onward = Sum("j", N, mul(entry(name, "i", "j", labels=(at("t") - at("r"),)), state("r", "j")))
    yield "state from an earlier one", Claim(state("t", "i"), onward, (("i", N),)), context


def averages() -> Context:
    """h_t = b h_{t-1} + g_t with random g_t of mean m and h_0 = 0."""
    body = add(mul(entry("b"), state(at("t") + (-1))), entry("g", labels=("t",)))
    tensors = {"b": Tensor("b"), "m": Tensor("m"), "h": Tensor("h", (), ("t_",))}
    tensors |= {"g": Tensor("g", (), ("t_",), entry("m"), num(1))}
    start = Relation(state(0), "=", num(0))
    return Context(
        tensors, (Definition("h", (at("t"),), (), body),), family=Family(STEPS.running), assumptions=(((), start),)
    )


def means() -> Iterator[Named]:
    """The mean of a running sum of random numbers."""
    end = div(sub(1, power(entry("b"), Whole(at("t")))), sub(1, entry("b")))
    yield "mean through a recursion", Claim(Expect(state("t")), mul(end, entry("m"))), averages()


def shared() -> Iterator[Named]:
    """A weight that every time uses: its slope in a loss of one time is a sum up to that time."""
    before = at("t") + (-1)
    tensors = {n: Tensor(n, (), ("t_",)) for n in "hxL"} | {"w": Tensor("w")}
    body = fn("tanh", add(mul(entry("w"), state(before)), entry("x", labels=("t",))))
    definitions = (Definition("h", (at("t"),), (), body), Definition("L", (at("t"),), (), fn("f", state("t"))))
    context = Context(tensors, definitions, frozenset("f"), STEPS)
    loss = entry("L", labels=("t",))
    direct = mul(Diff(loss, state("t")), Diff(state("t"), state("k")), Diff(state("k"), entry("w"), False))
    yield (
        "weight in a loss of one time",
        Claim(Diff(loss, entry("w")), Sum("k", Range(at(1), at("t")), direct)),
        context,
    )


#: What the rules of this page do not prove.
NOT_RECURSIVE: dict[str, Named] = {
    "mean of a square through a recursion": (
        "",
        Claim(Expect(power(state("t"), 2)), power(Expect(state("t")), 2)),
        averages(),
    ),
}


def recursive_claims() -> Iterator[Named]:
    yield from means()
    yield from shared()
    yield from powers()
    yield from differences()
    yield from recurrent()
    yield from arrays()
