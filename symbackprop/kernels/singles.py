"""Scalar expressions taken apart: every elementwise statement becomes single operations on whole arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sympy import (
    Abs,
    Add,
    Basic,
    Expr,
    Float,
    Function,
    Max,
    Min,
    Mul,
    Pow,
    Rational,
    Symbol,
    cos,
    cosh,
    erf,
    exp,
    floor,
    log,
    sign,
    sin,
    sinh,
    tanh,
)
from sympy.codegen.cfunctions import expm1, log1p

from symbackprop.kernels.masks import Mask
from symbackprop.kernels.program import Array, Elementwise, Label, Operand, Program, Statement, elementwise, view
from symbackprop.kernels.rewriting import longest_first
from symbackprop.kernels.stable import erfc, expit, rounded, softplus, xlogy
from symbackprop.kernels.tails import erfcx, exponential

#: The functions that are one operation on an array.
SINGLE: tuple[type[Expr], ...] = (
    *(exp, log, tanh, sinh, cosh, sin, cos, erf, floor, Abs, sign, log1p, expm1),
    *(expit, softplus, erfc, erfcx, exponential, xlogy, Max, Min),
)
_TAKEN_APART: tuple[type[Basic], ...] = (Add, Mul, Pow, rounded, *SINGLE)
_ONE = Float(1.0)


def with_single_operations(program: Program) -> Program:
    """Every elementwise statement outside of loops as single operations, one array each; the last makes the target.

    What has no such form (a choice between values) stays as it is. Masks are arrays of truth values: see
    :func:`truths`.
    """
    statements: list[Statement] = []
    for statement in program.statements:
        operation = statement.operation
        plain = isinstance(operation, Elementwise) and statement.loop is None and bool(statement.target.axes)
        if plain and isinstance(operation, Elementwise) and _known(operation.expression):
            statements += _Apart(statement, dict(operation.bindings)).statements(operation.expression)
        else:
            statements.append(statement)
    return program.with_statements(statements)


def _text(value: Expr) -> str:
    return str(value.name if isinstance(value, Symbol) else value)


def truths(program: Program) -> frozenset[str]:
    """The names of the arrays that hold truth values: masks, and products and copies of masks."""
    found: set[str] = set()
    for statement in program.statements:
        operation = statement.operation
        if isinstance(operation, Elementwise) and statement.loop is None:
            factors = Mul.make_args(operation.expression)
            of_masks = {operand.array.name for operand in operation.operands} <= found
            joined = of_masks and all(isinstance(f, Symbol | Pow) and f.free_symbols for f in factors)
            if isinstance(operation.expression, Mask) or joined:
                found.add(statement.target.array.name)
    return frozenset(found)


def _known(expression: Basic) -> bool:
    if isinstance(expression, Mask):
        return all(map(_known, expression.relation.args))
    if isinstance(expression, _TAKEN_APART):
        return all(map(_known, expression.args))
    return bool(expression.is_Symbol or expression.is_number)


class _Apart:
    """One statement taken apart; ``made`` are the statements so far."""

    def __init__(self, statement: Statement, views: dict[Symbol, Operand]) -> None:
        self.statement = statement
        self.views = views
        self.sizes = dict(zip(statement.target.axes, statement.target.array.shape, strict=True))
        self.made: list[Statement] = []
        self.known: dict[Expr, Expr] = {}
        self.masks: set[Expr] = set()

    def statements(self, expression: Expr) -> list[Statement]:
        """The statements for ``expression``, the last of which makes the target."""
        result = self.number(self.value(expression))
        target = self.statement.target
        last = self.made[-1] if self.made else None
        if last is not None and view(last.target) == result and set(last.target.axes) == set(target.axes):
            order = Operand(target.array, last.target.axes)
            if order.axes == target.axes:
                return [*self.made[:-1], replace(self.statement, operation=last.operation)]
        return [*self.made, replace(self.statement, operation=elementwise(result, self.views))]

    def axes(self, value: Expr) -> tuple[Label, ...]:
        """The labels that a value runs along, in the order of the target."""
        reached = {label for s in value.free_symbols if s in self.views for label in self.views[s].axes}
        return tuple(label for label in self.statement.target.axes if label in reached)

    def step(self, form: Expr, mask: bool = False) -> Expr:
        """A new array that holds ``form``, one operation on values; what is a number stays one."""
        axes = self.axes(form)
        if not axes or form in self.views:
            return form
        if form not in self.known:
            name = f"{self.statement.target.array.name}_{len(self.made) + 1}"
            operand = Operand(Array(name, tuple(self.sizes[label] for label in axes)), axes)
            self.made.append(Statement(operand, elementwise(form, self.views)))
            self.views[view(operand)] = operand
            self.known[form] = view(operand)
            if mask:
                self.masks.add(view(operand))
        return self.known[form]

    def number(self, value: Expr) -> Expr:
        """A mask as an array of numbers."""
        return self.step(Mul(_ONE, value, evaluate=False)) if value in self.masks else value

    def value(self, e: Expr) -> Expr:
        """The symbol of the array that holds ``e``, or ``e`` where it is the same everywhere."""
        if not self.axes(e) or e.is_Symbol:
            return e
        if e not in self.known:
            rules: tuple[tuple[type[Expr], Callable[[Expr], Expr]], ...] = (
                (Mask, self._mask),
                (Add, self._sum),
                (Mul, self._product),
                (Pow, self._power),
                (Function, self._function),
            )
            rule = next(rule for kind, rule in rules if isinstance(e, kind) or kind is Function)
            self.known[e] = rule(e)
        return self.known[e]

    def _function(self, e: Expr) -> Expr:
        if isinstance(e, rounded):
            return self.number(self.value(e.args[0]))
        values = [self.number(self.value(argument)) for argument in e.args]
        if isinstance(e, Max | Min):
            first, *others = sorted(values, key=lambda v: (-len(self.axes(v)), _text(v)))
            for other in others:
                first = self.step(e.func(first, other))
            return first
        return self.step(e.func(*values, evaluate=False))

    def _mask(self, e: Mask) -> Expr:
        one, other = (self.number(self.value(side)) for side in e.relation.args)
        return self.step(Mask(e.relation.func(one, other, evaluate=False)), mask=True)

    def _sum(self, e: Add) -> Expr:
        """Terms added in order of their axes, so that short ones are added to each other first; the negative last."""
        signed = [(self.value(-t), -1) if t.could_extract_minus_sign() else (self.value(t), 1) for t in e.args]
        signed = [(self.number(v), s) if v in self.masks else (v, s) for v, s in signed]
        plus = sorted((v for v, s in signed if s > 0), key=self._place)
        minus = sorted((v for v, s in signed if s < 0), key=self._place)
        if not plus:
            first, *minus = minus
            plus = [self.step(-first)]
        total, *more = plus
        steps = sorted([(v, 1) for v in more] + [(v, -1) for v in minus], key=lambda pair: self._place(pair[0])[0])
        for value, sign_of in steps:
            total = self.step(total + sign_of * value)
        return total

    def _place(self, value: Expr) -> tuple[int, str]:
        return len(self.axes(value)), _text(value)

    def _product(self, e: Mul) -> Expr:
        below = [f.base**-f.exp for f in e.args if isinstance(f, Pow) and f.exp.is_number and f.exp.is_negative]
        above = [f for f in e.args if not (isinstance(f, Pow) and f.exp.is_number and f.exp.is_negative)]
        outside = [f for f in above if not self.axes(f)]
        outside += [1 / f for f in below if not self.axes(f)]
        # The longest first: what it needs in between is done with before the others begin.
        inside = longest_first(f for f in above if self.axes(f))
        values = sorted(map(self.value, inside), key=lambda v: (v in self.masks, len(self.axes(v))))
        product = self._together(Mul(*outside), values)
        for divisor in (f for f in below if self.axes(f)):
            product = self.step(product / self.number(self.value(divisor)))
        return product

    def _together(self, factor: Expr, values: list[Expr]) -> Expr:
        """The product; the factor goes to the array with the fewest entries, where it is not one."""
        if not values:
            return factor
        product, *others = values
        smallest = factor != 1 and (not others or len(self.axes(product)) < len(self.axes(others[-1])))
        if smallest:
            product = self.step(factor * product)
        for value in others:
            product = self.step(product * value, mask={product, value} <= self.masks)
        return self.step(factor * product) if factor != 1 and not smallest else product

    def _power(self, e: Pow) -> Expr:
        base, power = self.number(self.value(e.base)), e.exp
        if not self.axes(power) and power.is_number:
            if power.is_negative:
                return self.step(1 / self._power_of(base, -power))
            return self._power_of(base, power)
        return self.step(Pow(base, self.number(self.value(power)), evaluate=False))

    def _power_of(self, base: Expr, power: Expr) -> Expr:
        if power in (1, Rational(1, 2)):
            return base if power == 1 else self.step(base**power)
        if power.is_Integer and power <= 4:
            squared = self.step(base**2)
            return squared if power == 2 else self.step(squared * (base if power == 3 else squared))
        if (2 * power).is_Integer and power <= 4:
            whole = self._power_of(base, power - Rational(1, 2))
            return self.step(whole * self.step(base ** Rational(1, 2)))
        return self.step(Pow(base, power, evaluate=False))
