"""Every backend beside NumPy's: the same program over all layers, activations, losses, optimizers, in both dtypes."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from symbackprop.activations import activations
from symbackprop.errors import UnknownName
from symbackprop.kernels import Unavailable, backends, c_compiler, compile_kernels, compile_steps, step_backends
from symbackprop.layers import Dense, Recurrent, layers
from symbackprop.losses import half_squared_error, losses
from symbackprop.network import Network
from symbackprop.optimizers import optimizers
from symbackprop.quantities import Role

pytestmark = pytest.mark.usefixtures("float64_in_jax")

LIBRARIES = [name for name in backends if name in ("jax", "torch")]
OTHERS = [name for name in backends if name != "numpy" and (name not in LIBRARIES or find_spec(name))]
TOLERANCES = {"float64": 1e-12, "float32": 1e-5}
CASES = [
    pytest.param(layer, shape, batch, id=f"{name}-{'x'.join(map(str, shape))}-{number}{'-batch' * batch}")
    for name, sample in layers.items()
    for number, (layer, shape) in enumerate(sample.small)
    for batch in ([True] if sample.batch else [False, True])
]
#: One shape of every layer, with a batch of its own where it needs one.
FIRST = [pytest.param(*sample.small[0], bool(sample.batch), id=name) for name, sample in layers.items()]
#: The same, every other one with a batch of its own.
MIXED = [
    pytest.param(*sample.small[0], bool(sample.batch or number % 2), id=name)
    for number, (name, sample) in enumerate(layers.items())
]
NET = Network.from_spec("3-7-5-4", "gelu,leaky_relu,softmax", "cross_entropy")
backend_of_each = pytest.mark.parametrize("backend", OTHERS)
dtype_of_each = pytest.mark.parametrize("dtype", TOLERANCES)


def compiled(net, backend, **options):
    """The kernels of a backend; a test is skipped where the backend lacks what it needs."""
    try:
        return compile_kernels(net, backend=backend, **options)
    except Unavailable as reason:
        pytest.skip(str(reason))


def drawn(kernels, samples, seed=0):
    """Parameters, X, Y and what is given besides, by label."""
    rng, values = np.random.default_rng(seed), {}
    for q in kernels.model.inputs:
        own = tuple(samples if n == kernels.model.batch else int(n) for n in q.axes)
        shape = (samples, *own) if kernels.model.batch is None and q.label not in kernels.labels else own
        values[q.label] = rng.integers(1, 4, shape) if q.role is Role.POSITION else rng.normal(0, 0.5, shape)
    entrance = next((q.label for q in kernels.model.inputs if q.role is Role.INPUT), kernels.model.inputs[0].label)
    X, Y = values.pop(entrance), values.pop("y")
    return {label: values.pop(label) for label in kernels.labels}, X, Y, values


def near(found, wanted, dtype, name=""):
    """Within the tolerance, relative to the largest entry; what is left where terms near 1 cancel counts as 1/100."""
    wanted = np.asarray(wanted)
    assert np.shape(found) == wanted.shape, name
    assert np.asarray(found).dtype == wanted.dtype, name
    scale = np.abs(wanted).max(initial=0.01)
    error = np.abs(np.asarray(found, float) - wanted).max(initial=0.0)
    assert error <= TOLERANCES[dtype] * scale, (name, error / scale)


def agree(net, backend, dtype, accuracy="fast", samples=4, data=None):
    """J, the gradients and the output of a batch; compiling in C takes longest, so one kernel shows all of it."""
    kernels = compiled(net, backend, dtype=dtype, accuracy=accuracy)
    plain = compile_kernels(net, dtype=dtype, accuracy=accuracy)
    parameters, X, Y, given = (data or drawn)(plain, samples)
    loss, found = kernels.gradients(parameters, X, Y, **given)
    value, wanted = plain.gradients(parameters, X, Y, **given)
    near(loss, value, dtype, "J")
    for label, gradient in wanted.items():
        near(found[label], gradient, dtype, label)
    near(kernels.forward(parameters, X, **given), plain.forward(parameters, X, **given), dtype, "output")


@pytest.fixture
def unoptimised(monkeypatch):
    """C as it is written: a compiler that optimises takes five times as long, and sees enough in the other tests."""
    try:
        c_compiler._products("float64")  # of which a process keeps one
    except Unavailable as reason:
        pytest.skip(str(reason))
    monkeypatch.setattr(c_compiler, "FLAGS", (*(f for f in c_compiler.FLAGS if not f.startswith("-O")), "-O0"))


@pytest.mark.parametrize(("layer", "shape", "batch"), CASES)
@pytest.mark.parametrize("backend", OTHERS)
def test_every_layer(backend, layer, shape, batch, request):
    if backend == "c":
        request.getfixturevalue("unoptimised")
    net = Network(shape, layer, loss=half_squared_error, batch="N" if batch else None)
    agree(net, backend, "float64", samples=3)


@pytest.mark.parametrize(("layer", "shape", "batch"), FIRST)
@backend_of_each
def test_every_layer_in_single_precision(backend, layer, shape, batch):
    net = Network(shape, layer, loss=half_squared_error, batch="N" if batch else None)
    agree(net, backend, "float32", samples=3)


@pytest.mark.parametrize(("dtype", "accuracy"), [("float64", "accurate"), ("float64", "fast"), ("float32", "fast")])
@pytest.mark.parametrize("name", activations)
@backend_of_each
def test_every_activation(backend, name, dtype, accuracy):
    net = Network(3, Dense(5, activations[name]), Dense(2, activations[name]), loss=half_squared_error)
    agree(net, backend, dtype, accuracy)


@pytest.mark.parametrize(
    ("dtype", "last"),
    [("float64", "sigmoid"), ("float64", "softplus"), ("float32", "softmax")],
)
@pytest.mark.parametrize("loss", losses)
@backend_of_each
def test_every_loss(backend, loss, dtype, last):
    def inside(kernels, samples):
        """An output inside (0, 1), where every loss is defined."""
        parameters, X, _, given = drawn(kernels, samples)
        parameters |= {"w^2": parameters["w^2"] * 0.05, "b^2": np.full(2, -0.5)}
        return parameters, X, np.random.default_rng(1).dirichlet(np.ones(2), samples), given

    agree(Network.from_spec("3-4-2", f"tanh,{last}", loss), backend, dtype, data=inside)


@pytest.mark.parametrize("name", activations)
@backend_of_each
def test_nothing_overflows_far_out(backend, name):
    """Pre-activations up to ±1000 in both layers, in both modes."""
    net = Network(1, Dense(2, activations[name]), Dense(2, activations["sigmoid"]), loss=losses["binary_cross_entropy"])
    for accuracy in ("fast", "accurate"):
        kernels = compiled(net, backend, accuracy=accuracy)
        parameters = kernels.init() | {"w^1": np.array([[1.0], [-1.0]]), "w^2": np.array([[1.0, 0.5], [-1.0, 0.3]])}
        X = np.array([[-1e3], [-40.0], [-1e-12], [0.0], [30.0], [1e3]])
        loss, found = kernels.gradients(parameters, X, np.tile([[0.0, 1.0]], (6, 1)))
        assert np.isfinite(loss)
        assert all(np.isfinite(gradient).all() for gradient in found.values())


@backend_of_each
def test_batches_of_any_size(backend):
    kernels, plain = compiled(NET, backend), compile_kernels(NET)
    for samples in (4, 1, 150):
        parameters, X, Y, _ = drawn(plain, samples)
        for label, gradient in plain.gradients(parameters, X, Y)[1].items():
            near(kernels.gradients(parameters, X, Y)[1][label], gradient, "float64", label)


@backend_of_each
def test_symbolic_widths_and_every_quantity(backend):
    kernels = compiled(Network.from_spec("n-m-2", "tanh,softmax", "cross_entropy"), backend)
    numbers = compile_kernels(Network.from_spec("3-4-2", "tanh,softmax", "cross_entropy"))
    parameters, X, Y, _ = drawn(numbers, 5)
    for label, wanted in numbers.quantities(parameters, X, Y).items():
        near(kernels.quantities(parameters, X, Y)[label], np.asarray(wanted), "float64", label)


@dtype_of_each
@pytest.mark.parametrize("name", optimizers)
@backend_of_each
def test_every_optimizer(backend, name, dtype):
    """Three steps over batches of two sizes; then memory and parameters that were written to count."""
    kernels, plain = compiled(NET, backend, dtype=dtype), compile_kernels(NET, dtype=dtype)
    try:
        steps = compile_steps(kernels, name, seed=1)
    except UnknownName as reason:
        pytest.skip(str(reason))
    wanted = compile_steps(plain, name, seed=1)
    for samples in (6, 3, 6):
        _, X, _, _ = drawn(plain, samples, seed=samples)
        for each in (steps, wanted):
            each.load(X, np.eye(4)[np.arange(samples) % 4])
        near(steps.step(loss=True), wanted.step(loss=True), dtype, "J")
    for label, value in wanted.parameters.items():
        # A step that divides by a root of the gradient lifts its rounding.
        slack = {"float64": 1e-9, "float32": 2e-3}[dtype]
        np.testing.assert_allclose(steps.parameters[label], value, rtol=slack, atol=slack / 10)
        np.testing.assert_allclose(steps.gradients[label], wanted.gradients[label], rtol=slack, atol=slack / 10)
        for memory, kept in wanted.session.memory.items():
            np.testing.assert_allclose(steps.session.memory[memory][label], kept[label], rtol=slack, atol=slack / 10)
        steps.parameters[label][...] = wanted.parameters[label][...] = 0
    near(steps.step(loss=True), wanted.step(loss=True), dtype, "J")


@pytest.mark.parametrize("name", ["sgd", "adam"])
@backend_of_each
def test_an_epoch_is_the_steps_one_after_the_other(backend, name):
    kernels = compiled(NET, backend)
    one, all_at_once = (compile_steps(kernels, name, seed=1) for _ in range(2))
    if not one.session.many:
        pytest.skip(f"{backend} takes steps one by one")
    _, X, _, _ = drawn(kernels, 11)
    Y, order = np.eye(4)[np.arange(11) % 4], np.random.default_rng(2).permutation(11)
    losses = []
    for start in range(0, 11, 3):
        chosen = order[start : start + 3]
        one.load(X[chosen], Y[chosen])
        losses.append(one.step(loss=True))
    np.testing.assert_allclose(all_at_once.epoch(X, Y, 3, order), losses, rtol=1e-12)
    assert all_at_once.count == one.count == 4
    for label, value in one.parameters.items():
        np.testing.assert_allclose(all_at_once.parameters[label], value, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(all_at_once.gradients[label], one.gradients[label], rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_parameters_stay_in_the_library_until_they_are_looked_at(backend, monkeypatch):
    kernels = compiled(NET, backend)
    steps = compile_steps(kernels, "momentum")
    _, X, _, _ = drawn(kernels, 4)
    steps.load(X, np.eye(4))
    before = steps.parameters["w^1"]
    steps.step()
    moved = []
    monkeypatch.setattr(steps.session, "_inward", lambda array: moved.append(np.shape(array)) or _KEPT[backend](array))
    for held in (steps.session._parameters, *steps.session._memory.values()):
        monkeypatch.setattr(held, "_inward", lambda array: moved.append(np.shape(array)) or _KEPT[backend](array))
    steps.step()
    steps.step()
    assert set(moved) == {()}  # the numbers of a step: its count and settings
    shown = steps.parameters["w^1"]
    assert not np.array_equal(before, shown)
    with pytest.raises(ValueError, match="read-only"):
        before[...] = 0
    shown[...] = 0
    steps.step()
    assert shown.shape in moved and np.abs(steps.parameters["w^1"]).max() < np.abs(before).max() / 2


def _of_torch(array):
    return importlib.import_module("torch").from_numpy(np.array(array))


def _of_jax(array):
    return importlib.import_module("jax.numpy").array(array)


_KEPT = {"torch": _of_torch, "jax": _of_jax}


@pytest.mark.parametrize(("layer", "shape", "batch"), MIXED)
@pytest.mark.parametrize("backend", [name for name in OTHERS if name in step_backends])
def test_a_step_of_every_layer(backend, layer, shape, batch):
    net = Network(shape, layer, loss=half_squared_error, batch="N" if batch else None)
    kernels, plain = compiled(net, backend), compile_kernels(net)
    parameters, X, Y, given = drawn(plain, 3)
    steps = compile_steps(kernels, settings={"eta": 0.25}, parameters=parameters)
    steps.load(X, Y, **given)
    loss, wanted = plain.gradients(parameters, X, Y, **given)
    _, found = kernels.gradients(parameters, X, Y, **given)
    near(steps.step(loss=True), loss, "float64", "J")
    for label, gradient in wanted.items():
        near(found[label], gradient, "float64", label)
        near(steps.gradients[label], gradient, "float64", label)
        near(steps.parameters[label], parameters[label] - 0.25 * gradient, "float64", label)


@pytest.mark.parametrize("backend", [name for name in OTHERS if name in step_backends])
def test_a_step_over_every_activation(backend, request):
    """One after the other in one network, some with a slope that is learnt."""
    if backend == "c":
        request.getfixturevalue("unoptimised")
    net = Network(3, *(Dense(3, activation) for activation in activations.values()))
    kernels, plain = compiled(net, backend), compile_kernels(net)
    parameters, X, Y, _ = drawn(plain, 4)
    steps = compile_steps(kernels, settings={"eta": 0.25}, parameters=parameters)
    steps.load(X, Y)
    loss, wanted = plain.gradients(parameters, X, Y)
    near(steps.step(loss=True), loss, "float64", "J")
    assert any(np.shape(gradient) == () for gradient in wanted.values())
    for label, gradient in wanted.items():
        near(steps.parameters[label], parameters[label] - 0.25 * gradient, "float64", label)


@backend_of_each
def test_the_same_source_under_any_hash_seed(backend):
    wanted = compiled(NET, backend, dtype="float32").source
    script = (
        "from symbackprop.kernels import compile_kernels\n"
        "from symbackprop.network import Network\n"
        "net = Network.from_spec('3-7-5-4', 'gelu,leaky_relu,softmax', 'cross_entropy')\n"
        f"print(compile_kernels(net, backend={backend!r}, dtype='float32').source, end='')"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "3", "PYTHONIOENCODING": "utf-8"}
    ran = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, encoding="utf-8", check=True
    )
    assert ran.stdout == wanted


PYTHON = [name for name in OTHERS if name in LIBRARIES]


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_that_is_missing_is_named(name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(Unavailable, match=rf"needs {name}; install it with: pip install 'symbackprop\[{name}\]'"):
        compile_kernels(NET, backend=name)


def test_jax_in_float64_asks_for_it():
    jax = pytest.importorskip("jax", reason="the extra 'jax' is not installed")
    kernels = compile_kernels(NET, backend="jax")
    parameters, X, _, _ = drawn(kernels, 2)
    jax.config.update("jax_enable_x64", False)
    for asking in (lambda: compile_kernels(NET, backend="jax"), lambda: kernels.forward(parameters, X)):
        with pytest.raises(Unavailable, match=r'jax.config.update\("jax_enable_x64", True\) before all else'):
            asking()
    assert compile_kernels(NET, backend="jax", dtype="float32").forward(parameters, X).dtype == np.float32


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("name", PYTHON)
def test_a_saved_kernel_needs_its_library_alone(name, dtype, tmp_path):
    kernels = compiled(NET, name, dtype=dtype)
    kernels.save(tmp_path / "kernel.py")
    parameters, X, Y, _ = drawn(kernels, 6)
    np.savez(tmp_path / "data.npz", X, *parameters.values(), Y)
    convert = {"jax": "jax.numpy.asarray", "torch": "torch.from_numpy"}[name]
    script = (
        f"import sys, numpy as np, {name}\n"
        + ("jax.config.update('jax_enable_x64', True)\n" if (name, dtype) == ("jax", "float64") else "")
        + f"import kernel; d = [{convert}(a.astype('{dtype}')) for a in np.load('data.npz').values()]\n"
        "J, *_ = kernel.gradients(*d)\n"
        "assert not any(m.startswith(('symbackprop', 'sympy')) for m in sys.modules if not m.startswith('torch'))\n"
        "print(str(J.dtype), float(J))"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    kind, value = ran.stdout.split()
    assert kind.endswith(dtype)
    assert float(value) == pytest.approx(kernels.gradients(parameters, X, Y)[0], rel=TOLERANCES[dtype])


@pytest.mark.parametrize("name", PYTHON)
def test_the_source_names_its_axes_and_changes_no_argument(name):
    kernels = compiled(Network(("T", 2), Recurrent(3)), name, dtype="float32")
    ast.parse(kernels.source)
    assert kernels.compiled.native["AXES"] == {
        "x": ("batch", "width_0", "width_1"),
        "w1": ("width_2", "width_1"),
        "U_1": ("width_2", "width_2"),
        "b1": ("width_2",),
        "y": ("batch", "width_0", "width_2"),
    }
    assert " += " not in kernels.source
