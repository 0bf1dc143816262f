"""Gradients of other people's differentiators: PyTorch, JAX, autograd, as far as they are installed.

An oracle computes a scalar from a list of arrays in its own operations; what comes back are NumPy arrays.
"""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

#: Relative to the largest entry of a gradient, in float64.
TOLERANCE = 1e-12


def _torch(objective, arrays):
    torch = import_module("torch")
    given = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in arrays]
    value = objective(torch, *given)
    found = torch.autograd.grad(value, given, allow_unused=True)
    # What is not used has no gradient there.
    return float(value.detach()), [
        np.zeros_like(a) if g is None else g.numpy() for a, g in zip(arrays, found, strict=True)
    ]


def _jax(objective, arrays):
    jax = import_module("jax")
    jax.config.update("jax_enable_x64", True)
    differentiated = jax.value_and_grad(lambda *a: objective(jax.numpy, *a), argnums=tuple(range(len(arrays))))
    value, found = differentiated(*map(jax.numpy.array, arrays))
    return float(value), [np.asarray(g) for g in found]


def _autograd(objective, arrays):
    autograd, numpy = import_module("autograd"), import_module("autograd.numpy")
    differentiated = autograd.value_and_grad(lambda *a: objective(numpy, *a), tuple(range(len(arrays))))
    value, found = differentiated(*arrays)
    return float(value), list(found)


DIFFERENTIATORS = {"torch": _torch, "jax": _jax, "autograd": _autograd}


@pytest.fixture
def differentiated():
    """``differentiated(framework, objective, arrays)``: the value of the objective and its gradient by each array."""

    def run(framework, objective, arrays):
        return DIFFERENTIATORS[framework](objective, [np.array(a, float) for a in arrays])

    return run


#: The largest relative error against each oracle so far, shown at the end of the run.
LARGEST = {}


def pytest_terminal_summary(terminalreporter):
    for framework, error in sorted(LARGEST.items()):
        terminalreporter.write_line(f"largest relative error against {framework}: {error:.1e}")


@pytest.fixture
def near(request):
    """Whether gradients are those of the oracle.

    Where large terms leave a small gradient (of a softmax over one class, exactly 0) both sides lose digits: the
    numbers here are about 1, and a smaller gradient is held against 1/10, or a thousandth of the largest of the case.
    """

    def check(found, wanted):
        assert list(found) == list(wanted)
        largest = max((np.abs(w).max(initial=0.0) for w in wanted.values()), default=0.0)
        errors = [0.0]
        for label, gradient in wanted.items():
            assert np.shape(found[label]) == np.shape(gradient), label
            scale, error = np.abs(gradient).max(initial=0.0), np.abs(found[label] - gradient).max(initial=0.0)
            errors.append(float(error / max(scale, largest / 1000, 0.1)))
            assert np.isfinite(errors[-1]) and errors[-1] <= TOLERANCE, (label, errors[-1])
        framework = request.node.callspec.params["framework"]
        LARGEST[framework] = max(LARGEST.get(framework, 0.0), *errors)

    return check
