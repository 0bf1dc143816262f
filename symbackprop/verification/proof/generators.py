"""The parts of a normal form: generators, monomials with bound indices, and sums of these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache

from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Axis, Over

Marks = Mapping[str, str]  #: how symbols are written in a key
NO_MARKS: Marks = {}
SYMMETRIC = "symmetric"  #: the third name of an entry of a symmetric matrix


@lru_cache(maxsize=65_536)
def _affine_key(index: Affine) -> str:
    return "+".join(f"{c}*{len(n)}:{n}" for n, c in index.parts) + f"+{index.constant}"


def affine_key(index: Affine, marks: Marks = NO_MARKS) -> str:
    """A text that stands for this index expression only (names carry their length)."""
    if not marks or not any(name in marks for name, _ in index.parts):
        return _affine_key(index)
    parts = sorted((marks.get(n, f"{len(n)}:{n}"), c) for n, c in index.parts)
    return "+".join(f"{c}*{n}" for n, c in parts) + f"+{index.constant}"


def over_key(over: Over, marks: Marks = NO_MARKS) -> str:
    if isinstance(over, Axis):
        labels = ",".join(affine_key(a, marks) for a in over.labels)
        return f"A{len(over.name)}:{over.name}({labels}){'' if over.size is None else over.size}"
    return f"R({affine_key(over.lo, marks)},{affine_key(over.hi, marks)})"


def over_names(over: Over) -> set[str]:
    """The symbols in the labels or ends of a range."""
    parts = over.labels if isinstance(over, Axis) else (over.lo, over.hi)
    return {name for part in parts for name, _ in part.parts}


class Gen:
    """A free generator: its kind, its names, the index expressions and the normal forms in it.

    Kinds: ``e`` entry, ``n`` size, ``w`` label as a number, ``c`` constant, ``d`` delta, ``f`` function, ``x`` exp of a
    monomial, ``p`` power of a sum, ``y`` symbolic power, ``u`` unknown function of arrays, ``D`` derivative through
    layers, ``P`` product over an index, ``k`` cumulant, ``N`` length of a range, ``o`` indicator of an index expression
    that is at least 0.
    """

    __slots__ = ("atoms", "height", "key", "kind", "overs", "places", "subs", "symbols")
    symbols: frozenset[str]
    height: int

    def __init__(
        self,
        kind: str,
        atoms: tuple[str, ...] = (),
        places: tuple[Affine, ...] = (),
        subs: tuple[Form, ...] = (),
        overs: tuple[tuple[str, Over], ...] = (),
    ) -> None:
        self.kind, self.atoms, self.places, self.subs, self.overs = kind, atoms, places, subs, overs
        found = {name for place in places for name, _ in place.parts}
        for sub in subs:
            found |= sub.symbols
        self.symbols = frozenset(found - {name for name, _ in overs})
        self.height = max((sub.height for sub in subs), default=0) + bool(overs)
        self.key = self.written(NO_MARKS)

    def written(self, marks: Marks) -> str:
        """The key with marked symbols written as their marks."""
        if (not marks or self.symbols.isdisjoint(marks)) and hasattr(self, "key"):
            return self.key
        atoms = ",".join([f"{len(a)}:{a}" for a in self.atoms])
        places = ",".join(self._places(marks))
        overs = ",".join([f"{name}:{over_key(over, marks)}" for name, over in self.overs]) if self.overs else ""
        subs = ";".join([sub.written(marks) for sub in self.subs]) if self.subs else ""
        return f"{self.kind}[{atoms}|{places}|{overs}|{subs}]"

    def _places(self, marks: Marks) -> list[str]:
        """The keys of the places; the indices of an entry of a symmetric matrix in any order are the same."""
        keys = [affine_key(a, marks) for a in self.places] if marks else [*map(_affine_key, self.places)]
        if self.kind == "e" and self.atoms[2:] == (SYMMETRIC,):
            count = int(self.atoms[1])
            return [*keys[:count], *sorted(keys[count:])]
        return keys


class Mono:
    """A product of powers of generators under a sum over bound indices (each of which occurs in it)."""

    __slots__ = ("bounds", "factors", "height", "key", "symbols")

    def __init__(self, bounds: tuple[tuple[str, Over], ...], factors: tuple[tuple[Gen, Fraction], ...]) -> None:
        self.bounds, self.factors = bounds, factors
        found: set[str] = set()
        for gen, _ in factors:
            found |= gen.symbols
        for _, over in bounds:
            found |= over_names(over)
        self.symbols = frozenset(found - {name for name, _ in bounds})
        self.height = max((gen.height for gen, _ in factors), default=0) + bool(bounds)
        self.key = self.written(NO_MARKS)

    def written(self, marks: Marks) -> str:
        """The bound indices with their ranges are part of the key: without them, Σ h(v_i) would be h(Σ v_i)."""
        bounds = ",".join([f"{name}:{over_key(over, marks)}" for name, over in self.bounds]) if self.bounds else ""
        return f"S({bounds})" + written_factors(self.factors, marks)


def written_factors(factors: Iterable[tuple[Gen, Fraction]], marks: Marks) -> str:
    """The product in a fixed order under the marks."""
    return "*".join(sorted([f"{gen.written(marks)}^{exponent}" for gen, exponent in factors]))


class Form:
    """A normal form: monomials with rational coefficients, none of them 0; equal keys mean equal forms."""

    __slots__ = ("height", "key", "symbols", "terms")

    def __init__(self, terms: dict[str, tuple[Fraction, Mono]]) -> None:
        self.terms = terms
        self.symbols = frozenset().union(*(mono.symbols for _, mono in terms.values()))
        self.height = max((mono.height for _, mono in terms.values()), default=0)
        self.key = self.written(NO_MARKS)

    def written(self, marks: Marks) -> str:
        if not marks:
            return "+".join(sorted([f"{coefficient}{key}" for key, (coefficient, _) in self.terms.items()]))
        if self.symbols.isdisjoint(marks):
            return self.key
        return "+".join(sorted([f"{coefficient}{mono.written(marks)}" for coefficient, mono in self.terms.values()]))

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def constant(self) -> Fraction | None:
        """The value if no generator is left."""
        if not self.terms:
            return Fraction(0)
        if len(self.terms) > 1:
            return None
        coefficient, mono = next(iter(self.terms.values()))
        return None if mono.factors or mono.bounds else coefficient

    @property
    def single(self) -> tuple[Fraction, Mono] | None:
        """The only term, if there is one only."""
        return next(iter(self.terms.values())) if len(self.terms) == 1 else None


ZERO = Form({})
EMPTY = Mono((), ())


def number(value: Fraction | int) -> Form:
    """A rational number as a form."""
    return Form({EMPTY.key: (Fraction(value), EMPTY)}) if value else ZERO


ONE = number(1)


def from_gen(gen: Gen, exponent: Fraction | int = 1) -> Form:
    """A power of one generator that is no delta, step, or power of a sum."""
    mono = Mono((), ((gen, Fraction(exponent)),))
    return Form({mono.key: (Fraction(1), mono)})


def factor_count(form: Form) -> int:
    """How many factors the terms of a form have together."""
    return sum(len(mono.factors) for _, mono in form.terms.values())
