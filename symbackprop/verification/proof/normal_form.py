"""From a term to its normal form, under a choice of what is looked into and what stays a free generator."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symbackprop.verification.budget import Meter, NotSupported, OverBudget
from symbackprop.verification.proof import windows
from symbackprop.verification.proof.algebra import delta_gen
from symbackprop.verification.proof.elementary import Elementary, Seen
from symbackprop.verification.proof.facts import Facts
from symbackprop.verification.proof.generators import ONE, SYMMETRIC, ZERO, Form, Gen, from_gen, number
from symbackprop.verification.proof.laws import ANY, Law
from symbackprop.verification.proof.moments import expectation
from symbackprop.verification.refutation.chance import is_random
from symbackprop.verification.refutation.features import index_only
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Context, Tensor
from symbackprop.verification.terms.differentiate import derived, function_derivative
from symbackprop.verification.terms.functions import KNOWN, SLOPES, X
from symbackprop.verification.terms.matrices import symmetric_letters
from symbackprop.verification.terms.nodes import (
    Add,
    Axis,
    Call,
    Cases,
    Const,
    Delta,
    Diff,
    Entry,
    Expect,
    Fn,
    Lambda,
    Mul,
    Num,
    Over,
    Pow,
    Prod,
    Relation,
    Size,
    Sum,
    Term,
    Whole,
)
from symbackprop.verification.terms.walk import Names, entry_names, freshen

SHORT_AXIS = 8
#: Functions with a kink at 0 that are 0 there.
THROUGH_ZERO = ("relu", "relu6", "abs", "elu", "softsign")
Body = Callable[[Entry], Term | None]  #: the definition of an entry that is to be looked into


@dataclass(frozen=True)
class View:
    """What a normal form looks into: the bodies of entries, known functions, and axes of a given short length.

    With ``slopes`` a known function that it does not look into has the derivative that is known in terms of itself.
    """

    body: Body = lambda entry: None
    functions: bool = False
    axes: bool = False
    slopes: bool = False


class Builder(Elementary):
    """Builds normal forms of terms whose bound names are fresh."""

    def __init__(self, context: Context, view: View, meter: Meter, facts: Facts, names: Names) -> None:
        super().__init__(meter, facts, names)
        self.context, self.view, self.seen = context, view, Seen()
        self.argument: list[Form] = []
        self.slopes = dict(context.slopes)
        self.laws: dict[str, Law] = {}
        self.turns = {}
        self.moving: list[str] | None = None
        symmetric = symmetric_letters(context.assumptions)
        inverses = {n for n, t in context.tensors.items() if t.inverse_of in symmetric and not t.labels}
        self.symmetric = symmetric | inverses
        self.building: dict[type, Callable[[Any], Form]] = {
            Num: lambda t: number(t.value), Const: lambda t: from_gen(Gen("c", ("pi",))), Size: self._size,
            Whole: lambda t: self.affine(t.value), Entry: self._entry, Add: self._add, Mul: self._mul, Pow: self._pow,
            Sum: self._sum, Prod: self._prod, Delta: self._delta, Fn: self._fn, Call: self._call, Diff: self._diff,
            Expect: self._expect, Cases: self._cases,
        }  # fmt: skip

    def build(self, term: Term) -> Form:
        self.meter.spend()
        rule = self.building.get(type(term))
        if rule is None:
            raise NotSupported(f"no normal form of {type(term).__name__}")
        return rule(term)

    def _size(self, term: Size) -> Form:
        return self.length(term.axis)

    def _delta(self, term: Delta) -> Form:
        return self.normal(Fraction(1), [], [(delta_gen(term.left, term.right), Fraction(1))])

    def _add(self, term: Add) -> Form:
        return self.add(*map(self.build, term.terms))

    def _mul(self, term: Mul) -> Form:
        return self.product(map(self.build, term.factors))

    def _pow(self, term: Pow) -> Form:
        exponent = self.build(term.exponent)
        return self.symbolic_power(self.build(term.base), exponent)

    # -- entries ----------------------------------------------------------------------------------------------------
    def _entry(self, term: Entry) -> Form:
        if self.argument and term.name == "x" and not term.labels and not term.indices:
            return self.argument[-1]
        body = self.view.body(term)
        if body is None:
            return self._free_entry(term)
        argument, self.argument = self.argument, []
        form = self.build(body)
        self.argument = argument
        return form

    def _free_entry(self, term: Entry) -> Form:
        atoms: tuple[str, ...] = (term.name, str(len(term.labels)))
        if term.name in self.symmetric and not term.labels:
            atoms = (*atoms, SYMMETRIC)
        return from_gen(Gen("e", atoms, (*term.labels, *term.indices)))

    def _diff(self, term: Diff) -> Form:
        """A derivative that is left: one free generator for each pair of entries."""
        body, by = term.body, term.by
        if not isinstance(body, Entry) or not term.total:
            raise NotSupported("a derivative that was not worked out")
        sizes = tuple(str(len(part)) for part in (body.labels, body.indices, by.labels, by.indices))
        places = (*body.labels, *body.indices, *by.labels, *by.indices)
        return from_gen(Gen("D", (body.name, by.name, *sizes), places))

    # -- binders ----------------------------------------------------------------------------------------------------
    def _written_out(self, term: Sum | Prod) -> list[Term] | None:
        """The terms of a short sum over known numbers."""
        over = term.over
        if isinstance(over, Axis):
            if not self.view.axes or over.size is None or over.size > SHORT_AXIS:
                return None
            places = range(1, over.size + 1)
        else:
            length = (over.hi - over.lo).number
            if length is None or length >= SHORT_AXIS:
                return None
            return [freshen(term.body, {term.index: over.lo + k}, self.names) for k in range(length + 1)]
        return [freshen(term.body, {term.index: Affine.of(place)}, self.names) for place in places]

    def _sum(self, term: Sum) -> Form:
        written = self._written_out(term)
        if written is not None:
            return self.add(*map(self.build, written))
        body = self._under(term.index, term.over, term.body)
        return self.sum_over([(term.index, term.over)], body)

    def _under(self, index: str, over: Over, body: Term) -> Form:
        self.overs[index] = over
        return self.build(body)

    def _prod(self, term: Prod) -> Form:
        written = self._written_out(term)
        if written is not None:
            return self.product(map(self.build, written))
        body = self._under(term.index, term.over, term.body)
        if term.index not in body.symbols:
            return self.symbolic_power(body, self.length(term.over))
        name = f"#{body.height + 1}.p"
        renamed = self.renamed(body, {term.index: Affine.symbol(name)})
        places = (*term.over.labels,) if isinstance(term.over, Axis) else (term.over.lo, term.over.hi)
        return from_gen(Gen("P", (), places, (renamed,), ((name, term.over),)))

    # -- functions --------------------------------------------------------------------------------------------------
    def _fn(self, term: Fn) -> Form:
        argument = self.build(term.argument)
        return self.applied(term.name, term.order, argument)

    def applied(self, name: str, order: int, argument: Form) -> Form:
        """A known function by its definition if the view looks into it, else as a generator."""
        if name in THROUGH_ZERO and order == 0 and not argument.terms:
            return ZERO
        if name in KNOWN and (self.view.functions or name in ("sqrt", "identity")):
            return self._put_in(table_term(name, order), argument)
        slope = self.slopes.get(name) or (SLOPES.get(name) if self.view.slopes else None) if order else None
        if slope is not None:
            return self._put_in(slope_term(slope, order), argument)
        return self.function(name, order, argument)

    def _put_in(self, body: Term, argument: Form) -> Form:
        """A term in ``x`` at an argument."""
        self.argument.append(argument)
        form = self.build(body)
        self.argument.pop()
        return form

    def _call(self, term: Call) -> Form:
        places, overs, subs = [*term.labels, *term.component], [], []
        for argument in term.arguments:
            form, bound = self._lambda(argument)
            subs.append(form)
            overs += bound
        shape = []
        for number_, slot in sorted(term.slots, key=lambda s: (s[0], [str(a) for a in s[1]])):
            shape.append(f"{number_}.{len(slot)}")
            places += slot
        if not places and len(subs) == 1 and not overs:
            return self.function(term.name, len(term.slots), subs[0])
        counts = f"{len(term.labels)},{len(term.component)}"
        atoms = (term.name, counts, ",".join(shape), ",".join(str(len(a.indices)) for a in term.arguments))
        return from_gen(Gen("u", atoms, tuple(places), tuple(subs), tuple(overs)))

    def _lambda(self, argument: Lambda) -> tuple[Form, list[tuple[str, Over]]]:
        self.overs |= dict(argument.indices)
        body = self.build(argument.body)
        names = [f"#{body.height + 1}.{place}" for place in range(len(argument.indices))]
        env = {old: Affine.symbol(new) for (old, _), new in zip(argument.indices, names, strict=True)}
        overs = [(name, axis) for name, (_, axis) in zip(names, argument.indices, strict=True)]
        return self.renamed(body, env), list(overs)

    # -- cases and expectations -------------------------------------------------------------------------------------
    def _cases(self, term: Cases) -> Form:
        """Σ_k indicator_k value_k with indicator_k 0 where an earlier case applies."""
        rest, parts = ONE, []
        for conditions, value in term.cases:
            chosen = self.mul(rest, self.product(map(self.indicator, conditions)))
            parts.append(self.mul(chosen, self.build(value)) if chosen.terms else chosen)
            rest = self.sub(rest, chosen)
        if term.otherwise is not None and rest.terms:
            parts.append(self.mul(rest, self.build(term.otherwise)))
        return self.add(*parts)

    def indicator(self, relation: Relation) -> Form:
        """1 where the relation holds, up to the points at which its sides are equal if it is an inequality."""
        difference = self.sub(self.build(relation.left), self.build(relation.right))
        if relation.op in ("=", "!="):
            equal = self._equal(relation, difference)
            return equal if relation.op == "=" else self.sub(ONE, equal)
        if index_only(relation) and difference.constant is None:
            return self._order(relation.op, difference)
        if difference.constant is not None:
            sign = (difference.constant > 0) - (difference.constant < 0)
            holds = {"<": sign < 0, "<=": sign <= 0, ">=": sign >= 0, ">": sign > 0}[relation.op]
            return number(int(holds))
        return self.step(difference if relation.op in (">", ">=") else self.scale(-1, difference))

    def _order(self, op: str, difference: Form) -> Form:
        """The indicator of an order of indices and sizes."""
        index = windows.whole_difference(difference)
        return self.product(windows.condition_form(self, condition) for condition in windows.both_ways(index, op))

    def supposing(self, relations: Iterable[Relation]) -> None:
        """Take orders of indices and sizes as given."""
        for relation in relations:
            if index_only(relation) and relation.op != "!=":
                difference = self.sub(self.build(relation.left), self.build(relation.right))
                with suppress(NotSupported):
                    found = windows.both_ways(windows.whole_difference(difference), relation.op)
                    self.order = self.order.union(found)

    def _equal(self, relation: Relation, difference: Form) -> Form:
        if difference.constant is not None:
            return number(int(difference.constant == 0))
        left, right = relation.left, relation.right
        if not (isinstance(left, Whole | Num) and isinstance(right, Whole | Num)):
            if index_only(relation):
                return self._order("=", difference)
            raise NotSupported("an equation as the condition of a case")
        sides = [s.value if isinstance(s, Whole) else whole_number(s.value) for s in (left, right)]
        return self.normal(Fraction(1), [], [(delta_gen(sides[0], sides[1]), Fraction(1))])

    def _expect(self, term: Expect) -> Form:
        for name, tensor in self.context.tensors.items():
            if is_random(tensor) and name not in self.laws:
                self.laws[name] = Law(name, tensor.law, self._stated(tensor))
        form = self.build(term.body)
        if any(mentions(form, name) for name in self.random_letters() if name not in self.laws):
            raise NotSupported("the expectation of a letter whose definition was not put in")
        return expectation(form, self.laws, self)

    def random_letters(self) -> list[str]:
        """The random letters, those whose definitions lead to one, and what stands for any of their entries."""
        if self.moving is None:
            random = {name for name, tensor in self.context.tensors.items() if is_random(tensor)}
            self.moving = [ANY.atoms[0], *sorted(random | moved_by(self.context, random))]
        return self.moving

    def _stated(self, tensor: Tensor) -> dict[int, Form]:
        if tensor.labels and (tensor.mean is not None or tensor.variance is not None):
            symbols = [m for m in (tensor.mean, tensor.variance) if m is not None]
            if any(set(tensor.labels) & self.build(m).symbols for m in symbols):
                raise NotSupported("moments that depend on the label")
        stated = {1: tensor.mean, 2: tensor.variance}
        return {order: self.build(moment) for order, moment in stated.items() if moment is not None}


def moved_by(context: Context, names: set[str]) -> set[str]:
    """The letters whose definitions lead to one of these."""
    uses = [(d.name, entry_names(d.body)) for d in context.definitions]
    uses += [(name, {t.matrix}) for name, t in context.tensors.items() if t.matrix is not None]
    found: set[str] = set()
    while more := {name for name, used in uses if used & (names | found)} - found:
        found |= more
    return found


def mentions(form: Form, name: str) -> bool:
    gens = [gen for _, mono in form.terms.values() for gen, _ in mono.factors]
    return any(g.kind == "e" and g.atoms[0] == name or any(mentions(s, name) for s in g.subs) for g in gens)


def whole_number(value: Fraction) -> Affine:
    if value.denominator != 1:
        raise NotSupported("an index that is not whole")
    return Affine.of(int(value))


#: A derivative of a known function grows fast with its order.
MOST_DERIVATIVES = 8
_TABLE: dict[tuple[str, int], Term] = {}


def slope_term(slope: Term, order: int) -> Term:
    """The derivative of this order of a function whose first one is stated, as a term in ``x``."""
    if order > MOST_DERIVATIVES:
        raise OverBudget("derivatives of a function", MOST_DERIVATIVES)
    return derived(slope, X, order - 1)


def table_term(name: str, order: int) -> Term:
    """A derivative of a known function as a term in ``x``, by the differentiator."""
    if order > MOST_DERIVATIVES:
        raise OverBudget("derivatives of a known function", MOST_DERIVATIVES)
    if (name, order) not in _TABLE:
        body = KNOWN[name] if order == 0 else function_derivative(table_term(name, order - 1), Names())
        _TABLE[(name, order)] = body
    return _TABLE[(name, order)]
