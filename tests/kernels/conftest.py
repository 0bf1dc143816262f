"""What the tests of kernels share: the gradients of a kernel beside the complex step of a forward pass in NumPy."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pytest


def complex_step(objective, parameters):
    """Im J(θ + ih)/h by every entry of every parameter."""
    found = {}
    for label, value in parameters.items():
        found[label] = np.zeros(value.shape)
        for index in np.ndindex(value.shape):
            moved = value.astype(complex)
            moved[index] += 1e-30j
            found[label][index] = objective({**parameters, label: moved}).imag / 1e-30
    return found


@pytest.fixture
def agrees():
    """Check a kernel against ``forward(parameters, x, y)``, the J of one sample; J of the batch is the mean."""

    def check(kernels, forward, parameters, X, Y, tolerance=1e-12, **given):
        def objective(changed):
            shared = {name: value for name, value in given.items() if np.ndim(value) == 0 or len(value) != len(X)}
            each = {name: value for name, value in given.items() if name not in shared}
            values = [
                forward(changed, X[s], Y[s], **shared, **{name: value[s] for name, value in each.items()})
                for s in range(len(X))
            ]
            return np.mean(values)

        loss, found = kernels.gradients(parameters, X, Y, **given)
        assert loss == pytest.approx(objective(parameters).real, rel=1e-13)
        for label, wanted in complex_step(objective, parameters).items():
            scale = np.abs(wanted).max()
            assert scale > 0, f"the test says nothing about {label}"
            assert found[label].shape == wanted.shape
            assert np.abs(found[label] - wanted).max() <= tolerance * scale, label

    return check


@pytest.fixture
def float64_in_jax():
    """JAX computes in float64 only where it is told to, for the whole process."""
    if find_spec("jax") is None:
        yield
        return
    jax = import_module("jax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)
