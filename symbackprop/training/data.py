"""Seeded toy data sets and CSV files as pairs (X, Y) with one sample a row."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sympy import Indexed, Sum

from symbackprop.errors import InvalidSpec
from symbackprop.model import Model
from symbackprop.registry import Registry

Matrix: TypeAlias = NDArray[np.float64]
Pair: TypeAlias = tuple[Matrix, Matrix]

datasets: Registry[Callable[[int], Pair]] = Registry("data set")


def xor(seed: int = 0) -> Pair:
    """The four rows of the exclusive or: X (4, 2), Y (4, 1) of 0 and 1. The seed changes nothing."""
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    return X, (X[:, :1] != X[:, 1:]).astype(float)


def spirals(seed: int = 0, samples: int = 200, turns: float = 1.5, noise: float = 0.02) -> Pair:
    """Two intertwined spirals: X (samples, 2) within about the unit disc, Y (samples, 1), half of the rows each class.

    >>> X, Y = spirals(seed=0)
    >>> X.shape, Y.shape, float(Y.mean())
    ((200, 2), (200, 1), 0.5)
    """
    rng = np.random.default_rng(seed)
    labels = np.arange(samples) % 2
    radius = np.sqrt(rng.uniform(0.02, 1.0, samples))
    angle = 2 * np.pi * turns * radius + np.pi * labels
    X = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]) + rng.normal(0, noise, (samples, 2))
    return X, labels[:, None].astype(float)


def moons(seed: int = 0, samples: int = 200, noise: float = 0.1) -> Pair:
    """Two interleaved half circles: X (samples, 2), Y (samples, 1)."""
    rng = np.random.default_rng(seed)
    labels = np.arange(samples) % 2
    angle = rng.uniform(0, np.pi, samples)
    side = 1 - 2 * labels
    X = np.column_stack([side * np.cos(angle) + labels, side * np.sin(angle) + labels / 2])
    return X + rng.normal(0, noise, (samples, 2)), labels[:, None].astype(float)


def circles(seed: int = 0, samples: int = 200, noise: float = 0.05) -> Pair:
    """A circle of radius 1 (class 0) around one of radius 1/2 (class 1): X (samples, 2), Y (samples, 1)."""
    rng = np.random.default_rng(seed)
    labels = np.arange(samples) % 2
    angle = rng.uniform(0, 2 * np.pi, samples)
    X = np.column_stack([np.cos(angle), np.sin(angle)]) * (1 - labels / 2)[:, None]
    return X + rng.normal(0, noise, (samples, 2)), labels[:, None].astype(float)


def sine(seed: int = 0, samples: int = 200, noise: float = 0.05) -> Pair:
    """A regression: X (samples, 1) in [-π, π], Y (samples, 1) = sin X with noise."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-np.pi, np.pi, (samples, 1))
    return X, np.sin(X) + rng.normal(0, noise, (samples, 1))


for _generator in (xor, spirals, moons, circles, sine):
    datasets.register(_generator.__name__, _generator)


def one_hot(labels: NDArray[np.int_], classes: int) -> Matrix:
    """Class numbers 0, 1, … as rows with a single one.

    >>> one_hot(np.array([1, 0]), 2).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    return np.eye(classes)[labels]


def load(data: str | Pair, seed: int = 0, n_in: int | None = None, n_out: int = 1) -> Pair:
    """A named data set, a CSV file with ``n_in`` columns and then targets, or a pair (X, Y), checked."""
    if isinstance(data, str):
        return read_csv(data, n_in) if data.lower().endswith(".csv") else datasets[data](seed)
    try:
        X, Y = (np.asarray(part, dtype=float) for part in data)
    except (TypeError, ValueError) as error:
        raise InvalidSpec(f"data is a name, a CSV file or a pair (X, Y) of arrays of numbers: {error}") from error
    if X.ndim != 2 or Y.ndim != 2 or len(X) != len(Y) or not len(X):
        raise InvalidSpec(
            f"data is a pair X (samples, inputs), Y (samples, outputs); the shapes are {X.shape} and {Y.shape}"
        )
    return X, Y


def fitted(data: Pair, n_in: int, n_out: int) -> Pair:
    """The data for so many inputs and outputs; one column of class numbers 0, 1, … becomes one-hot rows."""
    X, Y = data
    if X.shape[1] != n_in:
        raise InvalidSpec(f"the data have {X.shape[1]} inputs, the network has {n_in}")
    if Y.shape[1] == 1 and n_out > 1:
        classes = Y[:, 0].astype(int)
        if (classes != Y[:, 0]).any() or classes.min() < 0 or classes.max() >= n_out:
            raise InvalidSpec(
                f"the target is one column, but not of class numbers 0 to {n_out - 1} for {n_out} outputs"
            )
        return X, one_hot(classes, n_out)
    if Y.shape[1] != n_out:
        raise InvalidSpec(f"the data have {Y.shape[1]} targets, the network has {n_out} outputs")
    return X, Y


def check_targets(model: Model, Y: NDArray[np.floating]) -> None:
    """Raise :class:`~symbackprop.errors.InvalidSpec` if a row of Y breaks what the loss agrees about the sum of one."""
    for agreed in model.assumptions:
        if not (isinstance(agreed.lhs, Sum) and isinstance(agreed.lhs.function, Indexed)):
            continue
        sums = Y.sum(axis=1)
        wrong = np.flatnonzero(abs(sums - float(agreed.rhs)) > 1e-5)
        if len(wrong):
            raise InvalidSpec(
                f"the targets of sample {wrong[0] + 1} sum to {sums[wrong[0]]:g}, but the loss assumes "
                f"{agreed.reason}; take another loss, or one output a class"
            )


def read_csv(path: str | Path, n_in: int | None = None) -> Pair:
    """A CSV file of numbers, one sample a line: ``n_in`` inputs (or all columns but one), then the targets.

    A first line of names is skipped.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = [(number, row) for number, row in enumerate(csv.reader(file), start=1) if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidSpec(f"cannot read {path}: {error}") from error
    if rows and not any(_is_number(cell) for cell in rows[0][1]):
        rows = rows[1:]
    if not rows:
        raise InvalidSpec(f"{path}: no line with numbers; expected one sample a line, targets last")
    width = len(rows[0][1])
    inputs = width - 1 if n_in is None else n_in
    if not 1 <= inputs < width:
        raise InvalidSpec(f"{path}: {width} columns, expected {max(inputs, 1)} inputs and then at least one target")
    table = np.array([_numbers(path, number, row, width) for number, row in rows])
    return table[:, :inputs], table[:, inputs:]


def _is_number(cell: str) -> bool:
    try:
        return bool(np.isfinite(float(cell)))
    except ValueError:
        return False


def _numbers(path: str | Path, number: int, row: list[str], width: int) -> list[float]:
    if len(row) != width:
        raise InvalidSpec(f"{path}:{number}: {len(row)} columns where the first line of numbers has {width}")
    for column, cell in enumerate(row, start=1):
        if not _is_number(cell):
            raise InvalidSpec(f"{path}:{number}: column {column} is {cell!r}, expected a finite number")
    return [float(cell) for cell in row]
