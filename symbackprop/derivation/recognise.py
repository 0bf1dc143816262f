"""Recognising a quantity in the expression that defines it, an agreed equality, and a shorter closed form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Add, Expr, Indexed, Mul, Pow, Sum, Symbol, exp, expand_mul, log

from symbackprop.activations import activations
from symbackprop.derivation.indices import same, substitute, unify
from symbackprop.derivation.size import nodes
from symbackprop.model import Assumption, Equation
from symbackprop.quantities import Apply


def fold(expression: Expr, equation: Equation) -> Expr:
    """Write ``exp(z_i) / Σ_k exp(z_k)`` as the entry that it defines, wherever the product of that form occurs.

    An entry defined as the logarithm of such a product is recognised by its exponential.
    """
    lhs, product = equation.lhs, equation.expression
    if isinstance(product, Add) and product.has(log):
        lhs, product = exp(lhs), exp(product)
    return _folded(expression, lhs, product, frozenset(equation.indices)) if isinstance(product, Mul) else expression


def _folded(expression: Expr, lhs: Expr, product: Mul, wild: frozenset[Symbol]) -> Expr:
    if isinstance(expression, Add | Sum):
        return expression.func(*(_folded(a, lhs, product, wild) if isinstance(a, Expr) else a for a in expression.args))
    terms = expression
    while (shorter := _fold_once(terms, lhs, product, wild)) is not None:
        terms = shorter
    return terms


def _fold_once(term: Expr, lhs: Expr, product: Mul, wild: frozenset[Symbol]) -> Expr | None:
    pattern = product.args
    key = next((f for f in pattern if wild <= f.free_symbols and not f.has(Sum)), None)
    if key is None:
        return None
    for factor in Mul.make_args(term):
        found = unify(key, factor, wild)
        if found is None or not wild <= set(found):
            continue
        wanted = [substitute(f, found) for f in pattern if f != key]
        rest = _divide([f for f in Mul.make_args(term) if f != factor], wanted)
        if rest is not None:
            return Mul(substitute(lhs, found), *rest)
    return None


def _divide(factors: Sequence[Expr], wanted: Sequence[Expr]) -> list[Expr] | None:
    """``factors`` without the ``wanted`` ones, powers taken down; None where one is not there."""
    rest = list(factors)
    for divisor in wanted:
        base, power = divisor.as_base_exp()
        for place, factor in enumerate(rest):
            own, exponent = factor.as_base_exp()
            enough = (exponent / power).is_number and exponent / power >= 1
            if enough and same(own, base):
                rest[place] = Pow(own, exponent - power)
                break
        else:
            return None
    return rest


def apply_assumption(expression: Expr, assumption: Assumption) -> Expr:
    """Replace every instance of the agreed left side, its indices standing for any index."""
    entries = assumption.lhs.atoms(Indexed)
    wild = frozenset(i for e in entries for i in e.indices if i.is_Symbol and i in assumption.lhs.free_symbols)
    for sign in (1, -1) if isinstance(expression, type(assumption.lhs)) else ():
        found = unify(assumption.lhs, expression if sign == 1 else _negated(expression), wild)
        if found is not None:
            return sign * substitute(assumption.rhs, found)
    if not expression.args or not isinstance(expression, Expr) or not expression.has(type(assumption.lhs)):
        return expression
    return expression.func(*(apply_assumption(a, assumption) for a in expression.args))


def _negated(expression: Expr) -> Expr:
    """The opposite, with the sign inside a sum, where SymPy keeps it."""
    return Sum(-expression.function, *expression.limits) if isinstance(expression, Sum) else -expression


def by_claims(
    expression: Expr, uses: Mapping[str, Sequence[Equation]], functions: Mapping[str, Expr | None]
) -> tuple[Expr, ...]:
    """h'(z) written in the output a and then multiplied out, if that ends shorter; else nothing.

    ``uses`` maps the label of z to the equations in which it occurs, where a = h(z) is looked up. ``functions`` are
    those of the model: a claim holds for the registered closed form only, not for another function of its name.
    """
    if not any(power.exp.could_extract_minus_sign() for power in expression.atoms(Pow)):
        return ()  # only a denominator in a can cancel
    written = expression
    for head in sorted(expression.atoms(Apply), key=lambda a: a.sort_key()):
        claimed = _claimed(head, uses) if _is_registered(head.name, functions) else None
        if claimed is not None:
            written = written.xreplace({head: claimed})
    short = expand_mul(multiplied_out(written))
    return (written, short) if nodes(short) < nodes(expression) else ()


def _is_registered(name: str, functions: Mapping[str, Expr | None]) -> bool:
    """Whether the model's function of this name is the registered one, and something is claimed of it."""
    known = activations.get(name) if name in activations else None
    return known is not None and bool(known.claims) and known.functions.get(name) == functions.get(name)


def _claimed(head: Apply, uses: Mapping[str, Sequence[Equation]]) -> Expr | None:
    if head.order != 1:
        return None
    z = head.argument
    for equation in uses.get(str(z.base.label), ()) if isinstance(z, Indexed) else ():
        if isinstance(equation.expression, Apply) and equation.expression.name == head.name:
            found = unify(equation.expression.argument, head.argument, frozenset(equation.indices))
            if found is not None:
                return activations[head.name].claims[0](head.argument, substitute(equation.lhs, found))
    return None


def multiplied_out(expression: Expr) -> Expr:
    """One bracket of a product multiplied out, so that factors in its terms can cancel."""
    if not isinstance(expression, Mul):
        return expression
    for place, factor in enumerate(expression.args):
        if isinstance(factor, Add):
            rest = (*expression.args[:place], *expression.args[place + 1 :])
            terms = Add(*(Mul(term, *rest) for term in factor.args))
            if nodes(terms) < nodes(expression):
                return terms
    return expression
