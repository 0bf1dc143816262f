"""What each epoch records is what is computed anew from parameters; early stopping ends where its rule says."""

from __future__ import annotations

import numpy as np
import pytest

from symbackprop.activations import activations
from symbackprop.errors import Diverged, InvalidSpec
from symbackprop.kernels import compile_kernels
from symbackprop.network import Network
from symbackprop.training import EarlyStopping, train
from symbackprop.training.early_stopping import Watch
from symbackprop.training.monitoring import slopes_with_dead_parts

NET = Network.from_spec("2-6-5-1", "relu,tanh,sigmoid", "binary_cross_entropy")


def test_gradient_norms_are_those_of_the_last_step():
    kernels = compile_kernels(NET)
    result = train(kernels, "moons", epochs=1, batch_size=200)
    _, gradients = kernels.gradients(kernels.init(0), result.X, result.Y)
    for layer in ("1", "2", "3"):
        parts = [gradients[f"{letter}^{layer}"].ravel() for letter in "wb"]
        assert result.history[0].gradient_norms[layer] == pytest.approx(np.linalg.norm(np.concatenate(parts)))


def test_dead_units_are_counted():
    kernels = compile_kernels(NET)
    parameters = kernels.init(0)
    parameters["b^1"][:4] = -1e3
    result = train(kernels, "moons", epochs=2, parameters=parameters)
    z = result.X @ result.parameters["w^1"].T + result.parameters["b^1"]
    dead = int((z <= 0).all(axis=0).sum())
    assert dead >= 4
    assert [epoch.dead_units["1"] for epoch in result.history] == [dead, dead]
    assert set(result.history[0].dead_units) == {"1"}


@pytest.mark.parametrize("name", activations)
def test_what_can_die_has_a_flat_part(name):
    """A bounded slope of 0 on the left or on the right, and not everywhere."""
    flat = {"relu", "relu6", "hard_sigmoid", "hard_tanh", "hard_swish"}
    assert bool(slopes_with_dead_parts(Network.from_spec("2-3-1", f"{name},identity").model)) == (name in flat)


def test_held_out_data_are_measured_and_not_trained_on():
    result = train(NET, "moons", epochs=3, validation=0.25)
    assert (len(result.X), len(result.held_out[0])) == (150, 50)
    loss, _ = result.kernels.gradients(result.parameters, *result.held_out)
    assert result.history[-1].validation_loss == pytest.approx(loss)
    assert result.history[-1].validation_accuracy == result.validation_accuracy
    alone = train(NET, (result.X, result.Y), epochs=3, validation=result.held_out)
    assert alone.history == result.history


def losses_stop(losses, rule):
    """The epoch at which the rule ends, and the best."""
    watch = Watch(rule)
    for number, loss in enumerate(losses, start=1):
        watch.see(number, loss, {"w": np.array([float(number)])})
        if watch.is_over(number):
            return number, watch.epoch
    return None, watch.epoch


@pytest.mark.parametrize(
    ("patience", "min_delta", "wanted"),
    [(1, 0.0, (4, 3)), (2, 0.0, (5, 3)), (3, 0.0, (8, 5 + 0)), (2, 0.5, (4, 2)), (9, 0.0, (None, 5))],
)
def test_the_rule_of_early_stopping(patience, min_delta, wanted):
    losses = [9, 5, 4.9, 4.95, 4.9 if patience < 3 else 4.8, 6, 6, 6]
    assert losses_stop(losses, EarlyStopping(patience, min_delta)) == wanted


def test_early_stopping_brings_back_the_best():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(30, 2)), rng.integers(0, 2, (30, 1)).astype(float)
    rule = EarlyStopping(patience=15)
    result = train(NET, (X, Y), "adam", 0.02, epochs=2000, validation=0.5, early_stopping=rule)
    held = [epoch.validation_loss for epoch in result.history]
    assert len(held) < 2000
    assert result.best_epoch == 1 + int(np.argmin(held)) == len(held) - 15
    assert result.kernels.gradients(result.parameters, *result.held_out)[0] == pytest.approx(min(held))
    assert result.stopped == f"no better than epoch {result.best_epoch} for 15 epochs"
    last = train(
        NET, (X, Y), "adam", 0.02, epochs=2000, validation=0.5, early_stopping=EarlyStopping(15, restore_best=False)
    )
    assert last.history == result.history
    assert last.kernels.gradients(last.parameters, *last.held_out)[0] == pytest.approx(held[-1])


def test_a_callback_ends_training():
    result = train(NET, epochs=50, callback=lambda epoch: epoch.number == 7)
    assert len(result.history) == 7
    assert result.stopped == "the callback ended it"


@pytest.mark.parametrize("settings", [{"patience": 0}, {"patience": 1.5}, {"min_delta": -1}])
def test_bad_rules_are_named(settings):
    with pytest.raises(InvalidSpec, match=next(iter(settings))):
        EarlyStopping(**settings)


def test_the_first_value_that_is_not_finite_is_named_with_epoch_batch_and_layer():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(12, 2)), np.ones((12, 1))
    net = Network.from_spec("2-3-1", "relu,identity", "quadratic_cost")
    bad = int(np.random.default_rng(0).permutation(12)[9])
    X[bad] = 1e308, 1e308
    start = {**compile_kernels(net).init(0), "w^1": np.full((3, 2), 1.0)}
    with pytest.raises(Diverged, match=r"at step 4 \(epoch 1, batch 4\); z\^1 is the first .* in layer 1"):
        train(net, (X, Y), learning_rate=1e-3, batch_size=3, parameters=start)


def test_a_gradient_that_overflows_is_named():
    X, Y = np.full((2, 1), 1e200), np.full((2, 1), -1e150)
    net = Network.from_spec("1-1", "identity", "quadratic_cost")
    with pytest.raises(Diverged, match=r"the gradient by w\^1 of layer 1 is not finite at step 1 \(epoch 1, batch 1\)"):
        train(net, (X, Y), parameters={"w^1": np.full((1, 1), 1e-100), "b^1": np.zeros(1)})


def test_a_step_that_overflows_is_named():
    X, Y = np.full((2, 1), 1e100), np.full((2, 1), -1e100)
    net = Network.from_spec("1-1", "identity", "quadratic_cost")
    with pytest.raises(Diverged, match=r"the step of w\^1 of layer 1 is not finite at step 1 \(epoch 1, batch 1\)"):
        train(net, (X, Y), learning_rate=1e200)
