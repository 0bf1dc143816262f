"""Forms of accurate mode that carry along what a difference or a projection loses when it is rounded."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from sympy import Abs, Add, Eq, Expr, Indexed, Integer, Max, Mul, Sum, Symbol, exp, sqrt
from sympy.codegen.cfunctions import expm1
from sympy.core.traversal import bottom_up

from symbackprop.derivation.indices import rename_bound
from symbackprop.kernels.logits import Maximum
from symbackprop.kernels.masks import Mask
from symbackprop.kernels.stable import rounded
from symbackprop.kernels.tails import exponential

#: Beyond this far below the largest term an exponential is 0 in either dtype.
_REACH = 1000


def compensated(expression: Expr) -> Expr:
    """exp(f - m) and exp(f - m) - 1 with what f - m loses, where m is the maximum of f.

    Far below the maximum the last place of f - m is up to 700 times as much in its exponential. What it loses is a
    number of the same dtype (Knuth, The Art of Computer Programming 2, section 4.2.2, theorem B):
    exp(d + e) = exp(d) + e exp(d) but for e²/2.
    """
    return bottom_up(expression, _compensate) if expression.has(Maximum) else expression


def _compensate(node: Expr) -> Expr:
    if not isinstance(node, exp | expm1):
        return node
    shifts = [-term for term in Add.make_args(node.args[0]) if isinstance(-term, Maximum)]
    if len(shifts) != 1 or (node.args[0] + shifts[0]).has(Maximum):
        return node
    d, e = _difference(node.args[0] + shifts[0], shifts[0])
    value = exponential(d)
    return rounded(value + e * value) if isinstance(node, exp) else expm1(d) + e * value


def _difference(f: Expr, m: Expr) -> tuple[Expr, Expr]:
    """f - m rounded, and the rest of it. What is -∞, as under a mask that is added, is held to where exp is 0."""
    f = f if isinstance(f, Indexed) else Max(rounded(f), m - _REACH)
    d = rounded(f - m)
    b = rounded(f - d)
    return d, rounded(f - rounded(d + b)) + rounded(b - m)


def projected(expression: Expr) -> Expr:
    """c (v_i - u_i Σ u v/Σ u²), what v has beside u, and 1 - Σ u v/√(Σ u² Σ v²), in forms that do not cancel.

    Any multiple of u may be taken from v first: here the one that leaves nothing at the largest entry of u, where
    nearly all of v goes away if u has nearly the direction of an axis. 1 - cos is half the square of the distance of
    the two directions, where that is small.
    """
    if not expression.has(Sum):
        return expression
    return bottom_up(expression, lambda node: _projection(node) or _distance(node) or node)


def _distance(node: Expr) -> Expr | None:
    if not (isinstance(node, Add) and len(node.args) == 2 and node.args[0].is_number):
        return None
    c, term = node.args
    for total in (f for f in Mul.make_args(term) if isinstance(f, Sum) and len(f.limits) == 1):
        factors = Mul.make_args(total.function)
        squares = [Sum(factor**2, *total.limits) for factor in factors]
        if len(factors) != 2 or term != -c * total / sqrt(Mul(*squares)):
            continue
        j = total.limits[0][0]
        u, v = (f / sqrt(rename_bound(square, {j.name})) for f, square in zip(factors, squares, strict=True))
        near = Mask(4 * total > 3 * sqrt(Mul(*squares)))
        return near * c / 2 * Sum((u - v) ** 2, *total.limits) + (1 - near) * node
    return None


def _projection(node: Expr) -> Expr | None:
    for whole, along, v, u, sums in _projections(node):
        return node - whole - along + whole / v * _remainder(u, v, *sums)
    return None


def _projections(node: Expr) -> Iterator[tuple[Expr, Expr, Indexed, Indexed, tuple[Symbol, Expr, Sum]]]:
    """Two terms c v_i and -c u_i S/A of a sum, with v_i, u_i and the sums."""
    for whole, along in permutations(node.args, 2) if isinstance(node, Add) else ():
        for v in (f for f in Mul.make_args(whole) if isinstance(f, Indexed)):
            for u in (f for f in Mul.make_args(along) if isinstance(f, Indexed) and f != v):
                sums = _sums(_flat(along / whole), u, v)
                if sums is not None:
                    yield whole, along, v, u, sums


def without_vanishing(expression: Expr) -> Expr:
    """Σ_j u_j (v_j - u_j S/A) is 0: what is left beside u has nothing along it."""

    def rewrite(node: Expr) -> Expr:
        for factor in Mul.make_args(node.function) if isinstance(node, Sum) and len(node.limits) == 1 else ():
            for _, _, _, u, (i, *_) in _projections(factor) if isinstance(factor, Add) else ():
                alone = len(factor.args) == 2 and i == node.limits[0][0]
                if alone and u in Mul.make_args(node.function) and i not in (node.function / factor / u).free_symbols:
                    return Integer(0)
        return node

    return bottom_up(expression, rewrite) if expression.has(Sum) else expression


def _flat(product: Expr) -> Expr:
    """The product with its factors side by side: a power of a product that comes out whole stays one in SymPy."""
    return Mul(*(inner for factor in Mul.make_args(product) for inner in Mul.make_args(factor)))


def _sums(ratio: Expr, u: Indexed, v: Indexed) -> tuple[Symbol, Expr, Sum] | None:
    """(i, S, A), where the ratio is -u_i S/(A v_i), S = Σ_j u_j v_j and A = Σ_j u_j²."""
    for total in (f for f in Mul.make_args(ratio) if isinstance(f, Sum) and len(f.limits) == 1):
        j = total.limits[0][0]
        for i in u.indices:
            there = {i: j}
            square = Sum(u.xreplace(there) ** 2, *total.limits)
            if total.function == u.xreplace(there) * v.xreplace(there) and ratio == -u * total / (square * v):
                return i, total, square
    return None


def _remainder(u: Indexed, v: Indexed, i: Symbol, total: Sum, square: Sum) -> Expr:
    """v - u S/A from v less a multiple of u."""
    j, limits = total.limits[0][0], total.limits[0]
    there, beside = u.xreplace({i: j}), v.xreplace({i: j})
    largest = Maximum(Abs(there), limits)
    among = Mask(Eq(Abs(there), largest, evaluate=False))
    multiple = Sum(among * there * beside, limits) / Sum(among * there**2, limits)
    alone = Mask(Sum(among, limits) < 2) * Mask(Eq(Abs(u), largest, evaluate=False))
    left = (1 - alone) * rounded(v - u * multiple)
    inside = rename_bound(left, {j.name}).xreplace({i: j})
    return left - u * Sum(there * inside, limits) / square
