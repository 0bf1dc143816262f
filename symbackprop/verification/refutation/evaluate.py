"""The value of a term at a concrete point, with derivatives by dual numbers on the definitions as they stand."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from symbackprop.verification.budget import Meter, NotSupported
from symbackprop.verification.refutation.chance import is_random
from symbackprop.verification.refutation.duals import Dual, Duals, Value, primitive_slope
from symbackprop.verification.refutation.matrices import determinant, invert
from symbackprop.verification.refutation.outcomes import outcomes
from symbackprop.verification.refutation.reach import Key
from symbackprop.verification.refutation.rings import Ring, Undefined
from symbackprop.verification.refutation.scene import Scene, at
from symbackprop.verification.terms.context import Tensor
from symbackprop.verification.terms.functions import KNOWN, PRIMITIVE
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

Env = dict[str, int]
Active = tuple[tuple[int, Key, bool], ...]  #: perturbations: tag, entry, whether it flows through definitions
FUNCTION_TAG = 1_000  #: tags of derivatives of functions lie outside those of ``Diff``


class Evaluator:
    """Evaluates terms in one scene over one ring; values of entries are remembered."""

    def __init__(self, scene: Scene, ring: Ring, meter: Meter) -> None:
        self.scene, self.ring, self.meter = scene, ring, meter
        self.duals = Duals(ring)
        self.active: Active = ()
        self.cache: dict[tuple[Active, Key], Value] = {}
        self.inverses: dict[tuple[Active, Key], list[list[Value]]] = {}
        self.pending: set[Key] = set()
        self.touched: dict[Key, None] = {}
        self.kinks: dict[int, set[int]] = {}
        self.level = 0
        self.rules: dict[type, Callable[[Any, Env], Value]] = {
            Num: self._num, Const: self._const, Size: self._size, Whole: self._whole, Entry: self._entry,
            Add: self._add, Mul: self._mul, Pow: self._pow, Sum: self._sum, Prod: self._prod, Delta: self._delta,
            Fn: self._fn, Call: self._call, Diff: self._diff, Expect: self._expect, Cases: self._cases,
        }  # fmt: skip

    def value(self, term: Term, env: Env) -> Value:
        self.meter.spend()
        rule = self.rules.get(type(term))
        if rule is None:
            raise NotSupported(f"no rule to evaluate {type(term).__name__} at a point")
        return rule(term, env)

    # -- leaves -------------------------------------------------------------------------------------------------
    def _num(self, term: Num, env: Env) -> Value:
        return self.ring.number(term.value)

    def _const(self, term: Const, env: Env) -> Value:
        return self.ring.pi()

    def _size(self, term: Size, env: Env) -> Value:
        return self.ring.number(Fraction(self.scene.size(term.axis, env)))

    def _whole(self, term: Whole, env: Env) -> Value:
        return self.ring.number(Fraction(at(term.value, env)))

    def _delta(self, term: Delta, env: Env) -> Value:
        return self.ring.one if at(term.left, env) == at(term.right, env) else self.ring.zero

    def _entry(self, term: Entry, env: Env) -> Value:
        labels, indices = term.labels, term.indices
        return self.entry(
            (
                term.name,
                tuple([at(a, env) for a in labels]) if labels else (),
                tuple([at(a, env) for a in indices]) if indices else (),
            )
        )

    # -- entries and their definitions ------------------------------------------------------------------------------
    def entry(self, key: Key) -> Value:
        """A computed entry comes from its definition under all flowing perturbations, plus its own."""
        outer = self.active
        flows = tuple(p for p in outer if p[2] and self.scene.reach.may(key, p[1])) if outer else ()
        value = self.cache.get((flows, key))
        if value is None:
            if key in self.pending:
                raise NotSupported(f"{key[0]} is defined by itself")
            self.pending.add(key)
            self.active = flows
            try:
                value = self.cache[(flows, key)] = self._computed(key)
            finally:
                self.active = outer
                self.pending.discard(key)
        for tag, target, _ in outer:
            if target == key:
                value = self.duals.add(value, Dual(tag, self.ring.zero, self.ring.one))
        return value

    def _computed(self, key: Key) -> Value:
        name, labels, indices = key
        tensor = self.scene.context.tensors.get(name)
        if tensor is not None and tensor.inverse_of is not None:
            return self._inverse_entry(tensor, labels, indices)
        if tensor is not None and tensor.determinant_of is not None:
            return determinant(self._square(tensor.determinant_of, labels), self.duals)
        found = self.scene.definition(name, labels)
        if found is None:
            return self.free(key)
        definition, matched = found
        if len(definition.indices) != len(indices):
            raise NotSupported(f"{name} has {len(definition.indices)} indices where it is defined, {len(indices)} here")
        env = {**self.scene.env, **matched, **dict(zip(definition.indices, indices, strict=True))}
        return self.value(definition.body, env)

    def free(self, key: Key) -> Value:
        """The value of a free input."""
        self.touched[key] = None
        if key in self.scene.overrides:
            return self.scene.overrides[key]
        return self.ring.number(self.scene.drawn(key))

    def _inverse_entry(self, tensor: Tensor, labels: tuple[int, ...], indices: tuple[int, ...]) -> Value:
        key = (tuple(p for p in self.active if p[2]), (tensor.name, labels, ()))
        if key not in self.inverses:
            self.inverses[key] = invert(self._square(str(tensor.inverse_of), labels), self.duals)
        row, column = indices
        return self.inverses[key][row - 1][column - 1]

    def _square(self, name: str, labels: tuple[int, ...]) -> list[list[Value]]:
        """All entries of a square matrix."""
        tensor = self.scene.context.tensors[name]
        size = self.scene.size(tensor.axes[0], dict(self.scene.env) | dict(zip(tensor.labels, labels, strict=True)))
        places = range(1, size + 1)
        return [[self.entry((name, labels, (i, j))) for j in places] for i in places]

    # -- arithmetic -------------------------------------------------------------------------------------------------
    def _add(self, term: Add, env: Env) -> Value:
        total = self.ring.zero
        for part in term.terms:
            total = self.duals.add(total, self.value(part, env))
        return total

    def _mul(self, term: Mul, env: Env) -> Value:
        total = self.ring.one
        for part in term.factors:
            total = self.duals.mul(total, self.value(part, env))
        return total

    def _pow(self, term: Pow, env: Env) -> Value:
        base = self.value(term.base, env)
        exponent = exact(term.exponent, env, self.scene)
        if exponent is not None:
            return self.duals.power(base, exponent)
        raised = self.duals.mul(self.value(term.exponent, env), self.primitive("log", base))
        return self.primitive("exp", raised)

    def places(self, over: Over, env: Env) -> range:
        if isinstance(over, Axis):
            return range(1, self.scene.size(over, env) + 1)
        return range(at(over.lo, env), at(over.hi, env) + 1)

    def _sum(self, term: Sum, env: Env) -> Value:
        total, inner = self.ring.zero, dict(env)
        for place in self.places(term.over, env):
            inner[term.index] = place
            total = self.duals.add(total, self.value(term.body, inner))
        return total

    def _prod(self, term: Prod, env: Env) -> Value:
        total, inner = self.ring.one, dict(env)
        for place in self.places(term.over, env):
            inner[term.index] = place
            total = self.duals.mul(total, self.value(term.body, inner))
        return total

    # -- functions --------------------------------------------------------------------------------------------------
    def _fn(self, term: Fn, env: Env) -> Value:
        argument = self.value(term.argument, env)
        if term.name in PRIMITIVE or term.name in KNOWN:
            return self.known(term.name, term.order, argument, id(term))
        return self.duals.unknown((self.scene.seed, term.name), (argument,), (0,) * term.order)

    def known(self, name: str, order: int, argument: Value, site: int) -> Value:
        """A derivative of a known function: its definition at a perturbed argument."""
        if order == 0:
            return (
                self.primitive(name, argument, site) if name in PRIMITIVE else self._table(KNOWN[name], argument, site)
            )
        self.level += 1
        tag = FUNCTION_TAG + self.level
        value = self.known(name, order - 1, Dual(tag, argument, self.ring.one), site)
        self.level -= 1
        return self.duals.split(value, tag)[1]

    def _table(self, body: Term, argument: Value, site: int) -> Value:
        """A term in ``X`` of the table of functions."""
        self.meter.spend()
        match body:
            case Num(value):
                return self.ring.number(value)
            case Const():
                return self.ring.pi()
            case Entry():
                return argument
            case Add(terms):
                total = self.ring.zero
                for part in terms:
                    total = self.duals.add(total, self._table(part, argument, site))
                return total
            case Mul(factors):
                total = self.ring.one
                for part in factors:
                    total = self.duals.mul(total, self._table(part, argument, site))
                return total
            case Pow(base, Num(exponent)):
                return self.duals.power(self._table(base, argument, site), exponent)
            case Fn(name, order, inner):
                return self.known(name, order, self._table(inner, argument, site), site)
        raise NotSupported(f"{type(body).__name__} in the table of functions")

    def primitive(self, name: str, argument: Value, site: int = 0) -> Value:
        if type(argument) is Dual:
            slope = self._table(primitive_slope(name), argument.primal, site)
            value = self.primitive(name, argument.primal, site)
            return Dual(argument.tag, value, self.duals.mul(slope, argument.tangent))
        if name == "step":
            return self._step(argument, site)
        return self.ring.function(name, argument)

    def _step(self, argument: Value, site: int) -> Value:
        sign = self.ring.sign(argument)
        if sign == 0:
            raise Undefined("a kink argument is 0")
        self.kinks.setdefault(site, set()).add(sign)
        return self.ring.one if sign > 0 else self.ring.zero

    def _call(self, term: Call, env: Env) -> Value:
        values: list[Value] = []
        number_of: dict[tuple[int, tuple[int, ...]], int] = {}
        for number, argument in enumerate(term.arguments):
            spans = [self.places(axis, env) for _, axis in argument.indices]
            for place in product(*spans):
                inner = {**env, **{name: p for (name, _), p in zip(argument.indices, place, strict=True)}}
                number_of[(number, place)] = len(values)
                values.append(self.value(argument.body, inner))
        slots = [(number, tuple(at(a, env) for a in indices)) for number, indices in term.slots]
        if any(slot not in number_of for slot in slots):
            raise Undefined(f"{term.name} has no such entry in its arguments")
        labels, component = tuple(at(a, env) for a in term.labels), tuple(at(a, env) for a in term.component)
        key: tuple[Hashable, ...] = (self.scene.seed, term.name, labels, component)
        if not labels and not component and len(term.arguments) == 1 and not term.arguments[0].indices:
            key = key[:2]  # the same function as Fn(name, ...)
        return self.duals.unknown(key, tuple(values), tuple(sorted(number_of[slot] for slot in slots)))

    # -- derivatives, expectations, cases ---------------------------------------------------------------------------
    def _diff(self, term: Diff, env: Env) -> Value:
        by = term.by
        target = (by.name, tuple(at(a, env) for a in by.labels), tuple(at(a, env) for a in by.indices))
        outer, tag = self.active, len(self.active) + 1
        self.active = (*outer, (tag, target, term.total))
        try:
            value = self.value(term.body, env) if term.total else self._one_level(term.body, target, env)
        finally:
            self.active = outer
        return self.duals.split(value, tag)[1]

    def _one_level(self, body: Term, target: Key, env: Env) -> Value:
        if not isinstance(body, Entry):
            return self.value(body, env)
        key = (body.name, tuple(at(a, env) for a in body.labels), tuple(at(a, env) for a in body.indices))
        return self.entry(key) if key == target else self._computed(key)

    def _cases(self, term: Cases, env: Env) -> Value:
        for conditions, value in term.cases:
            if all(self.holds(condition, env) for condition in conditions):
                return self.value(value, env)
        if term.otherwise is None:
            raise Undefined("no case applies")
        return self.value(term.otherwise, env)

    def holds(self, relation: Relation, env: Env) -> bool:
        """Whether a relation holds at this point."""
        left, right = exact(relation.left, env, self.scene), exact(relation.right, env, self.scene)
        if left is not None and right is not None:
            sign = (left > right) - (left < right)
        else:
            values = (self.duals.primal(self.value(side, env)) for side in (relation.left, relation.right))
            difference = self.duals.sub(*values)
            sign = self._relation_sign(difference, relation)
        answers = {"<": sign < 0, "<=": sign <= 0, "=": sign == 0, "!=": sign != 0, ">=": sign >= 0, ">": sign > 0}
        return answers[relation.op]

    def _relation_sign(self, difference: Value, relation: Relation) -> int:
        if relation.op in ("=", "!=") and not self.ring.ordered:
            return int(self.ring.differ(difference, self.ring.zero))
        sign = self.ring.sign(difference)
        if sign:
            self.kinks.setdefault(id(relation), set()).add(sign)
        return sign

    def _expect(self, term: Expect, env: Env) -> Value:
        """The exact mean over independent laws of few outcomes with the stated moments."""
        random = self._random_entries(term.body, env)
        laws = [outcomes(self, key, self.scene.context.tensors[key[0]]) for key in random]
        self.meter.limit("outcomes", prod(map(len, laws)))
        total = self.ring.zero
        saved, outer = self.cache, dict(self.scene.overrides)
        for outcome in product(*laws):
            self.cache, weight = {}, self.ring.one
            for key, (chance, value) in zip(random, outcome, strict=True):
                weight = self.duals.mul(weight, chance)
                self.scene.overrides[key] = value
            total = self.duals.add(total, self.duals.mul(weight, self.value(term.body, env)))
        self.scene.overrides.clear()
        self.scene.overrides.update(outer)
        self.cache = saved
        return total

    def _random_entries(self, body: Term, env: Env) -> list[Key]:
        saved_cache, saved_touched = self.cache, self.touched
        self.cache, self.touched = {}, {}
        try:
            self.value(body, env)
            keys = list(self.touched)
        finally:
            self.cache, self.touched = saved_cache, {**saved_touched, **self.touched}
        tensors = self.scene.context.tensors
        return [key for key in keys if key[0] in tensors and is_random(tensors[key[0]])]


def exact(term: Term, env: Env, scene: Scene) -> Fraction | None:
    """The value of a term that is built from numbers, sizes and labels only; ``None`` for any other."""
    match term:
        case Num(number):
            return number
        case Whole(index):
            return Fraction(at(index, env))
        case Size(axis):
            return Fraction(scene.size(axis, env))
        case Add(terms) | Mul(terms):
            values = [exact(part, env, scene) for part in terms]
            total = Fraction(0 if isinstance(term, Add) else 1)
            for value in values:
                if value is None:
                    return None
                total = total + value if isinstance(term, Add) else total * value
            return total
        case Pow(base, exponent):
            low, high = exact(base, env, scene), exact(exponent, env, scene)
            if low and high is not None and high.denominator == 1 and abs(high) < 64:
                return low ** int(high)
    return None
