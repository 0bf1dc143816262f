"""Polynomials in one variable with rational coefficients: where they are zero and what sign they have, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

#: Coefficients, the constant one first, without zeros at the end; the empty one is 0.
Poly: TypeAlias = tuple[Fraction, ...]


def poly(*coefficients: int | Fraction) -> Poly:
    """The polynomial with these coefficients, the constant one first."""
    return _trimmed([Fraction(c) for c in coefficients])


def _trimmed(coefficients: Sequence[Fraction]) -> Poly:
    count = len(coefficients)
    while count and coefficients[count - 1] == 0:
        count -= 1
    return tuple(coefficients[:count])


def plus(left: Poly, right: Poly) -> Poly:
    size = max(len(left), len(right))
    pairs = ((p[k] if k < len(p) else Fraction(0) for p in (left, right)) for k in range(size))
    return _trimmed([sum(pair, Fraction(0)) for pair in pairs])


def times(left: Poly, right: Poly) -> Poly:
    found = [Fraction(0)] * (len(left) + len(right))
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            found[i + j] += a * b
    return _trimmed(found)


def slope(p: Poly) -> Poly:
    """The derivative."""
    return _trimmed([k * c for k, c in enumerate(p)][1:])


def value(p: Poly, at: Fraction) -> Fraction:
    total = Fraction(0)
    for coefficient in reversed(p):
        total = total * at + coefficient
    return total


def divided(left: Poly, right: Poly) -> tuple[Poly, Poly]:
    """The quotient and the remainder."""
    rest, quotient = list(left), [Fraction(0)] * max(0, len(left) - len(right) + 1)
    while len(rest) >= len(right):
        factor, shift = rest[-1] / right[-1], len(rest) - len(right)
        quotient[shift] = factor
        for k, coefficient in enumerate(right):
            rest[shift + k] -= factor * coefficient
        rest = list(_trimmed(rest))
        if not rest:
            break
    return _trimmed(quotient), tuple(rest)


def common(left: Poly, right: Poly) -> Poly:
    """The greatest common divisor, with leading coefficient 1."""
    while right:
        left, right = right, divided(left, right)[1]
    return times(left, (1 / left[-1],)) if left else left


def odd_part(p: Poly) -> Poly:
    """The product of the factors that stand an odd number of times: where the sign of ``p`` changes."""
    found, rest, whole = poly(1), p, common(p, slope(p))
    simple = divided(p, whole)[0]
    odd = True
    while len(simple) > 1:
        rest = divided(rest, simple)[0]
        again = common(simple, rest)
        if odd:
            found = times(found, divided(simple, again)[0])
        simple, odd = again, not odd
    return found


def roots(p: Poly, positive: bool) -> int:
    """How many different real roots there are, or how many above 0, by Sturm's theorem.

    >>> roots(poly(-2, 0, 1), False), roots(poly(-2, 0, 1), True), roots(poly(0, 1), True)
    (2, 1, 0)
    """
    while positive and p[0] == 0:
        p = p[1:]
    chain = [p, slope(p)]
    while chain[-1]:
        chain.append(tuple(-c for c in divided(chain[-2], chain[-1])[1]))
    chain.pop()
    low = [_at_zero(q) for q in chain] if positive else [q[-1] * (-1) ** (len(q) - 1) for q in chain]
    return _changes(low) - _changes([q[-1] for q in chain])


def _at_zero(p: Poly) -> Fraction:
    return p[0]


def _changes(values: Sequence[Fraction]) -> int:
    signs = [v > 0 for v in values if v]
    return sum(a != b for a, b in zip(signs, signs[1:], strict=False))


def never_below(p: Poly, positive: bool, strict: bool) -> bool:
    """Whether ``p`` is nowhere negative on the real numbers, or on those above 0; with ``strict`` nowhere 0 either."""
    if positive:
        while p and p[0] == 0:
            p = p[1:]  # a power of the variable, which is above 0
    if not p:
        return not strict
    changing = p if strict else odd_part(p)
    if len(changing) > 1 and roots(changing, positive):
        return False
    probe = next(x for x in map(Fraction, range(1, len(p) + 2)) if value(p, x))
    return value(p, probe) > 0
