"""Training that was stopped goes on bit for bit; a checkpoint that is damaged or of something else is refused."""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from symbackprop.errors import InvalidSpec
from symbackprop.kernels import compile_kernels
from symbackprop.network import Network
from symbackprop.optimizers import optimizers
from symbackprop.training import Checkpoint, EarlyStopping, train
from symbackprop.training import checkpoints as room

NET = Network.from_spec("2-5-1", "tanh,sigmoid", "binary_cross_entropy")
EPOCHS = 5


class Stopped(Exception):
    """What interrupts a training."""


def interrupted_at(number):
    def callback(epoch):
        # The checkpoint of this epoch is not written any more.
        if epoch.number == number + 1:
            raise Stopped

    return callback


def same(one, other):
    assert one.history == other.history
    assert all(np.array_equal(one.parameters[label], other.parameters[label]) for label in one.parameters)
    assert (one.best_epoch, one.stopped) == (other.best_epoch, other.stopped)


def settings(path, optimizer="adam", resume=False):
    return {
        "data": "moons",
        "optimizer": optimizer,
        "learning_rate": 0.03,
        "epochs": EPOCHS,
        "batch_size": 32,
        "schedule": "warm_up=2+cosine",
        "validation": 0.2,
        "early_stopping": EarlyStopping(3, 1e-4),
        "checkpoint": Checkpoint(path, resume=resume),
    }


@pytest.mark.parametrize("optimizer", optimizers)
def test_interrupted_and_resumed_gives_the_same_bytes(tmp_path, optimizer):
    kernels = compile_kernels(NET)
    whole = train(kernels, **settings(tmp_path / "whole.npz", optimizer))
    assert (tmp_path / "whole.npz").stat().st_size > 1000
    for number in range(1, len(whole.history)):
        path = tmp_path / "parts.npz"
        with pytest.raises(Stopped):
            train(kernels, **settings(path, optimizer), callback=interrupted_at(number))
        resumed = train(kernels, **settings(path, optimizer, resume=True))
        same(resumed, whole)
        assert path.read_bytes() == (tmp_path / "whole.npz").read_bytes()


@pytest.mark.parametrize("forgotten", ["random", "steps", "memory", "watch"])
def test_everything_that_is_kept_is_needed(tmp_path, monkeypatch, forgotten):
    """A checkpoint that forgets one thing leads elsewhere."""
    whole = train(NET, **settings(tmp_path / "whole.npz"))
    with pytest.raises(Stopped):
        train(NET, **settings(tmp_path / "parts.npz"), callback=interrupted_at(3))
    right = room.load

    def forgetful(path, marks, state, watch):
        found, history = right(path, marks, state, None if forgotten == "watch" else watch)
        fresh = {"random": {"random": state.random}, "steps": {"steps": 0}, "memory": {"memory": state.memory}}
        return replace(found, **fresh.get(forgotten, {})), history

    monkeypatch.setattr("symbackprop.training.loop.load", forgetful)
    resumed = train(NET, **settings(tmp_path / "parts.npz", resume=True))
    with pytest.raises(AssertionError):
        same(resumed, whole)


def test_a_finished_training_is_not_gone_on_with(tmp_path):
    path = tmp_path / "run.npz"
    whole = train(NET, **settings(path))
    same(train(NET, **settings(path, resume=True)), whole)


def test_more_epochs_go_on_from_the_end_of_a_training(tmp_path):
    path = tmp_path / "run.npz"
    common = {"data": "moons", "optimizer": "momentum"}
    train(NET, **common, epochs=3, checkpoint=path)
    more = train(NET, **common, epochs=6, checkpoint=Checkpoint(path, resume=True))
    same(more, train(NET, **common, epochs=6))


def test_how_often_it_is_written(tmp_path, monkeypatch):
    written = []
    right = room.save

    def save(path, marks, state, history, watch):
        written.append(len(history))
        right(path, marks, state, history, watch)

    monkeypatch.setattr("symbackprop.training.loop.save", save)
    train(NET, epochs=7, checkpoint=Checkpoint(tmp_path / "run.npz", every=3))
    assert written == [3, 6, 7]
    with pytest.raises(InvalidSpec, match="every, .* is a whole number from 1, not 0"):
        Checkpoint("run.npz", every=0)


def test_a_crash_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    train(NET, epochs=2, checkpoint=path)
    before = path.read_bytes()

    def crash(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(InvalidSpec, match=r"run.npz: the checkpoint cannot be written: No space left"):
        train(NET, epochs=3, checkpoint=path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["run.npz"]


def test_only_a_file_is_replaced_and_a_link_stays_one(tmp_path):
    (tmp_path / "far").mkdir()
    link, pipe, file = tmp_path / "link.npz", tmp_path / "pipe.npz", tmp_path / "far" / "run.npz"
    link.symlink_to(file)
    train(NET, epochs=1, checkpoint=link)
    assert link.is_symlink()
    assert file.is_file()
    (tmp_path / "new").touch()
    assert file.stat().st_mode == (tmp_path / "new").stat().st_mode
    os.mkfifo(pipe)
    for path, why in (
        (pipe, "there is something else than a file"),
        (tmp_path / "none" / "run.npz", "there is no folder .*none"),
    ):
        with pytest.raises(InvalidSpec, match=f"npz: the checkpoint cannot be written: {why}"):
            train(NET, epochs=1, checkpoint=path, callback=lambda epoch: pytest.fail("it was begun"))
    assert pipe.is_fifo()


def test_what_a_training_that_was_killed_left_does_not_add_up(tmp_path):
    (tmp_path / ".run.npz.part").write_bytes(b"half")
    train(NET, epochs=2, checkpoint=tmp_path / "run.npz")
    assert os.listdir(tmp_path) == ["run.npz"]


def test_other_epochs_need_a_schedule_that_does_not_look_at_them(tmp_path):
    path = tmp_path / "run.npz"
    train(NET, epochs=2, schedule="cosine", checkpoint=path)
    with pytest.raises(InvalidSpec, match="with 4 epochs the schedule would have had another learning rate in epoch 1"):
        train(NET, epochs=4, schedule="cosine", checkpoint=Checkpoint(path, resume=True))
    train(NET, epochs=2, schedule="step=1,1/2", checkpoint=path)
    more = train(NET, epochs=4, schedule="step=1,1/2", checkpoint=Checkpoint(path, resume=True))
    same(more, train(NET, epochs=4, schedule="step=1,1/2"))


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"data": "circles"}, "data"),
        ({"optimizer": "rmsprop"}, "optimizer"),
        ({"learning_rate": 0.02}, "optimizer"),
        ({"batch_size": 16}, "batch size and seed"),
        ({"seed": 1}, "data, batch size and seed"),
        ({"schedule": "constant"}, "schedule"),
        ({"early_stopping": 3}, "early stopping"),
        ({"kernels": Network.from_spec("2-5-1", "sigmoid", "binary_cross_entropy")}, "network"),
        ({"kernels": compile_kernels(NET, dtype="float32")}, "network, data"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused(tmp_path, changed, named):
    path = tmp_path / "run.npz"
    train(NET, **settings(path))
    other = {"kernels": NET, **settings(path, resume=True), **changed}
    with pytest.raises(InvalidSpec, match=f"the checkpoint is of another training: {named} differ"):
        train(**other)


def test_what_is_no_checkpoint_is_refused(tmp_path):
    path = tmp_path / "run.npz"
    with pytest.raises(InvalidSpec, match=r"run.npz: there is no checkpoint to go on from"):
        train(NET, **settings(path, resume=True))
    train(NET, **settings(path))
    right = path.read_bytes()
    for damaged in (b"", b"text", right[: len(right) // 2], right.replace(b"\x00" * 8, b"\x01" * 8, 1)):
        path.write_bytes(damaged)
        with pytest.raises(InvalidSpec, match=r"run.npz: (not a checkpoint, or damaged|the checkpoint cannot be read)"):
            train(NET, **settings(path, resume=True))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((5, 3)), r"shape \(5, 3\)"),
        (np.zeros((5, 2), np.float32), "float32"),
        (np.asfortranarray(np.zeros((5, 2))), "shape"),
        (np.array([[None] * 2] * 5), "object"),
    ],
)
def test_an_array_that_is_not_the_expected_one_is_not_read(tmp_path, array, message):
    path = tmp_path / "run.npz"
    train(NET, **settings(path))
    with np.load(path) as stored:
        arrays = {**stored, "parameter_0": array}
    np.savez(path, **arrays)
    with pytest.raises(InvalidSpec, match=f"damaged: parameter_0 has .*{message}"):
        train(NET, **settings(path, resume=True))
    np.savez_compressed(path, **{**arrays, "parameter_0": np.zeros((5, 2))})
    with pytest.raises(InvalidSpec, match="is compressed, and a checkpoint never is"):
        train(NET, **settings(path, resume=True))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("fingerprint",), None),
        (("random",), {}),
        (("random", "bit_generator"), "MT19937"),
        (("random", "state", "inc"), -1),
        (("random", "has_uint32"), 1e400),
        (("steps",), "1"),
        (("history", 0, "number"), "1"),
        (("history", 1, "number"), 1),
        (("history", 0, "loss"), None),
        (("history", 0, "r2"), []),
        (("history", 0, "dead_units"), 3),
        (("history", 0, "gradient_norms"), {"1": "x"}),
        (("watch", "best"), []),
    ],
)
def test_a_content_that_is_not_as_it_was_written_is_refused(tmp_path, place, value):
    path = tmp_path / "run.npz"
    train(NET, **settings(path))
    with np.load(path) as stored:
        arrays = dict(stored)
    content = json.loads(bytes(arrays["content"]))
    *way, last = place
    inner = content
    for step in way:
        inner = inner[step]
    inner[last] = value
    np.savez(path, **{**arrays, "content": np.frombuffer(json.dumps(content).encode(), np.uint8)})
    with pytest.raises(InvalidSpec, match="run.npz: not a checkpoint, or damaged"):
        train(NET, **settings(path, resume=True))


def test_a_checkpoint_of_another_version_is_refused(tmp_path):
    path = tmp_path / "run.npz"
    train(NET, **settings(path))
    with np.load(path) as stored:
        arrays = dict(stored)
    content = json.loads(bytes(arrays["content"]))
    arrays["content"] = np.frombuffer(json.dumps({**content, "format": 2}).encode(), np.uint8)
    np.savez(path, **arrays)
    assert zipfile.is_zipfile(path)
    with pytest.raises(InvalidSpec, match="not a checkpoint of this version"):
        train(NET, **settings(path, resume=True))
