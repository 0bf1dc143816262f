"""The zero test for forms with denominators: outside all sums, and inside them, summand by summand."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from math import ceil

from symbackprop.verification.proof.algebra import Algebra
from symbackprop.verification.proof.generators import Form, Gen, Mono, over_key, over_names
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Over
from symbackprop.verification.terms.walk import over_at

MOST_OUTER = 3  #: indices of one sum over which denominators may run
Summand = tuple[Fraction, Mono]


def cleared(algebra: Algebra, form: Form) -> Form:
    """The form multiplied by all its denominators that stand outside its sums."""
    done: set[str] = set()
    while form.terms:
        gen, need = denominator(form, done)
        if gen is None:
            break
        done.add(gen.key)
        form = multiplied(algebra, form, gen, need)
    return form


def denominator(form: Form, done: set[str]) -> tuple[Gen | None, int]:
    """A power of a sum in a denominator outside all sums, and how often it must be multiplied."""
    worst: dict[str, tuple[Gen, int]] = {}
    for _, mono in form.terms.values():
        bound = {name for name, _ in mono.bounds}
        for gen, exponent in mono.factors:
            if gen.kind == "p" and not gen.symbols & bound and gen.key not in done and exponent <= -1:
                need = ceil(-exponent) if exponent.denominator == 1 else int(-exponent)
                worst[gen.key] = (gen, max(need, worst.get(gen.key, (gen, 0))[1]))
    if not worst:
        return None, 0
    return worst[max(worst, key=lambda key: (worst[key][0].height, key))]


def multiplied(algebra: Algebra, form: Form, gen: Gen, need: int) -> Form:
    """The form times gen^need, exponents added before anything is multiplied out."""
    parts = []
    for coefficient, mono in form.terms.values():
        algebra.meter.spend(1 + len(mono.factors))
        factors = [*mono.factors, (gen, Fraction(need))]
        parts.append(algebra.normal(coefficient, list(mono.bounds), factors))
    return algebra.add(*parts)


def vanishes_under_sums(algebra: Algebra, form: Form, vanishes: Callable[[Form], bool]) -> bool:
    """Whether the summands under the same sums vanish together for any value of the indices in denominators.

    The indices that occur in denominators are fixed; the other bound indices of a summand stay bound.
    """
    summands = list(form.terms.values())
    outer = max((tuple(sorted(_overs(mono))) for _, mono in summands), key=lambda keys: (len(keys), keys))
    if not 0 < len(outer) <= MOST_OUTER:
        return False
    together = [pair for pair in summands if _belongs(pair[1], outer)]
    fixed = _fixed(algebra, together, outer)
    if fixed is None or not vanishes(fixed):
        return False
    rest = [pair for pair in summands if not _belongs(pair[1], outer)]
    return vanishes(Form({mono.key: (coefficient, mono) for coefficient, mono in rest}))


def _divided(mono: Mono) -> list[str]:
    """The bound indices that occur in powers of sums."""
    found = {name for gen, _ in mono.factors if gen.kind == "p" for name in gen.symbols}
    return [name for name, _ in mono.bounds if name in found]


def _overs(mono: Mono) -> list[str]:
    overs = dict(mono.bounds)
    return [over_key(overs[name]) for name in _divided(mono)]


def _belongs(mono: Mono, outer: tuple[str, ...]) -> bool:
    """Whether the denominators of a summand run over these ranges, or it has none and is summed over them too."""
    own = sorted(_overs(mono))
    if own:
        return tuple(own) == outer
    keys = [over_key(over) for _, over in mono.bounds]
    return all(keys.count(key) >= outer.count(key) for key in outer)


def _fixed(algebra: Algebra, summands: list[Summand], outer: tuple[str, ...]) -> Form | None:
    """The summands with the outer indices under common fresh names, averaged over the ways to name them."""
    names = [algebra.names.fresh() for _ in outer]
    parts = []
    for coefficient, mono in summands:
        wanted = set(_divided(mono))
        overs = dict(mono.bounds)
        ways = [
            way
            for way in permutations(overs, len(outer))
            if wanted <= set(way) and tuple(over_key(overs[name]) for name in way) == outer
        ]
        if not ways or any(over_names(overs[name]) & set(overs) for name in overs):
            return None
        parts += [_named(algebra, coefficient / len(ways), mono, dict(zip(way, names, strict=True))) for way in ways]
    return algebra.add(*parts)


def _named(algebra: Algebra, coefficient: Fraction, mono: Mono, chosen: dict[str, str]) -> Form:
    """One summand with fresh names for its bound indices, those that are chosen no longer summed over."""
    env = {name: Affine.symbol(chosen.get(name) or algebra.names.fresh()) for name, _ in mono.bounds}
    overs: dict[str, Over] = {str(env[name].name): over_at(over, env) for name, over in mono.bounds}
    algebra.overs |= overs
    plain, nested = algebra.substituted(mono.factors, env)
    body = algebra.mul(algebra.normal(coefficient, [], plain), nested)
    fixed = set(chosen.values())
    return algebra.sum_over([(name, over) for name, over in overs.items() if name not in fixed], body)
