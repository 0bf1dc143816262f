"""The samples of a training: inputs, targets, and what a model is given besides, such as masks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbackprop.errors import InvalidSpec, ShapeMismatch
from symbackprop.kernels.arguments import Array, entrance
from symbackprop.kernels.compilation import OUTSIDE
from symbackprop.model import Model


@dataclass(frozen=True, eq=False)
class Samples:
    """X and Y with one sample a row; ``each`` holds by name what has a row for each of them, ``same`` what has none.

    >>> two = Samples(np.zeros((2, 3)), np.ones((2, 1)), {"M": np.array([[1.0], [0.0]])}, {"A": np.eye(3)})
    >>> len(two), two.rows([1]).given["M"].tolist(), two.rows([1]).given["A"].shape
    (2, [[0.0]], (3, 3))
    """

    X: Array
    Y: Array
    each: Mapping[str, Array] = field(default_factory=dict)
    same: Mapping[str, Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.X)

    @property
    def given(self) -> Mapping[str, Array]:
        """All that is given besides X and Y, by name."""
        return {**self.each, **self.same}

    @property
    def arrays(self) -> tuple[Array, ...]:
        """The arrays with a row for each sample."""
        return (self.X, self.Y, *self.each.values())

    @property
    def all(self) -> tuple[Array, ...]:
        """Every array."""
        return (*self.arrays, *self.same.values())

    def rows(self, part: slice | list[int] | NDArray[np.integer[Any]]) -> Samples:
        """Some of the samples."""
        return self.of([array[part] for array in self.arrays])

    def of(self, arrays: list[Array]) -> Samples:
        """Other rows in the same order of arrays."""
        X, Y, *each = arrays
        return Samples(X, Y, dict(zip(self.each, each, strict=True)), self.same)


def samples_of(model: Model, X: Array, Y: Array, given: Mapping[str, Array]) -> Samples:
    """X and Y with what is given besides, by label or name: once for all samples, or with a row for each.

    What the model does not know is an :class:`~symbackprop.errors.InvalidSpec`, and so is an array of other axes.
    """
    axes = {word: q for q in model.inputs if q.role in OUTSIDE for word in (q.name, q.label) if word}
    each: dict[str, Array] = {}
    same: dict[str, Array] = {}
    for name in given:
        if name not in axes or axes[name] == entrance(model):
            known = sorted({q.name or q.label for q in axes.values() if q != entrance(model)})
            raise InvalidSpec(f"nothing is called {name!r} here; given are: {', '.join(known) or 'no arrays'}")
        value, quantity = np.asarray(given[name]), axes[name]
        if quantity.batched or model.batch is None and value.ndim == len(quantity.axes) + 1:
            if len(value) != len(X):
                raise ShapeMismatch(f"{name} has {len(value)} rows, and X has {len(X)}")
            each[name] = value
        else:
            same[name] = value
    return Samples(X, Y, each, same)
