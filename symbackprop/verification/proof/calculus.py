"""Limits and integrals of elementary functions of one variable, worked out on normal forms."""

from __future__ import annotations

from fractions import Fraction
from math import comb

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.proof.elementary import Elementary
from symbackprop.verification.proof.generators import ONE, ZERO, Form, Gen, Mono, from_gen, number
from symbackprop.verification.proof.laws import replaced
from symbackprop.verification.terms.nodes import (
    Add,
    Axis,
    Const,
    Delta,
    Entry,
    Fn,
    Mul,
    Num,
    Pow,
    Size,
    Sum,
    Term,
    Whole,
)

Growth = tuple[Fraction, Fraction]  #: (r, k): like exp(r x) x^k towards +∞
LEVEL: Growth = (Fraction(0), Fraction(0))
MOST_PARTS = 8


def depends(form: Form, name: str) -> bool:
    """Whether a form mentions the scalar ``name``."""
    return any(gen_depends(gen, name) for _, mono in form.terms.values() for gen, _ in mono.factors)


def gen_depends(gen: Gen, name: str) -> bool:
    return gen.kind == "e" and gen.atoms[0] == name or any(depends(sub, name) for sub in gen.subs)


def of_gens(algebra: Elementary, coefficient: Fraction, mono: Mono, factors: list[tuple[Gen, Fraction]]) -> Form:
    return algebra.normal(coefficient, list(mono.bounds), factors)


# -- limits ----------------------------------------------------------------------------------------------------------
def limit_at_infinity(form: Form, name: str, algebra: Elementary) -> Form:
    """The limit for ``name`` → +∞ by the leading terms; a limit that is not finite is not supported."""
    form = replaced(form, {gen.key: _level_log(gen, name, algebra) for gen in _logs(form, name)}, algebra)
    found = [_mono_growth(coefficient, mono, name, algebra) for coefficient, mono in form.terms.values()]
    if any(growth > LEVEL for growth, _ in found):
        raise NotSupported("a limit in which a term grows beyond all bounds")
    return algebra.add(*(part for growth, part in found if growth == LEVEL))


def _logs(form: Form, name: str) -> list[Gen]:
    """The logs outside sums that depend on the variable."""
    gens = [gen for _, mono in form.terms.values() if not mono.bounds for gen, _ in mono.factors]
    return [gen for gen in gens if gen.atoms == ("log", "0") and gen_depends(gen, name)]


def _level_log(gen: Gen, name: str, algebra: Elementary) -> Form:
    """log u = r x + log(u e^{-rx}), where u grows like e^{rx}."""
    rate = leading_term(gen.subs[0], name, algebra)[0][0]
    line = algebra.scale(rate, from_gen(Gen("e", (name, "0"))))
    level = algebra.mul(gen.subs[0], algebra.exp(algebra.scale(-1, line)))
    return algebra.add(line, algebra.opaque("log", 0, level))


def leading_term(form: Form, name: str, algebra: Elementary) -> tuple[Growth, Form]:
    """The fastest growth among the terms and the sum of their coefficients, which must not vanish."""
    if not form.terms:
        return LEVEL, ZERO
    found = [_mono_growth(coefficient, mono, name, algebra) for coefficient, mono in form.terms.values()]
    top = max(growth for growth, _ in found)
    leading = algebra.add(*(part for growth, part in found if growth == top))
    if algebra.vanishes(leading):
        raise NotSupported("a limit in which the leading terms cancel")
    return top, leading


def _mono_growth(coefficient: Fraction, mono: Mono, name: str, algebra: Elementary) -> tuple[Growth, Form]:
    if mono.bounds and any(gen_depends(gen, name) for gen, _ in mono.factors):
        raise NotSupported("a limit under a sum")
    rate = degree = Fraction(0)
    fixed, moving = [], ONE
    for gen, exponent in mono.factors:
        if not gen_depends(gen, name):
            fixed.append((gen, exponent))
        elif gen.kind == "e":
            degree += exponent
        elif gen.kind == "x":
            rate += exponent * _rate(gen.subs[0], name)
        elif gen.kind == "p":
            (r, k), lead = leading_term(gen.subs[0], name, algebra)
            rate, degree = rate + exponent * r, degree + exponent * k
            moving = algebra.mul(moving, algebra.raised(lead, exponent))
        else:
            moving = algebra.mul(moving, algebra.raised(_function_limit(gen, name, algebra), exponent))
    return (rate, degree), algebra.mul(of_gens(algebra, coefficient, mono, fixed), moving)


def _rate(exponent: Form, name: str) -> Fraction:
    """c where the exponent is c times the variable."""
    single = exponent.single
    if single is None or len(single[1].factors) != 1 or single[1].bounds:
        raise NotSupported("the growth of this exponential")
    gen, power = single[1].factors[0]
    if gen.kind != "e" or power != 1:
        raise NotSupported("the growth of this exponential")
    return single[0]


def _function_limit(gen: Gen, name: str, algebra: Elementary) -> Form:
    """erf and step of an argument that grows beyond all bounds; log and others of one that has a limit above 0."""
    growth, leading = leading_term(gen.subs[0], name, algebra)
    up, down = algebra.is_positive(leading), algebra.is_positive(algebra.scale(-1, leading))
    if growth > LEVEL and (up or down) and gen.atoms[0] in ("erf", "step"):
        return number((1 if up else -1) if gen.atoms[0] == "erf" else int(up))
    if gen.atoms[0] == "log" and growth == LEVEL and algebra.is_positive(leading):
        return algebra.log(leading)
    raise NotSupported(f"the limit of {gen.atoms[0]} here")


# -- integrals -------------------------------------------------------------------------------------------------------
def integral(form: Form, name: str, bounds: tuple[Form | None, Form | None], algebra: Elementary) -> Form:
    """∫ of a sum of polynomials times exp of a polynomial of degree at most two."""
    parts = []
    for coefficient, mono in form.terms.values():
        if mono.bounds and any(gen_depends(gen, name) for gen, _ in mono.factors):
            raise NotSupported("an integral under a sum")
        fixed, power, slope, curve = _split(mono, name, algebra)
        outside = of_gens(algebra, coefficient, mono, fixed)
        if curve.terms:
            inside = _gaussian(power, slope, curve, bounds, algebra)
        elif slope.terms:
            inside = _exponential(power, slope, bounds, algebra)
        else:
            inside = _polynomial(power, bounds, algebra)
        parts.append(algebra.mul(outside, inside))
    return algebra.add(*parts)


def _split(mono: Mono, name: str, algebra: Elementary) -> tuple[list[tuple[Gen, Fraction]], int, Form, Form]:
    """Constant factors, the power of the variable, and the coefficients b, a of exp(b x + a x²)."""
    fixed, power, exponent = [], 0, [ZERO, ZERO, ZERO]
    for gen, k in mono.factors:
        if not gen_depends(gen, name):
            fixed.append((gen, k))
        elif gen.kind == "e" and k.denominator == 1 and k > 0:
            power = int(k)
        elif gen.kind == "x":
            degree, rest = _degree(gen.subs[0], name, algebra)
            exponent[degree] = algebra.add(exponent[degree], algebra.scale(k, rest))
        else:
            raise NotSupported("the integral of this function")
    return fixed, power, exponent[1], exponent[2]


def _degree(exponent: Form, name: str, algebra: Elementary) -> tuple[int, Form]:
    """x or x² times a constant."""
    single = exponent.single
    if single is None or single[1].bounds:
        raise NotSupported("the integral of this exponential")
    moving = [(g, k) for g, k in single[1].factors if gen_depends(g, name)]
    if len(moving) != 1 or moving[0][0].kind != "e" or moving[0][1] not in (1, 2):
        raise NotSupported("the integral of this exponential")
    rest = [(g, k) for g, k in single[1].factors if not gen_depends(g, name)]
    return int(moving[0][1]), algebra.normal(single[0], [], rest)


def _polynomial(power: int, bounds: tuple[Form | None, Form | None], algebra: Elementary) -> Form:
    lo, hi = bounds
    if lo is None or hi is None:
        raise NotSupported("an integral that does not converge")
    ends = algebra.sub(algebra.power(hi, power + 1), algebra.power(lo, power + 1))
    return algebra.scale(Fraction(1, power + 1), ends)


def _exponential(power: int, slope: Form, bounds: tuple[Form | None, Form | None], algebra: Elementary) -> Form:
    """∫ x^k e^{bx} = e^{bx} (x^k/b - k x^{k-1}/b² + …)."""
    if power > MOST_PARTS:
        raise NotSupported("an integral by so many parts")
    lo, hi = bounds
    up, down = algebra.is_positive(slope), algebra.is_positive(algebra.scale(-1, slope))
    if not (up or down) or hi is None and not down or lo is None and not up:
        raise NotSupported("an integral whose convergence is not known")

    def antiderivative(x: Form | None) -> Form:
        if x is None:
            return ZERO
        total, factor = ZERO, Fraction(1)
        for k in range(power + 1):
            term = algebra.mul(algebra.power(x, power - k), algebra.raised(slope, Fraction(-k - 1)))
            total = algebra.add(total, algebra.scale(factor, term))
            factor *= -(power - k)
        return algebra.mul(algebra.exp(algebra.mul(slope, x)), total)

    return algebra.sub(antiderivative(hi), antiderivative(lo))


def _gaussian(
    power: int, slope: Form, curve: Form, bounds: tuple[Form | None, Form | None], algebra: Elementary
) -> Form:
    """∫ x^k e^{bx - ax²} over the line: the square completed, then the even moments."""
    steep = algebra.scale(-1, curve)
    if bounds[1] is None and bounds[0] is not None and not bounds[0].terms and not slope.terms:
        return _half_gaussian(power, steep, algebra)
    if bounds != (None, None) or not algebra.is_positive(steep) or power > MOST_PARTS:
        raise NotSupported("this integral of a Gaussian")
    inverse = algebra.raised(steep, Fraction(-1))
    centre = algebra.scale(Fraction(1, 2), algebra.mul(slope, inverse))
    shift = algebra.scale(Fraction(1, 4), algebra.mul(algebra.mul(slope, slope), inverse))
    scale = algebra.raised(algebra.mul(from_gen(Gen("c", ("pi",))), inverse), Fraction(1, 2))
    total = ZERO
    for even in range(0, power + 1, 2):
        moment = algebra.power(algebra.scale(Fraction(1, 2), inverse), even // 2)
        odd_product = 1
        for factor in range(even - 1, 0, -2):
            odd_product *= factor
        part = algebra.mul(algebra.power(centre, power - even), moment)
        total = algebra.add(total, algebra.scale(comb(power, even) * odd_product, part))
    return algebra.product([algebra.exp(shift), scale, total])


def _half_gaussian(power: int, steep: Form, algebra: Elementary) -> Form:
    """∫ x^k e^{-ax²} from 0: Γ((k + 1)/2) / (2 a^{(k + 1)/2})."""
    if not algebra.is_positive(steep) or power > MOST_PARTS:
        raise NotSupported("this integral of a Gaussian")
    gamma = number(1) if power % 2 else from_gen(Gen("c", ("pi",)), Fraction(1, 2))
    for factor in range(power - 1, 0, -2):
        gamma = algebra.scale(Fraction(factor, 2), gamma)
    return algebra.scale(Fraction(1, 2), algebra.mul(gamma, algebra.raised(steep, Fraction(-power - 1, 2))))


# -- back to a term --------------------------------------------------------------------------------------------------
def as_term(form: Form) -> Term:
    """A form as a term again (only what limits, integrals and expectations leave)."""
    return Add(tuple(_mono_term(coefficient, mono) for coefficient, mono in form.terms.values()))


def _mono_term(coefficient: Fraction, mono: Mono) -> Term:
    term: Term = Mul((Num(coefficient), *(_gen_term(gen, exponent) for gen, exponent in mono.factors)))
    for name, over in reversed(mono.bounds):
        term = Sum(name, over, term)
    return term


def _gen_term(gen: Gen, exponent: Fraction) -> Term:
    if gen.kind == "d":
        return Delta(gen.places[0], gen.places[1])
    if gen.kind == "x":
        return Fn("exp", 0, Mul((Num(exponent), as_term(gen.subs[0]))))
    return Pow(_gen_base(gen), Num(exponent))


def _gen_base(gen: Gen) -> Term:
    if gen.kind == "e":
        count = int(gen.atoms[1])
        return Entry(gen.atoms[0], gen.places[:count], gen.places[count:])
    if gen.kind == "n":
        return Size(Axis(gen.atoms[0], gen.places))
    if gen.kind == "w":
        return Whole(gen.places[0])
    if gen.kind == "c":
        return Const("pi") if gen.atoms[0] == "pi" else Num(Fraction(gen.atoms[0]))
    if gen.kind == "p":
        return as_term(gen.subs[0])
    if gen.kind == "f":
        return Fn(gen.atoms[0], int(gen.atoms[1]), as_term(gen.subs[0]))
    raise NotSupported("a closed form with this part")
