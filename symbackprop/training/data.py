"""Named data sets: toys drawn from a seed, and the tables that come with scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symbackprop.errors import InvalidSpec
from symbackprop.registry import Registry
from symbackprop.training.tables import Table


@dataclass(frozen=True)
class DataSet:
    """A data set by name: ``make`` draws it from a seed.

    ``symbackprop run SPEC --data NAME`` takes ``epochs`` and with seed 0 reaches ``score``: the accuracy, or R² for
    numbers, over the ``held_out`` share of the samples, or over all of them where that is 0. ``standardise`` is whether
    the columns are brought to one scale first.
    """

    name: str
    make: Callable[[int], Table]
    spec: str
    score: float
    epochs: int = 1000
    held_out: float = 0.0
    standardise: bool = False

    def __call__(self, seed: int = 0) -> Table:
        """The data drawn from a seed."""
        return self.make(seed)


datasets: Registry[DataSet] = Registry("data set")


def xor(seed: int = 0) -> Table:
    """The four rows of the exclusive or: X (4, 2), Y (4, 1) of 0 and 1. The seed changes nothing."""
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    return Table(X, (X[:, :1] != X[:, 1:]).astype(float))


def spirals(seed: int = 0, samples: int = 200, turns: float = 1.5, noise: float = 0.02) -> Table:
    """Two intertwined spirals: X (samples, 2) within about the unit disc, Y (samples, 1), half of the rows each class.

    >>> table = spirals(seed=0)
    >>> table.X.shape, table.Y.shape, float(table.Y.mean())
    ((200, 2), (200, 1), 0.5)
    """
    rng = np.random.default_rng(seed)
    labels = np.arange(samples) % 2
    radius = np.sqrt(rng.uniform(0.02, 1.0, samples))
    angle = 2 * np.pi * turns * radius + np.pi * labels
    X = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return _noisy(X, labels, noise, rng)


def moons(seed: int = 0, samples: int = 200, noise: float = 0.1) -> Table:
    """Two interleaved half circles: X (samples, 2), Y (samples, 1)."""
    rng = np.random.default_rng(seed)
    labels = np.arange(samples) % 2
    angle = rng.uniform(0, np.pi, samples)
    side = 1 - 2 * labels
    X = np.column_stack([side * np.cos(angle) + labels, side * np.sin(angle) + labels / 2])
    return _noisy(X, labels, noise, rng)


def circles(seed: int = 0, samples: int = 200, noise: float = 0.05) -> Table:
    """A circle of radius 1 (class 0) around one of radius 1/2 (class 1): X (samples, 2), Y (samples, 1)."""
    rng = np.random.default_rng(seed)
    labels = np.arange(samples) % 2
    angle = rng.uniform(0, 2 * np.pi, samples)
    X = np.column_stack([np.cos(angle), np.sin(angle)]) * (1 - labels / 2)[:, None]
    return _noisy(X, labels, noise, rng)


def sine(seed: int = 0, samples: int = 200, noise: float = 0.05) -> Table:
    """A regression: X (samples, 1) in [-π, π], Y (samples, 1) = sin X with noise."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-np.pi, np.pi, (samples, 1))
    return Table(X, np.sin(X) + rng.normal(0, noise, (samples, 1)))


def _noisy(X: NDArray[np.float64], labels: NDArray[np.int_], noise: float, rng: np.random.Generator) -> Table:
    return Table(X + rng.normal(0, noise, X.shape), labels[:, None].astype(float))


def _bundled(name: str) -> Callable[[int], Table]:
    """A table of scikit-learn, which needs no network; the seed changes nothing."""

    def make(seed: int = 0) -> Table:
        try:
            from sklearn import datasets as bundled  # noqa: PLC0415 (an extra)
        except ImportError:
            raise InvalidSpec(
                f"the data set {name} comes with scikit-learn; install it with: pip install 'symbackprop[sklearn]'"
            ) from None
        found = getattr(bundled, f"load_{name}")()
        X = np.asarray(found.data, dtype=float)
        Y = np.asarray(found.target, dtype=float).reshape(-1, 1)
        return Table(X, Y, tuple(map(str, found.target_names)))

    return make


for _entry in (
    DataSet("xor", xor, "2-4-1", 1.0),
    DataSet("spirals", spirals, "2-32-32-1", 0.99),
    DataSet("moons", moons, "2-16-1", 0.99),
    DataSet("circles", circles, "2-8-1", 0.99),
    DataSet("sine", sine, "1-16-1", 0.99),
    DataSet("iris", _bundled("iris"), "4-8-3", 0.9, 200, 0.2, True),
    DataSet("wine", _bundled("wine"), "13-16-3", 0.95, 100, 0.2, True),
    DataSet("breast_cancer", _bundled("breast_cancer"), "30-16-1", 0.93, 100, 0.2, True),
    DataSet("digits", _bundled("digits"), "64-128-10", 0.97, 100, 0.2, True),
):
    datasets.register(_entry.name, _entry)
