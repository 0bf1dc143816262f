"""What does not fit into a kernel is refused by name, never broadcast or cast."""

from __future__ import annotations

import numpy as np
import pytest

from symbackprop.derivation import general_step
from symbackprop.errors import InvalidSpec, NotDerivable, ShapeMismatch
from symbackprop.kernels import compile_kernels, compile_steps
from symbackprop.layers import Embedding
from symbackprop.network import Network

NET = Network.from_spec("3-4-2", "tanh,softmax", "cross_entropy")
KERNELS = compile_kernels(NET)
PARAMETERS = KERNELS.init(seed=0)
X, Y = np.ones((5, 3)), np.full((5, 2), 0.5)


@pytest.mark.parametrize("samples", [1, 4, 6])
def test_as_many_targets_as_samples(samples):
    with pytest.raises(ShapeMismatch, match=rf"samples is 5 in x\^0 and {samples} in y"):
        KERNELS.gradients(PARAMETERS, X, Y[:1].repeat(samples, axis=0))


def test_a_symbolic_width_is_the_same_everywhere():
    kernels = compile_kernels(Network.from_spec("3-m-2", "tanh,sigmoid"))
    parameters = {**PARAMETERS, "b^1": np.zeros(3)}
    with pytest.raises(ShapeMismatch, match=r"m is 4 in w\^1 and 3 in b\^1"):
        kernels.forward(parameters, X)


def test_an_empty_batch():
    with pytest.raises(ShapeMismatch, match="at least one sample"):
        KERNELS.gradients(PARAMETERS, X[:0], Y[:0])
    assert KERNELS.forward(PARAMETERS, X[:0]).shape == (0, 2)


def test_a_batch_of_one_is_a_sample():
    loss, found = KERNELS.gradients(PARAMETERS, X[:1], Y[:1])
    repeated = KERNELS.gradients(PARAMETERS, X, Y)
    assert loss == pytest.approx(repeated[0], rel=1e-14)
    for label, gradient in found.items():
        np.testing.assert_allclose(gradient, repeated[1][label], rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("value", ["abc", [[1, 2, "x"]], [[1, 2], [3]], np.ones((5, 3), complex), [[None] * 3]])
def test_what_is_not_real_numbers(value):
    with pytest.raises(InvalidSpec, match=r"x\^0 is not an array of real numbers"):
        KERNELS.forward(PARAMETERS, value)


@pytest.mark.parametrize("setting", ["dtype", "accuracy", "over_batch"])
def test_settings_that_are_not_known(setting):
    with pytest.raises(InvalidSpec, match="a kernel is .* or .*, not 'odd'"):
        compile_kernels(NET, **{setting: "odd"})


def test_a_general_step_has_no_kernel():
    with pytest.raises(NotDerivable, match=r"no kernel for a step whose z\^l \+ 1 is given"):
        compile_kernels(general_step())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"w^1": np.zeros((3, 3))}, r"w\^1 has shape \(3, 3\), expected \(4, 3\)"),
        ({"w^1": PARAMETERS["w^1"].T}, r"w\^1 has shape \(3, 4\), expected \(4, 3\)"),
        ({"w^1": PARAMETERS["w^1"] + 0j}, r"w\^1 is not an array of real numbers"),
        ({"w^3": np.zeros(3)}, r"there is no parameter 'w\^3'; known: w\^1, b\^1, w\^2, b\^2"),
    ],
)
@pytest.mark.parametrize("backend", ["numpy", "no such backend"])
def test_steps_start_from_parameters_that_fit(change, message, backend):
    """Seen before a backend reads memory by the shapes of the model."""
    with pytest.raises((InvalidSpec, ShapeMismatch), match=message):
        compile_steps(KERNELS, parameters={**PARAMETERS, **change}, backend=backend)


def test_steps_take_what_makes_sense():
    steps = compile_steps(KERNELS, parameters=PARAMETERS)
    with pytest.raises(InvalidSpec, match="there is no batch to step on"):
        steps.step()
    for value in (float("nan"), "fast", None):
        with pytest.raises(InvalidSpec, match="the setting eta of the optimizer sgd is a number, not"):
            steps.set(eta=value)
    for size in (0, 2.5):
        with pytest.raises(InvalidSpec, match=f"at least one sample, not {size}"):
            steps.epoch(X, Y, size)
    for order in ([0.5], [[0, 1]], [True, False]):
        with pytest.raises(InvalidSpec, match="the order is a list of numbers of rows"):
            steps.epoch(X, Y, 2, order)
    assert steps.epoch(X, Y, 2, []).shape == (0,)
    assert len(steps.epoch(X, Y, 2)) == steps.count == 3
    steps.step()


@pytest.mark.parametrize("value", [np.inf, np.nan, 1e300, 1.5])
def test_what_is_no_position(value):
    kernels = compile_kernels(Network((2,), Embedding(3, 2)))
    parameters = kernels.init(seed=0)
    assert kernels.forward(parameters, [[1.0, 3.0]]).shape == (1, 2, 2)
    with pytest.raises(InvalidSpec, match=r"m\^0 is not an array of whole numbers"):
        kernels.forward(parameters, [[1.0, value]])
