"""Kernels and steps that are copied, pickled, or called from several threads."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from symbackprop.activations import Activation, activations
from symbackprop.kernels import Unavailable, compile_kernels, compile_steps
from symbackprop.losses import losses
from symbackprop.network import Network

NET = Network.from_spec("3-7-5-4", "gelu,leaky_relu,softmax", "cross_entropy")
X, Y = np.random.default_rng(0).normal(size=(9, 3)), np.eye(4)[np.arange(9) % 4]
PICKLED = pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])  # noqa: S301


@PICKLED
def test_kernels(copied):
    kernels = compile_kernels(NET, "float32", "accurate", over_batch="sum")
    found = copied(kernels)
    assert found.source == kernels.source
    assert (found.dtype, found.accuracy, found.over_batch) == ("float32", "accurate", "sum")
    assert repr(found.network) == repr(NET)
    parameters = kernels.init(0)
    assert found.gradients(parameters, X, Y)[0] == kernels.gradients(parameters, X, Y)[0]


@PICKLED
@pytest.mark.parametrize("backend", ["numpy", "c"])
def test_steps_go_on_by_themselves(copied, backend):
    """What comes after is the same, and the one does not move the other."""
    try:
        steps = compile_steps(compile_kernels(NET), "adam", settings={"eta": 0.25}, backend=backend)
    except Unavailable as reason:
        pytest.skip(str(reason))
    steps.epoch(X, Y, 4)
    found = copied(steps)
    assert (found.count, found.settings, found.backend) == (3, steps.settings, backend)
    before = steps.parameters["w^1"].copy()
    losses = found.epoch(X, Y, 4)
    assert (steps.parameters["w^1"] == before).all()
    assert (steps.epoch(X, Y, 4) == losses).all()
    for label, value in steps.parameters.items():
        assert (found.parameters[label] == value).all()


def test_what_is_registered_goes_by_its_name():
    for known in (activations, losses):
        for entry in known.values():
            assert pickle.loads(pickle.dumps(entry)) is entry  # noqa: S301
    with pytest.raises(Exception, match="lambda"):
        pickle.dumps(Activation("tanh", lambda z: z))


@pytest.mark.parametrize("backend", ["numpy", "c"])
def test_kernels_in_several_threads(backend):
    """They keep nothing from call to call; BLAS may add up in another order with another size only."""
    try:
        kernels = compile_kernels(NET, backend=backend)
    except Unavailable as reason:
        pytest.skip(str(reason))
    parameters = kernels.init(0)
    sizes = [1, 9, 4, 7] * 25
    wanted = {n: kernels.gradients(parameters, X[:n], Y[:n]) for n in set(sizes)}
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: kernels.gradients(parameters, X[:n], Y[:n]), sizes))
    for n, (loss, gradients) in zip(sizes, found, strict=True):
        assert loss == wanted[n][0]
        assert all((gradients[label] == value).all() for label, value in wanted[n][1].items())
