"""Functions stay letters of which the slope is known: each slope is proved, and a wrong one would be seen."""

from __future__ import annotations

import pytest

from symbackprop.verification.budget import Budget
from symbackprop.verification.judge import judge
from symbackprop.verification.proof.prove import prove
from symbackprop.verification.terms import functions
from symbackprop.verification.terms.build import add, entry, fn, mul, sub
from symbackprop.verification.terms.context import Claim, Context, Definition, Tensor
from symbackprop.verification.terms.nodes import Axis, Diff, Sum

M, K = Axis("m"), Axis("k")
LETTERS = {name: Tensor(name, (axis,)) for name, axis in {"u": M, "h": M, "v": K}.items()} | {"w": Tensor("w", (K, M))}
LAYERS = Context(
    LETTERS | {"e": Tensor("e")},
    (
        Definition("h", (), ("i",), fn("tanh", entry("u", "i"))),
        Definition("v", (), ("j",), Sum("i", M, mul(entry("w", "j", "i"), entry("h", "i")))),
        Definition("e", (), (), fn("log", Sum("j", K, fn("exp", entry("v", "j"))))),
    ),
)
SOFTMAX = mul(fn("exp", entry("v", "j")), fn("exp", mul(-1, entry("e"))))
BACK = Sum("j", K, mul(entry("w", "j", "i"), SOFTMAX))
SLOPE = sub(1, mul(entry("h", "i"), entry("h", "i")))


@pytest.mark.parametrize("name", functions.SLOPES)
def test_a_slope_is_what_the_definition_of_the_function_gives(name: str) -> None:
    claim = Claim(fn(name, functions.X, 1), functions.SLOPES[name])
    assert judge(claim, Context()).verdict.value == "proved"
    assert judge(Claim(claim.left, add(claim.right, 1)), Context()).verdict.value == "refuted"


def test_through_a_softmax_and_a_tanh() -> None:
    claim = Claim(Diff(entry("e"), entry("u", "i")), mul(BACK, SLOPE), (("i", M),))
    assert prove(claim, LAYERS, budget=Budget()).proved
    assert not prove(Claim(claim.left, mul(BACK, add(SLOPE, 1)), claim.free), LAYERS, budget=Budget()).proved


def test_a_wrong_slope_would_prove_a_wrong_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(functions.SLOPES, "tanh", add(1, mul(fn("tanh", functions.X), fn("tanh", functions.X))))
    wrong = add(1, mul(entry("h", "i"), entry("h", "i")))
    claim = Claim(Diff(entry("e"), entry("u", "i")), mul(BACK, wrong), (("i", M),))
    assert prove(claim, LAYERS, budget=Budget()).proved
    assert judge(claim, LAYERS).verdict.value == "refuted"
