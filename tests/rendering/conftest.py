"""Derivations to print: known and unknown functions, batches, kinks, further parameters, general layers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from symbackprop.activations import identity, prelu, relu, sigmoid, softmax, tanh, unknown
from symbackprop.derivation import Derivation, derive, general_step
from symbackprop.layers import Dense
from symbackprop.losses import binary_cross_entropy, cross_entropy, quadratic_cost, squared_error
from symbackprop.network import Network

DERIVATIONS: dict[str, Callable[[], Derivation]] = {
    "3-4-2": lambda: derive(Network(3, Dense(4, tanh), Dense(2, sigmoid))),
    "unknown functions, symbolic widths": lambda: derive(
        Network("n", Dense("m", unknown("h")), Dense("p_2", unknown("h")))
    ),
    "softmax, batch": lambda: derive(
        Network("n", Dense("m", relu), Dense("c", softmax), loss=cross_entropy, batch="N")
    ),
    "prelu": lambda: derive(Network(3, Dense(4, prelu), Dense(2, sigmoid), loss=binary_cross_entropy)),
    "no bias, batch": lambda: derive(Network(3, Dense(2, identity, bias=False), loss=squared_error, batch=5)),
    "mean over a batch": lambda: derive(Network(3, Dense(2, sigmoid), loss=quadratic_cost, batch="N")),
    "twelve layers": lambda: derive(Network(2, *(Dense(2 + n % 3, tanh) for n in range(12)))),
    "one output": lambda: derive(Network(3, Dense(4, unknown("h")), Dense(1, unknown("h")), loss=squared_error)),
    "any layer": general_step,
    "any layer, any loss": lambda: general_step(loss=None),
}


@pytest.fixture(scope="session", params=list(DERIVATIONS))
def derivation(request: pytest.FixtureRequest) -> Derivation:
    return DERIVATIONS[request.param]()
