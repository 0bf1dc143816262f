"""Geometric sums: Σ r^k from a to b is (r^a - r^{b+1}) / (1 - r).

The two sides of a claim are continuous in r where it is 1, so what is proved of every other r holds there as well.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol

from symbackprop.verification.proof.generators import ONE, Form, Gen
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Axis, Over

BOUND = ("#", "%")


class Arithmetic(Protocol):
    """What a geometric sum needs of the algebra."""

    def add(self, *forms: Form) -> Form: ...
    def sub(self, left: Form, right: Form) -> Form: ...
    def mul(self, left: Form, right: Form) -> Form: ...
    def scale(self, factor: Fraction | int, form: Form) -> Form: ...
    def raised(self, form: Form, exponent: Fraction) -> Form: ...
    def exp(self, argument: Form) -> Form: ...
    def symbolic_power(self, base: Form, exponent: Form) -> Form: ...
    def affine(self, index: Affine) -> Form: ...
    def length(self, over: Over) -> Form: ...
    def normal(
        self, coefficient: Fraction, bounds: list[tuple[str, Over]], factors: list[tuple[Gen, Fraction]]
    ) -> Form: ...


def geometric_sum(algebra: Arithmetic, powers: list[tuple[Gen, Fraction]], name: str, over: Over) -> Form | None:
    """Σ over ``name`` of the product of these powers; ``None`` where they are no powers of one free number."""
    index = Affine.symbol(name)
    rates = [_rate(algebra, gen, index) for gen, _ in powers]
    length = algebra.length(over)
    open_end = any(gen.kind == "N" for _, mono in length.terms.values() for gen, _ in mono.factors)
    if open_end or any(rate is None for rate in rates):
        return None

    def power(exponent: Form) -> Form:
        total = ONE
        for (gen, count), rate in zip(powers, rates, strict=True):
            assert rate is not None
            whole = algebra.scale(count, exponent)
            one = algebra.symbolic_power(rate, whole) if gen.kind == "y" else algebra.exp(algebra.mul(whole, rate))
            total = algebra.mul(total, one)
        return total

    low = ONE if isinstance(over, Axis) else algebra.affine(over.lo)
    ratio = power(ONE)
    if any(symbol[0] in BOUND for symbol in ratio.symbols) or ratio.constant == 1:
        return None
    ends = algebra.sub(power(low), power(algebra.add(low, length)))
    return algebra.mul(ends, algebra.raised(algebra.sub(ONE, ratio), Fraction(-1)))


def _rate(algebra: Arithmetic, gen: Gen, index: Affine) -> Form | None:
    """The b of ``b^k``, or the c of ``exp(c k)``, for the index k."""
    if gen.kind not in "xy":
        return None
    ((coefficient, mono),) = gen.subs[-1].terms.values()
    others = [(g, k) for g, k in mono.factors if not index.symbols & g.symbols]
    here = [(g, k) for g, k in mono.factors if index.symbols & g.symbols]
    if mono.bounds or len(here) != 1 or here[0][1] != 1 or (here[0][0].kind, here[0][0].places) != ("w", (index,)):
        return None
    if gen.kind == "x":
        return algebra.normal(coefficient, [], others)
    return gen.subs[0] if not others and coefficient == 1 else None
