"""A second evaluator that shares no code with the first: Taylor series in nilpotents, reals by mpmath."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import permutations, product
from typing import Any

import mpmath

from symbackprop.verification.budget import NotSupported
from symbackprop.verification.refutation.nilpotents import DERIVATIVES, PLAIN, Nil, Nilpotents
from symbackprop.verification.refutation.reach import Key
from symbackprop.verification.refutation.rings import Ball, Ring, Scalar, ridge_of
from symbackprop.verification.refutation.scene import Scene
from symbackprop.verification.terms import nodes as n
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Tensor
from symbackprop.verification.terms.functions import KNOWN

Env = Mapping[str, int]
STEPS = 2_000_000


class Replay(Nilpotents):
    """Evaluates a term at the point of a scene; ``numbers`` are Fractions or mpmath floats."""

    def __init__(self, scene: Scene, ring: Ring) -> None:
        self.scene, self.ring = scene, ring
        self.real = isinstance(ring, Ball)
        self.cut: list[tuple[Key, int, bool]] = []
        self.chosen: dict[Key, Nil] = {}
        self.known: dict[tuple[object, ...], Nil] = {}
        self.count = self.steps = 0

    def plain(self, term: n.Term, env: Env) -> Any:
        """The number that the term has at the point."""
        return self.run(term, env).get(PLAIN, self.number(Fraction(0)))

    def given(self, scalar: Scalar) -> Nil:
        """A solved input, taken over as it is (the middle of a ball)."""
        if not self.real:
            return {PLAIN: scalar}
        mantissa, exponent = scalar.mid().man_exp()
        return {PLAIN: mpmath.ldexp(mpmath.mpf(int(mantissa)), int(exponent))}

    # -- index expressions ------------------------------------------------------------------------------------------
    def whole(self, index: Affine, env: Env) -> int:
        return index.constant + sum(count * env[name] for name, count in index.parts)

    def key(self, entry: n.Entry, env: Env) -> Key:
        labels = tuple([self.whole(a, env) for a in entry.labels])
        return entry.name, labels, tuple([self.whole(a, env) for a in entry.indices])

    def span(self, over: n.Over, env: Env) -> range:
        if isinstance(over, n.Range):
            return range(self.whole(over.lo, env), self.whole(over.hi, env) + 1)
        return range(1, self.extent(over, env) + 1)

    def extent(self, axis: n.Axis, env: Env) -> int:
        if axis.size is not None:
            return axis.size
        return self.scene.sizes[(axis.name, tuple(self.whole(a, env) for a in axis.labels))]

    # -- terms ------------------------------------------------------------------------------------------------------
    def run(self, term: n.Term, env: Env) -> Nil:  # noqa: C901 - one case a kind of node
        self.steps += 1
        if self.steps > STEPS:
            raise NotSupported("a replay of this length")
        match term:
            case n.Num(number):
                return self.lift(number)
            case n.Const():
                return {PLAIN: +mpmath.pi}
            case n.Size(axis):
                return self.lift(self.extent(axis, env))
            case n.Whole(index):
                return self.lift(self.whole(index, env))
            case n.Delta(left, right):
                return self.lift(int(self.whole(left, env) == self.whole(right, env)))
            case n.Entry():
                return self.named(self.key(term, env))
            case n.Add(parts):
                return self.folded((self.run(part, env) for part in parts), self.plus, 0)
            case n.Mul(parts):
                return self.folded((self.run(part, env) for part in parts), self.times, 1)
            case n.Sum(name, over, body):
                return self.folded((self.run(body, {**env, name: p}) for p in self.span(over, env)), self.plus, 0)
            case n.Prod(name, over, body):
                return self.folded((self.run(body, {**env, name: p}) for p in self.span(over, env)), self.times, 1)
            case n.Pow(base, exponent):
                return self.to_power(self.run(base, env), self.run(exponent, env), exponent)
            case n.Fn(name, order, argument):
                return self.function(name, order, self.run(argument, env))
            case n.Call():
                return self.called(term, env)
            case n.Diff():
                return self.derived(term, env)
            case n.Cases(cases, otherwise):
                for conditions, value in cases:
                    if all(self.true(r, env) for r in conditions):
                        return self.run(value, env)
                if otherwise is not None:
                    return self.run(otherwise, env)
                raise ArithmeticError("no case applies")
            case n.Expect(body):
                return self.mean(body, env)
        raise NotSupported(f"no rule to replay {type(term).__name__}")

    def folded(self, values: Any, join: Callable[[Nil, Nil], Nil], start: int) -> Nil:
        total: Nil | None = None
        for value in values:
            total = value if total is None else join(total, value)
        return self.lift(start) if total is None else total

    def to_power(self, base: Nil, exponent: Nil, term: n.Term) -> Nil:
        if isinstance(term, n.Num):
            return self.raised(base, term.value)
        plain = exponent.get(PLAIN, self.number(0))
        if len(exponent) == 1 and plain == int(plain):
            return self.raised(base, Fraction(int(plain)))
        return self.function("exp", 0, self.times(exponent, self.function("log", 0, base)))

    # -- entries ----------------------------------------------------------------------------------------------------
    def named(self, key: Key) -> Nil:
        saved = self.cut
        self.cut = [c for c in saved if c[2]]
        place = (key, *((target, nil) for target, nil, _ in self.cut))
        try:
            value = self.known[place] if place in self.known and not self.chosen else self.defined(key)
        finally:
            self.cut = saved
        if not self.chosen:
            self.known[place] = value
        for target, nil, _ in saved:
            if target == key:
                value = self.plus(value, {frozenset({nil}): self.number(1)})
        return value

    def defined(self, key: Key) -> Nil:
        name, labels, indices = key
        if key in self.chosen:
            return self.chosen[key]
        tensor = self.scene.context.tensors.get(name)
        if tensor is not None and tensor.inverse_of is not None:
            return self.inverted(tensor, labels, indices)
        if tensor is not None and tensor.determinant_of is not None:
            return self.determinant(self.square(tensor.determinant_of, labels))
        found = self.scene.definition(name, labels)
        if found is not None:
            definition, env = found
            return self.run(
                definition.body, {**self.scene.env, **env, **dict(zip(definition.indices, indices, strict=True))}
            )
        if key in self.scene.overrides:
            return self.given(self.scene.overrides[key])
        return self.lift(self.scene.drawn(key))

    def inverted(self, tensor: Tensor, labels: tuple[int, ...], indices: tuple[int, ...]) -> Nil:
        """An entry of the inverse matrix by Leibniz' formula for the cofactor and the determinant."""
        rows = self.square(str(tensor.inverse_of), labels)
        row, column = indices[1] - 1, indices[0] - 1
        minor = [[v for c, v in enumerate(r) if c != column] for k, r in enumerate(rows) if k != row]
        sign = self.lift((-1) ** (row + column))
        return self.times(self.times(sign, self.determinant(minor)), self.raised(self.determinant(rows), Fraction(-1)))

    def square(self, name: str, labels: tuple[int, ...]) -> list[list[Nil]]:
        """All entries of a square matrix."""
        tensor = self.scene.context.tensors[name]
        size = self.extent(tensor.axes[0], {**self.scene.env, **dict(zip(tensor.labels, labels, strict=True))})
        if size > 5:
            raise NotSupported("a replay of the inverse or determinant of a large matrix")
        places = range(1, size + 1)
        return [[self.named((name, labels, (i, j))) for j in places] for i in places]

    def determinant(self, rows: list[list[Nil]]) -> Nil:
        total = self.lift(0)
        for order in permutations(range(len(rows))):
            turns = sum(a > b for k, a in enumerate(order) for b in order[k + 1 :])
            factors = (rows[k][place] for k, place in enumerate(order))
            total = self.plus(total, self.times(self.lift((-1) ** turns), self.folded(factors, self.times, 1)))
        return total

    def derived(self, term: n.Diff, env: Env) -> Nil:
        self.count += 1
        nil, saved = self.count, self.cut
        self.cut = [*saved, (self.key(term.by, env), nil, term.total)]
        try:
            if term.total or not isinstance(term.body, n.Entry) or self.key(term.body, env) == self.key(term.by, env):
                value = self.run(term.body, env)
            else:
                value = self.defined(self.key(term.body, env))
        finally:
            self.cut = saved
        return {key - {nil}: v for key, v in value.items() if nil in key}

    # -- functions --------------------------------------------------------------------------------------------------
    def function(self, name: str, order: int, argument: Nil) -> Nil:
        if name in KNOWN:
            extra = []
            for _ in range(order):
                self.count += 1
                extra.append(self.count)
                argument = self.plus(argument, {frozenset({self.count}): self.number(1)})
            value = self.table(KNOWN[name], argument)
            wanted = frozenset(extra)
            return {key - wanted: v for key, v in value.items() if wanted <= key}
        if name in DERIVATIVES:
            rule = DERIVATIVES[name]
            return self.series(argument, lambda k, x: rule(k + order, x))
        if isinstance(self.ring, Ball):
            return self.random_function((self.scene.seed, name), [argument], (0,) * order)
        return self.series(argument, lambda k, x: self.ring.unknown((self.scene.seed, name), (x,), (0,) * (order + k)))

    def table(self, body: n.Term, argument: Nil) -> Nil:
        match body:
            case n.Entry():
                return argument
            case n.Add(parts):
                return self.folded((self.table(p, argument) for p in parts), self.plus, 0)
            case n.Mul(parts):
                return self.folded((self.table(p, argument) for p in parts), self.times, 1)
            case n.Pow(base, n.Num(exponent)):
                return self.raised(self.table(base, argument), exponent)
            case n.Fn(name, order, inner):
                return self.function(name, order, self.table(inner, argument))
        return self.run(body, {})

    def random_function(self, key: tuple[Any, ...], values: list[Nil], slots: tuple[int, ...]) -> Nil:
        """The sum of two fifth powers of affine forms that stands for an unknown function of reals."""
        total = self.lift(0)
        for ridge in ("first", "second"):
            slopes, shift, factor = ridge_of(key, ridge, len(values))
            form = self.lift(shift)
            for slope, value in zip(slopes, values, strict=True):
                form = self.plus(form, self.times(self.lift(slope), value))
            if len(slots) <= 5:
                scale = factor
                for step, slot in enumerate(slots):
                    scale *= (5 - step) * slopes[slot]
                total = self.plus(total, self.times(self.lift(scale), self.raised(form, Fraction(5 - len(slots)))))
        return total

    def called(self, term: n.Call, env: Env) -> Nil:
        """An unknown function of arrays: multivariate Taylor series in the nilpotent parts."""
        values: list[Nil] = []
        number: dict[tuple[int, tuple[int, ...]], int] = {}
        for position, argument in enumerate(term.arguments):
            for place in product(*(self.span(axis, env) for _, axis in argument.indices)):
                number[(position, place)] = len(values)
                inner = {**env, **{name: p for (name, _), p in zip(argument.indices, place, strict=True)}}
                values.append(self.run(argument.body, inner))
        slots = tuple(sorted(number[(k, tuple(self.whole(a, env) for a in index))] for k, index in term.slots))
        labels, component = ([self.whole(a, env) for a in part] for part in (term.labels, term.component))
        key: tuple[Any, ...] = (self.scene.seed, term.name, tuple(labels), tuple(component))
        if not labels and not component and len(term.arguments) == 1 and not term.arguments[0].indices:
            key = key[:2]
        if isinstance(self.ring, Ball):
            return self.random_function(key, values, slots)
        return self.taylor(key, values, slots, frozenset().union(*(k for v in values for k in v)))

    def taylor(self, key: tuple[Any, ...], values: list[Nil], slots: tuple[int, ...], nils: frozenset[int]) -> Nil:
        """Expand in one nilpotent after another: F(x + ε t) = F(x) + ε Σ_i F_i(x) t_i."""
        if not nils:
            plain = tuple(v.get(PLAIN, self.number(0)) for v in values)
            return {PLAIN: self.ring.unknown(key, plain, slots)}
        nil = min(nils)
        rest = nils - {nil}
        without = [{k: v for k, v in value.items() if nil not in k} for value in values]
        total = self.taylor(key, without, slots, rest)
        for place, value in enumerate(values):
            slope = {k: v for k, v in value.items() if nil in k}
            if slope:
                partial = self.taylor(key, without, tuple(sorted((*slots, place))), rest)
                total = self.plus(total, self.times(slope, partial))
        return total

    # -- conditions and expectations --------------------------------------------------------------------------------
    def true(self, relation: n.Relation, env: Env) -> bool:
        left, right = self.plain(relation.left, env), self.plain(relation.right, env)
        answers = {"<": left < right, "<=": left <= right, "=": left == right}
        answers |= {"!=": left != right, ">=": left >= right, ">": left > right}
        return bool(answers[relation.op])

    def mean(self, body: n.Term, env: Env) -> Nil:
        """Sum over all outcomes of the two-point laws of the random entries that the scene has met."""
        keys = [k for k in self.random_keys(body, env) if k not in self.chosen]
        laws = [self.law(key) for key in keys]
        total = self.lift(0)
        for outcome in product(*laws):
            weight = self.lift(1)
            for key, (chance, value) in zip(keys, outcome, strict=True):
                weight, self.chosen[key] = self.times(weight, chance), value
            total = self.plus(total, self.times(weight, self.run(body, env)))
        for key in keys:
            del self.chosen[key]
        return total

    def random_keys(self, body: n.Term, env: Env) -> list[Key]:
        seen: dict[Key, None] = {}
        inner = _Recorder(self.scene, self.ring, seen)
        inner.chosen = dict(self.chosen)
        inner.cut = list(self.cut)
        inner.run(body, env)
        return list(seen)

    def law(self, key: Key) -> list[tuple[Nil, Nil]]:
        tensor = self.scene.context.tensors[key[0]]
        env = {**self.scene.env, **dict(zip(tensor.labels, key[1], strict=True))}
        mean = self.run(tensor.mean, env) if tensor.mean is not None else self.lift(self.scene.moment(key, "mean"))
        spread = tensor.variance
        variance = self.run(spread, env) if spread is not None else self.lift(self.scene.moment(key, "variance"))
        if tensor.law == "bernoulli":
            rest = self.plus(self.lift(1), self.times(self.lift(-1), mean))
            return [(mean, self.lift(1)), (rest, self.lift(0))]
        skew = self.lift(self.scene.skew(key))
        if tensor.law == "symmetric":
            return self.mirrored(mean, variance, self.plus(variance, skew))
        whole = self.raised(self.plus(self.times(skew, skew), variance), Fraction(-1))
        fall = self.times(self.times(self.lift(-1), variance), self.raised(skew, Fraction(-1)))
        high = (self.times(variance, whole), self.plus(mean, skew))
        return [high, (self.times(self.times(skew, skew), whole), self.plus(mean, fall))]

    def mirrored(self, mean: Nil, variance: Nil, far: Nil) -> list[tuple[Nil, Nil]]:
        """Four outcomes mean ± s, mean ± v/s with the variance v."""
        near = self.times(variance, self.raised(far, Fraction(-1)))
        square, small = self.times(far, far), self.times(near, near)
        below = self.plus(square, self.times(self.lift(-1), small))
        outer = self.times(self.plus(variance, self.times(self.lift(-1), small)), self.raised(below, Fraction(-1)))
        inner = self.plus(self.lift(1), self.times(self.lift(-1), outer))
        half, steps = self.lift(Fraction(1, 2)), ((outer, far), (inner, near))
        return [
            (self.times(half, chance), self.plus(mean, self.times(self.lift(sign), step)))
            for chance, step in steps
            for sign in (1, -1)
        ]


class _Recorder(Replay):
    """Notes which random entries a body depends on."""

    def __init__(self, scene: Scene, ring: Ring, seen: dict[Key, None]) -> None:
        super().__init__(scene, ring)
        self.seen = seen

    def defined(self, key: Key) -> Nil:
        tensor = self.scene.context.tensors.get(key[0])
        random = tensor is not None and (tensor.mean is not None or tensor.variance is not None)
        if random and self.scene.definition(key[0], key[1]) is None:
            self.seen[key] = None
        return super().defined(key)
