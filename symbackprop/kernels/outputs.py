"""The output of a network in J and in the first error: 1 - a, a - y, log a and 1/a as functions of pre-activations."""

from __future__ import annotations

from sympy import Add, Expr, Indexed, Integer, Max, Min, Mul, Piecewise, Pow, Sum, exp, log
from sympy.codegen.cfunctions import expm1, log1p
from sympy.core.relational import Relational
from sympy.core.traversal import bottom_up

from symbackprop.derivation.indices import unify
from symbackprop.kernels.compensation import projected, without_vanishing
from symbackprop.kernels.logits import definitions, exponent_sum, logs_from_logits
from symbackprop.kernels.masks import masked
from symbackprop.kernels.shares import from_shares, rest_of_sum, without_poles
from symbackprop.kernels.stable import softplus, stable
from symbackprop.model import Model
from symbackprop.quantities import ARGUMENT, Apply


def settled(expression: Expr, model: Model, accurate: bool) -> Expr:
    """An equation or a result in forms that are finite wherever it is; ``accurate``: that keep all digits as well."""
    if stays(expression, accurate):
        return expression
    if _divides(expression):
        expression = without_poles(absorbed(expression), model)
    if accurate:
        expression = projected(from_shares(_shares(without_vanishing(expression), model), model))
    expression = divided(slopes_of_logarithms(logs_from_logits(expression, model), model), model)
    return inlined(logs_of_sums(compared(expression, model)), model) if accurate else expression


def stays(expression: Expr, accurate: bool) -> bool:
    """Whether an equation or a result is settled as it is, whatever the model says of its letters."""
    return not expression.has(Indexed) or not accurate and not _divides(expression)


def _divides(expression: Expr) -> bool:
    """Whether there is a quotient or a logarithm."""
    return expression.has(log) or any(node.exp.could_extract_minus_sign() for node in expression.atoms(Pow))


def _shares(expression: Expr, model: Model) -> Expr:
    """exp(a_i) as exp(f_i)/Σ exp(f) where a_i = f_i - log Σ exp(f), whose last place is up to 700 times as much."""
    forms = definitions(expression, model, closed=False) if expression.has(exp) else {}
    found = {}
    for entry, form in forms.items():
        for term in Add.make_args(form):
            if isinstance(-term, log) and exponent_sum((-term).args[0]) is not None:
                found[exp(entry)] = exp(form - term, evaluate=False) / (-term).args[0]
    return expression.xreplace(found)


def absorbed(expression: Expr) -> Expr:
    """a·(p/a + q) -> p + a·q, which is finite where a rounds to 0.

    >>> from sympy import IndexedBase
    >>> from symbackprop.quantities import as_index
    >>> a, y, i = IndexedBase("a"), IndexedBase("y"), as_index("i")
    >>> absorbed(a[i] * (1 - y[i] / a[i]))
    a[i] - y[i]
    """

    def rewrite(node: Expr) -> Expr:
        if isinstance(node, Mul):
            for factor in node.args:
                rest = Mul(*(f for f in node.args if f is not factor))
                if isinstance(factor, Indexed) and rest.has(1 / factor):
                    return bottom_up(_times(factor, rest), rewrite)
        return node

    return bottom_up(expression, rewrite)


def _times(entry: Expr, expression: Expr) -> Expr:
    """entry·expression with the entry taken to where it is divided by."""
    if isinstance(expression, Add) and expression.has(1 / entry):
        return Add(*(_times(entry, term) for term in expression.args))
    for factor in Mul.make_args(expression):
        if isinstance(factor, Pow) and factor.base == entry and factor.exp.is_negative:
            return entry * expression
        if isinstance(factor, Add) and factor.has(1 / entry):
            return _times(entry, factor) * Mul(*(f for f in Mul.make_args(expression) if f is not factor))
    return entry * expression


def slopes_of_logarithms(expression: Expr, model: Model) -> Expr:
    """f'(z) (p/a + q) for a = f(z) as p (log f)'(z) + q f'(z), where that divides by nothing that rounds to 0.

    Likewise f'(z)/(1 - a), which is -(log(1 - f))'(z).
    """
    forms = _applied(expression, model) if expression.has(Apply) else {}
    known = {form.func(form.name, 1, form.argument): entry for entry, form in forms.items()}

    def rewrite(node: Expr) -> Expr:
        for slope in (f for f in Mul.make_args(node) if f in known):
            form, rest = model.functions[slope.name], node / slope
            for below, h in ((known[slope], form), (1 - known[slope], None if form is None else 1 - form)):
                quotient = _slope_of_logarithm(h) if rest.has(1 / below) else None
                if quotient is not None:
                    side = 1 if h is form else -1
                    found = _times_slope(rest, slope, below, side * quotient.xreplace({ARGUMENT: slope.argument}))
                    return Add(*map(rewrite, Add.make_args(found)))
        return node

    return bottom_up(expression, rewrite) if known else expression


def _times_slope(expression: Expr, slope: Expr, entry: Expr, quotient: Expr) -> Expr:
    """slope·expression, the quotient being slope/entry."""
    for factor in Mul.make_args(expression):
        if isinstance(factor, Add) and factor.has(1 / entry):
            rest = expression / factor
            return Add(*(rest * _times_slope(term, slope, entry, quotient) for term in factor.args))
    return quotient * (entry * expression) if 1 / entry in Mul.make_args(expression) else slope * expression


def _slope_of_logarithm(form: Expr | None) -> Expr | None:
    """(log f)' where f cancels in f'/f; the quotient by a softplus is made finite later."""
    if form is None or form.has(Piecewise):
        return None
    h = stable(form)
    found = stable(stable(h.diff(ARGUMENT)) / h)
    below = [f.base for f in found.atoms(Pow) if f.exp.could_extract_minus_sign()]
    return found if all(isinstance(base, softplus) for base in below) else None


def divided(expression: Expr, model: Model) -> Expr:
    """The expression with what it divides by, or takes the logarithm of, as a function of the pre-activation."""
    powers = [p.base for p in sorted(expression.atoms(Pow), key=str) if p.exp.is_negative]
    parts = (*powers, *(f.args[0] for f in sorted(expression.atoms(log), key=str)))
    below = [e for part in parts for e in _whole_or_complement(part)]
    if not below:
        return expression
    applied = _applied(expression, model)
    known = {entry: applied[entry] for entry in below if entry in applied}
    swaps = {part: part.xreplace(known) for part in parts if _whole_or_complement(part)}
    return expression.xreplace(swaps)


def compared(expression: Expr, model: Model) -> Expr:
    """The expression with outputs that are compared, and end at a number, as functions of pre-activations."""
    relations = expression.atoms(Relational)
    forms = definitions(expression, model, closed=False) if relations else {}
    written = {name: masked(stable(h)) for name, h in model.functions.items() if h is not None and h.has(Piecewise)}
    known = {
        entry: written[form.name].xreplace({ARGUMENT: form.argument})
        for entry, form in forms.items()
        if isinstance(form, Apply) and form.name in written and written[form.name].has(expm1)
    }
    return expression.xreplace({node: node.xreplace(known) for node in relations}) if known else expression


def _whole_or_complement(part: Expr) -> list[Indexed]:
    """The entry a where the part is a or c - a."""
    terms = [t for t in Add.make_args(part) if not t.is_number]
    return [e for e in (terms[0], -terms[0]) if isinstance(e, Indexed)] if len(terms) == 1 else []


def inlined(expression: Expr, model: Model) -> Expr:
    """The expression with every elementwise output written as the function of its pre-activation."""
    return expression.xreplace(_applied(expression, model))


def _applied(expression: Expr, model: Model) -> dict[Expr, Expr]:
    """The entries that are a known function without branches of a pre-activation."""
    found = definitions(expression, model, closed=False)
    known = {name for name, form in model.functions.items() if form is not None and not form.has(Piecewise)}
    return {entry: form for entry, form in found.items() if isinstance(form, Apply) and form.name in known}


def logs_of_sums(expression: Expr) -> Expr:
    """f_i - log Σ exp(f) as min(f_i - m, 0) - log(1 + r), and y log Σ exp(f) - Σ y_i f_i as a sum of these."""

    def rewrite(node: Expr) -> Expr:
        for term in node.args if isinstance(node, Add) else ():
            factors = Mul.make_args(term)
            logs = [f for f in factors if isinstance(f, log) and exponent_sum(f.args[0]) is not None]
            if len(logs) == 1:
                found = _joined(node - term, Mul(*(f for f in factors if f is not logs[0])), logs[0].args[0])
                if found is not None:
                    return found
        return node

    return bottom_up(expression, rewrite)


def _joined(others: Expr, factor: Expr, total: Sum) -> Expr | None:
    """factor·log(total) + others, where the others have the same factor times one of the exponents."""
    (body, weight), index = exponent_sum(total) or (Integer(0), Integer(0)), total.limits[0][0]
    if weight != 1:
        return None
    m, rest = rest_of_sum(body, total.limits[0])
    for other in Add.make_args(others):
        if factor == -1 and unify(body, other, frozenset({index})) is not None:
            return Add(others - other, Min(other - m, 0), -log1p(rest))
        one = -other
        if isinstance(factor, Sum) and isinstance(one, Sum) and len(factor.limits) == 1:
            place = factor.limits[0][0]
            f = body.xreplace({index: place})
            if one.limits == factor.limits and (one.function - factor.function * f).expand() == 0:
                return others - other + Sum(factor.function * (Max(m - f, 0) + log1p(rest)), *factor.limits)
    return None
