"""Sums over parts of their ranges are compared as sums over all whole numbers, under the conditions of their ranges.

``Σ_k ε_k w_{i-k+1}`` and ``Σ_k ε_{i-k+1} w_k`` over the places that exist are one sum: the bound indices are exchanged
for index expressions of the factors (a change of variables that is one to one on whole numbers), and of all such
namings those with the least key are taken. Products of the same factors are then one sum under a sum of indicators,
which vanishes if it does so in every order of the indices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, permutations, product

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.proof import order as orders
from symbackprop.verification.proof.algebra import Algebra, solved
from symbackprop.verification.proof.canonical import classes
from symbackprop.verification.proof.generators import Form, Gen, Mono, number, over_key, over_names, written_factors
from symbackprop.verification.proof.order import Indicated, System
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Axis, Over, Range
from symbackprop.verification.terms.sizes import made_of

MOST_FRAMES = 400  #: ways to choose the new indices of one sum
WHOLE_NUMBERS = Axis("%whole numbers")
Factors = tuple[tuple[Gen, Fraction], ...]
Env = Mapping[str, Affine]
Named = tuple[
    str, tuple[str, ...], "Window", Indicated
]  #: the key of a window, the order of its indices, when it counts


@dataclass(frozen=True)
class Window:
    """``coefficient`` Σ factors over all whole numbers for ``names``, where the conditions hold."""

    coefficient: Fraction
    names: tuple[str, ...]
    factors: Factors
    conditions: System

    def moved(self, algebra: Algebra, names: tuple[str, ...], env: Env) -> Window | None:
        """The same with symbols replaced; ``None`` where that is 0."""
        plain, nested = algebra.substituted(self.factors, env)
        form = algebra.mul(algebra.normal(Fraction(1), [], plain), nested)
        if not form.terms:
            return None
        if form.single is None or form.single[1].bounds:
            raise NotSupported("a product that changes its form when its indices are renamed")
        scale, mono = form.single
        conditions = frozenset(orders.tightened(c.substitute(env)) for c in self.conditions)
        return Window(self.coefficient * scale, names, mono.factors, conditions)


# -- conditions ------------------------------------------------------------------------------------------------------
def size_of(axis: Axis) -> Affine:
    """The size of an axis in an inequality: a number or a symbol that no index has."""
    if axis.size is not None:
        return Affine.of(axis.size)
    whole = None if axis.labels else made_of(axis.name)
    if whole is None:
        return Affine.symbol(f"|{over_key(axis)}")
    return whole.substitute({name: size_of(Axis(name)) for name in whole.symbols})


def range_of(name: str, over: Over) -> list[Affine]:
    """The conditions that an index is in its range."""
    symbol = Affine.symbol(name)
    if isinstance(over, Range):
        return [symbol - over.lo, over.hi - symbol]
    return [symbol + (-1), size_of(over) - symbol]


def known_order(algebra: Algebra, symbols: set[str]) -> System:
    """What is known of index symbols and sizes: the facts about labels, ranges of indices, no axis without entries."""
    found = [*algebra.facts.known, *algebra.order]
    for name in sorted(symbols):
        if name in algebra.overs and name[0] != "#":
            found += range_of(name, algebra.overs[name])
    sizes = {name for c in found for name in c.symbols} | symbols
    found += [Affine.symbol(name) + (-1) for name in sorted(sizes) if name[0] == "|"]
    return frozenset(map(orders.tightened, found))


def condition_form(algebra: Algebra, condition: Affine) -> Form:
    """The indicator of ``condition >= 0``: 1 or 0 where that is known, else a generator."""
    condition = orders.tightened(condition)
    known = known_order(algebra, set(condition.symbols))
    if orders.is_empty({*known, orders.negation(condition)}):
        return number(1)
    if orders.is_empty({*known, condition}):
        return number(0)
    return algebra.normal(Fraction(1), [], [(Gen("o", (), (condition,)), Fraction(1))])


def both_ways(index: Affine, op: str) -> list[Affine]:
    """What is at least 0 where ``index`` stands in this relation to 0."""
    up, down = index, -index
    return {">=": [up], ">": [up + (-1)], "<=": [down], "<": [down + (-1)], "=": [up, down]}[op]


def whole_difference(form: Form) -> Affine:
    """A whole multiple above 0 of a form in indices and sizes of axes without labels, as an index expression."""
    total, scale = Affine(), 1
    for coefficient, _ in form.terms.values():
        scale *= coefficient.denominator
    for coefficient, mono in form.terms.values():
        count = int(coefficient * scale)
        if not mono.factors and not mono.bounds:
            total += count
            continue
        gen, exponent = mono.factors[0]
        labelled = gen.kind == "n" and gen.places
        if mono.bounds or len(mono.factors) > 1 or exponent != 1 or gen.kind not in "wn" or labelled:
            raise NotSupported("an order of indices")
        value = gen.places[0] if gen.kind == "w" else size_of(Axis(gen.atoms[0]))
        total += Affine(tuple((name, c * count) for name, c in value.parts), value.constant * count)
    return total


# -- sums as windows -------------------------------------------------------------------------------------------------
@dataclass
class Group:
    """Sums of the same factors: one of them with the order of its indices, and when each of them counts."""

    window: Window
    order: tuple[str, ...]
    parts: list[Indicated]

    def rank(self) -> tuple[int, int]:
        """How many indices are summed over, and how many symbols occur."""
        return len(self.order), len({name for gen, _ in self.window.factors for name in gen.symbols})


def vanishes_in_order(algebra: Algebra, form: Form) -> bool:
    """Whether a form with shifted indices or conditions on indices is 0 for all values of its factors."""
    if not any(_is_moving(gen) for _, mono in form.terms.values() for gen, _ in mono.factors):
        return False
    groups: dict[str, Group] = {}
    done: set[str] = set()
    try:
        for coefficient, mono in form.terms.values():
            for window in _windows(algebra, coefficient, mono):
                _collect(algebra, window, groups)
        while groups:
            key = max(groups, key=lambda key: (groups[key].rank(), key))
            done.add(key)
            for window in _left_over(algebra, groups.pop(key)):
                _collect(algebra, window, groups)
            if done & groups.keys():
                return False
    except NotSupported:
        return False
    return True


def _collect(algebra: Algebra, window: Window, groups: dict[str, Group]) -> None:
    for key, order, moved, part in _least(algebra, window):
        groups.setdefault(key, Group(moved, order, [])).parts.append(part)


def _left_over(algebra: Algebra, group: Group) -> Iterator[Window]:
    """What is left where one index can have one value only, without that index; ``NotSupported`` if more is left."""
    names = {f"#{place}": name for place, name in enumerate(group.order)}
    symbols = {name for _, conditions in group.parts for c in conditions for name in c.symbols}
    known = known_order(algebra, symbols)
    occurring = {name for gen, _ in group.window.factors for name in gen.symbols}
    for value, case in orders.residues(group.parts, known, algebra.meter.spend):
        facts = frozenset(c.substitute({mark: Affine.symbol(name) for mark, name in names.items()}) for c in case)
        whole = Window(value, group.order, group.window.factors, facts)
        yield from _with_one_less(algebra, whole, known, occurring)


def _with_one_less(algebra: Algebra, window: Window, known: System, occurring: set[str]) -> Iterator[Window]:
    free = sorted(name for name in occurring - set(window.names) if name[0] not in "#|")
    for name in (*window.names, *reversed(free)):
        value = orders.forced(name, window.conditions, known)
        if value is None or name not in window.names and not value.symbols <= occurring:
            continue
        moved = window.moved(algebra, tuple(n for n in window.names if n != name), {name: value})
        if moved is not None:
            gap = Affine.symbol(name) - value  # a free index has this value only where it does
            where = set() if name in window.names else {orders.tightened(gap), orders.tightened(-gap)}
            yield replace(moved, conditions=moved.conditions | where)
        return
    raise NotSupported("a part of a sum that is not 0")


def _is_moving(gen: Gen) -> bool:
    return gen.kind in "od" or any(place.parts and place.name is None for place in gen.places)


def _windows(algebra: Algebra, coefficient: Fraction, mono: Mono) -> Iterator[Window]:
    """One product under its sum, the ranges among the conditions and without deltas that fix an index."""
    bounds, body = algebra.opened(list(mono.bounds), mono.factors)
    names = tuple(name for name, _ in bounds)
    if any(isinstance(over, Axis) and over_names(over) & set(names) for _, over in bounds):
        raise NotSupported("a range that depends on an index")
    ranges = [condition for name, over in bounds for condition in range_of(name, over)]
    for scale, inner in body.terms.values():
        if inner.bounds:
            raise NotSupported("a sum within a product")
        own = [gen.places[0] for gen, _ in inner.factors if gen.kind == "o"]
        conditions = frozenset(map(orders.tightened, [*ranges, *own]))
        factors = tuple((gen, exponent) for gen, exponent in inner.factors if gen.kind != "o")
        window = _without_deltas(algebra, Window(coefficient * scale, names, factors, conditions))
        if window is not None:
            yield window


def _without_deltas(algebra: Algebra, window: Window) -> Window | None:
    """Each delta fixes a bound index, or is a condition."""
    gen = next((gen for gen, _ in window.factors if gen.kind == "d"), None)
    if gen is None:
        return window
    difference = gen.places[0] - gen.places[1]
    factors = tuple(pair for pair in window.factors if pair[0].key != gen.key)
    values = {name: value for name in window.names if (value := solved(difference, name)) is not None}
    if not values:
        both = window.conditions | {orders.tightened(difference), orders.tightened(-difference)}
        return _without_deltas(algebra, Window(window.coefficient, window.names, factors, both))
    name = min(values)
    rest = Window(window.coefficient, window.names, factors, window.conditions)
    moved = rest.moved(algebra, tuple(n for n in window.names if n != name), {name: values[name]})
    return None if moved is None else _without_deltas(algebra, moved)


# -- new indices -----------------------------------------------------------------------------------------------------
def _least(algebra: Algebra, window: Window) -> list[Named]:
    """The window under each of the namings with the least key, each with its share."""
    found = [
        named
        for env, names in _frames(algebra, window)
        if (moved := window.moved(algebra, names, env)) is not None
        for named in _named(algebra, moved)
    ]
    least = min((key for key, *_ in found), default="")
    kept = [named for named in found if named[0] == least]
    return [(key, order, moved, (c / len(kept), conditions)) for key, order, moved, (c, conditions) in kept]


def _named(algebra: Algebra, window: Window) -> Iterator[Named]:
    """All orders of the indices of a window that look the same from outside."""
    groups = classes([(name, WHOLE_NUMBERS) for name in window.names], window.factors) if window.names else []
    for choice in product(*(permutations(group) for group in groups)):
        order = tuple(name for group in choice for name in group)
        algebra.meter.spend(1 + len(window.factors))
        marks = {name: f"#{place}" for place, name in enumerate(order)}
        env = {name: Affine.symbol(mark) for name, mark in marks.items()}
        conditions = frozenset(orders.tightened(c.substitute(env)) for c in window.conditions)
        yield f"{len(order)}:{written_factors(window.factors, marks)}", order, window, (window.coefficient, conditions)


def _frames(algebra: Algebra, window: Window) -> Iterator[tuple[dict[str, Affine], tuple[str, ...]]]:
    """Ways to exchange the bound indices for as many index expressions of the factors: old ones by new ones."""
    bound = set(window.names)
    places = {place for gen, _ in window.factors for place in _places(gen) if place.symbols & bound}
    for name in sorted(bound - {name for place in places for name in place.symbols}):
        places.add(Affine.symbol(name))
    shifted = {name for place in places if place.name is None for name in place.symbols & bound}
    choices = sorted((place for place in places if place.symbols & shifted), key=str)
    count = 0
    for chosen in combinations(choices, len(shifted)):
        new = {algebra.names.fresh(): place for place in chosen}
        env = _inverted(sorted(shifted), new)
        if env is not None:
            count += 1
            algebra.meter.spend(len(chosen))
            if count > MOST_FRAMES:
                raise NotSupported("a sum with too many shifted indices")
            yield env, (*sorted(bound - shifted), *new)
    if not count:
        yield {}, window.names


def _places(gen: Gen) -> Iterator[Affine]:
    """The index expressions of a factor, but for those with indices that are bound within it."""
    yield from gen.places
    inner = {name for name, _ in gen.overs}
    for sub in gen.subs:
        for _, mono in sub.terms.values():
            hidden = inner | {name for name, _ in mono.bounds}
            for factor, _ in mono.factors:
                yield from (place for place in _places(factor) if not place.symbols & hidden)


def _inverted(names: list[str], new: Mapping[str, Affine]) -> dict[str, Affine] | None:
    """The old indices by the new ones, solved one by one; each step is one to one on whole numbers."""
    equations = [place - Affine.symbol(symbol) for symbol, place in new.items()]
    env: dict[str, Affine] = {}
    while equations:
        able = ((eq, name) for eq in equations for name in names if name not in env and solved(eq, name) is not None)
        found = next(able, None)
        if found is None:
            return None
        step = {found[1]: solved(*found) or Affine()}
        equations = [eq.substitute(step) for eq in equations if eq is not found[0]]
        env = {name: value.substitute(step) for name, value in env.items()} | step
    return env
