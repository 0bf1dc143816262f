"""Training reaches what it states, stops with a reason, and is checked against backprop written by hand."""

from __future__ import annotations

import io
import sys
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from symbackprop.activations import Activation, identity, sigmoid, softmax, tanh
from symbackprop.errors import Diverged, InvalidSpec
from symbackprop.kernels import Compiled, NumpySession, compile_kernels, compile_steps
from symbackprop.layers import Conv2d, Dense, Flatten
from symbackprop.losses import binary_cross_entropy, cross_entropy, losses
from symbackprop.network import Network
from symbackprop.optimizers import optimizers
from symbackprop.training import Constant, Epoch, run, train
from symbackprop.training.descent import Descent
from symbackprop.training.metrics import threshold
from symbackprop.training.progress import progress
from symbackprop.training.samples import Samples

SMALL = Network(2, Dense(4, tanh), Dense(1, sigmoid), loss=binary_cross_entropy)


@pytest.mark.parametrize("seed", range(3))
def test_xor_is_learnt_from_the_documented_seeds(seed):
    result = train(SMALL, data="xor", seed=seed)
    assert result.accuracy == 1.0
    assert result.cross_check().passed


def test_a_regression_has_no_accuracy_and_two_classes_no_r2():
    result = run("1-16-1", "sine", learning_rate=0.05, epochs=300)
    assert result.accuracy is None
    assert result.r2 == result.history[-1].r2 > 0.9
    assert run("2-3-1", "xor", epochs=2).r2 is None
    assert run("2-8-2", "circles").accuracy >= 0.95


@pytest.mark.parametrize("optimizer", optimizers)
def test_every_optimizer_goes_down(optimizer):
    result = train(SMALL, data="xor", optimizer=optimizer, learning_rate=0.05, epochs=200)
    assert result.loss < 0.8 * result.history[0].loss


def test_minibatches_repeat_from_their_seed():
    one, same, other = (train(SMALL, "moons", epochs=3, batch_size=32, seed=seed) for seed in (1, 1, 2))
    assert one.history == same.history
    assert all(np.array_equal(one.parameters[label], same.parameters[label]) for label in one.parameters)
    assert one.history != other.history


def test_float32():
    result = train(compile_kernels(SMALL, dtype="float32"), data="xor")
    assert {value.dtype.name for value in result.parameters.values()} == {"float32"}
    assert result.accuracy == 1.0
    assert result.cross_check().passed


def test_the_callback_sees_each_epoch():
    seen: list[Epoch] = []
    result = train(SMALL, epochs=3, callback=seen.append)
    assert tuple(seen) == result.history
    assert [epoch.number for epoch in seen] == [1, 2, 3]


def test_divergence_stops_with_step_and_layer():
    net = Network.from_spec("1-3-1", "relu,identity", "quadratic_cost")
    with pytest.raises(
        Diverged, match=r"inf at step \d+ \(epoch \d+, batch \d+\); the output a\^2 of layer 2 .* up to .*smaller"
    ):
        train(net, "sine", learning_rate=1e3)
    X, Y = np.ones((2, 1)), np.ones((2, 1))
    X[1] = 1e308
    start = {**compile_kernels(net).init(0), "w^1": np.full((3, 1), 10.0)}
    with pytest.raises(
        Diverged, match=r"at step 1 \(epoch 1, batch 1\); z\^1 is the first that is not finite, in layer 1;"
    ):
        train(net, (X, Y), parameters=start)


def test_bad_settings_are_named():
    for name, value in (("epochs", 0), ("epochs", 1.5), ("batch_size", 0), ("seed", -1)):
        with pytest.raises(InvalidSpec, match=f"{name} is a whole number from [01], not {value}"):
            train(SMALL, **{name: value})
    with pytest.raises(InvalidSpec, match="a Network or its kernels are trained, not '2-4-1'"):
        train("2-4-1")
    for rate in (0, -1, float("nan"), float("inf"), "0.1", True, 1j, np.ones(2)):
        with pytest.raises(InvalidSpec, match="the learning rate is a positive number"):
            train(SMALL, learning_rate=rate)
    with pytest.raises(InvalidSpec, match="the data have 1 inputs, the network has 2"):
        train(SMALL, "sine")
    with pytest.raises(InvalidSpec, match="whose widths are numbers"):
        train(Network.from_spec("n-1"), "xor")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"batch_size": True}, "batch_size is a whole number from 1, not True"),
        ({"early_stopping": True}, "patience is a whole number from 1, not True"),
        ({"early_stopping": "5"}, "early_stopping is of the kind EarlyStopping"),
        ({"schedule": None}, "schedule is of the kind Schedule"),
        ({"callback": 5}, "a callback is a function of an Epoch, not 5"),
        ({"checkpoint": 5}, "checkpoint is of the kind Checkpoint"),
        ({"optimizer": None}, "an optimizer is an Optimizer or the name of one, not None"),
        ({"settings": [0.9]}, "settings go by name"),
        ({"settings": {"eta": -1}}, "the learning rate is a positive number, not -1"),
        (
            {"optimizer": "momentum", "settings": {"mu": -0.5}},
            "the setting mu of momentum is a number from 0, not -0.5",
        ),
        ({"optimizer": "adam", "settings": {"beta_1": 1}}, "the first step of adam divides by 0 at beta_1 = 1"),
        ({"kernels": compile_kernels(SMALL), "dtype": "float32"}, "compiled in float64, not float32"),
    ],
)
def test_a_setting_of_the_wrong_kind_is_named(given, message):
    with pytest.raises(InvalidSpec, match=message):
        train(**{"kernels": SMALL, "epochs": 1, **given})


def test_numbers_of_numpy_are_numbers():
    own = {"epochs": 2, "batch_size": 3, "seed": 1, "early_stopping": 5, "learning_rate": 0.5}
    theirs = {name: np.float32(value) if name == "learning_rate" else np.int64(value) for name, value in own.items()}
    assert train(SMALL, **own).history == train(SMALL, **theirs).history


def test_targets_that_break_the_assumption_of_the_loss_are_refused():
    net = Network.from_spec("2-3-2", "tanh,softmax", "cross_entropy")
    X, Y = np.ones((2, 2)), np.array([[1.0, 0.0], [1.0, 1.0]])
    with pytest.raises(InvalidSpec, match="targets of sample 2 sum to 2, but the loss assumes .* = 1"):
        train(net, (X, Y))
    assert train(net, (X, np.array([[1.0, 0.0], [0.25, 0.75]])), epochs=2).cross_check().passed
    with pytest.raises(InvalidSpec, match="sample 1 sum to 0"):
        train(Network.from_spec("2-3-1", "tanh,softmax", "cross_entropy"), "xor")


def test_a_network_that_does_not_fit_into_memory_is_refused():
    with pytest.raises(InvalidSpec, match=r"w\^1 of shape \(99999999999999, 2\) does not fit"):
        train(Network.from_spec("2-99999999999999-1"), "xor")


def test_the_cross_check_sees_a_planted_mistake():
    result = train(SMALL, epochs=10)
    right = result.kernels.compiled
    wrong_source = right.source.replace("1 - a1**2", "1 - a1")
    assert wrong_source != right.source
    functions: dict[str, object] = {}
    exec(wrong_source, functions)  # noqa: S102 - our own source, changed by one slip
    slipped = replace(result, kernels=replace(result.kernels, compiled=Compiled(wrong_source, functions)))
    check = slipped.cross_check()
    assert not check.passed
    assert check.errors["w^1"] > 1e-3
    assert check.errors["w^2"] < 1e-12
    assert "w^1" in str(check)
    assert "more than" in str(check)


@pytest.mark.filterwarnings("error")
def test_the_cross_check_holds_where_the_outputs_have_become_0_and_1():
    result = train(SMALL, epochs=5)
    saturated = replace(result, parameters={**result.parameters, "w^2": 1e4 * result.parameters["w^2"]})
    assert {0.0, 1.0} & set(saturated.kernels.forward(saturated.parameters, saturated.X).ravel())
    assert saturated.cross_check().passed


def test_another_function_of_a_known_name_is_not_compared_with_the_known_one():
    cubed = Activation("tanh", lambda z: z**3)
    result = train(Network(2, Dense(3, cubed), Dense(1, sigmoid), loss=binary_cross_entropy), "xor", epochs=2)
    with pytest.raises(InvalidSpec, match="layer 1: the reference knows dense layers with the built-in activations"):
        result.cross_check()


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("rich", [True, False])
@pytest.mark.parametrize(("make", "silent"), [(io.StringIO, True), (Terminal, False)])
def test_progress_on_a_terminal_only(monkeypatch, make, silent, rich, capsys):
    if not rich:
        monkeypatch.setitem(sys.modules, "rich.progress", None)
    stream = make()
    monkeypatch.setattr(sys, "stderr", stream)
    train(SMALL, epochs=5)
    assert (stream.getvalue() == "") == silent
    assert silent or rich or "\repoch 5/5  loss " in stream.getvalue()
    assert silent or not rich or "5/5" in stream.getvalue()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("rich", [True, False])
def test_what_a_callback_prints_goes_to_standard_output(monkeypatch, rich, capsys):
    if not rich:
        monkeypatch.setitem(sys.modules, "rich.progress", None)
    monkeypatch.setattr(sys, "stderr", Terminal())
    train(SMALL, epochs=3, callback=lambda epoch: sys.stdout.write(f"seen {epoch.number}\n"))
    assert capsys.readouterr().out == "seen 1\nseen 2\nseen 3\n"


def test_a_line_covers_the_longer_one_before_it(monkeypatch):
    monkeypatch.setattr("symbackprop.training.progress.PAUSE", -1.0)
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    with progress(2) as show:
        show(Epoch(1, 1.2345e123))
        show(Epoch(2, 1.0))
    first, second = sys.stderr.getvalue().strip("\r\n").split("\r")
    assert len(first) == len(second)


@pytest.mark.parametrize("name", optimizers)
def test_every_optimizer_trains(name):
    net = Network.from_spec("2-4-1", "tanh,sigmoid", "binary_cross_entropy")
    found = train(net, data="moons", optimizer=name, learning_rate=0.02, epochs=20, seed=0)
    assert found.history[-1].loss < 0.9 * found.history[0].loss
    assert found.cross_check().passed


def test_a_clipped_step_is_no_longer_than_the_threshold():
    net = Network.from_spec("2-4-1", "tanh,sigmoid", "binary_cross_entropy")
    before = compile_kernels(net).init(0)
    after = train(
        net,
        data="moons",
        optimizer="clipped_sgd",
        learning_rate=1.0,
        epochs=1,
        batch_size=10**6,
        seed=0,
        settings={"c": 0.01},
    ).parameters
    length = np.sqrt(sum(((after[label] - before[label]) ** 2).sum() for label in before))
    assert length == pytest.approx(0.01, rel=1e-9)


#: Losses for which one output says nothing of two classes: shares of one class, directions, rates.
OF_NO_CLASS = {"cross_entropy", "cross_entropy_from_logits", "kl_divergence", "focal", "cosine", "poisson"}


@pytest.mark.parametrize("name", [name for name in losses if name not in OF_NO_CLASS])
def test_a_single_output_is_taken_for_the_class_that_costs_less(name):
    """Beside the loss itself, at outputs on both sides of the threshold."""
    net = Network(1, Dense(1, identity), loss=losses[name])
    kernels, limit = compile_kernels(net), threshold(net)
    for output in (limit - 0.3, limit + 0.3):
        cost = [
            kernels.gradients({"w^1": np.array([[output]]), "b^1": np.zeros(1)}, np.ones((1, 1)), np.array([[y]]))[0]
            for y in (0.0, 1.0)
        ]
        assert (cost[1] < cost[0]) == (output > limit)


def test_logits_are_classes_from_0_on():
    net = Network.from_spec("2-8-1", "tanh,identity", "binary_cross_entropy_from_logits")
    result = train(net, "moons", epochs=20)
    probabilities = 1 / (1 + np.exp(-result.predict(result.X)))
    assert result.accuracy == result.history[-1].accuracy == np.mean((probabilities > 0.5) == (result.Y > 0.5))


def test_an_epoch_copies_no_more_than_a_batch():
    kernels = compile_kernels(Network.from_spec("50-3-1"))
    X, Y = np.ones((20000, 50)), np.zeros((20000, 1))
    descent = Descent(compile_steps(kernels), Samples(X, Y), 100, np.random.default_rng(0), Constant(), 0.1)
    descent.epoch(1, 2)
    tracemalloc.start()
    descent.epoch(2, 2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < X.nbytes / 20


def test_an_epoch_is_one_call_where_the_backend_has_one(monkeypatch):
    kernels = compile_kernels(SMALL)
    alone = train(kernels, "moons", epochs=3, batch_size=30)
    steps, calls = NumpySession.steps, []
    monkeypatch.setattr(NumpySession, "many", True)
    monkeypatch.setattr(NumpySession, "steps", lambda self, *given: calls.append(given[4]) or steps(self, *given))
    together = train(kernels, "moons", epochs=3, batch_size=30)
    assert calls == [30, 20] * 3
    assert [epoch.loss for epoch in together.history] == pytest.approx([epoch.loss for epoch in alone.history])
    assert all(np.array_equal(together.parameters[k], value) for k, value in alone.parameters.items())
    # What changes within an epoch, or needs no gathering, goes step by step.
    train(kernels, "moons", epochs=2, batch_size=30, schedule="cosine")
    train(kernels, "moons", epochs=2, batch_size=200)
    assert len(calls) == 6
    net = Network.from_spec("1-3-1", "relu,identity", "quadratic_cost")
    with pytest.raises(Diverged, match=r"at step \d+ \(epoch \d+, batch \d\)"):
        train(net, "sine", learning_rate=1e3)


def test_an_image_is_a_row_of_a_table():
    net = Network((1, 4, 4), Conv2d(2, 3, tanh), Flatten(), Dense(2, softmax), loss=cross_entropy)
    X = np.random.default_rng(0).normal(size=(40, 16))
    result = train(net, (X, (X[:, :1] > 0).astype(float)), epochs=300, optimizer="momentum")
    assert result.X.shape == (40, 1, 4, 4)
    assert result.accuracy == 1.0
