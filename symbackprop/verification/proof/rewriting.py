"""Assumed equations as rewriting rules: a leading monomial is replaced wherever it divides a term."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.proof.generators import Form, Gen, Mono
from symbackprop.verification.proof.normal_form import Builder
from symbackprop.verification.proof.signs import SignFact
from symbackprop.verification.proof.zero import multiplied
from symbackprop.verification.refutation.features import index_only
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Claim, Context
from symbackprop.verification.terms.matrices import orthogonal_letter
from symbackprop.verification.terms.nodes import Add, Axis, Delta, Entry, Mul, Num, Over, Relation, Sum
from symbackprop.verification.terms.walk import Names, freshen, over_at

ROUNDS = 12
Match = dict[str, Affine]  #: pattern symbol -> index expression


@dataclass(frozen=True)
class Rule:
    """``pattern = result`` for all values of the ``free`` symbols over their axes."""

    pattern: Mono
    result: Form
    free: dict[str, Axis]


@dataclass
class Rewriter:
    """The assumptions of a context and the conditions of a claim as rules for one builder."""

    builder: Builder
    context: Context
    claim: Claim
    names: Names

    def relations(self) -> list[tuple[tuple[tuple[str, Axis], ...], Relation]]:
        own: list[tuple[tuple[tuple[str, Axis], ...], Relation]] = [((), c) for c in self.claim.conditions]
        return [*self.context.assumptions, *own]

    def positive_names(self) -> frozenset[str]:
        """Letters with an assumption that all their entries are above a number that is not negative."""
        found = set()
        for free, relation in self.relations():
            low, high = (relation.right, relation.left) if relation.op == ">" else (relation.left, relation.right)
            if relation.op in (">", "<") and isinstance(low, Num) and low.value >= 0 and isinstance(high, Entry):
                names = [a.name for a in high.indices]
                if sorted(map(str, names)) == sorted(n for n, _ in free) and not high.labels:
                    found.add(high.name)
        return frozenset(found)

    def sign_facts(self) -> tuple[SignFact, ...]:
        """Assumed inequalities as forms; indices that the claim leaves free stand for themselves."""
        found = []
        for free, relation in self.relations():
            if relation.op in ("=", "!=") or free or index_only(relation):
                continue
            high, low = (relation.left, relation.right) if relation.op[0] == ">" else (relation.right, relation.left)
            term = freshen(Add((high, Mul((Num(Fraction(-1)), low)))), {}, self.names)
            try:
                form = self.builder.build(term)
            except NotSupported:
                continue
            if form.constant is None:
                found.append(SignFact(form, relation.op in (">", "<")))
        return tuple(found)

    def rules(self) -> list[Rule]:
        found = []
        for free, relation in [*self.relations(), *self._inverses(), *self._turned()]:
            if relation.op == "=":
                rule = None if index_only(relation) else self._rule(free, relation)
                found += [rule] if rule is not None else []
        return found

    def _inverses(self) -> list[tuple[tuple[tuple[str, Axis], ...], Relation]]:
        """V V⁻¹ = 1 and V⁻¹ V = 1 for matrices without labels."""
        found: list[tuple[tuple[tuple[str, Axis], ...], Relation]] = []
        for name, tensor in sorted(self.context.tensors.items()):
            if tensor.inverse_of is not None and not tensor.labels and len(tensor.axes) == 2:
                i, j, k = (Affine.symbol(letter) for letter in "ijk")
                for left, right in ((name, tensor.inverse_of), (tensor.inverse_of, name)):
                    product = Mul((Entry(left, (), (i, k)), Entry(right, (), (k, j))))
                    one = Relation(Sum("k", tensor.axes[0], product), "=", Delta(i, j))
                    found.append(((("i", tensor.axes[0]), ("j", tensor.axes[0])), one))
        return found

    def _turned(self) -> list[tuple[tuple[tuple[str, Axis], ...], Relation]]:
        """Q Qᵀ = 1 and Qᵀ Q = 1 for square matrices of which one of the two is assumed."""
        found: list[tuple[tuple[tuple[str, Axis], ...], Relation]] = []
        letters = [orthogonal_letter(assumption) for assumption in self.context.assumptions]
        for name, axis in dict.fromkeys(letter for letter in letters if letter is not None):
            i, j, k = (Affine.symbol(letter) for letter in "ijk")
            for left, right in (((i, k), (j, k)), ((k, i), (k, j))):
                product = Mul((Entry(name, (), left), Entry(name, (), right)))
                one = Relation(Sum("k", axis, product), "=", Delta(i, j))
                found.append(((("i", axis), ("j", axis)), one))
        return found

    def _rule(self, free: tuple[tuple[str, Axis], ...], relation: Relation) -> Rule | None:
        """left - right = 0, solved for its leading monomial."""
        fresh = {name: self.names.fresh() for name, _ in free}
        env = {name: Affine.symbol(new) for name, new in fresh.items()}
        self.builder.overs |= {fresh[name]: axis for name, axis in free}
        term = freshen(Add((relation.left, Mul((Num(Fraction(-1)), relation.right)))), env, self.names)
        try:
            form = self.builder.build(term)
        except NotSupported:
            return None
        return leading_rule(form, {fresh[name]: axis for name, axis in free}, self.builder)

    def vanishes(self, form: Form) -> bool:
        """Whether the form is 0 after the rules were used as often as they apply."""
        rules = self.rules()
        if not rules:
            return False
        for _ in range(ROUNDS):
            form = above_the_line(self.builder.cleared(form), self.builder)
            changed = self._once(form, rules)
            if changed is None:
                return False
            form = changed
            if self.builder.vanishes(form):
                return True
        return False

    def _once(self, form: Form, rules: list[Rule]) -> Form | None:
        """One rule at every term that it divides; ``None`` if no rule applies."""
        parts, hit = [], False
        for coefficient, closed in form.terms.values():
            mono, coefficient = self._open(closed, coefficient)
            replaced = next(
                (r for r in (self._applied(rule, coefficient, mono) for rule in rules) if r is not None), None
            )
            replaced = replaced if replaced is not None else self._inside(coefficient, mono, rules)
            hit = hit or replaced is not None
            parts.append(replaced if replaced is not None else self._closed(mono, coefficient))
        return self.builder.add(*parts) if hit else None

    def _open(self, mono: Mono, coefficient: Fraction) -> tuple[Mono, Fraction]:
        """The monomial with fresh bound names, so that the results of rules cannot capture them."""
        if not mono.bounds:
            return mono, coefficient
        bounds, body = self.builder.opened(list(mono.bounds), mono.factors)
        single = body.single
        if single is None or single[1].bounds:
            raise NotSupported("a product that changes its form when its indices are renamed")
        return Mono(tuple(bounds), single[1].factors), coefficient * single[0]

    def _closed(self, mono: Mono, coefficient: Fraction) -> Form:
        return self.builder.normal(coefficient, list(mono.bounds), list(mono.factors))

    def _inside(self, coefficient: Fraction, mono: Mono, rules: list[Rule]) -> Form | None:
        """The rules used in the arguments of functions and in powers."""
        plain, changed = [], []
        for gen, exponent in mono.factors:
            found = [self._once(sub, rules) if gen.kind in "fxpy" else None for sub in gen.subs]
            subs = tuple(old if new is None else new for new, old in zip(found, gen.subs, strict=True))
            if subs == gen.subs:
                plain.append((gen, exponent))
            else:
                changed.append(self.builder.remade(gen, exponent, subs))
        if not changed:
            return None
        rest = self.builder.normal(coefficient, [], plain)
        return self.builder.sum_over(list(mono.bounds), self.builder.mul(rest, self.builder.product(changed)))

    def _applied(self, rule: Rule, coefficient: Fraction, mono: Mono) -> Form | None:
        for match, left in matches(list(rule.pattern.factors), dict(mono.factors), {}):
            bounds = self._bounds_after(rule, mono, match, left)
            if bounds is None:
                continue
            env = {name: match[name] for name in rule.free if name in match}
            result = self.builder.renamed(rule.result, env)
            rest = self.builder.normal(coefficient, [], list(left.items()))
            return self.builder.sum_over(bounds, self.builder.mul(rest, result))
        return None

    def _bounds_after(
        self, rule: Rule, mono: Mono, match: Match, left: dict[Gen, Fraction]
    ) -> list[tuple[str, Over]] | None:
        """The bound indices that stay, if those of the pattern are bound here over the same ranges and used up."""
        bounds, used = dict(mono.bounds), {name for gen in left for name in gen.symbols}
        taken = set()
        for name, over in rule.pattern.bounds:
            target = match[name].name
            if target is None or target in used or target in taken or bounds.get(target) != over_at(over, match):
                return None
            taken.add(target)
        if any(match[n].name in taken for n in rule.free if n in match):
            return None
        for name, axis in rule.free.items():
            known = bounds.get(str(match[name].name)) if name in match else None
            known = known or (self.builder.overs.get(str(match[name].name)) if name in match else None)
            if known != axis:
                return None
        return [(n, o) for n, o in mono.bounds if n not in taken]


def leading_rule(form: Form, free: dict[str, Axis], builder: Builder) -> Rule | None:
    """Solve a vanishing form for the monomial with the most bound indices and factors that holds all free symbols."""
    form = above_the_line(builder.cleared(form), builder)
    candidates = [
        (len(mono.bounds), sum(abs(k) for _, k in mono.factors), key)
        for key, (_, mono) in form.terms.items()
        if mono.factors and set(free) <= mono.symbols and all(k > 0 or g.kind == "n" for g, k in mono.factors)
    ]
    if not candidates:
        return None
    key = max(candidates)[2]
    coefficient, mono = form.terms[key]
    rest = Form({k: v for k, v in form.terms.items() if k != key})
    result = builder.scale(-1 / coefficient, rest)
    if not mono.bounds and not free:
        entries = [(g, k) for g, k in mono.factors if g.kind == "e"]
        if entries:  # n σ² = 1 is read as σ² = 1/n: sizes are never 0
            gen, power = entries[0]
            others = [(g, -k) for g, k in mono.factors if g.key != gen.key]
            if all(g.kind in "nx" for g, _ in others):
                result = builder.mul(result, builder.normal(Fraction(1), [], others))
                mono = Mono((), ((gen, power),))
    return Rule(mono, result, free)


def above_the_line(form: Form, builder: Builder) -> Form:
    """A form times the entries that its terms are divided by: it vanishes where that does, these being no 0."""
    lowest: dict[str, tuple[Gen, Fraction]] = {}
    for _, mono in form.terms.values():
        bound = {name for name, _ in mono.bounds}
        for gen, exponent in mono.factors:
            if gen.kind == "e" and exponent <= -1 and not gen.symbols & bound:
                lowest[gen.key] = (gen, min(exponent, lowest.get(gen.key, (gen, exponent))[1]))
    for _, (gen, exponent) in sorted(lowest.items()):
        form = multiplied(builder, form, gen, -floor(exponent))
    return form


def matches(
    pattern: list[tuple[Gen, Fraction]], factors: dict[Gen, Fraction], match: Match
) -> Iterator[tuple[Match, dict[Gen, Fraction]]]:
    """All ways in which the pattern divides the product, with what is left."""
    if not pattern:
        yield match, factors
        return
    (gen, power), rest = pattern[0], pattern[1:]
    for target, exponent in factors.items():
        if exponent * power <= 0 or abs(exponent) < abs(power):
            continue
        extended = unified(gen, target, match)
        if extended is not None:
            left = {g: k for g, k in factors.items() if g is not target}
            if exponent != power:
                left[target] = exponent - power
            yield from matches(rest, left, extended)


def unified(gen: Gen, target: Gen, match: Match) -> Match | None:
    """The symbols of a pattern generator matched to those of a target; fixed symbols stand for themselves."""
    if gen.key == target.key:
        return match if not any(name.startswith(("#", "%")) for name in gen.symbols) else _places(gen, target, match)
    if gen.kind != target.kind or gen.atoms != target.atoms or gen.subs or len(gen.places) != len(target.places):
        return None
    return _places(gen, target, match)


def _places(gen: Gen, target: Gen, match: Match) -> Match | None:
    extended = dict(match)
    for mine, theirs in zip(gen.places, target.places, strict=True):
        name = mine.name
        if name is not None and name.startswith(("#", "%")):
            if extended.setdefault(name, theirs) != theirs:
                return None
        elif mine != theirs:
            return None
    return extended
