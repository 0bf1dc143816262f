"""What is above 0: by the structure of a form, by what is assumed, and where the sides of a claim are defined."""

from __future__ import annotations

from fractions import Fraction

from symbackprop.verification.proof.algebra import Algebra
from symbackprop.verification.proof.generators import Form, Gen, Mono
from symbackprop.verification.proof.signs import DEPTH, SignFact, known_gens
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.nodes import Over


class Positive(Algebra):
    """The algebra with facts about signs; ``positive`` names the letters that are assumed to be above 0."""

    positive: frozenset[str] = frozenset()
    assumed: tuple[SignFact, ...] = ()
    general: tuple[tuple[Form, str, Over], ...] = ()  #: forms above 0 for every value of an index over its range
    above: frozenset[str] = frozenset()
    below: frozenset[str] = frozenset()

    def assume(self, facts: tuple[SignFact, ...]) -> None:
        """Use facts about signs from here on."""
        self.assumed = facts
        self.above, self.below = known_gens(facts)

    def is_positive(self, form: Form) -> bool:
        """Whether every value of a form is above 0, by its structure and what is assumed."""
        return self._at_least(form, True, DEPTH)

    def at_least_0(self, form: Form) -> bool:
        """Whether no value of a form is below 0."""
        return self._at_least(form, False, DEPTH)

    def _at_least(self, form: Form, strict: bool, depth: int) -> bool:
        """``form > 0`` (or ``form >= 0``): by its structure, or after a multiple of an assumed form is taken off."""
        signs = [self.mono_sign(c, mono) for c, mono in form.terms.values()]
        if all(s is not None for s in signs) and (any(signs) or not strict):
            return True
        if any(self._is_instance(form, *fact) for fact in self.general):
            return True
        inside = self._inside_of_positive(form)
        if inside is not None:
            return self._at_least(inside, strict, depth)
        return depth > 0 and any(self._with_fact(form, fact, strict, depth) for fact in self.assumed)

    def _inside_of_positive(self, form: Form) -> Form | None:
        """What is left of a sum when factors above 0 are taken out of all its terms; ``None`` if there are none."""
        if len(form.terms) < 2:
            return None
        scale, outside, inside = self.content(form, whole=False)
        return self.scale(scale, inside) if outside.factors else None

    def _is_instance(self, form: Form, above: Form, name: str, over: Over) -> bool:
        """Whether a form is one of those that are above 0 for every value of an index."""
        places = [symbol for symbol in sorted(form.symbols) if self.overs.get(symbol) == over]
        return any(self.renamed(above, {name: Affine.symbol(symbol)}).key == form.key for symbol in places)

    def _with_fact(self, form: Form, fact: SignFact, strict: bool, depth: int) -> bool:
        for key, (coefficient, _) in fact.form.terms.items():
            mine = form.terms.get(key)
            if mine is not None and mine[0] / coefficient > 0:
                rest = self.sub(form, self.scale(mine[0] / coefficient, fact.form))
                if self._at_least(rest, strict and not fact.strict, depth - 1):
                    return True
        return False

    def mono_sign(self, coefficient: Fraction, mono: Mono) -> bool | None:
        """True above 0, False at least 0, ``None`` not known."""
        strict = True
        for gen, exponent in mono.factors:
            if self.gen_positive(gen):
                continue
            if gen.key in self.below and exponent.denominator == 1:
                coefficient = -coefficient if exponent % 2 else coefficient
                continue
            even = exponent.denominator == 1 and exponent % 2 == 0
            if not (even or exponent.denominator > 1 or gen.kind == "d" or gen.atoms[:1] == ("step",)):
                return None
            strict = strict and exponent < 0
        return strict if coefficient > 0 else None

    def gen_positive(self, gen: Gen) -> bool:
        if gen.kind in "xnc" or gen.key in self.above:
            return True
        if gen.kind == "e":
            return gen.atoms[0] in self.positive
        if gen.kind == "w":
            return self.facts.holds(gen.places[0] + (-1))
        if gen.kind in "py":
            return self.is_positive(gen.subs[0])
        if gen.kind == "P":
            return self.is_positive(self._factor(gen)[1])
        return False

    def _factor(self, gen: Gen) -> tuple[tuple[str, Over], Form]:
        """A factor of a product over an index, the index under a fresh name."""
        (name, over), fresh = gen.overs[0], self.names.fresh()
        self.overs[fresh] = over
        return (fresh, over), self.renamed(gen.subs[0], {name: Affine.symbol(fresh)})

    def content(self, base: Form, whole: bool, root: Fraction | None = None) -> tuple[Fraction, Mono, Form]:
        """A number, a product of generators and a rest whose product the form is."""
        raise NotImplementedError
