"""Claims about sums over parts of their ranges: shifted indices, orders of indices, moved sums; and random ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.build import Index, add, at, delta, entry, fn, mul, num, sub
from symbackprop.verification.terms.context import Claim, Context, Definition, Family, Tensor
from symbackprop.verification.terms.nodes import (
    Axis,
    Call,
    Cases,
    Diff,
    Entry,
    Lambda,
    Range,
    Relation,
    Size,
    Sum,
    Term,
    Whole,
)
from symbackprop.verification.terms.walk import Names, children, freshen, map_children

Named = tuple[str, Claim, Context]
N, K, M = Axis("n"), Axis("k"), Axis("m")
HERE, J, Q = (Affine.symbol(name) for name in "ijq")


def where(body: Term, *relations: Relation) -> Term:
    """The body where all relations hold, else 0."""
    return Cases(((relations, body),), num(0))


def order(left: Index, op: str, right: Index | Axis) -> Relation:
    high = Size(right) if isinstance(right, Axis) else Whole(at(right))
    return Relation(Whole(at(left)), op, high)  # type: ignore[arg-type]


def padded(name: str, *places: tuple[Affine, Axis]) -> Term:
    """An entry, 0 outside of its axes."""
    inside = [relation for place, axis in places for relation in (order(1, "<=", place), order(place, "<=", axis))]
    return where(Entry(name, (), tuple(place for place, _ in places)), *inside)


def doubled(index: Affine) -> Affine:
    return index + index


def network(seen: Affine, size: Axis = M) -> Context:
    """y_i = Σ_q w_q x_{seen(i, q)} over m places, and an unknown loss of y."""
    forward = Sum("q", K, mul(entry("w", "q"), padded("x", (seen, N))))
    loss = Call("ell", (), (), (Lambda((("i", size),), entry("y", "i")),))
    definitions = (Definition("y", (), ("i",), forward), Definition("J", (), (), loss))
    tensors = {"x": Tensor("x", (N,)), "w": Tensor("w", (K,)), "y": Tensor("y", (size,)), "J": Tensor("J")}
    return Context(tensors, definitions, frozenset({"ell"}))


def error(place: Affine) -> Term:
    """∂J/∂y at a place, 0 outside of it; the derivative is taken by an entry that exists."""
    slope = Sum("p", M, mul(delta("p", place), Diff(entry("J"), entry("y", "p"))))
    return where(slope, order(1, "<=", place), order(place, "<=", M))


def convolutions() -> Iterator[Named]:
    window = network(HERE + Q + (-1))
    seen = Sum("i", M, mul(Diff(entry("J"), entry("y", "i")), padded("x", (HERE + Q + (-1), N))))
    yield "kernel of a convolution", Claim(Diff(entry("J"), entry("w", "q")), seen, (("q", K),)), window
    full = Sum("q", K, mul(error(HERE - Q + 1), entry("w", "q")))
    yield "input of a convolution", Claim(Diff(entry("J"), entry("x", "i")), full, (("i", N),)), window
    taps = Sum("j", M, mul(Diff(entry("J"), entry("y", "j")), padded("w", (HERE - J + 1, K))))
    yield "taps of a convolution", Claim(Diff(entry("J"), entry("x", "i")), taps, (("i", N),)), window
    strided = network(doubled(HERE) + Q + (-2))
    taps = Sum("j", M, mul(Diff(entry("J"), entry("y", "j")), padded("w", (HERE - doubled(J) + 2, K))))
    yield "input of a strided convolution", Claim(Diff(entry("J"), entry("x", "i")), taps, (("i", N),)), strided


def orders() -> Iterator[Named]:
    known = Context({"x": Tensor("x", (N,)), "y": Tensor("y", (N,))})
    both = mul(entry("x", "i"), entry("x", "j"))
    square = mul(Sum("i", N, entry("x", "i")), Sum("j", N, entry("x", "j")))
    below = Sum("i", N, Sum("j", N, where(both, order("i", "<", "j"))))
    equal = Sum("i", N, mul(entry("x", "i"), entry("x", "i")))
    yield "square of a sum by order", Claim(square, add(mul(2, below), equal)), known
    pair = mul(entry("x", "i"), entry("y", "j"))
    upper = Sum("i", N, Sum("j", N, where(pair, order("j", ">=", "i"))))
    lower = Sum("j", N, Sum("i", N, where(mul(entry("x", "j"), entry("y", "i")), order("j", "<=", "i"))))
    yield "sums in either order", Claim(upper, lower), known
    ahead = Sum("i", N, mul(padded("x", (HERE + 1, N)), entry("y", "i")))
    behind = Sum("i", N, mul(entry("x", "i"), padded("y", (HERE + (-1), N))))
    yield "summation by parts", Claim(ahead, behind), known
    gap = mul(padded("x", (HERE + 1, N)), padded("y", (HERE + 1, N)))
    rest = sub(Sum("i", N, mul(entry("x", "i"), entry("y", "i"))), Sum("i", N, gap))
    first = Sum("i", N, mul(delta("i", 1), entry("x", "i"), entry("y", "i")))
    yield "what a shift leaves", Claim(rest, first), known


def moved_ranges() -> Iterator[Named]:
    tensors = {name: Tensor(name, (), ("t_",)) for name in "ab"}
    context = Context(tensors, family=Family(frozenset({"t"}), "T", 1))
    body = mul(entry("a", labels=("r",)), entry("b", labels=(at("r") + 1,)))
    moved = mul(entry("a", labels=(at("s") + (-1),)), entry("b", labels=("s",)))
    left = Sum("r", Range(at("t"), at("T") + (-1)), body)
    yield "range moved by one", Claim(left, Sum("s", Range(at("t") + 1, at("T")), moved)), context


def window_claims() -> Iterator[Named]:
    yield from convolutions()
    yield from orders()
    yield from moved_ranges()


def _near_misses() -> Iterator[Named]:
    window = network(HERE + Q + (-1))
    correlated = Sum("q", K, mul(error(HERE + Q + (-1)), entry("w", "q")))
    yield "kernel not turned", Claim(Diff(entry("J"), entry("x", "i")), correlated, (("i", N),)), window
    late = Sum("i", M, mul(Diff(entry("J"), entry("y", "i")), padded("x", (HERE + Q, N))))
    yield "window one late", Claim(Diff(entry("J"), entry("w", "q")), late, (("q", K),)), window
    known = Context({"x": Tensor("x", (N,)), "y": Tensor("y", (N,))})
    pair = mul(entry("x", "i"), entry("y", "j"))
    split = [Sum("i", N, Sum("j", N, where(pair, order("i", op, "j")))) for op in ("<", ">")]
    whole = Sum("i", N, Sum("j", N, pair))
    yield "equal indices left out", Claim(add(*split), whole), known
    wide = [Sum("i", N, Sum("j", N, where(pair, order("i", op, "j")))) for op in ("<=", ">=")]
    yield "equal indices twice", Claim(add(*wide), whole), known
    yield (
        "order does not matter",
        Claim(mul(2, split[0]), sub(whole, Sum("i", N, mul(entry("x", "i"), entry("y", "i"))))),
        known,
    )
    gap = Sum("i", N, padded("x", (HERE + 1, N)))
    yield "first left out", Claim(gap, Sum("i", N, entry("x", "i"))), known
    every = Sum("i", N, where(entry("x", "i"), order(doubled(HERE), "<=", N)))
    yield "first half", Claim(every, Sum("i", N, entry("x", "i"))), known
    even = Sum("i", N, mul(padded("x", (doubled(HERE), N)), padded("y", (doubled(HERE), N))))
    yield "even places", Claim(even, Sum("i", N, mul(entry("x", "i"), entry("y", "i")))), known
    ((_, claim, context),) = moved_ranges()
    assert isinstance(claim.right, Sum) and isinstance(claim.right.over, Range)
    longer = replace(claim.right, over=Range(at("t"), claim.right.over.hi))
    yield "range not moved", replace(claim, right=longer), context
    other = Sum("i", N, mul(entry("x", "i"), padded("y", (HERE + (-1), N))))
    same = Sum("i", N, mul(padded("y", (HERE + 1, N)), entry("x", "i")))
    yield "shifted the other way", Claim(same, other), known
    short = Sum("i", N, where(entry("x", "i"), order("i", "<=", 2)))
    yield "two of one", Claim(short, Sum("i", N, mul(delta("i", 1), entry("x", "i")))), known
    free = (("i", N), ("j", N))
    once = where(pair, order("i", "<=", "j"), order("j", "<=", "i"))
    yield "where two are one", Claim(once, mul(entry("x", "i"), entry("y", "i")), free), known
    double = Sum("i", N, mul(delta(doubled(HERE), J), entry("x", "i")))
    yield "delta of a double", Claim(double, Sum("i", N, entry("x", "i")), (("j", N),)), known
    taps = Context({"w": Tensor("w", (K,))})
    above = Sum("q", K, where(entry("w", "q"), order("q", ">", 1)))
    yield "longer axis", Claim(above, Sum("i", N, padded("w", (HERE + 1, K)))), taps
    both = mul(padded("x", (HERE + 1, N)), padded("y", (HERE + 1, N)))
    yield "place left out of a shift", Claim(Sum("i", N, where(both, order("i", ">", 1))), Sum("i", N, both)), known


NOT_WINDOWED: dict[str, Named] = {named[0]: named for named in _near_misses()}


# -- random claims ---------------------------------------------------------------------------------------------------
RANDOM = Context({name: Tensor(name, (axis,)) for name, axis in (("x", N), ("y", N), ("w", K))})
FREE = (("i", N), ("j", K))


def random_window(chance: Random, depth: int, scope: tuple[tuple[str, Axis], ...] = FREE) -> Term:
    """A sum of products of entries at shifted places, under orders of indices."""
    kind = chance.choices(range(5), (3, 4, 5, 2, 1))[0] if depth else 5
    if kind == 0:
        return add(random_window(chance, depth - 1, scope), random_window(chance, depth - 1, scope))
    if kind == 1:
        return mul(random_window(chance, depth - 1, scope), random_window(chance, depth - 1, scope))
    if kind == 2:
        name, axis = chance.choice("ijpq"), chance.choice((N, K))
        inner = (*(pair for pair in scope if pair[0] != name), (name, axis))
        return Sum(name, axis, random_window(chance, depth - 1, inner))
    if kind == 3:
        left, right = random_index(chance, scope), chance.choice([random_index(chance, scope), N, K])
        op = chance.choice(("<", "<=", ">", ">=", "=", "!="))
        return where(random_window(chance, depth - 1, scope), order(left, op, right))
    if kind == 4:
        return fn("h", random_window(chance, depth - 1, scope))
    name, axis = chance.choice((("x", N), ("y", N), ("w", K)))
    return padded(name, (random_index(chance, scope), axis))


def random_index(chance: Random, scope: tuple[tuple[str, Axis], ...]) -> Affine:
    place = Affine.of(chance.choice((-1, 0, 0, 0, 1)))
    for name in chance.sample([name for name, _ in scope], chance.choice((1, 1, 2))):
        part = Affine.symbol(name)
        place += chance.choice((part, part, part, -part, part + part))
    return place


def reindexed(term: Term, chance: Random) -> Term:
    """The same value with sums split by an order, or taken over a shifted or mirrored index of another axis."""
    term = map_children(term, lambda child: reindexed(child, chance))
    if not isinstance(term, Sum) or not isinstance(term.over, Axis) or chance.random() < 0.4:
        return term
    here, body = Affine.symbol(term.index), term.body
    if chance.random() < 0.4:
        edge = chance.choice((1, 2, 3))
        parts = [where(body, order(here, op, edge)) for op in ("<=", ">")]
        return add(*(Sum(term.index, term.over, part) for part in parts))
    mark, other, shift = f"r{chance.randrange(10**9)}", chance.choice((N, K)), chance.choice((-1, 0, 1, 2))
    new = Affine.symbol(mark)
    image, back = chance.choice(((here + shift, new - shift), (-here + shift, -new + shift)))
    moved = freshen(body, {term.index: back}, Names(f"{mark}."))
    inside = Sum(mark, other, where(moved, order(1, "<=", back), order(back, "<=", term.over)))
    outside = [where(body, order(image, "<", 1)), where(body, order(image, ">", other))]
    return add(inside, *(Sum(term.index, term.over, part) for part in outside))


def slips(term: Term) -> Iterator[tuple[str, Claim]]:
    """The term with one order or one shift of it changed."""
    for what, changed in _slips(term):
        yield what, Claim(term, changed, FREE)


def _slips(term: Term) -> Iterator[tuple[str, Term]]:
    if isinstance(term, Cases):
        ((relations, body),) = term.cases
        for place, relation in enumerate(relations):
            weaker = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<=", "!=": "<"}[relation.op]
            other = replace(relation, op=weaker)
            yield "an order", where(body, *relations[:place], other, *relations[place + 1 :])
            yield "a range left out", where(body, *relations[:place], *relations[place + 1 :])
    if isinstance(term, Entry) and term.indices:
        yield "a shift", replace(term, indices=(term.indices[0] + 1,))
    for place, child in enumerate(children(term)):
        for what, changed in _slips(child):
            parts = iter(range(place + len(children(term)) + 1))
            yield what, map_children(term, lambda c, k=place, n=parts, new=changed: new if next(n) == k else c)
