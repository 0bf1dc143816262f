"""Training that can be taken up again: one file an epoch, whole or not there, from which it goes on bit for bit."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

from symbackprop.errors import InvalidSpec
from symbackprop.kernels.arguments import Array
from symbackprop.training.descent import State
from symbackprop.training.early_stopping import Watch
from symbackprop.training.history import Epoch
from symbackprop.training.numbers import whole

_FORMAT = 1
_CONTENT = "content"


@dataclass(frozen=True)
class Checkpoint:
    """A file that is written after each ``every`` epochs and at the end; with ``resume`` it is gone on from."""

    path: str | Path
    every: int = 1
    resume: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.path, str | Path) or not str(self.path):
            raise InvalidSpec(f"a checkpoint is written to a file, not to {self.path!r}")
        whole("every, the epochs between two checkpoints,", self.every, 1)

    def check(self) -> None:
        """Raise :class:`~symbackprop.errors.InvalidSpec` before anything is computed if it cannot be written."""
        place = Path(os.path.realpath(self.path))
        reason = ""
        if place.exists() and not place.is_file():
            reason = "there is something else than a file"
        elif not place.parent.is_dir():
            reason = f"there is no folder {place.parent}"
        elif not os.access(place.parent, os.W_OK | os.X_OK):
            reason = f"nothing may be written to {place.parent}"
        if reason:
            raise InvalidSpec(f"{self.path}: the checkpoint cannot be written: {reason}")


def fingerprint(parts: Mapping[str, object]) -> dict[str, str]:
    """A digest of each thing that decides what training does."""
    return {name: hashlib.sha256(_bytes(value)).hexdigest() for name, value in parts.items()}


def _bytes(value: object) -> bytes:
    if isinstance(value, np.ndarray):
        return str((value.dtype.str, value.shape)).encode() + np.ascontiguousarray(value).tobytes()
    if isinstance(value, tuple):
        return b"".join(hashlib.sha256(_bytes(part)).digest() for part in value)
    return str(value).encode()


def save(path: str | Path, marks: Mapping[str, str], state: State, history: list[Epoch], watch: Watch | None) -> None:
    """Write a checkpoint in place of the old one; a crash leaves the one or the other.

    The same training gives the same bytes.
    """
    content = {
        "format": _FORMAT,
        "fingerprint": dict(marks),
        "steps": state.steps,
        "random": state.random,
        "history": [epoch.as_dict() for epoch in history],
        "watch": None if watch is None else {"best": watch.best, "epoch": watch.epoch},
    }
    arrays = dict(_named(state, watch))
    arrays[_CONTENT] = np.frombuffer(json.dumps(content).encode(), np.uint8)
    # Where a link leads, so that the link stays one; one name a file, so that a training that is killed leaves no heap.
    target = Path(os.path.realpath(path))
    name = target.with_name(f".{target.name}.part")
    try:
        name.unlink(missing_ok=True)
        try:
            with open(name, "xb") as file:
                np.savez(file, allow_pickle=False, **arrays)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, target)
        except BaseException:
            name.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InvalidSpec(f"{path}: the checkpoint cannot be written: {error.strerror or error}") from None


def _named(state: State, watch: Watch | None) -> Iterator[tuple[str, Array]]:
    """The arrays of a checkpoint, numbered in the order of the parameters."""
    groups = {"parameter": state.parameters, **{f"memory_{name}": arrays for name, arrays in state.memory.items()}}
    if watch is not None and watch.parameters:
        groups["best"] = watch.parameters
    for group, arrays in groups.items():
        yield from ((f"{group}_{number}", value) for number, value in enumerate(arrays.values()))


def load(path: str | Path, marks: Mapping[str, str], state: State, watch: Watch | None) -> tuple[State, list[Epoch]]:
    """The state and history of a checkpoint of this very training; ``state`` is one of the same shapes.

    What was best so far is put into ``watch``. A file that is damaged, or of other data or settings, is refused with
    the reason; no array is read whose size is not the expected one.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            content = json.loads(bytes(_array(archive, _CONTENT, None)))
            _check(path, content, marks)
            if watch is not None:
                _remember(archive, content, state, watch)
            parameters = _group(archive, "parameter", state.parameters)
            memory = {name: _group(archive, f"memory_{name}", arrays) for name, arrays in state.memory.items()}
        history = [_epoch(entry, number) for number, entry in enumerate(content["history"], start=1)]
        np.random.default_rng().bit_generator.state = content["random"]
        if type(content["steps"]) is not int:
            raise ValueError("the number of steps is none")
        return State(content["steps"], content["random"], parameters, memory), history
    except FileNotFoundError:
        raise InvalidSpec(f"{path}: there is no checkpoint to go on from; leave out resume to begin") from None
    except OSError as error:
        raise InvalidSpec(f"{path}: the checkpoint cannot be read: {error.strerror or error}") from None
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, EOFError, OverflowError, AttributeError) as error:
        raise InvalidSpec(f"{path}: not a checkpoint, or damaged: {error}") from None


def _check(path: str | Path, content: Any, marks: Mapping[str, str]) -> None:
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise InvalidSpec(f"{path}: not a checkpoint of this version")
    wrong = [name for name, mark in marks.items() if content["fingerprint"].get(name) != mark]
    if wrong:
        raise InvalidSpec(
            f"{path}: the checkpoint is of another training: {', '.join(wrong)} differ; give what it was begun with"
        )


def _epoch(entry: Mapping[str, Any], number: int) -> Epoch:
    epoch = Epoch(**entry)
    measured = [value for name, value in entry.items() if name not in ("gradient_norms", "dead_units")]
    needed = [epoch.loss, *epoch.gradient_norms.values(), *epoch.dead_units.values()]
    numbers = all(isinstance(value, int | float) for value in [*needed, *(v for v in measured if v is not None)])
    if epoch.number != number or not numbers:
        raise ValueError(f"epoch {number} is not as it was written")
    return epoch


def _remember(archive: zipfile.ZipFile, content: Any, state: State, watch: Watch) -> None:
    watch.best, watch.epoch = float(content["watch"]["best"]), int(content["watch"]["epoch"])
    if watch.rule.restore_best:
        watch.parameters = _group(archive, "best", state.parameters)


def _group(archive: zipfile.ZipFile, name: str, like: Mapping[str, Array]) -> dict[str, Array]:
    return {label: _array(archive, f"{name}_{k}", value) for k, (label, value) in enumerate(like.items())}


def _array(archive: zipfile.ZipFile, name: str, like: Array | None) -> Array:
    """An array of the shape and type of ``like``, or the bytes of the content; its header is read first."""
    member = archive.getinfo(f"{name}.npy")
    if member.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{name} is compressed, and a checkpoint never is")
    with archive.open(member) as file:
        if npy.read_magic(file) != (1, 0):
            raise ValueError(f"{name} has an unknown format")
        shape, fortran, dtype = npy.read_array_header_1_0(file)
        wanted_shape: tuple[int, ...] = (member.file_size - file.tell(),) if like is None else like.shape
        wanted_type: np.dtype[Any] = np.dtype(np.uint8) if like is None else like.dtype
        if fortran or (shape, dtype) != (wanted_shape, wanted_type):
            raise ValueError(f"{name} has shape {shape} and type {dtype}, expected {wanted_shape} and {wanted_type}")
        return np.frombuffer(file.read(), dtype).reshape(shape).copy()
