"""Sums and products of normal forms: scoped indices, contraction of deltas, powers, renaming."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import comb, floor

from symbackprop.verification.budget import Meter, NotSupported
from symbackprop.verification.proof.canonical import canonical_order, names_at
from symbackprop.verification.proof.facts import Facts
from symbackprop.verification.proof.generators import ONE, ZERO, Form, Gen, Mono, from_gen, number, over_names
from symbackprop.verification.proof.order import tightened
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Axis, Over, Range
from symbackprop.verification.terms.walk import Names, over_at

MOST_POWER = 4
#: The Bernoulli numbers up to the order one above.
BERNOULLI = (Fraction(1), Fraction(-1, 2), Fraction(1, 6), Fraction(0), Fraction(-1, 30), Fraction(0))
Factors = dict[Gen, Fraction]
Bounds = list[tuple[str, Over]]
Pairs = dict[str, tuple[Gen, Fraction]]  #: generator key -> generator, exponent


class Algebra:
    """Arithmetic of forms with one supply of names, one budget and the facts about labels."""

    def __init__(self, meter: Meter, facts: Facts, names: Names) -> None:
        self.meter, self.facts, self.names = meter, facts, names
        self.overs: dict[str, Over] = {}
        self.order: frozenset[Affine] = frozenset()  #: further index expressions that are at least 0

    # -- sums -------------------------------------------------------------------------------------------------------
    def add(self, *forms: Form) -> Form:
        filled = [form for form in forms if form.terms]
        if len(filled) < 2:
            return filled[0] if filled else ZERO
        terms = dict(filled[0].terms)
        for form in filled[1:]:
            self.meter.spend(len(form.terms))
            for key, (coefficient, mono) in form.terms.items():
                total = coefficient + (terms[key][0] if key in terms else 0)
                if total:
                    terms[key] = (total, mono)
                else:
                    del terms[key]
        self.meter.limit("terms", len(terms))
        return Form(terms)

    def scale(self, factor: Fraction | int, form: Form) -> Form:
        if factor == 1:
            return form
        return Form({key: (c * factor, mono) for key, (c, mono) in form.terms.items()}) if factor else ZERO

    def sub(self, left: Form, right: Form) -> Form:
        return self.add(left, self.scale(-1, right))

    # -- products ---------------------------------------------------------------------------------------------------
    def mul(self, left: Form, right: Form) -> Form:
        if left.constant is not None:
            return self.scale(left.constant, right)
        if right.constant is not None:
            return self.scale(right.constant, left)
        self.meter.limit("terms", len(left.terms) * len(right.terms))
        return self.add(
            *(self._mul_monos(a * b, m, n) for a, m in left.terms.values() for b, n in right.terms.values())
        )

    def product(self, forms: Iterable[Form]) -> Form:
        total = ONE
        for form in forms:
            total = self.mul(total, form)
        return total

    def _mul_monos(self, coefficient: Fraction, left: Mono, right: Mono) -> Form:
        self.meter.spend(1 + len(left.factors) + len(right.factors))
        if left.bounds and right.bounds or _meets(left, right) or _meets(right, left):
            return self._mul_apart(coefficient, left, right)
        factors = [*left.factors, *right.factors]
        return self.normal(coefficient, [*left.bounds, *right.bounds], factors)

    def _mul_apart(self, coefficient: Fraction, left: Mono, right: Mono) -> Form:
        """Both bind indices: all get fresh names before the products meet."""
        left_bounds, left_body = self.opened(list(left.bounds), left.factors)
        right_bounds, right_body = self.opened(list(right.bounds), right.factors)
        body = self.scale(coefficient, self.mul(left_body, right_body))
        return self.sum_over([*left_bounds, *right_bounds], body)

    def power(self, base: Form, exponent: int) -> Form:
        """A whole power that is not negative, multiplied out."""
        self.meter.limit("power", exponent)
        total = ONE
        for _ in range(exponent):
            total = self.mul(total, base)
        return total

    def sum_over(self, bounds: Bounds, form: Form) -> Form:
        """Σ over fresh symbols."""
        parts = []
        for coefficient, mono in form.terms.values():
            self.meter.spend(1 + len(mono.factors))
            parts.append(self.normal(coefficient, [*bounds, *mono.bounds], list(mono.factors)))
        return self.add(*parts)

    def opened(self, bounds: Bounds, factors: Iterable[tuple[Gen, Fraction]]) -> tuple[Bounds, Form]:
        """Fresh names for bound indices and the product without its sum: nothing met later can be captured."""
        env = {name: Affine.symbol(self.names.fresh()) for name, _ in bounds}
        plain, nested = self.substituted(factors, env)
        renamed = [(str(env[name].name), over_at(over, env)) for name, over in bounds]
        self.overs |= dict(renamed)
        return renamed, self.mul(self.normal(Fraction(1), [], plain), nested)

    # -- one product to its normal form -----------------------------------------------------------------------------
    def normal(self, coefficient: Fraction, bounds: Bounds, factors: list[tuple[Gen, Fraction]]) -> Form:
        """Merge powers, contract deltas, count unused indices, and name the rest canonically."""
        merged, extra = self._merged(factors)
        if bounds and (extra is not None or any(gen.kind == "d" for gen, _ in merged.values())) and _canonical(bounds):
            bounds, body = self.opened(bounds, factors)
            return self.sum_over(bounds, self.scale(coefficient, body))
        if extra is not None:
            outside = self.normal(coefficient, [], list(merged.values()))
            return self.sum_over(bounds, self.mul(outside, extra))
        for gen, _ in merged.values():
            if gen.kind == "d":
                difference = gen.places[0] - gen.places[1]
                if difference.number is not None:
                    del merged[gen.key]
                    rest = list(merged.values())
                    return ZERO if difference.number else self.normal(coefficient, bounds, rest)
                if self._never_zero(difference, bounds):
                    return ZERO
                contracted = self._contract(coefficient, bounds, merged, gen)
                if contracted is not None:
                    return contracted
                unified = self._unified(coefficient, bounds, merged, gen)
                if unified is not None:
                    return unified
        return self._counted(coefficient, bounds, merged)

    def _never_zero(self, difference: Affine, bounds: Bounds) -> bool:
        """Whether the labels in a delta differ for certain (l and L, where l < L)."""
        return self._facts(difference.symbols, bounds).differ(difference, Affine())

    def _facts(self, symbols: frozenset[str], bounds: Bounds) -> Facts:
        """The facts with those of the bound indices among ``symbols``."""
        facts = self.facts
        for name, other in [*bounds, *self.overs.items()]:
            if name in symbols:
                facts = facts.with_over(name, other)
        return facts

    def _merged(self, factors: Iterable[tuple[Gen, Fraction]]) -> tuple[Pairs, Form | None]:
        """Equal generators with their exponents added, and what has to be multiplied out."""
        merged: Pairs = {}
        for gen, exponent in factors:
            total = exponent + (merged[gen.key][1] if gen.key in merged else 0)
            if total:
                merged[gen.key] = (gen, total)
            else:
                merged.pop(gen.key, None)
        extra: Form | None = None
        for key, (gen, exponent) in list(merged.items()):
            if gen.kind in "dfcpo":
                rest, more = self._reduced(gen, exponent)
                if rest:
                    merged[key] = (gen, rest)
                else:
                    del merged[key]
                if more is not None:
                    extra = more if extra is None else self.mul(extra, more)
        return merged, extra

    def _reduced(self, gen: Gen, exponent: Fraction) -> tuple[Fraction, Form | None]:
        """The exponent that stays, and the form that replaces the rest of the power."""
        if gen.kind in "do" or gen.kind == "f" and gen.atoms[0] == "step":
            if exponent < 0:
                raise NotSupported("division by a delta or a step")
            known = gen.places[0].number if gen.kind == "o" else None
            return (Fraction(1), None) if known is None else (Fraction(0), None if known >= 0 else ZERO)
        if gen.kind == "c" and gen.atoms[0].isdigit() and not 0 < exponent < 1:
            whole = floor(exponent)
            return exponent - whole, number(Fraction(int(gen.atoms[0])) ** whole)
        if gen.kind == "p" and exponent > 0:
            whole = -floor(-exponent)
            return exponent - whole, self.power(gen.subs[0], whole)
        if gen.kind == "f" and gen.atoms == ("cos", "0") and exponent >= 2:
            sine = Gen("f", ("sin", "0"), (), gen.subs)
            square = self.sub(ONE, from_gen(sine, 2))
            return exponent - 2 * (exponent // 2), self.power(square, int(exponent // 2))
        return exponent, None

    def _contract(self, coefficient: Fraction, bounds: Bounds, merged: Pairs, gen: Gen) -> Form | None:
        """Σ_i δ_ij f(i) = f(j), if j is in the range of i."""
        for place, (name, over) in enumerate(bounds):
            value = solved(gen.places[0] - gen.places[1], name)
            inside = None if value is None else self._inside(value, over, bounds)
            if value is None or inside is None:
                continue
            if not inside:
                return ZERO
            env = {name: value}
            rest = [pair for key, pair in merged.items() if key != gen.key]
            left = [(n, over_at(o, env)) for k, (n, o) in enumerate(bounds) if k != place]
            plain, nested = self.substituted(rest, env)
            if nested.constant == 1:
                return self.normal(coefficient, left, plain)
            return self.sum_over(left, self.mul(self.normal(coefficient, [], plain), nested))
        return None

    def _unified(self, coefficient: Fraction, bounds: Bounds, merged: Pairs, gen: Gen) -> Form | None:
        """δ_ij f(j) = δ_ij f(i): of two free symbols that must be equal, only the first is kept elsewhere."""
        bound = {name for name, _ in bounds}
        for name in sorted(gen.symbols - bound, reverse=True):
            value = solved(gen.places[0] - gen.places[1], name)
            rest = [pair for key, pair in merged.items() if key != gen.key]
            if value is None or value.symbols & bound:
                continue
            if not any(name in other.symbols for other, _ in rest):
                return None
            plain, nested = self.substituted(rest, {name: value})
            form = self.normal(coefficient, [], [*plain, (gen, Fraction(1))])
            moved = [(n, over_at(o, {name: value})) for n, o in bounds]
            return self.sum_over(moved, form if nested.constant == 1 else self.mul(form, nested))
        return None

    def _inside(self, value: Affine, over: Over, bounds: Bounds) -> bool | None:
        """Whether an index expression is in the range of a bound index."""
        if isinstance(over, Range):
            facts = self._facts(value.symbols | over.lo.symbols | over.hi.symbols, bounds)
            return facts.within(value, over)
        if value.number is not None:
            return value.number >= 1 and (over.size is None or value.number <= over.size)
        known = dict(bounds).get(str(value.name)) or self.overs.get(str(value.name))
        return True if known == over else None

    def _counted(self, coefficient: Fraction, bounds: Bounds, merged: Pairs) -> Form:
        """Σ over an index that does not occur is a factor: the size of its range."""
        used: set[str] = set()
        for gen, _ in merged.values():
            used |= gen.symbols
        for place, (name, over) in enumerate(bounds):
            later = any(name in over_names(other) for _, other in bounds)
            if name not in used and not later:
                left = bounds[:place] + bounds[place + 1 :]
                length = self.length(over)
                return self.sum_over(left, self.mul(self.normal(coefficient, [], list(merged.values())), length))
            powers = [(gen.key, k) for gen, k in merged.values() if name in gen.symbols]
            if len(powers) == 1 and not later and self._is_number(merged[powers[0][0]][0], name, powers[0][1]):
                rest = [pair for key, pair in merged.items() if key != powers[0][0]]
                total = self._sum_of_powers(over, int(powers[0][1]))
                left = bounds[:place] + bounds[place + 1 :]
                return self.sum_over(left, self.mul(self.normal(coefficient, [], rest), total))
            row = None if later or not powers else self.row([merged[key] for key, _ in powers], name, over)
            if row is not None:
                rest = [pair for pair in merged.values() if name not in pair[0].symbols]
                left = bounds[:place] + bounds[place + 1 :]
                return self.sum_over(left, self.mul(self.normal(coefficient, [], rest), row))
        return self._named(coefficient, bounds, merged)

    def row(self, powers: list[tuple[Gen, Fraction]], name: str, over: Over) -> Form | None:
        """The sum of powers with a bound index as the exponent, where it is known."""
        return None

    def _is_number(self, gen: Gen, name: str, power: Fraction) -> bool:
        """Whether a generator is a bound index as a number, in a small whole power."""
        return gen.kind == "w" and gen.places[0] == Affine.symbol(name) and power in range(1, MOST_POWER + 1)

    def _sum_of_powers(self, over: Over, power: int) -> Form:
        """Σ i^k from lo to hi: (B(hi + 1) - B(lo)) / (k + 1) with the Bernoulli polynomial B of the order k + 1."""
        low = ONE if isinstance(over, Axis) else self.affine(over.lo)
        high = self.add(low, self.length(over))
        ends = [self._bernoulli(power + 1, end) for end in (high, low)]
        return self.scale(Fraction(1, power + 1), self.sub(*ends))

    def _bernoulli(self, order: int, at: Form) -> Form:
        parts = [self.scale(comb(order, k) * BERNOULLI[k], self.power(at, order - k)) for k in range(order + 1)]
        return self.add(*parts)

    def length(self, over: Over) -> Form:
        """The number of values of an index."""
        if isinstance(over, Axis):
            return number(over.size) if over.size is not None else from_gen(Gen("n", (over.name,), over.labels))
        facts = self._facts(over.lo.symbols | over.hi.symbols, [])
        if facts.holds(over.hi - over.lo + 1):
            return self.affine(over.hi - over.lo + 1)
        return from_gen(Gen("N", (), (over.lo, over.hi)))

    def affine(self, index: Affine) -> Form:
        """An index expression as a number."""
        parts = [self.scale(c, from_gen(Gen("w", (), (Affine.symbol(n),)))) for n, c in index.parts]
        return self.add(number(index.constant), *parts)

    def _named(self, coefficient: Fraction, bounds: Bounds, merged: Pairs) -> Form:
        factors = list(merged.values())
        if bounds:
            order = canonical_order(bounds, factors, self.meter)
            height = max((gen.height for gen, _ in factors), default=0) + 1
            env = {old: Affine.symbol(new) for old, new in zip(order, names_at(height, len(order)), strict=True)}
            overs = dict(bounds)
            named = tuple((str(env[name].name), over_at(overs[name], env)) for name in order)
            if any(str(env[name].name) != name for name in order):
                factors, nested = self.substituted(factors, env)
                if nested.constant != 1:
                    scale, more = self._factors_of(nested)
                    coefficient, factors = coefficient * scale, [*factors, *more]
        else:
            named = ()
        mono = Mono(named, tuple(sorted(factors, key=lambda pair: pair[0].key)))
        return Form({mono.key: (coefficient, mono)}) if coefficient else ZERO

    def _factors_of(self, form: Form) -> tuple[Fraction, list[tuple[Gen, Fraction]]]:
        """The coefficient and the factors of a renamed product of generators."""
        single = form.single
        if single is None or single[1].bounds:
            raise NotSupported("a product that changes its form when its indices are renamed")
        return single[0], list(single[1].factors)

    # -- renaming ---------------------------------------------------------------------------------------------------
    def substituted(
        self, factors: Iterable[tuple[Gen, Fraction]], env: Mapping[str, Affine]
    ) -> tuple[list[tuple[Gen, Fraction]], Form]:
        """Factors with symbols replaced: those that stay generators, and the product of the others."""
        plain: list[tuple[Gen, Fraction]] = []
        nested = ONE
        for gen, exponent in factors:
            if not any(name in env for name in gen.symbols):
                plain.append((gen, exponent))
            elif gen.subs:
                nested = self.mul(nested, self.rebuilt(gen, exponent, env))
            else:
                plain.append((self._moved(gen, env), exponent))
        return plain, nested

    def _moved(self, gen: Gen, env: Mapping[str, Affine]) -> Gen:
        places = tuple(place.substitute(env) for place in gen.places)
        if gen.kind == "o":
            return Gen("o", (), (tightened(places[0]),))
        return delta_gen(*places) if gen.kind == "d" else Gen(gen.kind, gen.atoms, places)

    def rebuilt(self, gen: Gen, exponent: Fraction, env: Mapping[str, Affine]) -> Form:
        """A generator that holds forms, made again from its renamed forms."""
        raise NotImplementedError

    def renamed(self, form: Form, env: Mapping[str, Affine]) -> Form:
        """A form with free symbols replaced."""
        if not any(name in env for name in form.symbols):
            return form
        parts = []
        for coefficient, mono in form.terms.values():
            self.meter.spend(1 + len(mono.factors))
            inner = {name: value for name, value in env.items() if name not in dict(mono.bounds)}
            bounds, body = self.opened(list(mono.bounds), mono.factors) if mono.bounds else ([], None)
            factors = mono.factors if body is None else self._factors_of(body)[1]
            scale = Fraction(1) if body is None else self._factors_of(body)[0]
            plain, nested = self.substituted(factors, inner)
            moved = [(name, over_at(over, inner)) for name, over in bounds]
            form = self.mul(self.normal(coefficient * scale, [], plain), nested)
            parts.append(self.sum_over(moved, form))
        return self.add(*parts)


def _meets(left: Mono, right: Mono) -> bool:
    """Whether an index bound on the left is free on the right."""
    return any(name in right.symbols for name, _ in left.bounds)


def _canonical(bounds: Bounds) -> bool:
    """Whether some bound names are those of a finished monomial, which other monomials use as well."""
    return any(name.startswith("#") for name, _ in bounds)


def delta_gen(left: Affine, right: Affine) -> Gen:
    """δ with its sides in a fixed order; equal up to a common shift counts as equal."""
    difference = left - right
    if difference.parts and difference.parts[0][1] < 0:
        difference = -difference
    return Gen("d", (), (difference, Affine.of(0)))


def solved(difference: Affine, name: str) -> Affine | None:
    """The value of ``name`` at which ``difference`` is 0, if its count is 1 or -1."""
    count = dict(difference.parts).get(name)
    if count not in (1, -1):
        return None
    rest = difference - Affine(((name, count),))
    return -rest if count == 1 else rest
