"""What compilation costs, counted in calls: the same on a busy machine."""

import cProfile
import gc
import pstats
from functools import cache

import pytest

from symbackprop.errors import SymbackpropError
from symbackprop.kernels import compile_kernels, compile_steps
from symbackprop.kernels.collector import Uncollected
from symbackprop.network import Network


@cache
def calls(depth, width=4):
    """How many functions are called for the kernels, and for a training step of them."""
    spec = "-".join([str(width)] * (depth + 1))
    network = Network.from_spec(spec, ",".join(["tanh"] * (depth - 1) + ["identity"]), "quadratic_cost")
    found = []
    with cProfile.Profile() as profile:
        kernels = compile_kernels(network)
    found.append(pstats.Stats(profile).total_calls)
    with cProfile.Profile() as profile:
        compile_steps(kernels)
    return *found, pstats.Stats(profile).total_calls


@pytest.mark.parametrize("part", [0, 1], ids=["kernels", "step"])
def test_linear_in_depth(part):
    calls(11)  # what is done once
    few, more, most = (calls(depth)[part] for depth in (12, 24, 48))
    assert most - more < 2.15 * (more - few)


def test_a_layer_like_another_costs_little():
    calls(11)
    assert sum(calls(48)) - sum(calls(24)) < 24 * 20_000


def test_independent_of_width():
    calls(11)
    assert sum(calls(12, 128)) < 1.2 * sum(calls(12))


def test_the_collector_waits_and_goes_on():
    assert gc.isenabled()
    with pytest.raises(SymbackpropError, match="given"), Uncollected():
        assert not gc.isenabled()
        raise SymbackpropError("given")
    assert gc.isenabled()
    gc.disable()
    try:
        with Uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
