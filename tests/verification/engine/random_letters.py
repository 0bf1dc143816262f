"""Moments through definitions: variances and covariances of a layer, of means, and of centred letters."""

from __future__ import annotations

from collections.abc import Iterator

from symbackprop.verification.terms.build import add, delta, div, entry, mul, num, power, sub
from symbackprop.verification.terms.context import Claim, Context, Definition, Tensor
from symbackprop.verification.terms.nodes import Axis, Expect, Size, Sum, Term

Named = tuple[str, Claim, Context]
N, M = Axis("n"), Axis("m")


def covariance(left: Term, right: Term) -> Term:
    return sub(Expect(mul(left, right)), mul(Expect(left), Expect(right)))


def context() -> Context:
    """y_i = Σ_j w_ij x_j + b_i with random w, x, b; u = x - μ."""
    tensors = {name: Tensor(name) for name in ("s", "mu", "v", "vb")}
    tensors |= {"y": Tensor("y", (M,)), "u": Tensor("u", (N,)), "c": Tensor("c", (N,))}
    tensors["w"] = Tensor("w", (M, N), mean=num(0), variance=power(entry("s"), 2))
    tensors["x"] = Tensor("x", (N,), mean=entry("mu"), variance=entry("v"))
    tensors["b"] = Tensor("b", (M,), mean=num(0), variance=entry("vb"))
    pre = add(Sum("j", N, mul(entry("w", "i", "j"), entry("x", "j"))), entry("b", "i"))
    centred = sub(entry("x", "i"), entry("mu"))
    return Context(tensors, (Definition("y", (), ("i",), pre), Definition("u", (), ("i",), centred)))


def random_claims() -> Iterator[Named]:
    known, i, j, p, q = context(), entry("y", "i"), entry("y", "j"), entry("x", "p"), entry("x", "q")
    rows, places = (("i", M), ("j", M)), (("p", N), ("q", N))
    spread = add(mul(Size(N), power(entry("s"), 2), add(entry("v"), power(entry("mu"), 2))), entry("vb"))
    yield "variance of a layer with a bias", Claim(covariance(i, i), spread, rows[:1]), known
    yield "covariance of two outputs", Claim(covariance(i, j), mul(delta("i", "j"), spread), rows), known
    yield "output and input", Claim(covariance(i, p), num(0), (rows[0], places[0])), known
    centred = Expect(mul(entry("u", "p"), entry("u", "q")))
    yield "centred letters", Claim(centred, mul(delta("p", "q"), entry("v")), places), known
    mean = div(Sum("j", N, entry("x", "j")), Size(N))
    yield "variance of a mean", Claim(covariance(mean, mean), div(entry("v"), Size(N))), known
    squares = Sum("i", N, power(sub(entry("x", "i"), mean), 2))
    yield "unbiased variance", Claim(Expect(div(squares, sub(Size(N), 1))), entry("v")), known
    weighted = Sum("j", N, mul(entry("c", "j"), entry("x", "j")))
    total = mul(entry("v"), Sum("j", N, power(entry("c", "j"), 2)))
    yield "variance of a weighted sum", Claim(covariance(weighted, weighted), total), known
    difference = sub(p, q)
    right = mul(2, entry("v"), sub(1, delta("p", "q")))
    yield "variance of a difference", Claim(covariance(difference, difference), right, places), known
    third = sub(Expect(power(p, 3)), add(mul(3, entry("mu"), entry("v")), power(entry("mu"), 3)))
    yield "third moment", Claim(Expect(power(entry("u", "p"), 3)), third, places[:1]), known
