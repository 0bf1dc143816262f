"""A derivation as claims for the judge: each of its results is held against the forward equations alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import sympy
from sympy import Expr, Indexed, KroneckerDelta, Piecewise, Rational, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanTrue

from symbackprop.derivation import Derivation, Step
from symbackprop.derivation.indices import substitute
from symbackprop.derivation.well_formed import reads_ahead
from symbackprop.quantities import Apply, Partial, Quantity, Role
from symbackprop.verification.budget import NotSupported
from symbackprop.verification.terms import nodes
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.build import entry, num
from symbackprop.verification.terms.context import Claim, Context, Definition, Tensor
from symbackprop.verification.terms.walk import entry_names

#: The unknown loss of what a model hands on, where J itself is not given.
_LOSS = "ell"


def claims_of(derivation: Derivation, *, steps: bool = False) -> Iterator[tuple[Step, Claim]]:
    """Each result (or each step) with the claim that it equals the derivative of J, or the error, on its left.

    Raises :class:`~symbackprop.verification.budget.NotSupported` for what the judge's language cannot say (positions
    that stand in an index, sizes that are no numbers or letters).

    >>> from symbackprop.derivation import layer_step
    >>> from symbackprop.layers import Dense
    >>> from symbackprop.verification.judge import judge
    >>> step = layer_step(Dense("m"), "n")
    >>> [judge(claim, context_of(step)).verdict.value for _, claim in claims_of(step)]
    ['proved', 'proved', 'proved', 'proved']
    """
    writer = _Terms(derivation)
    for chain in derivation.chains:
        for step in chain if steps else chain[-1:]:
            own = step.lhs.denominator if isinstance(step.lhs, Partial) else step.lhs
            quantity = derivation.quantities[_label(own)]
            indices = own.indices if isinstance(own, Indexed) else ()
            free = tuple((str(i), axis_of(size)) for i, size in zip(indices, quantity.axes, strict=True))
            yield step, Claim(writer.term(step.lhs), writer.term(step.rhs), free)


def moves_of(derivation: Derivation) -> Iterator[tuple[Step, Claim]]:
    """Each step after the first of a chain with the claim that it equals the step before it.

    The derivatives of J by the quantities are letters here, and the derivative of one quantity by another is that of
    its equation alone: what :func:`claims_of` proves at once for a chain of equations, these prove one move at a time
    for a recurrence, which has no first equation to start from.

    >>> from symbackprop.derivation import layer_step
    >>> from symbackprop.layers import Recurrent
    >>> from symbackprop.verification.judge import judge
    >>> step = layer_step(Recurrent("m"), "T", "n")
    >>> for move, claim in list(moves_of(step))[2:3]:
    ...     print(move.lhs, "=", move.rhs, "is", judge(claim, context_of(step, local=True)).verdict.value)
    epsilon^1[t, i] = Apply(tanh, 1, z^1[t, i])*Partial(J, a^1[t, i]) is proved
    """
    writer = _Terms(derivation, local=True)
    for chain in derivation.chains:
        own = chain[0].lhs.denominator if isinstance(chain[0].lhs, Partial) else chain[0].lhs
        quantity = derivation.quantities[_label(own)]
        indices = own.indices if isinstance(own, Indexed) else ()
        free = tuple((str(i), axis_of(size)) for i, size in zip(indices, quantity.axes, strict=True))
        for before, step in pairwise(chain):
            if before.because != "definition of the error":  # what follows is the chain rule itself
                yield step, Claim(writer.term(before.rhs), writer.term(step.rhs), free)


def sayable(derivation: Derivation) -> tuple[Derivation, tuple[str, ...]]:
    """The chains that the judge's language can say, from the equations that it can say, and what the others lead to.

    Without a definition less is proved, never more: a move that is proved so holds for all sizes.

    >>> from symbackprop.derivation import layer_step
    >>> from symbackprop.layers import Flatten
    >>> sayable(layer_step(Flatten(), "T", "n"))[1]
    ('x^0',)
    """
    writer, model = _Terms(derivation, local=True), derivation.model
    equations = tuple(e for e in model.equations if writer.can_say(e.expression))
    said = [c for c in derivation.chains if all(writer.can_say(side) for step in c for side in (step.lhs, step.rhs))]
    left = tuple(result_of(chain[0]) for chain in derivation.chains if chain not in said)
    steps = tuple(step for chain in said for step in chain)
    return replace(derivation, model=replace(model, equations=equations), steps=steps), left


def result_of(step: Step) -> str:
    """The label of what the left side is an entry of, or the derivative by."""
    return _label(step.lhs.denominator if isinstance(step.lhs, Partial) else step.lhs)


def context_of(derivation: Derivation, *, local: bool = False) -> Context:
    """The forward equations and the errors as definitions; J is an unknown loss where the model does not give it.

    With ``local`` each derivative of J is a letter, each error the letter of its own derivative, and results that are
    put in are definitions of these letters, as :func:`moves_of` needs them.
    """
    model, writer = derivation.model, _Terms(derivation, local=local)
    everything = derivation.quantities.values()
    tensors = {q.label: Tensor(q.label, tuple(axis_of(size) for size in q.axes)) for q in everything}
    tensors |= {s.name: Tensor(s.name) for s in writer.constants}
    if local:
        return _local(derivation, writer, tensors)
    stated = [(e.quantity, tuple(map(str, e.indices)), writer.term(e.expression)) for e in model.equations]
    if model.objective.label not in {quantity.label for quantity, _, _ in stated}:
        call = nodes.Call(_LOSS, (), (), tuple(_whole(quantity) for quantity in model.given))
        stated.append((model.objective, (), call))
    for quantity in everything:
        if quantity.role is Role.PREACTIVATION:
            names = tuple(f"i{k}" for k in range(len(quantity.axes)))
            slope = nodes.Diff(entry(model.objective.label), entry(quantity.label, *names))
            stated.append((quantity.error, names, slope))
    definitions = tuple(Definition(q.label, (), names, body) for q, names, body in stated)
    unknown = frozenset({_LOSS, *(name for name, form in model.functions.items() if form is None)})
    return Context(tensors, definitions, unknown)


def nearest(context: Context, claim: Claim) -> Context:
    """The context with those definitions alone whose names stand in the claim: enough for most moves of a large layer.

    >>> from symbackprop.derivation import layer_step
    >>> from symbackprop.layers import Dense
    >>> step = layer_step(Dense("m"), "n")
    >>> context, (_, claim) = context_of(step, local=True), list(moves_of(step))[-1]
    >>> [d.name for d in context.definitions], [d.name for d in nearest(context, claim).definitions]
    (['z^1', 'a^1', 'dw^1', 'db^1', 'dx^0'], [])
    """
    names = entry_names(claim.left) | entry_names(claim.right)
    return replace(context, definitions=tuple(d for d in context.definitions if d.name in names))


def _local(derivation: Derivation, writer: _Terms, tensors: dict[str, Tensor]) -> Context:
    """Each derivative of J is what was derived of it, unless it is a recursion, and forward equations hold likewise."""
    model = derivation.model
    tensors |= {_slope(label): Tensor(_slope(label), tensor.axes) for label, tensor in tensors.items()}
    stated = []
    if not reads_ahead(model):
        stated = [(e.quantity.label, tuple(map(str, e.indices)), writer.term(e.expression)) for e in model.equations]
    for lhs, rhs in derivation.results.items():
        if isinstance(lhs, Partial) and not _is_recursion(lhs, rhs):
            names = tuple(map(str, lhs.denominator.indices)) if isinstance(lhs.denominator, Indexed) else ()
            stated.append((_slope(_label(lhs.denominator)), names, writer.term(rhs)))
    unknown = frozenset(name for name, form in model.functions.items() if form is None)
    return Context(tensors, tuple(Definition(name, (), names, body) for name, names, body in stated), unknown)


def _is_recursion(lhs: Partial, rhs: Expr) -> bool:
    return any(_label(held.denominator) == _label(lhs.denominator) for held in rhs.atoms(Partial))


def _slope(label: str) -> str:
    return f"d{label}"


def axis_of(size: Expr) -> nodes.Axis:
    """The axis of a size: a number, or a letter of its own for an expression in letters (the places of a window).

    What holds for a letter holds for the expression; an entry outside of its axis is zero whatever the size.
    """
    return nodes.Axis(f"of{size}", size=int(size)) if size.is_Integer else nodes.Axis(str(size))


def _whole(quantity: Quantity) -> nodes.Lambda:
    names = tuple(f"i{k}" for k in range(len(quantity.axes)))
    axes = tuple((name, axis_of(size)) for name, size in zip(names, quantity.axes, strict=True))
    return nodes.Lambda(axes, entry(quantity.label, *names))


def _label(leaf: Expr) -> str:
    return str(leaf.base.label) if isinstance(leaf, Indexed) else str(leaf)


class _Terms:
    """Turns the index expressions of one derivation into terms."""

    def __init__(self, derivation: Derivation, *, local: bool = False) -> None:
        self.local = local
        self.equations = derivation.model.equations
        self.quantities = derivation.quantities
        self.objective = derivation.model.objective.label
        sizes = {size for q in self.quantities.values() for size in q.axes}
        self.sizes = frozenset(s for size in sizes for s in size.free_symbols)
        found = {s for e in derivation.model.equations for s in e.expression.free_symbols if s.is_Symbol}
        indices = {i for e in derivation.model.equations for i in e.indices}
        loose = {s for s in found - self.sizes - indices if s.name not in self.quantities and not s.is_integer}
        self.constants = sorted(loose, key=str)

    def term(self, e: Expr) -> nodes.Term:
        """The term of an expression; a kind of expression that terms do not have raises ``NotSupported``."""
        for kind, write in _KINDS:
            if isinstance(e, kind):
                return write(self, e)
        raise NotSupported(f"{type(e).__name__} in {e}")

    def can_say(self, e: Expr) -> bool:
        try:
            self.term(e)
        except NotSupported:
            return False
        return True

    def symbol(self, e: Symbol) -> nodes.Term:
        if e.name in self.quantities or e in self.constants:
            return entry(e.name)
        return nodes.Size(axis_of(e)) if e in self.sizes else nodes.Whole(Affine.symbol(e.name))

    def indexed(self, e: Indexed) -> nodes.Term:
        return self._inside(_label(e), e)

    def _inside(self, name: str, e: Indexed) -> nodes.Term:
        """The entry of ``name`` at the place of ``e``; where that may be outside of its axis, it is zero there."""
        places = tuple(self.affine(i) for i in e.indices)
        found = nodes.Entry(name, (), places)
        outside: list[nodes.Relation] = []
        for place, own, size in zip(places, e.indices, self.quantities[_label(e)].axes, strict=True):
            if not (own.is_Symbol or own.is_Integer):
                last = num(int(size)) if size.is_Integer else nodes.Size(axis_of(size))
                outside.append(nodes.Relation(num(1), "<=", nodes.Whole(place)))
                outside.append(nodes.Relation(nodes.Whole(place), "<=", last))
        return nodes.Cases(((tuple(outside), found),), num(0)) if outside else found

    def affine(self, index: Expr) -> Affine:
        total = Affine.of(0)
        for symbol, count in sympy.expand(index).as_coefficients_dict().items():
            if not count.is_Integer or not (symbol.is_Symbol or symbol == 1):
                raise NotSupported(f"the index {index}")
            total += Affine.of(int(count)) if symbol == 1 else Affine(((symbol.name, int(count)),))
        return total

    def sum(self, e: sympy.Sum) -> nodes.Term:
        body = self.term(e.function)
        for index, low, high in e.limits:
            over: nodes.Over
            over = axis_of(high) if low == 1 else nodes.Range(self.affine(low), self.affine(high))
            body = nodes.Sum(str(index), over, body)
        return body

    def partial(self, e: Partial) -> nodes.Term:
        if self.local and e.numerator == Symbol(self.objective, real=True):
            return self._letter(e.denominator)
        if self.local:
            return nodes.Diff(self._stated(e.numerator), self._bare(e.denominator), False)
        total = e.numerator == Symbol(self.objective, real=True)
        return nodes.Diff(self.term(e.numerator), self._bare(e.denominator), total)

    def _stated(self, of: Expr) -> nodes.Term:
        """What the equation of a quantity says of an entry of it."""
        equation = next(e for e in self.equations if e.quantity.label == _label(of))
        if not isinstance(of, Indexed):
            return self.term(equation.expression)
        return self.term(substitute(equation.expression, dict(zip(equation.indices, of.indices, strict=True))))

    def _bare(self, of: Expr) -> nodes.Entry:
        found = self.term(of)
        if not isinstance(found, nodes.Entry):
            raise NotSupported(f"the derivative by an entry that may be outside of its axis, {of}")
        return found

    def _letter(self, by: Expr) -> nodes.Term:
        """∂J/∂q as an entry of a letter of its own, zero outside of its axis as the entry of q is."""
        if not isinstance(by, Indexed):
            return entry(_slope(_label(by)))
        return self._inside(_slope(_label(by)), by)

    def piecewise(self, e: Piecewise) -> nodes.Term:
        cases, otherwise = [], None
        for value, condition in e.args:
            if condition == BooleanTrue():
                otherwise = self.term(value)
            else:
                parts = condition.args if isinstance(condition, And) else (condition,)
                cases.append((tuple(map(self.relation, parts)), self.term(value)))
        return nodes.Cases(tuple(cases), otherwise)

    def relation(self, e: Expr) -> nodes.Relation:
        op = {"==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
        if not isinstance(e, Relational):
            raise NotSupported(f"the condition {e}")
        return nodes.Relation(self.term(e.lhs), op[e.rel_op], self.term(e.rhs))  # type: ignore[arg-type]


def _function(writer: _Terms, e: sympy.Function) -> nodes.Term:
    if len(e.args) != 1:
        raise NotSupported(f"the function {e.func.__name__}")
    return nodes.Fn(e.func.__name__.lower(), 0, writer.term(e.args[0]))


_KINDS: tuple[tuple[type, Callable[[_Terms, Expr], nodes.Term]], ...] = (
    (Rational, lambda w, e: num(Fraction(int(e.p), int(e.q)))),
    (type(sympy.pi), lambda w, e: nodes.Const("pi")),
    (type(sympy.E), lambda w, e: nodes.Fn("exp", 0, num(1))),
    (Symbol, _Terms.symbol),
    (Indexed, _Terms.indexed),
    (sympy.Add, lambda w, e: nodes.Add(tuple(map(w.term, e.args)))),
    (sympy.Mul, lambda w, e: nodes.Mul(tuple(map(w.term, e.args)))),
    (sympy.Pow, lambda w, e: nodes.Pow(w.term(e.base), w.term(e.exp))),
    (sympy.Sum, _Terms.sum),
    (KroneckerDelta, lambda w, e: nodes.Delta(w.affine(e.args[0]), w.affine(e.args[1]))),
    (Apply, lambda w, e: nodes.Fn(e.name, e.order, w.term(e.argument))),
    (Partial, _Terms.partial),
    (Piecewise, _Terms.piecewise),
    (sympy.Function, _function),
)
