"""What compilation costs, counted in calls: the same on a busy machine."""

import gc
import json
import os
import subprocess
import sys
from functools import cache

import pytest

from symbackprop.errors import SymbackpropError
from symbackprop.kernels.collector import Uncollected

# In a process of its own, as what SymPy remembers of other tests changes the counts.
SCRIPT = """
import cProfile, json, pstats
from symbackprop.kernels import compile_kernels, compile_steps
from symbackprop.network import Network

def calls(depth, width):
    spec = "-".join([str(width)] * (depth + 1))
    network = Network.from_spec(spec, ",".join(["tanh"] * (depth - 1) + ["identity"]), "quadratic_cost")
    with cProfile.Profile() as one:
        kernels = compile_kernels(network)
    with cProfile.Profile() as other:
        compile_steps(kernels)
    return [pstats.Stats(profile).total_calls for profile in (one, other)]

calls(11, 4)  # what is done once
print(json.dumps({f"{d} {w}": calls(d, w) for d, w in ((12, 4), (24, 4), (48, 4), (12, 128))}))
"""


@cache
def counted():
    """How many functions are called for the kernels, and for a training step of them, by depth and width."""
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def calls(depth, width=4):
    return counted()[f"{depth} {width}"]


@pytest.mark.parametrize("part", [0, 1], ids=["kernels", "step"])
def test_linear_in_depth(part):
    few, more, most = (calls(depth)[part] for depth in (12, 24, 48))
    assert most - more < 2.15 * (more - few)


def test_a_layer_like_another_costs_little():
    assert sum(calls(48)) - sum(calls(24)) < 24 * 20_000


def test_independent_of_width():
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
