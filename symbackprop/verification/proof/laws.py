"""Moments of one random number: powers, kinks at 0 and exponentials, by its law or by what is stated of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.proof.elementary import Elementary
from symbackprop.verification.proof.generators import ONE, ZERO, Form, Gen, Mono, from_gen
from symbackprop.verification.terms.affine import Affine

#: The number that the letter stands for in a function of one of its entries.
ANY = Gen("e", ("%any", "0"))
Labels = tuple[Affine, ...]
HIGHEST = 8
SYMMETRIC = ("symmetric", "normal", "uniform")
BERNOULLI_NUMBERS = {2: Fraction(1, 6), 4: Fraction(-1, 30), 6: Fraction(1, 42), 8: Fraction(-1, 30)}
NEEDS_LAW = "the expectation of a function of random entries needs their law"


@dataclass(frozen=True)
class Law:
    """What is known of the entries of a random letter: a law (or none) and the first moments that are stated."""

    letter: str
    name: str
    stated: Mapping[int, Form]

    def cumulant(self, order: int, labels: Labels, algebra: Elementary) -> Form:
        """The cumulant of this order; where nothing gives it, a free generator that the entries of a member share."""
        stated = self.stated.get(order)
        if stated is not None:
            return stated
        if self.name == "normal" or self.name in SYMMETRIC and order % 2:
            return ZERO
        if self.name == "uniform":
            width = algebra.power(algebra.scale(12, self.stated[2]), order // 2)
            return algebra.scale(BERNOULLI_NUMBERS[order] / order, width)
        if self.name == "bernoulli":
            return self._chance_cumulant(order, algebra)
        return from_gen(Gen("k", (self.letter, str(order)), labels))

    def _chance_cumulant(self, order: int, algebra: Elementary) -> Form:
        """κ_{n+1} = p (1 - p) dκ_n/dp, on the coefficients of κ_n in p."""
        row = {1: Fraction(1)}
        for _ in range(order - 1):
            slope = {k - 1: k * c for k, c in row.items()}
            row = {}
            for k, c in slope.items():
                row[k + 1] = row.get(k + 1, Fraction(0)) + c
                row[k + 2] = row.get(k + 2, Fraction(0)) - c
        chance = self.stated[1]
        return algebra.add(*(algebra.scale(c, algebra.power(chance, k)) for k, c in sorted(row.items())))

    # -- functions of one number ------------------------------------------------------------------------------------
    def mean(self, form: Form, labels: Labels, algebra: Elementary) -> Form:
        """E of a form in ``ANY``."""
        if self.name == "bernoulli":
            chance = self.stated[1]
            values = [replaced(form, {ANY.key: value}, algebra) for value in (ONE, ZERO)]
            return algebra.add(algebra.mul(chance, values[0]), algebra.mul(algebra.sub(ONE, chance), values[1]))
        return algebra.add(*(self._of_mono(c, mono, labels, algebra) for c, mono in form.terms.values()))

    def _of_mono(self, coefficient: Fraction, mono: Mono, labels: Labels, algebra: Elementary) -> Form:
        fixed, power, kinked, rate = [], 0, False, ZERO
        for gen, exponent in mono.factors:
            if not mentions_any(gen):
                fixed.append((gen, exponent))
            elif gen.key == ANY.key and exponent.denominator == 1 and exponent > 0:
                power = int(exponent)
            elif gen.kind == "x":
                rate = algebra.add(rate, algebra.scale(exponent, _rate(gen.subs[0], algebra)))
            elif gen.kind == "f" and gen.atoms[0] == "step" and gen.subs[0].key == from_gen(ANY).key:
                kinked = True
            else:
                raise NotSupported(NEEDS_LAW)
        if kinked and rate.terms:
            raise NotSupported(NEEDS_LAW)
        inside = self._half(power, labels, algebra) if kinked else self._smooth(power, rate, labels, algebra)
        return algebra.mul(algebra.normal(coefficient, list(mono.bounds), fixed), inside)

    def _smooth(self, power: int, rate: Form, labels: Labels, algebra: Elementary) -> Form:
        """E[X^k e^{bX}]: for a normal X, the moment of one whose mean is μ + b v, times e^{bμ + b²v/2}."""
        if not rate.terms:
            return raw_moment(power, lambda order: self.cumulant(order, labels, algebra), algebra)
        if self.name != "normal":
            raise NotSupported(NEEDS_LAW)
        mean, variance = self.stated[1], self.stated[2]
        half = algebra.scale(Fraction(1, 2), algebra.mul(algebra.mul(rate, rate), variance))
        moved = {1: algebra.add(mean, algebra.mul(rate, variance)), 2: variance}
        moment = raw_moment(power, lambda order: moved.get(order, ZERO), algebra)
        return algebra.mul(algebra.exp(algebra.add(algebra.mul(rate, mean), half)), moment)

    def _half(self, power: int, labels: Labels, algebra: Elementary) -> Form:
        """E[X^k; X > 0] for a law that is symmetric about 0: half the moment if k is even."""
        if self.name not in SYMMETRIC or self.stated[1].terms:
            raise NotSupported(NEEDS_LAW)
        if power % 2 == 0:
            return algebra.scale(Fraction(1, 2), self._smooth(power, ZERO, labels, algebra))
        root = Fraction(power, 2)
        if self.name == "normal":
            j = power // 2
            outside = algebra.mul(algebra.number_power(Fraction(2), Fraction(-1, 2)), _PI_ROOT)
            return algebra.scale(2**j * factorial(j), algebra.mul(outside, algebra.raised(self.stated[2], root)))
        if self.name == "uniform":
            width = algebra.raised(algebra.scale(3, self.stated[2]), root)
            return algebra.scale(Fraction(1, 2 * (power + 1)), width)
        return from_gen(Gen("k", (self.letter, f"half {power}"), labels))


_PI_ROOT = from_gen(Gen("c", ("pi",)), Fraction(-1, 2))


def raw_moment(power: int, cumulant: Callable[[int], Form], algebra: Elementary) -> Form:
    """E[X^k] = Σ_j C(k - 1, j - 1) κ_j E[X^{k - j}]."""
    if power > HIGHEST:
        raise NotSupported(f"moments beyond the order {HIGHEST}")
    moments = [ONE]
    for k in range(1, power + 1):
        parts = [algebra.scale(comb(k - 1, j - 1), algebra.mul(cumulant(j), moments[k - j])) for j in range(1, k + 1)]
        moments.append(algebra.add(*parts))
    return moments[power]


def mentions_any(gen: Gen) -> bool:
    return _holds(gen, {ANY.key: ZERO})


def _rate(exponent: Form, algebra: Elementary) -> Form:
    """b where the exponent is b times the number."""
    single = exponent.single
    if single is None or single[1].bounds:
        raise NotSupported(NEEDS_LAW)
    rest = [(gen, k) for gen, k in single[1].factors if gen.key != ANY.key]
    moving = [k for gen, k in single[1].factors if gen.key == ANY.key]
    if moving != [1] or any(mentions_any(gen) for gen, _ in rest):
        raise NotSupported(NEEDS_LAW)
    return algebra.normal(single[0], [], rest)


def replaced(form: Form, values: Mapping[str, Form], algebra: Elementary) -> Form:
    """The form with generators replaced by forms, inside functions as well."""
    return algebra.add(*(_replaced_mono(c, mono, values, algebra) for c, mono in form.terms.values()))


def _replaced_mono(coefficient: Fraction, mono: Mono, values: Mapping[str, Form], algebra: Elementary) -> Form:
    plain, others = [], []
    for gen, exponent in mono.factors:
        if gen.key in values:
            others.append(algebra.raised(values[gen.key], exponent))
        elif gen.subs and _holds(gen, values):
            others.append(algebra.remade(gen, exponent, tuple(replaced(sub, values, algebra) for sub in gen.subs)))
        else:
            plain.append((gen, exponent))
    if mono.bounds and others:
        raise NotSupported("a random entry under a sum")
    return algebra.mul(algebra.normal(coefficient, list(mono.bounds), plain), algebra.product(others))


def _holds(gen: Gen, values: Mapping[str, Form]) -> bool:
    return gen.key in values or any(
        _holds(inner, values) for sub in gen.subs for _, mono in sub.terms.values() for inner, _ in mono.factors
    )
