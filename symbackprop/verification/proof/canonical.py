"""Canonical names for the bound indices of a product: colour refinement, then all orders within a colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import permutations, product
from math import factorial, prod

from symbackprop.verification.budget import Meter
from symbackprop.verification.proof.generators import Gen, over_key, over_names, written_factors
from symbackprop.verification.terms.nodes import Over

Bounds = Sequence[tuple[str, Over]]
Factors = Sequence[tuple[Gen, Fraction]]


def canonical_order(bounds: Bounds, factors: Factors, meter: Meter) -> list[str]:
    """The bound symbols in an order that does not depend on their names.

    Symbols that no factor connects, not even through others, are ordered apart: Σ_i x_i Σ_j x_j … has no orders to try.
    """
    if len(bounds) < 2:
        return [name for name, _ in bounds]
    groups = _components(bounds, factors)
    if len(groups) == 1:
        return _connected_order(bounds, factors, meter)
    overs, ordered = dict(bounds), []
    for group in groups:
        own = [(gen, exponent) for gen, exponent in factors if not group.isdisjoint(gen.symbols)]
        order = _connected_order([pair for pair in bounds if pair[0] in group], own, meter)
        marks = {name: f"#{place}" for place, name in enumerate(order)}
        key = ";".join(over_key(overs[name], marks) for name in order) + written_factors(own, marks)
        ordered.append((key, order))
    return [name for _, order in sorted(ordered, key=lambda pair: pair[0]) for name in order]


def _components(bounds: Bounds, factors: Factors) -> list[set[str]]:
    """The bound symbols in groups that no factor and no range connects."""
    names = {name for name, _ in bounds}
    links = [set(gen.symbols & names) for gen, _ in factors]
    links += [{name, *(over_names(over) & names)} for name, over in bounds]
    groups: list[set[str]] = []
    for link in links:
        if link:
            met = [group for group in groups if group & link]
            groups = [group for group in groups if not group & link] + [link.union(*met)]
    return groups


def _connected_order(bounds: Bounds, factors: Factors, meter: Meter) -> list[str]:
    """Colour refinement, then the smallest of all orders within the colours."""
    groups = classes(bounds, factors)
    if all(len(group) == 1 for group in groups):
        return [group[0] for group in groups]
    meter.limit("permutations", prod(factorial(len(group)) for group in groups))
    best: tuple[str, list[str]] | None = None
    for choice in product(*(permutations(group) for group in groups)):
        order = [name for group in choice for name in group]
        meter.spend(len(factors))
        written = written_factors(factors, {name: f"#{place}" for place, name in enumerate(order)})
        if best is None or written < best[0]:
            best = (written, order)
    assert best is not None
    return best[1]


def classes(bounds: Bounds, factors: Factors) -> list[list[str]]:
    """Symbols grouped by how they look from outside, refined until no group splits."""
    names = [name for name, _ in bounds]
    overs = dict(bounds)
    colours = dict.fromkeys(names, "_")
    groups = 0
    while True:
        signatures = {name: _signature(name, overs, colours, factors) for name in names}
        ranks = {text: rank for rank, text in enumerate(sorted(set(signatures.values())))}
        colours = {name: f"_{ranks[signatures[name]]}" for name in names}
        if len(ranks) == groups:
            break
        groups = len(ranks)
    grouped: dict[int, list[str]] = {}
    for name in names:
        grouped.setdefault(ranks[signatures[name]], []).append(name)
    return [grouped[rank] for rank in sorted(grouped)]


def _signature(name: str, overs: dict[str, Over], colours: dict[str, str], factors: Factors) -> str:
    marks = {**colours, name: "*"}
    used = ((gen, exponent) for gen, exponent in factors if name in gen.symbols)
    return over_key(overs[name], marks) + colours[name] + written_factors(used, marks)


def names_at(height: int, count: int) -> Iterable[str]:
    """Names of bound indices at a nesting height; deeper forms use smaller heights."""
    return [f"#{height}.{place}" for place in range(count)]
