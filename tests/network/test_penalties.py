"""A penalty of a network: added to J once for any batch, trained with, and held against decay written by hand."""

from __future__ import annotations

import numpy as np
import pytest

from symbackprop import Dense, Network, compile_kernels, derive, elastic_net, l1, l2, penalised, tanh, train
from symbackprop.derivation import check_derivation
from symbackprop.errors import InvalidSpec
from symbackprop.losses import Penalty, losses, read_penalty

PENALTIES = {"l1": l1("1/100"), "l2": l2("1/10"), "elastic_net": elastic_net("1/100", "1/10")}


def network(loss="half_squared_error", penalty=None, batch=None):
    return Network(2, Dense(3, tanh), Dense(1), loss=losses[loss], penalty=penalty, batch=batch)


def of_weights(parameters, penalty):
    first, second = map(float, penalty.strengths)
    weights = [parameters[label] for label in ("w^1", "w^2")]
    return sum(first * np.abs(w).sum() + second * (w**2).sum() / 2 for w in weights)


@pytest.mark.parametrize("penalty", PENALTIES.values(), ids=PENALTIES)
def test_the_model_is_that_of_a_penalised_model(penalty):
    assert network(penalty=penalty).model == penalised(network().model, penalty)
    check_derivation(derive(network(penalty=penalty)))


@pytest.mark.parametrize("batch", [None, "N"])
@pytest.mark.parametrize("loss", ["half_squared_error", "quadratic_cost"])
@pytest.mark.parametrize("penalty", PENALTIES.values(), ids=PENALTIES)
def test_it_counts_once_however_many_samples_there_are(penalty, loss, batch):
    plain, whole = (compile_kernels(network(loss, p, batch)) for p in (None, penalty))
    parameters, rng = plain.init(1), np.random.default_rng(0)
    for samples in (1, 5):
        X, Y = rng.normal(size=(samples, 2)), rng.normal(size=(samples, 1))
        more = whole.gradients(parameters, X, Y)[0] - plain.gradients(parameters, X, Y)[0]
        assert more == pytest.approx(of_weights(parameters, penalty), rel=1e-12)


@pytest.mark.parametrize("penalty", PENALTIES.values(), ids=PENALTIES)
def test_training_with_it_passes_the_cross_check_and_keeps_weights_small(penalty):
    free, held = (train(network(penalty=p), "xor", epochs=100) for p in (None, penalty))
    assert held.cross_check().passed
    assert of_weights(held.parameters, penalty) < of_weights(free.parameters, penalty)


def test_a_penalty_that_the_reference_does_not_know_is_not_compared():
    cubes = Penalty("cubes", lambda w: w**4 / 100)
    result = train(network(penalty=cubes), "xor", epochs=2)
    with pytest.raises(InvalidSpec, match="the penalties l1, l2 and elastic_net, not cubes"):
        result.cross_check()


def test_a_wrong_gradient_of_a_penalty_fails_the_cross_check():
    twice = Penalty("l2", lambda w: w**2 / 5, strengths=l2("1/10").strengths)
    assert not train(network(penalty=twice), "xor", epochs=2).cross_check().passed


def test_a_network_file_has_a_penalty():
    table = {"n_in": 2, "penalty": "l1=1/5,l2=0.1", "layers": [{"width": 1}]}
    assert Network.from_toml(table).penalty.name == "elastic_net"


@pytest.mark.parametrize("text", ["l2", "l2=", "l3=1", "l2=1,l2=2", "", "l2=1/0", "l2=a b", "l2=x"])
def test_what_is_no_penalty_is_an_error(text):
    with pytest.raises(InvalidSpec):
        read_penalty(text)


def test_a_name_is_derived_with_and_not_computed_with():
    net = network(penalty=l2("lamda"))
    assert "lamda*w^1[i, j]" in str(derive(net).results)
    with pytest.raises(InvalidSpec, match="lamda in the equation of J is a name; give it a number"):
        compile_kernels(net)


def test_a_penalty_is_no_number():
    with pytest.raises(InvalidSpec, match=r"declared like l2\('1/100'\), not 3"):
        network(penalty=3)
