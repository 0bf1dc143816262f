"""Orders of whole numbers: what inequalities between index expressions say, and sums of indicators that vanish.

A condition is an :class:`Affine` that is to be at least 0. Rational elimination decides less than what holds of whole
numbers: a system that it does not find to be empty counts as one that may have a solution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from math import gcd

from symbackprop.verification.terms.affine import Affine

MOST_CONDITIONS = 200  #: of a system under elimination; a larger one is taken to have solutions
System = frozenset[Affine]
Indicated = tuple[Fraction, System]  #: a coefficient times the indicator of some conditions


def tightened(condition: Affine) -> Affine:
    """The same condition on whole numbers with the smallest coefficients.

    >>> i = Affine.symbol("i")
    >>> str(tightened(i + i + (-3))), str(tightened(Affine.of(5)))
    ('i - 2', '1')
    """
    if not condition.parts:
        return Affine.of(1 if condition.constant >= 0 else -1)
    common = gcd(*(count for _, count in condition.parts))
    return Affine(tuple((name, count // common) for name, count in condition.parts), condition.constant // common)


def negation(condition: Affine) -> Affine:
    """What holds where ``condition >= 0`` does not."""
    return tightened(-condition + (-1))


def is_empty(conditions: Iterable[Affine]) -> bool:
    """Whether no whole numbers meet all conditions, as far as eliminating one symbol after another shows.

    >>> i, n = Affine.symbol("i"), Affine.symbol("n")
    >>> is_empty([i + (-1), n - i, -n]), is_empty([i + (-1), n - i])
    (True, False)
    """
    system = _tightest(conditions)
    while system is not None:
        symbols = sorted({name for condition in system for name in condition.symbols})
        if not symbols or len(system) > MOST_CONDITIONS:
            return False
        system = _tightest(_without(min(symbols, key=lambda name: (_cost(name, system or []), name)), system))
    return True


def _tightest(conditions: Iterable[Affine]) -> list[Affine] | None:
    """The strictest condition of each direction; ``None`` where one can never hold."""
    found: dict[tuple[tuple[str, int], ...], int] = {}
    for condition in map(tightened, conditions):
        if not condition.parts:
            if condition.constant < 0:
                return None
            continue
        found[condition.parts] = min(condition.constant, found.get(condition.parts, condition.constant))
    return [Affine(parts, constant) for parts, constant in found.items()]


def _signs(name: str, system: list[Affine]) -> tuple[list[tuple[int, Affine]], list[tuple[int, Affine]]]:
    counted = [(dict(condition.parts).get(name, 0), condition) for condition in system]
    return [pair for pair in counted if pair[0] > 0], [pair for pair in counted if pair[0] < 0]


def _cost(name: str, system: list[Affine]) -> int:
    above, below = _signs(name, system)
    return len(above) * len(below) - len(above) - len(below)


def _without(name: str, system: list[Affine]) -> list[Affine]:
    """The conditions on the other symbols under which some rational number stands for this one."""
    above, below = _signs(name, system)
    kept = [condition for condition in system if name not in condition.symbols]
    return kept + [_times(-d, low) + _times(c, high) for c, low in above for d, high in below]


def _times(factor: int, condition: Affine) -> Affine:
    return Affine(tuple((name, count * factor) for name, count in condition.parts), condition.constant * factor)


def residues(
    terms: Iterable[Indicated], known: System, spend: Callable[[int], None], path: System = frozenset()
) -> Iterator[Indicated]:
    """The cases in which a sum of indicators is not 0, each with its value: condition by condition holds or not.

    >>> i = Affine.symbol("i")
    >>> split = [(Fraction(1), frozenset({i})), (Fraction(1), frozenset({-i + (-1)})), (Fraction(-1), frozenset())]
    >>> len(list(residues(split, frozenset(), lambda count: None)))
    0
    >>> [str(c) for _, case in residues(split[1:], frozenset(), lambda count: None) for c in case]
    ['i']
    """
    merged: dict[System, Fraction] = {}
    for coefficient, conditions in terms:
        merged[conditions] = merged.get(conditions, Fraction(0)) + coefficient
    left = {conditions: coefficient for conditions, coefficient in merged.items() if coefficient}
    spend(1 + len(known) + len(path) + sum(map(len, left)))
    open_conditions = sorted({c for conditions in left for c in conditions}, key=str)
    if not open_conditions:
        yield from ((coefficient, path) for coefficient in left.values())
        return
    most = max(open_conditions, key=lambda c: sum(c in conditions for conditions in left))
    for fact, holds in ((most, True), (negation(most), False)):
        if not is_empty({*known, *path, fact}):
            cases = [(c, rest - {most}) for rest, c in left.items() if holds or most not in rest]
            yield from residues(cases, known, spend, path | {fact})


def forced(name: str, facts: System, known: System) -> Affine | None:
    """The one value that conditions leave to a symbol, if they say so.

    >>> i, n = Affine.symbol("i"), Affine.symbol("n")
    >>> str(forced("i", frozenset({i - n, n - i}), frozenset()))
    'n'
    """
    for fact in sorted(facts | known, key=str):
        if dict(fact.parts).get(name) in (1, -1) and is_empty({*facts, *known, fact + (-1)}):
            rest = fact - Affine(((name, dict(fact.parts)[name]),))
            return -rest if dict(fact.parts)[name] == 1 else rest
    return None
