"""The output of a network in J and in the first error: 1 - a, a - y, log a and 1/a as functions of pre-activations."""

from __future__ import annotations

from sympy import Add, Eq, Expr, Indexed, Integer, Max, Min, Mul, Piecewise, Pow, Sum, Symbol, Tuple, exp, log
from sympy.codegen.cfunctions import expm1, log1p
from sympy.core.traversal import bottom_up

from symbackprop.derivation.indices import rename_bound, substitute, unify
from symbackprop.kernels.compensation import projected
from symbackprop.kernels.logits import Maximum, definitions, exponent_sum, logs_from_logits
from symbackprop.kernels.masks import Mask
from symbackprop.kernels.stable import softplus, stable
from symbackprop.model import Model
from symbackprop.quantities import ARGUMENT, Apply


def settled(expression: Expr, model: Model, accurate: bool) -> Expr:
    """An equation or a result in forms that are finite wherever it is; ``accurate``: that keep all digits as well."""
    if stays(expression, accurate):
        return expression
    expression = absorbed(expression) if _divides(expression) else expression
    expression = projected(_shares(expression, model)) if accurate else expression
    if accurate and not expression.has(Piecewise):
        expression = complemented(centred(expression, model), model)
    expression = divided(slopes_of_logarithms(logs_from_logits(expression, model), model), model)
    return inlined(logs_of_sums(expression), model) if accurate else expression


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
    """f'(z) (p/a + q) for a = f(z) as p (log f)'(z) + q f'(z), where that divides by nothing that rounds to 0."""
    forms = _applied(expression, model) if expression.has(Apply) else {}
    known = {form.func(form.name, 1, form.argument): entry for entry, form in forms.items()}

    def rewrite(node: Expr) -> Expr:
        for slope in (f for f in Mul.make_args(node) if f in known):
            entry, rest = known[slope], node / slope
            quotient = _slope_of_logarithm(model.functions[slope.name])
            if quotient is not None and rest.has(1 / entry):
                return _times_slope(rest, slope, entry, quotient.xreplace({ARGUMENT: slope.argument}))
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
    below = [
        e for e in (*powers, *(f.args[0] for f in sorted(expression.atoms(log), key=str))) if isinstance(e, Indexed)
    ]
    if not below:
        return expression
    applied = _applied(expression, model)
    return expression.xreplace({entry: applied[entry] for entry in below if entry in applied})


def inlined(expression: Expr, model: Model) -> Expr:
    """The expression with every elementwise output written as the function of its pre-activation."""
    return expression.xreplace(_applied(expression, model))


def _applied(expression: Expr, model: Model) -> dict[Expr, Expr]:
    """The entries that are a known function without branches of a pre-activation."""
    found = definitions(expression, model, closed=False)
    known = {name for name, form in model.functions.items() if form is not None and not form.has(Piecewise)}
    return {entry: form for entry, form in found.items() if isinstance(form, Apply) and form.name in known}


def rest_of_sum(body: Expr, limits: Tuple) -> tuple[Maximum, Expr]:
    """(m, r) with Σ exp(f) = exp(m)(1 + r), m the largest f: r is the sum without its largest term, not 1 less."""
    m = Maximum(body, limits)
    below = Sum(Mask(body < m) * exp(body - m, evaluate=False), limits)
    # The maximum with 0 changes nothing and keeps what is added from being added in another order.
    return m, below + Max(Sum(Mask(Eq(body, m, evaluate=False)), limits) - 1, 0)


def centred(expression: Expr, model: Model) -> Expr:
    """The error of a softmax a from differences that lose nothing where one output is all but 1.

    a_i (g_i - Σ_j a_j g_j) is taken with g less its value at the largest output, since Σ_j a_j = 1, and
    p_i - a_i Σ_j p_j as p_i (1 - a_i) - a_i Σ_{j≠i} p_j.
    """
    forms = definitions(expression, model, closed=False)
    shares = {entry: share for entry, form in forms.items() if (share := _share(form)) is not None}

    def rewrite(node: Expr) -> Expr:
        for entry in sorted(shares, key=str):
            for side in (1, -1) if isinstance(node, Mul) and entry in node.args else ():
                inner = side * node / entry
                for total in (-t for t in Add.make_args(inner) if isinstance(-t, Sum)):
                    g = inner + total
                    found = _from_largest(entry, shares[entry], complemented(g, model), g, total)
                    if found is not None:
                        return side * found
            for total in node.args if isinstance(node, Add) else ():
                sums = [f for f in Mul.make_args(total / entry) if isinstance(f, Sum)] if total.has(entry) else []
                if sums and total == -entry * sums[0] and _summand(entry, node - total, sums[0]) is not None:
                    p, other = node - total, _complement(entry, forms)
                    if other is not None:
                        return complemented(p, model) * other - entry * _without_own(entry, shares[entry], p, sums[0])
        return node

    return bottom_up(expression, rewrite)


def _without_own(entry: Indexed, share: tuple[Expr, Expr, Tuple], p: Expr, total: Sum) -> Expr:
    """Σ_j p_j - p_i, which is the sum over the smaller outputs where a_i is larger than all others."""
    f, limits, place = share[0], total.limits[0], _summand(entry, p, total)
    there = substitute(rename_bound(f, {limits[0].name}), {place: limits[0]})
    most = Maximum(there, limits)
    largest = Mask(Eq(f, most, evaluate=False)) * Mask(Sum(Mask(Eq(there, most, evaluate=False)), limits) < 2)
    return (1 - largest) * (total - p) + largest * Sum(Mask(there < most) * total.function, limits)


def _summand(entry: Indexed, term: Expr, total: Sum) -> Symbol | None:
    """The index of the entry by which the sum runs, where its body is the term."""
    j = total.limits[0][0]
    for i in entry.indices if len(total.limits) == 1 else ():
        moved = substitute(rename_bound(term, {j.name}), {i: j}) if isinstance(i, Symbol) else None
        if moved is not None and (total.function - moved).expand() == 0:
            return i
    return None


def _from_largest(entry: Indexed, share: tuple[Expr, Expr, Tuple], better: Expr, g: Expr, total: Sum) -> Expr | None:
    """entry·(g_i - Σ_j a_j g_j) from the differences of g and its mean at the largest outputs; ``better`` is g too."""
    place = _summand(entry, entry * g, total)
    if place is None:
        return None
    limits = total.limits[0]
    j = limits[0]
    f, there = (substitute(rename_bound(e, {j.name}), {place: j}) for e in (share[0], better))
    most = Mask(Eq(f, Maximum(f, limits), evaluate=False))
    at = Sum(most * there, limits) / Sum(most, limits)
    return entry * (better - at) - entry * Sum(entry.xreplace({place: j}) * (there - at), limits)


def _share(form: Expr) -> tuple[Expr, Expr, Tuple] | None:
    """(g, f, limits) for exp(g)/Σ exp(f)."""
    if not (isinstance(form, Mul) and len(form.args) == 2):
        return None
    for top, below in (form.args, form.args[::-1]):
        if isinstance(top, exp) and isinstance(below, Pow) and below.exp == -1 and isinstance(below.base, Sum):
            found = exponent_sum(below.base)
            if found is not None and found[1] == 1:
                return top.args[0], found[0], below.base.limits[0]
    return None


def complemented(expression: Expr, model: Model) -> Expr:
    """k·p + R -> p·(k + R) + R·(1 - p) for a probability p, whose 1 - p has a form of its own."""
    forms = definitions(expression, model, closed=False)

    def rewrite(node: Expr) -> Expr:
        for term in node.args if isinstance(node, Add) else ():
            k, p = term.as_coeff_Mul()
            other, R = _complement(p, forms), node - term
            if other is not None and not R.has(p):
                return p * (k + R) + R * other
        return node

    return bottom_up(expression, rewrite)


def _complement(p: Expr, forms: dict[Expr, Expr]) -> Expr | None:
    """1 - p for a share of exponentials, or for the exponential of the logarithm of one."""
    if isinstance(p, exp):
        terms = Add.make_args(forms.get(p.args[0], p))
        of_share = any(isinstance(-t, log) and exponent_sum((-t).args[0]) for t in terms)
        return -expm1(p.args[0]) if of_share else None
    found = _share(forms.get(p, p))
    if found is None:
        return None
    m, rest = rest_of_sum(found[1], found[2])
    return (rest - expm1(found[0] - m)) / (1 + rest)


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
