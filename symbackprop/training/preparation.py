"""From data of any kind to what a network takes: checked, split, scaled, in its dtype."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Indexed, Sum

from symbackprop.errors import InvalidSpec
from symbackprop.kernels import Kernels
from symbackprop.kernels.arguments import Array
from symbackprop.model import Model
from symbackprop.quantities import Role
from symbackprop.training.data import datasets
from symbackprop.training.metrics import are_classes
from symbackprop.training.scaling import Scaling
from symbackprop.training.tables import Matrix, Table, read_csv

Pair: TypeAlias = tuple[Array, Array]
Data: TypeAlias = str | Path | Table | Pair
Sizes: TypeAlias = tuple[int | str, ...]


@dataclass(frozen=True, eq=False)
class Prepared:
    """Training data and those held out, as the network takes them."""

    X: Array
    Y: Array
    held_out: Pair | None
    scaling: Scaling
    classes: tuple[str, ...]


def prepared(kernels: Kernels, data: Data, seed: int, validation: float | Pair | None, standardise: bool) -> Prepared:
    """The data of a training, split before anything is learnt of them."""
    inputs, outputs = sizes_of(kernels.model)
    table = load(data, seed, n_in=inputs[0] if len(inputs) == 1 and isinstance(inputs[0], int) else None)
    X, Y = fitted(table, inputs, outputs)
    held: Pair | None = None
    if isinstance(validation, int | float):
        (X, Y), held = split(X, Y, validation, seed)
    elif validation is not None:
        own = load(validation, seed)
        held = fitted(Table(own.X, own.Y, table.classes or own.classes), inputs, outputs)
    scaling = Scaling.fitted(X, Y, targets=not are_classes(Y)) if standardise else Scaling()
    parts = [(scaling.inputs(x), scaling.targets(y)) for x, y in ((X, Y), *([held] if held else []))]
    for _, y in parts:
        check_targets(kernels.model, y)
    ready = [(x.astype(kernels.dtype), y.astype(kernels.dtype)) for x, y in parts]
    return Prepared(*ready[0], ready[1] if held else None, scaling, table.classes)


def load(data: Data, seed: int = 0, target: str | None = None, n_in: int | None = None) -> Table:
    """A named data set, a CSV file with the column ``target``, a table, or a pair (X, Y), checked."""
    if isinstance(data, Table):
        return data
    if isinstance(data, str | Path):
        if str(data).lower().endswith((".csv", ".tsv")):
            return read_csv(data, target, n_in)
        if target is not None:
            raise InvalidSpec(f"a target is a column of a CSV file, and {data} is none")
        return datasets[str(data)](seed)
    try:
        X, Y = (np.asarray(part, dtype=float) for part in data)
    except (TypeError, ValueError) as error:
        raise InvalidSpec(f"data is a name, a CSV file or a pair (X, Y) of arrays of numbers: {error}") from error
    if X.ndim < 2 or Y.ndim < 2 or len(X) != len(Y) or not len(X):
        raise InvalidSpec(
            f"data is a pair X (samples, inputs), Y (samples, outputs); the shapes are {X.shape} and {Y.shape}"
        )
    return Table(X, Y)


def sizes_of(model: Model) -> tuple[Sizes, Sizes]:
    """The sizes of an input and of a target of one sample; a name where a size is free."""
    found = {q.role: _sizes(q.axes[1:] if q.batched else q.axes) for q in model.inputs}
    if not found.get(Role.INPUT) or not found.get(Role.TARGET):
        raise InvalidSpec("training needs a network with an input and a target of numbers")
    return found[Role.INPUT], found[Role.TARGET]


def _sizes(axes: tuple[Expr, ...]) -> Sizes:
    return tuple(int(size) if size.is_Integer else str(size) for size in axes)


def fitted(table: Table, inputs: Sizes, outputs: Sizes) -> Pair:
    """X and Y for a network of these sizes: classes become 0 and 1, or rows with a single one; rows are reshaped."""
    X: Array = table.X
    Y: Array = table.Y
    if len(outputs) == 1 and isinstance(outputs[0], int) and Y.ndim == 2 and Y.shape[1] == 1:
        Y = _targets(table, outputs[0])
    return _reshaped(X, inputs, "inputs", "inputs"), _reshaped(Y, outputs, "targets", "outputs")


def _reshaped(values: Array, sizes: Sizes, what: str, wanted: str) -> Array:
    numbers = [size for size in sizes if isinstance(size, int)]
    if len(numbers) < len(sizes):
        if len(sizes) == 1:
            raise InvalidSpec(f"training needs a network whose widths are numbers, and {sizes[0]} is a name")
        return values
    if prod(values.shape[1:]) != prod(numbers):
        raise InvalidSpec(f"the data have {prod(values.shape[1:])} {what}, the network has {prod(numbers)} {wanted}")
    return values.reshape(len(values), *numbers)


def _targets(table: Table, n_out: int) -> Array:
    """One column as ``n_out`` columns."""
    column = table.Y[:, 0]
    if table.classes and n_out != len(table.classes) and (n_out, len(table.classes)) != (1, 2):
        raise InvalidSpec(
            f"the target has {len(table.classes)} classes ({', '.join(table.classes)}), the network has {n_out} "
            f"outputs; give it {len(table.classes)}"
        )
    if n_out == 1:
        return table.Y
    known, numbers = np.unique(column, return_inverse=True)
    whole = bool((column == np.floor(column)).all())
    if whole and known[0] >= 0 and known[-1] < n_out:
        numbers = column.astype(int)
    elif not whole or len(known) != n_out:
        raise InvalidSpec(
            f"the target is one column, but not of {n_out} classes, nor of class numbers 0 to {n_out - 1}, for "
            f"{n_out} outputs"
        )
    return one_hot(numbers, n_out)


def one_hot(labels: NDArray[np.int_], classes: int) -> Matrix:
    """Class numbers 0, 1, … as rows with a single one.

    >>> one_hot(np.array([1, 0]), 2).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    return np.eye(classes)[labels]


def split(X: Array, Y: Array, share: float, seed: int) -> tuple[Pair, Pair]:
    """All but a ``share`` of the samples, and that share, drawn with the seed.

    >>> kept, held = split(np.zeros((10, 2)), np.zeros((10, 1)), 0.2, seed=0)
    >>> len(kept[0]), len(held[0])
    (8, 2)
    """
    count = round(share * len(X))
    if not 0 < share < 1 or not 0 < count < len(X):
        raise InvalidSpec(f"a share of {share} of {len(X)} samples cannot be held out; give a number between 0 and 1")
    order = np.random.default_rng([seed, len(X)]).permutation(len(X))
    kept, held = np.sort(order[count:]), np.sort(order[:count])
    return (X[kept], Y[kept]), (X[held], Y[held])


def check_targets(model: Model, Y: Array) -> None:
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
