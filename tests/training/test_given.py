"""Tokens and masks go through training: split and gathered with the samples, measured, checked and kept."""

from __future__ import annotations

import json

import numpy as np
import pytest

from symbackprop.activations import sigmoid, softmax
from symbackprop.cli import main
from symbackprop.errors import InvalidSpec, ShapeMismatch
from symbackprop.kernels import compile_kernels
from symbackprop.layers import Attention, Embedding, Readout
from symbackprop.losses import binary_cross_entropy, cross_entropy
from symbackprop.network import Network
from symbackprop.training import Checkpoint, cross_check, run, train

LENGTH, WORDS = 4, 5
TOKENS = Network((LENGTH,), Embedding(WORDS, 3), Readout(1, sigmoid), loss=binary_cross_entropy)
MASKED = Network((LENGTH, 3), Attention(1, 3, masked=True), Readout(2, softmax), loss=cross_entropy)
DECLARED = """
n_in = [4, 3]
loss = "cross_entropy"
[[layers]]
kind = "masked_attention"
heads = 1
key = 3
[[layers]]
kind = "readout"
width = 2
activation = "softmax"
"""


def sentences(samples=60, seed=0):
    """Tokens from 1, and whether the first is one of the last two words."""
    X = np.random.default_rng(seed).integers(1, WORDS + 1, (samples, LENGTH))
    return X, (X[:, :1] >= WORDS - 1).astype(float)


def looks(samples=24, seed=0):
    """Sequences, classes, and for each sequence what its places may look at."""
    rng = np.random.default_rng(seed)
    masks = np.maximum(rng.integers(0, 2, (samples, LENGTH, LENGTH)), np.eye(LENGTH))
    return rng.normal(size=(samples, LENGTH, 3)), np.eye(2)[rng.integers(0, 2, samples)], {"M": masks}


def test_tokens_are_learnt_and_stay_whole_numbers():
    result = run(TOKENS, sentences(), optimizer="adam", learning_rate=0.05, epochs=60, standardise=True, validation=0.2)
    assert result.accuracy == result.validation_accuracy == 1.0
    assert result.X.dtype.kind == "i" and set(np.unique(result.X)) == set(range(1, WORDS + 1))
    assert result.cross_check("complex_step").passed
    assert result.predict(np.array([[WORDS, 1, 1, 1], [1, WORDS, 1, 1]])).round().ravel().tolist() == [1.0, 0.0]


@pytest.mark.parametrize("oracle", ["complex_step", "torch", "jax", "autograd"])
@pytest.mark.parametrize(("net", "data"), [(TOKENS, sentences), (MASKED, looks)], ids=["tokens", "masks"])
def test_the_oracles_look_up_tokens_and_take_masks(net, data, oracle):
    if oracle != "complex_step":
        pytest.importorskip(oracle, reason="a library of the extra 'oracles', which is not installed")
    X, Y, *given = data(6)
    kernels, given = compile_kernels(net), dict(*given)
    parameters = {label: value + 0.1 for label, value in kernels.init(1).items()}
    assert cross_check(kernels, parameters, X, Y, oracle, **given).passed
    for name, mask in given.items():
        # The same mask for all, and another one.
        assert cross_check(kernels, parameters, X, Y, oracle, **{name: mask[0]}).passed
        other = kernels.gradients(parameters, X, Y, **{name: np.ones_like(mask)})[1]
        assert any(not np.allclose(other[k], g) for k, g in kernels.gradients(parameters, X, Y, **given)[1].items())


@pytest.mark.parametrize("backend", ["numpy", "c"])
def test_each_sample_keeps_its_mask(backend):
    """The order of samples decides nothing where all are one batch, and masks that are mixed up change the loss."""
    X, Y, given = looks()
    order = np.random.default_rng(1).permutation(len(X))
    moved = X[order], Y[order], {"M": given["M"][order]}
    mixed = X[order], Y[order], given
    final = [train(MASKED, data, epochs=5, batch_size=100).loss for data in ((X, Y, given), moved, mixed)]
    assert final[0] == pytest.approx(final[1], rel=1e-12) and final[0] != pytest.approx(final[2], rel=1e-6)
    # In batches a step sees the rows that it is said to see.
    result = train(MASKED, (X, Y, given), epochs=2, batch_size=10, validation=0.25, backend=backend)
    assert result.held.given["M"].shape == (6, LENGTH, LENGTH)
    held = result.kernels.gradients(result.parameters, *result.held_out, **result.held.given)[0]
    assert held == pytest.approx(result.history[-1].validation_loss, rel=1e-12)
    single = train(MASKED, (X, Y, given), epochs=2, batch_size=10, validation=0.25)
    for label, value in single.parameters.items():
        np.testing.assert_allclose(result.parameters[label], value, rtol=1e-9, atol=1e-12)


def test_a_mask_for_all_samples_and_resuming(tmp_path):
    X, Y, given = looks()
    data = X, Y, {"M": given["M"][0]}
    file = tmp_path / "run.npz"
    train(MASKED, data, epochs=2, checkpoint=file)
    resumed = train(MASKED, data, epochs=4, checkpoint=Checkpoint(file, resume=True))
    whole = train(MASKED, data, epochs=4)
    assert all(np.array_equal(resumed.parameters[k], v) for k, v in whole.parameters.items())
    assert resumed.predict(X[:2]).shape == (2, 2)
    with pytest.raises(InvalidSpec, match="data differ"):
        train(MASKED, (X, Y, given), epochs=4, checkpoint=Checkpoint(file, resume=True))


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"M": np.ones((3, LENGTH, LENGTH))}, ShapeMismatch, "M has 3 rows, and X has 24"),
        ({"mask": np.ones((LENGTH, LENGTH))}, InvalidSpec, "nothing is called 'mask' here; given are: M"),
        ({}, InvalidSpec, "M.* is missing"),
    ],
)
def test_what_is_given_wrongly_is_named(given, error, message):
    X, Y, _ = looks()
    with pytest.raises(error, match=message):
        train(MASKED, (X, Y, given), epochs=1)


def test_a_token_that_is_no_whole_number_is_named():
    X, Y = sentences()
    with pytest.raises(InvalidSpec, match="X holds positions, which are whole numbers from 1"):
        train(TOKENS, (X + 0.5, Y), epochs=1)


def test_from_files_on_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    X, Y, given = looks()
    np.savez("looks.npz", X=X, Y=Y, **given)
    (tmp_path / "net.toml").write_text(DECLARED, encoding="utf-8")
    command = ["run", "net.toml", "--data", "looks.npz", "--epochs", "3", "--against", "complex_step"]
    assert main([*command, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["samples"], found["held_out"], found["cross_check"]["passed"]) == (19, 5, True)
    np.savez("words.npz", X=np.array([["a"]]), Y=Y)
    np.savez("half.npz", X=X)
    (tmp_path / "none.npz").write_bytes(b"PK")
    told = {"words": "X is not made of finite numbers", "half": "no array Y; there are: X", "none": "cannot be read"}
    for name, message in told.items():
        assert main(["run", "net.toml", "--data", f"{name}.npz"]) == 2
        assert message in capsys.readouterr().err
