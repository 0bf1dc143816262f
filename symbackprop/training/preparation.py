"""From data of any kind to what a network takes: checked, split, scaled, in its dtype."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sympy import Indexed, Sum

from symbackprop.errors import InvalidSpec
from symbackprop.kernels import Kernels
from symbackprop.kernels.arguments import Array, entrance
from symbackprop.model import Model
from symbackprop.quantities import Quantity, Role
from symbackprop.training.data import datasets
from symbackprop.training.metrics import are_classes
from symbackprop.training.samples import Samples, samples_of
from symbackprop.training.scaling import Scaling
from symbackprop.training.tables import Matrix, Table, checked_pair, read_csv, read_npz

Pair: TypeAlias = tuple[Array, Array]
#: X, Y, and by name what a model is given besides: with a row for each sample, or once for all of them.
Triple: TypeAlias = tuple[Array, Array, Mapping[str, Array]]
Data: TypeAlias = str | Path | Table | Pair | Triple
Sizes: TypeAlias = tuple[int | str, ...]


@dataclass(frozen=True, eq=False)
class Prepared:
    """Training data and those held out, as the network takes them."""

    trained: Samples
    held: Samples | None
    scaling: Scaling
    classes: tuple[str, ...]


def prepared(
    kernels: Kernels, data: Data, seed: int, validation: float | Pair | Triple | None, standardise: bool
) -> Prepared:
    """The data of a training, split before anything is learnt of them."""
    model = kernels.model
    inputs, outputs = sizes_of(model)
    table = load(data, seed, n_in=inputs[0] if len(inputs) == 1 and isinstance(inputs[0], int) else None)
    trained = samples_of(model, *fitted(table, inputs, outputs), table.given)
    held: Samples | None = None
    if isinstance(validation, int | float):
        trained, held = split(trained, validation, seed)
    elif validation is not None:
        own = load(validation, seed)
        pair = fitted(Table(own.X, own.Y, table.classes or own.classes), inputs, outputs)
        held = samples_of(model, *pair, {**trained.same, **own.given})
    tokens = entrance(model).role is Role.POSITION
    classes = are_classes(trained.Y)
    scaling = Scaling.fitted(trained.X, trained.Y, not classes, not tokens) if standardise else Scaling()
    ready = [_ready(part, scaling, kernels) for part in (trained, held) if part is not None]
    return Prepared(ready[0], ready[1] if held else None, scaling, table.classes)


def _ready(part: Samples, scaling: Scaling, kernels: Kernels) -> Samples:
    """Samples scaled, and in the dtype of the network; tokens are whole numbers."""
    model, dtype = kernels.model, np.dtype(kernels.dtype)
    X, Y = scaling.inputs(part.X), scaling.targets(part.Y)
    check_targets(model, Y)
    whole = {word for q in model.inputs if q.role is Role.POSITION for word in (q.name, q.label)}
    whole |= {"X"} if entrance(model).role is Role.POSITION else set()

    def typed(name: str, value: Array) -> Array:
        if name not in whole:
            return np.asarray(value).astype(dtype)
        if (value != np.floor(value)).any():
            raise InvalidSpec(f"{name} holds positions, which are whole numbers from 1, and {value.max()} is none")
        return value.astype(np.intp)

    each = {name: typed(name, value) for name, value in part.each.items()}
    return Samples(typed("X", X), typed("Y", Y), each, {name: typed(name, v) for name, v in part.same.items()})


def load(data: Data, seed: int = 0, target: str | None = None, n_in: int | None = None) -> Table:
    """A named data set, a CSV file with the column ``target``, an .npz file, a table, (X, Y) or (X, Y, given)."""
    if isinstance(data, Table):
        return data
    if isinstance(data, str | Path):
        if str(data).lower().endswith((".csv", ".tsv")):
            return read_csv(data, target, n_in)
        if str(data).lower().endswith(".npz") and target is None:
            return read_npz(data)
        if target is not None:
            raise InvalidSpec(f"a target is a column of a CSV file, and {data} is none")
        return datasets[str(data)](seed)
    try:
        X, Y, *more = data
        named: Mapping[str, Array] = dict(*more)
        given = {str(name): np.asarray(value, float) for name, value in named.items()}
        pair = np.asarray(X, float), np.asarray(Y, float)
    except (TypeError, ValueError) as error:
        known = "data is a name, a file, a pair (X, Y) of arrays of numbers, or these and a mapping by name"
        raise InvalidSpec(f"{known}: {error}") from error
    return Table(*checked_pair(*pair), given=given)


def sizes_of(model: Model) -> tuple[Sizes, Sizes]:
    """The sizes of an input and of a target of one sample; a name where a size is free."""
    inputs = _sizes(entrance(model))
    outputs = next((_sizes(q) for q in model.inputs if q.role is Role.TARGET), ())
    if not inputs or not outputs or entrance(model).role not in (Role.INPUT, Role.POSITION):
        raise InvalidSpec("training needs a network with an input and a target of numbers")
    return inputs, outputs


def _sizes(quantity: Quantity) -> Sizes:
    axes = quantity.axes[1:] if quantity.batched else quantity.axes
    return tuple(int(size) if size.is_Integer else str(size) for size in axes)


def fitted(table: Table, inputs: Sizes, outputs: Sizes) -> Pair:
    """X and Y for a network of these sizes: classes become 0 and 1, or rows with a single one; rows are reshaped."""
    X: Array = table.X
    Y: Array = table.Y
    if len(outputs) == 1 and isinstance(outputs[0], int) and Y.ndim == 2 and Y.shape[1] == 1:
        Y = _targets(table, outputs[0])
    elif len(outputs) > 1 and Y.ndim == len(outputs) and isinstance(outputs[-1], int):
        Y = _class_at_each_place(Y, outputs[-1])
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


def _class_at_each_place(Y: Array, n_out: int) -> Array:
    """A class number at each place of a sequence as a row with a single one; other numbers as they are."""
    whole = bool((np.floor(Y) == Y).all()) and Y.min() >= 0 and Y.max() < n_out
    return one_hot(Y.astype(int), n_out) if whole and n_out > 1 else Y


def one_hot(labels: NDArray[np.int_], classes: int) -> Matrix:
    """Class numbers 0, 1, … as rows with a single one.

    >>> one_hot(np.array([1, 0]), 2).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    return np.eye(classes)[labels]


def split(samples: Samples, share: float, seed: int) -> tuple[Samples, Samples]:
    """All but a ``share`` of the samples, and that share, drawn with the seed.

    >>> kept, held = split(Samples(np.zeros((10, 2)), np.zeros((10, 1))), 0.2, seed=0)
    >>> len(kept), len(held)
    (8, 2)
    """
    count = round(share * len(samples))
    if not 0 < share < 1 or not 0 < count < len(samples):
        raise InvalidSpec(
            f"a share of {share} of {len(samples)} samples cannot be held out; give a number between 0 and 1"
        )
    order = np.random.default_rng([seed, len(samples)]).permutation(len(samples))
    return samples.rows(np.sort(order[count:])), samples.rows(np.sort(order[:count]))


def check_targets(model: Model, Y: Array) -> None:
    """Raise :class:`~symbackprop.errors.InvalidSpec` if a row of Y breaks what the loss agrees about the sum of one."""
    for agreed in model.assumptions:
        if not (isinstance(agreed.lhs, Sum) and isinstance(agreed.lhs.function, Indexed)):
            continue
        sums = Y.sum(axis=-1).reshape(len(Y), -1)
        sums = sums[np.arange(len(Y)), abs(sums - float(agreed.rhs)).argmax(axis=1)]
        wrong = np.flatnonzero(abs(sums - float(agreed.rhs)) > 1e-5)
        if len(wrong):
            raise InvalidSpec(
                f"the targets of sample {wrong[0] + 1} sum to {sums[wrong[0]]:g}, but the loss assumes "
                f"{agreed.reason}; take another loss, or one output a class"
            )
