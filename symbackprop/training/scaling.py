"""Columns brought to mean 0 and variance 1, by what the training part alone says of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symbackprop.errors import InvalidSpec, ShapeMismatch
from symbackprop.kernels.arguments import Array


@dataclass(frozen=True)
class Column:
    """The mean and the standard deviation of each column; a constant column is only shifted."""

    mean: Array
    deviation: Array

    @classmethod
    def of(cls, values: Array) -> Column:
        """What these rows say.

        >>> Column.of(np.array([[1.0, 5.0], [3.0, 5.0]]))
        Column(mean=array([2., 5.]), deviation=array([1., 1.]))
        """
        # In units of a power of two, which changes no digit: the square of a large number is not finite.
        unit = np.ldexp(1.0, np.frexp(np.abs(values).max(axis=0))[1] - 1)
        scaled = values / unit
        varies = values.max(axis=0) > values.min(axis=0)
        mean, deviation = unit * scaled.mean(axis=0), unit * scaled.std(axis=0)
        return cls(np.where(varies, mean, values[0]), np.where(varies & (deviation > 0), deviation, 1.0))


@dataclass(frozen=True, eq=False)
class Scaling:
    """What is done to inputs and targets before training; ``None`` leaves them as they are."""

    input: Column | None = None
    target: Column | None = None

    @classmethod
    def fitted(cls, X: Array, Y: Array, targets: bool, inputs: bool = True) -> Scaling:
        """Standardisation by the training part (X, Y), of ``inputs`` and ``targets`` (not of classes and tokens).

        >>> scaling = Scaling.fitted(np.array([[1.0], [3.0]]), np.array([[0.0], [1.0]]), targets=False)
        >>> scaling.inputs(np.array([[5.0]]))
        array([[3.]])
        """
        return cls(Column.of(X) if inputs else None, Column.of(Y) if targets else None)

    def inputs(self, X: Array) -> Array:
        """Inputs as the network takes them."""
        if self.input is None:
            return X
        if X.dtype.kind not in "biuf":
            raise InvalidSpec("X is not an array of real numbers")
        if X.shape[1:] != self.input.mean.shape:
            raise ShapeMismatch(f"X has shape {X.shape}, expected (samples, {self.input.mean.size})")
        return (X - self.input.mean) / self.input.deviation

    def inputs_back(self, X: Array) -> Array:
        """Inputs of the network in the units of the data."""
        return X if self.input is None else X * self.input.deviation + self.input.mean

    def targets(self, Y: Array) -> Array:
        """Targets as the network takes them."""
        return Y if self.target is None else (Y - self.target.mean) / self.target.deviation

    def targets_back(self, output: Array) -> Array:
        """An output in the units of the targets."""
        return output if self.target is None else output * self.target.deviation + self.target.mean
