"""Powers, exp, log and other functions of normal forms, and the zero test that clears denominators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, lcm

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.proof.generators import ONE, ZERO, Form, Gen, Mono, from_gen, number
from symbackprop.verification.proof.geometric import geometric_sum
from symbackprop.verification.proof.positive import Positive
from symbackprop.verification.proof.zero import cleared, denominator, multiplied, vanishes_under_sums
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Over
from symbackprop.verification.terms.walk import over_at

PRIME_LIMIT = 10_000
ODD, EVEN = ("sin", "erf", "arctan"), ("cos",)


@dataclass
class Seen:
    """Arguments of functions met so far, so that equal ones with different spellings are one."""

    arguments: dict[str, list[Form]] = field(default_factory=dict)


class Elementary(Positive):
    """The algebra with functions."""

    seen: Seen
    kinks: bool = False
    turns: dict[str, Form]  #: the arguments of steps whose sign was not known

    # -- powers -----------------------------------------------------------------------------------------------------
    def raised(self, base: Form, exponent: Fraction) -> Form:
        """A rational power."""
        if exponent == 0:
            return ONE
        if not base.terms:
            if exponent < 0:
                raise NotSupported("division by 0")
            return ZERO
        if exponent.denominator == 1 and exponent > 0:
            return self.power(base, int(exponent))
        scale, outside, inside = self.content(base, exponent.denominator == 1, exponent)
        result = self.mul(self.number_power(scale, exponent), self._raised_mono(outside, exponent))
        if inside.constant != 1:
            gen = Gen("p", (), (), (self.reused("p", inside),))
            result = self.mul(result, self.normal(Fraction(1), [], [(gen, exponent)]))
        return result

    def _raised_mono(self, mono: Mono, exponent: Fraction) -> Form:
        factors = [(gen, k * exponent) for gen, k in mono.factors if gen.kind != "f" or gen.atoms[0] != "step"]
        if len(factors) != len(mono.factors):
            raise NotSupported("division by a step")
        turned = [k for gen, k in factors if gen.key in self.below and exponent.denominator > 1]
        return self.normal(Fraction((-1) ** int(sum(turned))), [], factors)  # √(x²) = -x where x < 0

    def number_power(self, value: Fraction, exponent: Fraction) -> Form:
        """A power of a rational number in fractional powers of primes."""
        if exponent.denominator == 1:
            if value == 0 and exponent < 0:
                raise NotSupported("a division by zero")
            return number(value ** int(exponent))
        if value < 0:
            raise NotSupported("a fractional power of a negative number")
        factors = [(p, k * exponent) for p, k in prime_powers(value).items()]
        return self.product(self.normal(Fraction(1), [], [(Gen("c", (str(p),)), k)]) for p, k in factors)

    def content(self, base: Form, whole: bool, root: Fraction | None = None) -> tuple[Fraction, Mono, Form]:
        """``base = scale · outside · inside``: a number, a product of generators, and a normalised rest (1 if none).

        Only generators above 0 leave a fractional power or a logarithm (√(x²) is not x).
        """
        lowest = self._common(base, whole, root)
        if lowest:
            divisor = Mono((), tuple((gen, -k) for gen, k in lowest))
            base = self.mul(base, Form({divisor.key: (Fraction(1), divisor)}))
        outside = Mono((), tuple(lowest))
        if base.constant is not None:
            return base.constant, outside, ONE
        scale = self._scale(base, whole)
        return scale, outside, self.scale(1 / scale, base)

    def _scale(self, base: Form, whole: bool) -> Fraction:
        """The rational content, with the sign of the leading term for whole powers."""
        coefficients = [c for c, _ in base.terms.values()]
        top, bottom = gcd(*(c.numerator for c in coefficients)), lcm(*(c.denominator for c in coefficients))
        negative = whole and base.terms[min(base.terms)][0] < 0
        return Fraction(-top if negative else top, bottom)

    def _even_root(self, power: Fraction, root: Fraction) -> bool:
        """Whether a root of this power is a whole power of the absolute value."""
        return power.denominator == 1 and power % 2 == 0 and (power * root).denominator == 1

    def _common(self, base: Form, whole: bool, root: Fraction | None) -> list[tuple[Gen, Fraction]]:
        """Generators that can be taken out of every term, with their lowest exponents."""
        bound = {name for _, mono in base.terms.values() for name, _ in mono.bounds}
        candidates: dict[str, Gen] = {}
        for _, mono in base.terms.values():
            candidates |= {gen.key: gen for gen, _ in mono.factors if not gen.symbols & bound}
        found = []
        tables = [{g.key: k for g, k in mono.factors} for _, mono in base.terms.values()]
        for key in sorted(candidates):
            gen = candidates[key]
            lowest = min(table.get(key, Fraction(0)) for table in tables)
            allowed = self.gen_positive(gen) or whole and gen.kind in "enwDypu" or whole and gen.kind == "f"
            allowed = allowed or root is not None and gen.key in self.below and self._even_root(lowest, root)
            if lowest and allowed and gen.atoms[:1] != ("step",) and gen.kind != "d":
                found.append((gen, lowest))
        return found

    def symbolic_power(self, base: Form, exponent: Form) -> Form:
        """b^e with a symbolic exponent: exp(e log b) for b > 0, and where e need not be whole."""
        if exponent.constant is not None:
            return self.raised(base, exponent.constant)
        if self.is_positive(base):
            return self.exp(self.mul(exponent, self.log(base)))
        parts = []
        for coefficient, mono in exponent.terms.values():
            if not mono.factors:
                parts.append(self.raised(base, coefficient))
                continue
            if coefficient.denominator != 1 or any(g.kind not in "nw" or k < 0 for g, k in mono.factors):
                parts.append(self.exp(self.mul(Form({mono.key: (coefficient, mono)}), self.log(base))))
                continue
            one = Form({mono.key: (Fraction(1), mono)})
            parts.append(from_gen(Gen("y", (), (), (base, one)), coefficient))
        return self.product(parts)

    def row(self, powers: list[tuple[Gen, Fraction]], name: str, over: Over) -> Form | None:
        return geometric_sum(self, powers, name, over)

    # -- functions --------------------------------------------------------------------------------------------------
    def exp(self, argument: Form) -> Form:
        """exp of a sum is a product of powers of exp of its monomials."""
        parts = []
        for coefficient, mono in argument.terms.values():
            if len(mono.factors) == 1 and not mono.bounds and self._is_log(mono.factors[0]):
                parts.append(self._exp_log(mono.factors[0][0].subs[0], coefficient))
            else:
                one = Form({mono.key: (Fraction(1), mono)})
                parts.append(from_gen(Gen("x", (), (), (self.reused("x", one),)), coefficient))
        return self.product(parts)

    def _is_log(self, factor: tuple[Gen, Fraction]) -> bool:
        gen, exponent = factor
        return exponent == 1 and gen.kind == "f" and gen.atoms == ("log", "0")

    def _exp_log(self, inner: Form, coefficient: Fraction) -> Form:
        """exp(c log u) = u^c where u is known to be above 0."""
        if self.is_positive(inner):
            return self.raised(inner, coefficient)
        return from_gen(Gen("x", (), (), (self.opaque("log", 0, inner),)), coefficient)

    def log(self, argument: Form) -> Form:
        """log with every factor split off that is known to be above 0."""
        if not argument.terms:
            raise NotSupported("log of 0")
        argument, parts = self._above_the_line(argument)
        scale, outside, inside = self.content(argument, whole=False)
        if scale < 0:
            raise NotSupported("log of a negative number")
        parts += [self.scale(k, self.opaque("log", 0, number(p))) for p, k in prime_powers(scale).items()]
        for gen, exponent in outside.factors:
            if gen.kind == "x":
                parts.append(self.scale(exponent, gen.subs[0]))
            elif gen.kind == "p":
                parts.append(self.scale(exponent, self.log(gen.subs[0])))
            elif gen.kind == "P":
                parts.append(self.scale(exponent, self._log_product(gen)))
            else:
                parts.append(self.scale(exponent, self.opaque("log", 0, from_gen(gen))))
        if inside.constant is None:
            parts.append(self._log_rest(inside))
        return self.add(*parts)

    def _log_product(self, gen: Gen) -> Form:
        """The log of a product over an index: the sum of the logs of its factors if each of these is above 0."""
        index, factor = self._factor(gen)
        if not self.is_positive(factor):
            return self.opaque("log", 0, from_gen(gen))
        return self.sum_over([index], self.log(factor))

    def _above_the_line(self, argument: Form) -> tuple[Form, list[Form]]:
        """The argument of a log times its denominators that are above 0, and the logs of these with a minus."""
        done: set[str] = set()
        parts: list[Form] = []
        while True:
            gen, need = denominator(argument, done)
            if gen is None:
                return argument, parts
            done.add(gen.key)
            if self.is_positive(gen.subs[0]):
                argument = multiplied(self, argument, gen, need)
                parts.append(self.scale(-need, self.log(gen.subs[0])))

    def _log_rest(self, inside: Form) -> Form:
        """log of a single odd power is a multiple of a log: both are defined at the same points."""
        single = inside.single
        if single is not None and single[0] == 1 and not single[1].bounds and len(single[1].factors) == 1:
            gen, exponent = single[1].factors[0]
            if exponent.denominator == 1 and exponent % 2 == 1 and exponent != 1 and gen.kind in "enwDuf":
                return self.scale(exponent, self.log(from_gen(gen)))
        return self.opaque("log", 0, inside)

    def function(self, name: str, order: int, argument: Form) -> Form:
        """A derivative of a primitive or unknown function at a form."""
        if name == "exp":
            return self.exp(argument)
        if name == "log" and order == 0:
            return self.log(argument)
        if name == "log":
            factor = Fraction((-1) ** (order - 1)) * _factorial(order - 1)
            return self.scale(factor, self.raised(argument, Fraction(-order)))
        if name == "step":
            value = self.step(argument)
            return ZERO if order else value
        if name in ("sin", "cos") and order:
            names = ("sin", "cos") if name == "sin" else ("cos", "sin")
            sign = (1, 1, -1, -1)[order % 4] if name == "sin" else (1, -1, -1, 1)[order % 4]
            return self.scale(sign, self.function(names[order % 2], 0, argument))
        if name == "erf" and order:
            return self._erf_slope(order, argument)
        if name == "arctan" and order:
            return self._arctan_slope(order, argument)
        if name in ODD + EVEN and order == 0:
            return self._with_parity(name, argument)
        return self.opaque(name, order, argument)

    def _erf_slope(self, order: int, argument: Form) -> Form:
        """erf' = 2/√π exp(-u²); higher ones by the recursion of the Hermite polynomials."""
        square = self.mul(argument, argument)
        pi = from_gen(Gen("c", ("pi",)), Fraction(-1, 2))
        wave = self.scale(2, self.mul(pi, self.exp(self.scale(-1, square))))
        before, current = ZERO, ONE
        for k in range(1, order):
            twice = self.scale(-2, self.mul(argument, current))
            before, current = current, self.sub(twice, self.scale(2 * (k - 1), before))
        return self.mul(wave, current)

    def _arctan_slope(self, order: int, argument: Form) -> Form:
        """p(u) / (1 + u²)^k: arctan' has p = 1, and the next p is (1 + u²) p' - 2 k u p."""
        powers = [Fraction(1)]
        for k in range(1, order):
            slope = [n * c for n, c in enumerate(powers)][1:]
            following = [Fraction(0)] * (len(powers) + 1)
            for n, c in enumerate(slope):
                following[n] += c
                following[n + 2] += c
            for n, c in enumerate(powers):
                following[n + 1] -= 2 * k * c
            powers = following
        above = self.add(*(self.scale(c, self.power(argument, n) if n else ONE) for n, c in enumerate(powers) if c))
        return self.mul(above, self.raised(self.add(ONE, self.mul(argument, argument)), Fraction(-order)))

    def _with_parity(self, name: str, argument: Form) -> Form:
        if not argument.terms:
            return ZERO if name in ODD else ONE
        if argument.terms[min(argument.terms)][0] < 0:
            flipped = self.opaque(name, 0, self.scale(-1, argument))
            return self.scale(-1, flipped) if name in ODD else flipped
        return self.opaque(name, 0, argument)

    def step(self, argument: Form) -> Form:
        """1 right of 0: the argument is scaled, and step(-u) is 1 - step(u) away from the kink."""
        if argument.constant is not None:
            if not argument.constant:
                raise NotSupported("a step at its kink")
            return ONE if argument.constant > 0 else ZERO
        if self.is_positive(argument):
            return ONE
        if self.assumed and self.is_positive(self.scale(-1, argument)):
            return ZERO
        self.kinks = True
        leading = argument.terms[min(argument.terms)][0]
        turn = self.scale(1 / leading, argument)
        self.turns[turn.key] = turn
        upright = self.opaque("step", 0, turn)
        return upright if leading > 0 else self.sub(ONE, upright)

    def opaque(self, name: str, order: int, argument: Form) -> Form:
        """A function of an argument as a generator; arguments that are equal share one spelling."""
        return from_gen(Gen("f", (name, str(order)), (), (self.reused(name, argument),)))

    def reused(self, name: str, argument: Form) -> Form:
        """An earlier argument whose difference to this one clears to 0 (quotients have no canonical form)."""
        if not any(gen.kind == "p" for _, mono in argument.terms.values() for gen, _ in mono.factors):
            return argument
        earlier = self.seen.arguments.setdefault(name, [])
        for form in earlier:
            if form.key == argument.key or self.vanishes(self.sub(form, argument)):
                return form
        earlier.append(argument)
        return argument

    def rebuilt(self, gen: Gen, exponent: Fraction, env: Mapping[str, Affine]) -> Form:
        places = tuple(place.substitute(env) for place in gen.places)
        overs = tuple((name, over_at(over, env)) for name, over in gen.overs)
        moved = Gen(gen.kind, gen.atoms, places, gen.subs, overs)
        return self.remade(moved, exponent, tuple(self.renamed(sub, env) for sub in gen.subs))

    def remade(self, gen: Gen, exponent: Fraction, subs: tuple[Form, ...]) -> Form:
        """The power of a generator with other forms in it."""
        if gen.kind == "x":
            return self.exp(self.scale(exponent, subs[0]))
        if gen.kind == "p":
            return self.raised(subs[0], exponent)
        if gen.kind == "y":
            return self.symbolic_power(subs[0], self.scale(exponent, subs[1]))
        if gen.kind == "f":
            value = self.function(gen.atoms[0], int(gen.atoms[1]), subs[0])
            return self.raised(value, exponent)
        return from_gen(Gen(gen.kind, gen.atoms, gen.places, subs, gen.overs), exponent)

    # -- the zero test ----------------------------------------------------------------------------------------------
    def vanishes(self, form: Form) -> bool:
        """Whether the form is 0 wherever its denominators are not: multiply them away and look."""
        rest = self.cleared(form)
        return not rest.terms or vanishes_under_sums(self, rest, self.vanishes)

    def cleared(self, form: Form) -> Form:
        """The form multiplied by all its denominators that stand outside its sums."""
        return cleared(self, form)


def prime_powers(value: Fraction) -> dict[int, int]:
    """The prime factors of a positive rational with their exponents; a large factor stays whole."""
    powers: dict[int, int] = {}
    for part, sign in ((value.numerator, 1), (value.denominator, -1)):
        rest, prime = part, 2
        while rest > 1 and prime < PRIME_LIMIT and prime * prime <= rest:
            while rest % prime == 0:
                rest, powers[prime] = rest // prime, powers.get(prime, 0) + sign
            prime += 1
        if rest > 1:
            powers[rest] = powers.get(rest, 0) + sign
    return powers


def _factorial(value: int) -> int:
    total = 1
    for factor in range(2, value + 1):
        total *= factor
    return total
