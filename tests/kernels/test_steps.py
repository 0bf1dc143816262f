"""The training step beside the gradients of the plain kernel, which are held against a complex step themselves."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from symbackprop.activations import activations
from symbackprop.errors import InvalidSpec, ShapeMismatch
from symbackprop.kernels import compile_kernels, compile_steps, descents, numpy_body, numpy_places, numpy_session
from symbackprop.kernels.step_program import PASSES, rate_of
from symbackprop.kernels.updates import compile_update, settings_of
from symbackprop.layers import Dense, layers
from symbackprop.losses import half_squared_error, losses
from symbackprop.network import Network
from symbackprop.optimizers import optimizers
from symbackprop.quantities import Role

RATE = 0.25
NET = Network.from_spec("3-7-5-4", "gelu,leaky_relu,softmax", "cross_entropy")
CASES = [
    pytest.param(name, layer, shape, batch, id=f"{name}-{'x'.join(map(str, shape))}-{number}{'-batch' * batch}")
    for name, sample in layers.items()
    for number, (layer, shape) in enumerate(sample.small)
    for batch in ([True] if sample.batch else [False, True])
]


def drawn(kernels, samples, seed=0):
    """Parameters, X, Y and what is given besides, by label."""
    rng, values = np.random.default_rng(seed), {}
    for q in kernels.model.inputs:
        own = tuple(samples if n == kernels.model.batch else int(n) for n in q.axes)
        shape = (samples, *own) if kernels.model.batch is None and q.label not in kernels.labels else own
        values[q.label] = rng.integers(1, 4, shape) if q.role is Role.POSITION else rng.normal(0, 0.5, shape)
    entrance = next((q.label for q in kernels.model.inputs if q.role is Role.INPUT), kernels.model.inputs[0].label)
    X, Y = values.pop(entrance), values.pop("y")
    parameters = {label: values.pop(label) for label in kernels.labels}
    return parameters, X, Y, values


def agree(kernels, steps, X, Y, given, tolerance=1e-12):
    """One step from where the steps are: J, gradients and the parameters after it."""
    before = {label: value.copy() for label, value in steps.parameters.items()}
    loss, wanted = kernels.gradients(before, X, Y, **given)
    steps.load(X, Y, **given)
    assert steps.step(loss=True) == pytest.approx(loss, rel=1e-12)
    for label, gradient in wanted.items():
        scale = np.abs(gradient).max() + 1e-300
        assert np.abs(steps.gradients[label] - gradient).max() <= tolerance * scale + 1e-15, label
        moved = before[label] - RATE * gradient
        assert np.abs(steps.parameters[label] - moved).max() <= tolerance * (np.abs(moved).max() + scale), label


@pytest.mark.parametrize(("name", "layer", "shape", "batch"), CASES)
def test_every_layer(name, layer, shape, batch):
    kernels = compile_kernels(Network(shape, layer, loss=half_squared_error, batch="N" if batch else None))
    parameters, X, Y, given = drawn(kernels, 3)
    steps = compile_steps(kernels, settings={"eta": RATE}, parameters=parameters)
    for samples in (3, 3, 2):
        _, X, Y, given = drawn(kernels, samples, seed=samples)
        agree(kernels, steps, X, Y, given)


@pytest.mark.parametrize("accuracy", ["fast", "accurate"])
@pytest.mark.parametrize("name", activations)
def test_every_activation(name, accuracy):
    """Hidden, and as the output of a regression; the second batch is another size, the third is large."""
    net = Network(3, Dense(5, activations[name]), Dense(2, activations[name]), loss=half_squared_error)
    kernels = compile_kernels(net, accuracy=accuracy)
    parameters, *_ = drawn(kernels, 1)
    steps = compile_steps(kernels, settings={"eta": RATE}, parameters=parameters)
    for samples in (4, 1, 150):
        _, X, Y, given = drawn(kernels, samples, seed=samples)
        agree(kernels, steps, X / 3, Y, given, 1e-11)


@pytest.mark.parametrize("last", ["sigmoid", "softmax", "softplus"])
@pytest.mark.parametrize("loss", losses)
def test_every_loss(loss, last):
    kernels = compile_kernels(Network.from_spec("3-4-2", f"tanh,{last}", loss))
    parameters, X, _, given = drawn(kernels, 5)
    # An output inside (0, 1), where every loss is defined.
    parameters |= {"w^2": parameters["w^2"] * 0.05, "b^2": np.full(2, -0.5)}
    Y = np.random.default_rng(1).dirichlet(np.ones(2), 5)
    agree(kernels, compile_steps(kernels, settings={"eta": RATE}, parameters=parameters), X, Y, given)


@pytest.mark.parametrize("name", PASSES)
def test_a_pass_left_out_changes_no_number_but_the_source(name):
    large = Network.from_spec("200-400-4", "leaky_relu,softmax", "cross_entropy")
    net = large if name in ("samples_first", "descents") else NET
    steps = compile_steps(compile_kernels(net), settings={"eta": RATE}, without=[name])
    _, X, _, given = drawn(steps.kernels, 6)
    Y = np.eye(4)[[0, 1, 2, 3, 1, 1]]
    agree(steps.kernels, steps, X, Y, given)
    assert steps.source != compile_steps(steps.kernels).source
    with pytest.raises(InvalidSpec, match="no pass 'speed' to leave out; known: bias_fold"):
        compile_steps(steps.kernels, without=["speed"])


@pytest.mark.parametrize("name", optimizers)
def test_every_optimizer_takes_the_steps_of_its_rule(name):
    """Over more entries than a block of the update holds, beside the rule applied to each array alone."""
    kernels = compile_kernels(Network.from_spec("90-100-3", "tanh,sigmoid"))
    optimizer = optimizers[name]
    steps = compile_steps(kernels, optimizer, seed=1)
    _, X, Y, _ = drawn(kernels, 5)
    steps.load(X, Y)
    update, settings = compile_update(optimizer), settings_of(optimizer, {})
    parameters = kernels.init(1)
    memory = {label: [np.zeros_like(p) for _ in optimizer.memory] for label, p in parameters.items()}
    for number in (1, 2, 3):
        _, gradients = kernels.gradients(parameters, X, Y)
        norm = [np.sqrt(sum((g**2).sum() for g in gradients.values()))] if optimizer.uses_norm else []
        for label, gradient in gradients.items():
            update(parameters[label], gradient, number, *norm, *memory[label], *settings)
        steps.step()
    for label, value in parameters.items():
        np.testing.assert_allclose(steps.parameters[label], value, rtol=1e-9, atol=1e-13)
        for k, (_, kept) in enumerate(steps.session.memory.items()):
            np.testing.assert_allclose(kept[label], memory[label][k], rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_float32_stays_float32(optimizer):
    kernels = compile_kernels(NET, dtype="float32")
    steps = compile_steps(kernels, optimizer)
    _, X, _, _ = drawn(kernels, 6)
    steps.load(X, np.eye(4)[[0, 1, 2, 3, 1, 1]])
    steps.step(loss=True)
    for arrays in (steps.parameters, steps.gradients, *steps.session.memory.values()):
        assert {value.dtype.name for value in arrays.values()} == {"float32"}
    assert "float64" not in steps.source


def test_the_rate_changes_from_step_to_step():
    kernels = compile_kernels(NET)
    steps = compile_steps(kernels)
    _, X, _, _ = drawn(kernels, 2)
    Y = np.eye(4)[:2]
    steps.load(X, Y)
    for rate in (0.5, 0.5, 0.125):
        before = {label: value.copy() for label, value in steps.parameters.items()}
        _, wanted = kernels.gradients(before, X, Y)
        steps.step(eta=rate)
        for label, gradient in wanted.items():
            np.testing.assert_allclose(before[label] - steps.parameters[label], rate * gradient, rtol=0, atol=1e-14)
    assert steps.count == 3


def test_what_does_not_fit_is_named():
    steps = compile_steps(compile_kernels(NET))
    with pytest.raises(ShapeMismatch, match=r"x\^0 has shape \(2, 4\), expected \(samples, 3\)"):
        steps.load(np.ones((2, 4)), np.ones((2, 4)))
    with pytest.raises(InvalidSpec, match="no setting 'mu'"):
        steps.step(mu=0.5)


def test_only_a_plain_rule_is_folded_into_the_error():
    assert [name for name in optimizers if rate_of(optimizers[name]) is not None] == ["sgd"]


def test_nothing_is_allocated_in_a_step():
    """No call in the body of a step makes an array: all write to memory that is there."""
    source = compile_steps(compile_kernels(NET)).source
    body = source[source.index("def step(") : source.index("return J")]
    calls = [line.strip() for line in body.splitlines() if "(" in line and ".sum()" not in line][1:]
    assert len(calls) > 30
    assert [line for line in calls if "=" in line.partition("(")[0]] == []


def memory_of_steps(activation, **options):
    """In arrays of the widest layer: the most that the first step needs besides parameters, what three more steps take
    for a moment and what they leave; and the stored activations."""
    samples, widths = 1024, [64] * 9 + [10]
    names = ",".join([activation] * 8 + ["softmax"])
    kernels = compile_kernels(Network.from_spec("-".join(map(str, widths)), names, "cross_entropy"))
    session = compile_steps(kernels, **options).session
    X, Y = np.ones((samples, 64)), np.tile(np.eye(10)[0], (samples, 1))
    tracemalloc.start()
    session.load(X, Y)
    session.step(1, [0.1], loss=True)
    before, peak = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    for number in (2, 3, 4):
        session.step(number, [0.1], loss=True)
    after, moment = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return *(size / (8 * samples * 64) for size in (peak, moment - before, after - before)), (65 * 9 + 10) / 64


@pytest.mark.parametrize(
    ("activation", "arrays"), [("tanh", 1), ("relu", 1), ("sigmoid", 1), ("swish", 2), ("gelu", 3)]
)
def test_memory_beside_parameters_and_stored_activations(activation, arrays):
    """Where h′ is not read off a, there is z or what h is made of besides, for gelu both.

    After the first step nothing is made; NumPy itself takes 64 KB for a moment where it turns a mask into numbers.
    """
    peak, moment, left, stored = memory_of_steps(activation)
    stored += 8 * (arrays - 1)
    assert peak - stored < 2.1
    assert moment < 0.2 and left < 0.001
    if arrays == 1:
        assert memory_of_steps(activation, without=["in_place"])[0] - stored > 10
        assert memory_of_steps(activation, without=["buffers"])[1] > 1


@pytest.mark.parametrize(
    ("n_in", "text"),
    [
        (3, "x_ones = aligned(4, n)"),
        (20, "w1_b_T.dot(x_ones, z1)"),
        (60, "w1_b.dot(x_ones, z1)"),
        (90, "w1.dot(x, z1)"),
    ],
)
def test_the_product_with_the_input_by_its_width(n_in, text):
    kernels = compile_kernels(Network.from_spec(f"{n_in}-5-3", "tanh,softmax", "cross_entropy"))
    steps = compile_steps(kernels, settings={"eta": RATE})
    assert text in steps.source
    for samples in (4, 7):
        _, X, _, given = drawn(kernels, samples, seed=samples)
        agree(kernels, steps, X, np.eye(3)[np.arange(samples) % 3], given)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_large_matrix_goes_down_in_the_product_for_its_gradient(dtype):
    """In float64 samples are rows in memory; the product waits until the matrix was read for the last time."""
    kernels = compile_kernels(Network.from_spec("250-300-300-3", "tanh,relu,softmax", "cross_entropy"), dtype=dtype)
    for samples in (4, 40):
        kept, direct = (compile_steps(kernels, settings={"eta": RATE}) for _ in range(2))
        plain = compile_steps(kernels, settings={"eta": RATE}, without=["descents"])
        _, X, _, given = drawn(kernels, samples)
        Y = np.eye(3)[np.arange(samples) % 3]
        for steps, keep in ((kept, True), (plain, True), (direct, False)):
            steps.load(X, Y, **given)
            for _ in range(2):
                steps.step(keep=keep)
        for label, wanted in plain.parameters.items():
            np.testing.assert_allclose(kept.parameters[label], wanted, rtol=1e-12 if dtype == "float64" else 1e-5)
            np.testing.assert_allclose(direct.parameters[label], wanted, rtol=1e-11 if dtype == "float64" else 1e-4)
            np.testing.assert_allclose(kept.gradients[label], plain.gradients[label], atol=1e-5)
        with pytest.raises(InvalidSpec, match=r"were not kept; step\(keep=True\) keeps them"):
            _ = direct.gradients
        direct.step()
        assert direct.gradients.keys() == plain.gradients.keys()
    source, folded = kept.source, "" if dtype == "float64" else "_b"
    assert source.index("(w2_T, e2") < source.index(f"descend_w2{folded}(keep)") < source.index("descend_w1(keep)")
    assert "np.subtract(theta, gradient, theta)" not in source
    memory = {"float64": "aligned(n, 300).T", "float32": "aligned(301, n)"}
    assert memory[dtype] in source


def test_a_large_matrix_whose_gradient_is_no_product_waits_for_the_others():
    kernels = compile_kernels(Network.from_spec("100-700-3", "tanh,softmax", "cross_entropy"))
    steps = compile_steps(kernels, settings={"eta": RATE}, without=["matrix_products"])
    _, X, _, given = drawn(kernels, 4)
    agree(kernels, steps, X, np.eye(3)[[0, 1, 2, 0]], given)


def test_a_saved_step_runs_on_its_own(tmp_path):
    kernels = compile_kernels(NET)
    steps = compile_steps(kernels)
    steps.save(tmp_path / "kernel.py")
    _, X, _, _ = drawn(kernels, 6)
    Y = np.eye(4)[[0, 1, 2, 3, 1, 1]]
    np.savez(tmp_path / "data.npz", X=X, Y=Y, theta=steps.session.theta)
    script = (
        "import sys, numpy as np, kernel; d = np.load('data.npz'); theta = d['theta']\n"
        "scale = np.array(0.125/6)\n"
        "load, step = kernel.plan(theta, np.zeros_like(theta), scale, d['X'], d['Y'])\n"
        "step(); step()\n"
        "assert not any(name.startswith(('symbackprop', 'sympy')) for name in sys.modules)\n"
        "print(repr(float(theta.sum())))"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    steps.load(X, Y)
    steps.step(eta=0.125)
    steps.step()
    assert float(ran.stdout) == steps.session.theta.sum()


@pytest.mark.parametrize(("dtype", "large", "alone"), [("float32", 80, 2), ("float64", 80, 2), ("float64", 200, 0)])
def test_small_products_are_not_divided_among_threads(dtype, large, alone, monkeypatch):
    entered = []

    class Recorder:
        def __enter__(self):
            entered.append(True)

        def __exit__(self, *error):
            pass

    monkeypatch.setattr(numpy_session, "threads", lambda: 2)
    monkeypatch.setattr(numpy_session, "ALONE", Recorder())
    kernels = compile_kernels(Network.from_spec("128-128-3", "relu,softmax", "cross_entropy"), dtype=dtype)
    steps = compile_steps(kernels, settings={"eta": RATE})
    for samples in (4, large, large):
        steps.load(np.ones((samples, 128)), np.eye(3)[np.zeros(samples, int)])
        steps.step()
    assert len(entered) == alone


GOING_DOWN = [
    case
    for case in CASES
    if case.values[0] in ("dense", "glu", "residual", "stack") and len(case.values[2]) == 1 and not case.values[3]
]


@pytest.mark.parametrize(("name", "layer", "shape", "batch"), GOING_DOWN)
def test_matrices_of_layers_go_down_in_a_product(name, layer, shape, batch, monkeypatch):
    """The same for small ones, as if they were large: all that a step may reorder is reordered."""
    for module in (descents, numpy_body, numpy_places):
        monkeypatch.setattr(module, "LARGE", 0)
    monkeypatch.setattr(descents, "_WORTH", 0)
    kernels = compile_kernels(Network(shape, layer, loss=half_squared_error))
    parameters, *_ = drawn(kernels, 3)
    steps = compile_steps(kernels, settings={"eta": RATE}, parameters=parameters)
    assert "descend_" in steps.source
    for samples in (3, 2):
        _, X, Y, given = drawn(kernels, samples, seed=samples)
        before = {label: value.copy() for label, value in steps.parameters.items()}
        _, wanted = kernels.gradients(before, X, Y, **given)
        steps.load(X, Y, **given)
        steps.step(keep=False)
        for label, gradient in wanted.items():
            np.testing.assert_allclose(steps.parameters[label], before[label] - RATE * gradient, rtol=0, atol=1e-12)
