"""Index equations rewritten before they become arrays, so that exponentials neither overflow nor cancel in a log."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from sympy import Add, Expr, Indexed, Integer, Min, Mul, Ne, Piecewise, Pow, Sum, Symbol, Tuple, exp, log, oo
from sympy.core.relational import Relational

from symbackprop.derivation.indices import unify
from symbackprop.kernels.masks import Choice, Mask
from symbackprop.kernels.stable import stable
from symbackprop.model import Model
from symbackprop.quantities import ARGUMENT, Apply


class Maximum(Expr):
    """The largest value of ``body`` over ``index`` from 1 to ``size``."""

    is_commutative = True
    is_real = True

    def __new__(cls, body: Expr, limits: Tuple) -> Maximum:
        return Expr.__new__(cls, body, limits)

    @property
    def free_symbols(self) -> set[Symbol]:
        body, limits = self.args
        return (body.free_symbols - {limits[0]}) | limits[1].free_symbols | limits[2].free_symbols


class Apart(Expr):
    """The value of its argument, computed as an array of its own: what stands around it sees a single number."""

    is_commutative = True
    is_real = True

    @property
    def free_symbols(self) -> set[Symbol]:
        return set(_letters_of(self.args[0]))


@lru_cache(maxsize=1024)
def _letters_of(expression: Expr) -> frozenset[Symbol]:
    return frozenset(expression.free_symbols)


def shifted(expression: Expr | Relational) -> Expr:
    """exp(g)/Σ exp(f) -> exp(g - m)/Σ exp(f - m) and log Σ exp(f) -> m + log Σ exp(f - m), with m the maximum of f.

    Weights may stand before the exponentials; where all of them are 0, the quotient is 0 by convention.
    """
    if not (expression.has(exp) and expression.has(Sum)):
        return expression
    if isinstance(expression, Piecewise):
        return Piecewise(*((shifted(value), condition) for value, condition in expression.args), evaluate=False)
    arguments = [shifted(part) if isinstance(part, Expr | Relational) else part for part in expression.args]
    if isinstance(expression, Relational):
        return expression.func(*arguments, evaluate=False)
    node = expression.func(*arguments) if arguments else expression
    if isinstance(node, log) and exponent_sum(node.args[0]) is not None:
        total, m = _shift(node.args[0])
        return m + log(total)
    return _shifted_quotient(node) if isinstance(node, Mul) else node


def exponent_sum(node: Expr) -> tuple[Expr, Expr] | None:
    """(f, w), where the node is Σ w exp(f) over one index."""
    if isinstance(node, Sum) and len(node.limits) == 1:
        powers = [f for f in Mul.make_args(node.function) if isinstance(f, exp)]
        if len(powers) == 1:
            return powers[0].args[0], node.function / powers[0]
    return None


def _shift(total: Sum) -> tuple[Sum, Maximum]:
    """The sum with the maximum m of f taken out of every exponential, and m: over what has a weight, if any has."""
    f, weight = exponent_sum(total) or (total.function, Integer(1))
    if weight == 1:
        m = Maximum(f, total.limits[0])
        return Sum(exp(f - m, evaluate=False), *total.limits), m
    m = Maximum(Choice(Mask(Ne(weight, 0, evaluate=False)), f, -oo), total.limits[0])
    return Sum(weight * exp(Min(f - m, 0), evaluate=False), *total.limits), m


def _shifted_quotient(product: Mul) -> Expr:
    """The product with exponentials over powers of Σ w exp(f) written from the maximum of f, each by its share."""
    factors = list(product.args)
    for k, factor in enumerate(factors):
        if not (isinstance(factor, Pow) and factor.exp.is_Integer and factor.exp.is_negative):
            continue
        above = [n for n, other in enumerate(factors) if isinstance(other, exp)]
        found = exponent_sum(factor.base)
        if found is None or not above:
            continue
        total, m = _shift(factor.base)
        factors[k] = (total if found[1] == 1 else _nowhere_zero(total)) ** factor.exp
        shares = Counter(above[number % len(above)] for number in range(int(-factor.exp)))
        for n, share in shares.items():
            g = factors[n].args[0]
            # Where the weight is 0 an exponential may be larger than any that counts; nothing else exceeds m.
            of_sum = found[1] != 1 and unify(found[0], g, frozenset({factor.base.limits[0][0]})) is not None
            moved = Min(g - m, 0) - (share - 1) * m if of_sum else g - share * m
            factors[n] = exp(moved, evaluate=False)
    return Mul(*factors)


def _nowhere_zero(total: Sum) -> Expr:
    """The sum with 1 in the place of 0: where every weight is 0 the numerator is 0 too, and so are the shares."""
    return Choice(Mask(Ne(total, 0, evaluate=False)), total, Integer(1))


def logs_from_logits(expression: Expr, model: Model) -> Expr:
    """The logarithm of an output written in the pre-activations, where that has a stable form.

    log σ(z) and log(1 - σ(z)) lose no digit as -softplus(∓z), nor does the log of a softmax as a difference.
    """
    if not expression.has(log):
        return expression
    found = sorted(expression.atoms(log), key=str)
    better = {node: _from_logits(node, model) for node in found}
    return expression.xreplace({node: form for node, form in better.items() if form is not None})


def _from_logits(node: log, model: Model) -> Expr | None:
    inside = node.args[0].xreplace(definitions(node.args[0], model))
    if inside.has(Piecewise):
        return None
    if isinstance(inside, Mul):
        tops = [f for f in inside.args if isinstance(f, exp)]
        bottoms = [f for f in inside.args if isinstance(f, Pow) and exponent_sum(f.base) is not None]
        if len(tops) + len(bottoms) == len(inside.args) and bottoms:
            return Add(*(f.args[0] for f in tops), *(f.exp * log(f.base) for f in bottoms))
    if inside == node.args[0] or inside.has(Sum):
        return None
    form = stable(log(inside))
    return None if form.has(log) else form


def definitions(expression: Expr, model: Model, closed: bool = True) -> dict[Expr, Expr]:
    """The form of each entry in ``expression`` that one equation of the model computes from pre-activations.

    ``closed`` puts the closed forms of functions in.
    """
    found = {}
    for entry in sorted(expression.atoms(Indexed), key=str):
        equation = model.defining.get(str(entry.base.label.name))
        if equation is None or not equation.quantity.axes:
            continue
        names = dict(zip(equation.indices, entry.indices, strict=True))
        form = relettered(equation.expression, names)
        if not closed:
            found[entry] = form
            continue
        calls = {call: model.functions.get(call.name) for call in sorted(form.atoms(Apply), key=str) if call.order == 0}
        known = {call: h.xreplace({ARGUMENT: call.argument}) for call, h in calls.items() if h is not None}
        found[entry] = form.xreplace(known)
    return found


def relettered(expression: Expr, names: dict[Symbol, Expr]) -> Expr:
    """The expression with free indices renamed and bound ones out of their way."""
    bound = {limit[0] for node in expression.atoms(Sum) for limit in node.limits}
    clash = {b: Symbol(f"{b.name}_", integer=True) for b in sorted(bound, key=str) if b in names.values()}
    return expression.xreplace(clash).xreplace(names)
