"""Shares of a softmax in J and in the errors: 1 - p, sums over all shares, and differences that nearly vanish."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import (
    Add,
    Eq,
    Expr,
    Indexed,
    IndexedBase,
    Integer,
    Max,
    Min,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
    Tuple,
    exp,
    log,
    oo,
)
from sympy.codegen.cfunctions import expm1, log1p
from sympy.core.relational import Relational
from sympy.core.traversal import bottom_up

from symbackprop.derivation.indices import rename_bound, substitute, unify
from symbackprop.kernels.logits import Apart, Maximum, definitions, exponent_sum, relettered
from symbackprop.kernels.masks import Choice, Mask, masked
from symbackprop.kernels.stable import rounded
from symbackprop.model import Model
from symbackprop.quantities import Partial


@dataclass(frozen=True)
class Share:
    """exp(f)/Σ exp(f): ``own`` is f at the letter ``place``, ``term`` that at the letter of the sum, ``limits`` its."""

    own: Expr
    place: Symbol
    term: Expr
    limits: Tuple

    @property
    def form(self) -> Expr:
        return exp(self.own, evaluate=False) / Sum(exp(self.term, evaluate=False), self.limits)

    @property
    def count(self) -> Expr:
        """How many shares there are."""
        return self.limits[2] - self.limits[1] + 1


def from_shares(expression: Expr, model: Model) -> Expr:
    """The expression in forms that keep digits where a share of a softmax is all but 0, 1 or what all others are."""
    shares = Shares(model)
    named = shares.named(expression)
    if not any(shares.of(entry) for entry in named.atoms(Indexed)):
        return expression
    # SymPy takes branches out of a sum whose letter they depend on.
    plain = _summed(masked(named), shares)
    return shares.written(_complemented(_centred(plain, shares), shares))


class Shares:
    """What is a share of a softmax: entries that an equation says it of, and quotients, which get a letter here."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.letters: dict[Expr, tuple[IndexedBase, tuple[Symbol, ...], Expr]] = {}
        self.found: dict[Expr, Share | None] = {}

    def named(self, expression: Expr) -> Expr:
        """The expression with an entry of its own for every quotient that is a share."""
        if not (expression.has(exp) and expression.has(Sum)):
            return expression
        return bottom_up(expression, self._name)

    def _name(self, node: Expr) -> Expr:
        for below in (f for f in Mul.make_args(node) if isinstance(f, Pow) and f.exp == -1):
            for above in (f for f in Mul.make_args(node) if isinstance(f, exp)):
                found = _share(above * below)
                if found is not None:
                    return node / above / below * self._entry(found)
        return node

    def _entry(self, share: Share) -> Indexed:
        key = (share.term, share.limits)
        letters = tuple(s for s in sorted(share.own.free_symbols, key=str) if s.is_integer)
        if key not in self.letters:
            self.letters[key] = IndexedBase(f"share_{len(self.letters) + 1}", real=True), letters, share.form
        base, own, form = self.letters[key]
        places = unify(form, share.form, frozenset(own)) or {}
        return base[tuple(places.get(letter, letter) for letter in own)]

    def of(self, entry: Expr) -> Share | None:
        """The share that an entry is."""
        if not isinstance(entry, Indexed):
            return None
        if entry not in self.found:
            form = self._form(entry) or definitions(entry, self.model, closed=False).get(entry, entry)
            self.found[entry] = _share(form)
        return self.found[entry]

    def are_values(self, expression: Expr) -> bool:
        """Whether it is made of values alone; a derivative of J is an array already, and stands where it is linear."""
        known = {*self.model.quantities, *(base.label.name for base, _, _ in self.letters.values())}
        return not expression.has(Partial) and {e.base.label.name for e in expression.atoms(Indexed)} <= known

    def _form(self, entry: Indexed) -> Expr | None:
        for base, letters, form in self.letters.values():
            if base == entry.base:
                return relettered(form, dict(zip(letters, entry.indices, strict=True)))
        return None

    def known(self, expression: Expr) -> bool:
        """Whether nothing is computed in it: numbers and targets."""
        return not definitions(expression, self.model) and not self.named_in(expression)

    def named_in(self, expression: Expr) -> bool:
        return any(entry.base == base for entry in expression.atoms(Indexed) for base, _, _ in self.letters.values())

    def written(self, expression: Expr) -> Expr:
        """The expression with the quotients in the place of their entries."""
        forms = {entry: self._form(entry) for entry in sorted(expression.atoms(Indexed), key=str)}
        return expression.xreplace({entry: form for entry, form in forms.items() if form is not None})

    def among(self, node: Expr) -> list[tuple[Indexed, Share]]:
        """The factors of a node that are shares."""
        return [(f, share) for f in Mul.make_args(node) if (share := self.of(f)) is not None]


def _share(form: Expr) -> Share | None:
    factors = Mul.make_args(form)
    for top, below in (factors, factors[::-1]) if len(factors) == 2 else ():
        if isinstance(top, exp) and isinstance(below, Pow) and below.exp == -1 and isinstance(below.base, Sum):
            found, limits = exponent_sum(below.base), below.base.limits[0]
            if found is None or found[1] != 1:
                continue
            places = unify(found[0], top.args[0], frozenset({limits[0]}))
            place = places.get(limits[0]) if places is not None else None
            if isinstance(place, Symbol):
                return Share(top.args[0], place, found[0], limits)
    return None


def rest_of_sum(body: Expr, limits: Tuple) -> tuple[Maximum, Expr]:
    """(m, r) with Σ exp(f) = exp(m)(1 + r), m the largest f: r is the sum without its largest term, not 1 less."""
    m = Maximum(body, limits)
    below = Sum(Mask(body < m) * exp(body - m, evaluate=False), limits)
    # The maximum with 0 changes nothing and keeps what is added from being added in another order.
    return m, below + Max(Sum(Mask(Eq(body, m, evaluate=False)), limits) - 1, 0)


def _complement(share: Share) -> Expr:
    """1 - p."""
    m, rest = rest_of_sum(share.term, share.limits)
    return Apart((rest - expm1(share.own - m)) / (1 + rest))


def _beside_mean(share: Share) -> Expr:
    """1 - n p for n shares, which is 0 where all are the same."""
    m, rest = rest_of_sum(share.term, share.limits)
    others = Sum(expm1(share.term - m), share.limits)
    return Apart((others - share.count * expm1(share.own - m)) / (1 + rest))


@dataclass(frozen=True)
class _Largest:
    """The share that is more than half of all: ``alone`` says where it is ``own``, ``rest`` is Σ exp(f - m) less 1.

    ``second`` is the largest of the other exponents and ``others`` = Σ exp(f - second) over these.
    """

    alone: Expr
    m: Expr
    rest: Expr
    second: Expr
    others: Expr


def _largest(share: Share) -> _Largest:
    m, rest = rest_of_sum(share.term, share.limits)
    below = Mask(share.term < m)
    # Where all are the same nothing is second: any number will do there.
    some = Mask(Sum(below, share.limits) > 0)
    second = Choice(some, Maximum(Choice(below, share.term, -oo), share.limits), m)
    others = Sum(below * exp(Min(share.term - second, 0), evaluate=False), share.limits) + Mask(rest >= 1)
    alone = Mask(Eq(share.own, m, evaluate=False)) * Mask(rest < 1)
    return _Largest(alone, m, rest, second, others)


def without_poles(expression: Expr, model: Model) -> Expr:
    """log(1 - p), and the error of a loss that has it, in forms that are finite where a share p rounds to 1."""
    shares = Shares(model)

    def rewrite(node: Expr) -> Expr:
        if isinstance(node, log):
            entry = 1 - node.args[0]
            share = shares.of(entry)
            return node if share is None else _log_complement(entry, share)
        for total in node.args if isinstance(node, Add) else ():
            for entry, share in shares.among(total):
                part, g = -total / entry, node - total
                if g.has(1 / (1 - entry)) and isinstance(part, Sum) and _is_summand(g, share, part):
                    return _with_pole(entry, share, g, part.limits[0])
        return node

    return bottom_up(expression, rewrite)


def _log_complement(entry: Expr, share: Share) -> Expr:
    most = _largest(share)
    far = most.second - most.m + log(most.others) - log1p(most.rest)
    return most.alone * far + (1 - most.alone) * log1p(-Min(entry, Rational(1, 2)))


def _with_pole(entry: Indexed, share: Share, g: Expr, limits: Tuple) -> Expr:
    """g_i - p_i Σ_j g_j for g = A + B/(1 - p), as A_i (1 - p_i) + B_i - p_i Σ_{j≠i} A_j - Σ_{j≠i} B_j p_i/(1 - p_j).

    For the share p_j that is nearly 1 the last quotient is that of p_i among all but p_j.
    """
    terms = Add.make_args(g)
    B = Add(*(term * (1 - entry) for term in terms if term.has(1 / (1 - entry))))
    A = Add(*(term for term in terms if not term.has(1 / (1 - entry))))
    most, other = _largest(share), _complement(share)
    plain, large = (1 - most.alone) * B / Max(other, Rational(1, 4)), most.alone * B
    apart = (1 - most.alone) * exp(Min(share.own - most.second, 0), evaluate=False) / most.others
    beside = [Sum(_moved(part, share.place, limits), limits) for part in (A, plain, large)]
    return A * other + B - entry * (rounded(beside[0] - A) + rounded(beside[1] - plain)) - apart * beside[2]


def _summed(expression: Expr, shares: Shares) -> Expr:
    """Σ_j (k p_j + R_j) -> k + Σ_j R_j, since the sum of all shares is 1."""

    def rewrite(node: Expr) -> Expr:
        for term in Add.make_args(node.function) if isinstance(node, Sum) and len(node.limits) == 1 else ():
            for entry, share in shares.among(term):
                (j, *bounds), k = node.limits[0], term / entry
                if share.place == j and tuple(bounds) == tuple(share.limits[1:]) and j not in k.free_symbols:
                    rest = node.function - term
                    return k + (rewrite(Sum(rest, node.limits[0])) if rest != 0 else Integer(0))
        return node

    return bottom_up(expression, rewrite)


def _complemented(expression: Expr, shares: Shares) -> Expr:
    """k·p + R -> p·(k + R) + R·(1 - p) for a share p, also where this is compared with 0."""

    def rewrite(node: Expr) -> Expr:
        if isinstance(node, Relational) and not isinstance(node, Eq):
            difference = node.lhs - node.rhs
            better = _blended(difference, shares, compared=True)
            return node if better == difference else node.func(better, Integer(0), evaluate=False)
        return _blended(node, shares, compared=False)

    return bottom_up(expression, rewrite)


def _blended(node: Expr, shares: Shares, compared: bool) -> Expr:
    for term in node.args if isinstance(node, Add) else ():
        for entry, share in shares.among(term):
            terms = [t for t in node.args if entry in Mul.make_args(t)]
            k, R = Add(*(t / entry for t in terms)).expand(), node - Add(*terms)
            if not R.has(entry) and (
                compared and not k.has(Sum) or shares.known(k) and share.place not in k.free_symbols
            ):
                return entry * (k + R) + R * _complement(share)
    return node


def _centred(expression: Expr, shares: Shares) -> Expr:
    """The error of a softmax from differences that lose nothing where one share is all but 1.

    a_i (g_i - Σ_j a_j g_j) is taken with g less its value at the largest share, since Σ_j a_j = 1.
    """

    def rewrite(node: Expr) -> Expr:
        for entry, share in shares.among(node) if isinstance(node, Mul) else ():
            for side in (1, -1):
                inner = side * node / entry
                for total in (-t for t in Add.make_args(inner) if isinstance(-t, Sum)):
                    if _is_summand(entry * (inner + total), share, total):
                        return side * _from_largest(entry, share, inner + total, total, shares)
        for total in node.args if isinstance(node, Add) else ():
            for entry, share in shares.among(total):
                part = -total / entry
                if isinstance(part, Sum) and _is_summand(node - total, share, part):
                    return _beside(entry, share, node - total, part, shares)
        return node

    return bottom_up(expression, rewrite)


def _is_summand(term: Expr, share: Share, total: Sum) -> bool:
    """Whether a sum over the letter of the shares is that of the term."""
    if len(total.limits) != 1 or tuple(total.limits[0][1:]) != tuple(share.limits[1:]):
        return False
    moved = _moved(term, share.place, total.limits[0])
    return bool((total.function - moved).expand() == 0)


def _moved(term: Expr, place: Symbol, limits: Tuple) -> Expr:
    """The term at the letter of a sum."""
    return substitute(rename_bound(term, {limits[0].name}), {place: limits[0]})


def _from_largest(entry: Indexed, share: Share, g: Expr, total: Sum, shares: Shares) -> Expr:
    """entry·(g_i - Σ_j a_j g_j) from the differences of g, which is rounded first, and its mean at the largest."""
    limits = total.limits[0]
    better = _complemented(g, shares)
    better = rounded(better) if shares.are_values(better) else better
    there, at = _at_largest(better, share, limits)
    return entry * (better - at) - entry * Sum(entry.xreplace({share.place: limits[0]}) * (there - at), limits)


def _at_largest(g: Expr, share: Share, limits: Tuple) -> tuple[Expr, Expr]:
    """g at the letter of the sum, and its mean at the largest shares."""
    f, there = _moved(share.own, share.place, limits), _moved(g, share.place, limits)
    most = Mask(Eq(f, Maximum(f, limits), evaluate=False))
    return there, Sum(most * there, limits) / Sum(most, limits)


def _beside(entry: Indexed, share: Share, g: Expr, total: Sum, shares: Shares) -> Expr:
    """g_i - p_i Σ_j g_j as g_i (1 - p_i) - p_i Σ_{j≠i} g_j; of numbers g that may be alike, from differences.

    With h = g - G, G being g at the largest share, that is h_i - p_i Σ_j h_j + G (1 - n p_i). Each form loses the last
    place of the sizes that it adds at most; the one that adds less is taken.
    """
    better, limits, p = _complemented(g, shares), total.limits[0], Apart(entry)
    other = _complement(share)
    alone = better * other - p * _without_own(share, better, limits)
    if g.has(Sum) or any(shares.of(part) for part in g.atoms(Indexed)):
        return alone
    better = rounded(better)
    there, at = _at_largest(better, share, limits)
    mean, h, h_there = at * _beside_mean(share), rounded(better - at), rounded(there - at)
    size = (better * other) ** 2 + p**2 * (Sum(there**2, limits) - better**2)
    even = Mask(h**2 + p**2 * Sum(h_there**2, limits) + mean**2 < size)
    return (1 - even) * alone + even * (rounded(h - p * Sum(h_there, limits)) + mean)


def _without_own(share: Share, g: Expr, limits: Tuple) -> Expr:
    """Σ_j g_j - g_i, which is the sum over the smaller shares where a_i is larger than all others."""
    there, f = _moved(g, share.place, limits), _moved(share.own, share.place, limits)
    most = Maximum(f, limits)
    largest = Mask(Eq(share.own, most, evaluate=False)) * Mask(Sum(Mask(Eq(f, most, evaluate=False)), limits) < 2)
    return (1 - largest) * (Sum(there, limits) - g) + largest * Sum(Mask(f < most) * there, limits)
