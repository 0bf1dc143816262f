"""From data of any kind to what a network takes: checked, split, scaled, in its dtype."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from symbackprop.errors import InvalidSpec
from symbackprop.kernels import Kernels
from symbackprop.kernels.arguments import Array, entrance
from symbackprop.model import Model
from symbackprop.quantities import Quantity, Role
from symbackprop.training.classes import as_outputs, numbered_like, one_hot
from symbackprop.training.data import datasets
from symbackprop.training.metrics import are_classes
from symbackprop.training.requirements import are_signs, asked_for, check_finite, takes_all
from symbackprop.training.samples import Samples, samples_of
from symbackprop.training.scaling import Scaling
from symbackprop.training.tables import Matrix, Table, checked_pair, read_csv, read_npz

Pair: TypeAlias = tuple[Array, Array]
#: X, Y, and by name what a model is given besides: with a row for each sample, or once for all of them.
Triple: TypeAlias = tuple[Array, Array, Mapping[str, Array]]
Data: TypeAlias = str | Path | Table | Pair | Triple
Sizes: TypeAlias = tuple[int | str, ...]

_KNOWN = "data is a name, a file, a pair (X, Y) of arrays of numbers, or these and a mapping by name"


@dataclass(frozen=True, eq=False)
class Prepared:
    """Training data and those held out, as the network takes them."""

    trained: Samples
    held: Samples | None
    scaling: Scaling
    classes: tuple[str, ...]
    #: Whether the targets are classes, before scaling.
    graded: bool


def prepared(kernels: Kernels, data: Data, seed: int, validation: float | Data | None, standardise: bool) -> Prepared:
    """The data of a training, split before anything is learnt of them."""
    model = kernels.model
    inputs, outputs = sizes_of(model)
    table = load(data, seed, n_in=inputs[0] if len(inputs) == 1 and isinstance(inputs[0], int) else None)
    trained = asked_for(kernels, samples_of(model, *fitted(table, inputs, outputs), table.given))
    held: Samples | None = None
    if isinstance(validation, int | float | np.number):
        trained, held = split(trained, float(validation), seed)
    elif isinstance(validation, str | Path):
        raise InvalidSpec(f"validation is a share such as 0.2, or data of its own (X, Y), not {str(validation)!r}")
    elif validation is not None:
        own = numbered_like(load(validation, seed), table)
        pair = fitted(own, inputs, outputs, table)
        held = asked_for(kernels, samples_of(model, *pair, {**trained.same, **own.given}), " held out")
    parts = [part for part in (trained, held) if part is not None]
    graded = are_signs(kernels) or all(are_classes(part.Y) for part in parts)
    scaling = _scaling(kernels, trained, graded) if standardise else Scaling()
    ready = [_ready(part, scaling, kernels) for part in parts]
    return Prepared(ready[0], ready[1] if held else None, scaling, table.classes, graded)


def _scaling(kernels: Kernels, trained: Samples, graded: bool) -> Scaling:
    """Tokens and classes stay as they are, and so do targets of a loss that does not take every number."""
    tokens = entrance(kernels.model).role is Role.POSITION
    return Scaling.fitted(trained.X, trained.Y, not graded and takes_all(kernels), not tokens)


def _ready(part: Samples, scaling: Scaling, kernels: Kernels) -> Samples:
    """Samples scaled, and in the dtype of the network; tokens are whole numbers."""
    model, dtype = kernels.model, np.dtype(kernels.dtype)
    X, Y = scaling.inputs(part.X), scaling.targets(part.Y)
    whole = {word for q in model.inputs if q.role is Role.POSITION for word in (q.name, q.label)}
    whole |= {"X"} if entrance(model).role is Role.POSITION else set()

    def typed(name: str, value: Array) -> Array:
        if name not in whole:
            with np.errstate(over="ignore"):
                found = np.asarray(value).astype(dtype)
            check_finite(name, found, f" of {dtype}")
            return found
        if (value != np.floor(value)).any():
            raise InvalidSpec(f"{name} holds positions, which are whole numbers from 1, and {value.max()} is none")
        return value.astype(np.intp)

    each = {name: typed(name, value) for name, value in part.each.items()}
    return Samples(typed("X", X), typed("Y", Y), each, {name: typed(name, v) for name, v in part.same.items()})


def load(data: Data, seed: int = 0, target: str | None = None, n_in: int | None = None) -> Table:
    """A named data set, a CSV file with the column ``target``, an .npz file, a table, (X, Y) or (X, Y, given)."""
    if isinstance(data, Table):
        return replace(_of_arrays(data.X, data.Y, data.given), classes=data.classes)
    if isinstance(data, str | Path):
        if str(data).lower().endswith((".csv", ".tsv")):
            return read_csv(data, target, n_in)
        if str(data).lower().endswith(".npz") and target is None:
            return read_npz(data)
        if target is not None:
            raise InvalidSpec(f"a target is a column of a CSV file, and {data} is none")
        if Path(data).suffix and str(data) not in datasets:
            raise InvalidSpec(f"{data}: a file of data ends in .csv, .tsv or .npz")
        return datasets[str(data)](seed)
    if not isinstance(data, tuple | list) or len(data) not in (2, 3):
        raise InvalidSpec(f"{_KNOWN}, not {type(data).__name__}")
    return _of_arrays(*data)


def _of_arrays(X: Any, Y: Any, given: Any = ()) -> Table:
    try:
        named = {str(name): _numbers(value) for name, value in dict(given).items()}
        pair = _numbers(X), _numbers(Y)
    except (TypeError, ValueError) as error:
        raise InvalidSpec(f"{_KNOWN}: {error}") from error
    return Table(*checked_pair(*pair), given=named)


def _numbers(values: Any) -> Matrix:
    if np.iscomplexobj(values):
        raise TypeError("complex numbers are none that are trained on")
    return np.asarray(values, float)


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


def fitted(table: Table, inputs: Sizes, outputs: Sizes, like: Table | None = None) -> Pair:
    """X and Y for a network of these sizes: classes become 0 and 1, or rows with a single one; rows are reshaped.

    ``like`` are the training data, where these are held out: classes are numbered as there.
    """
    X: Array = table.X
    Y: Array = table.Y
    if len(outputs) == 1 and isinstance(outputs[0], int) and Y.ndim == 2 and Y.shape[1] == 1:
        Y = as_outputs(table, outputs[0], like or table)
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


def _class_at_each_place(Y: Array, n_out: int) -> Array:
    """A class number at each place of a sequence as a row with a single one; other numbers as they are."""
    whole = bool((np.floor(Y) == Y).all()) and Y.min() >= 0 and Y.max() < n_out
    return one_hot(Y.astype(int), n_out) if whole and n_out > 1 else Y


def split(samples: Samples, share: float, seed: int) -> tuple[Samples, Samples]:
    """All but a ``share`` of the samples, and that share, drawn with the seed.

    >>> kept, held = split(Samples(np.zeros((10, 2)), np.zeros((10, 1))), 0.2, seed=0)
    >>> len(kept), len(held)
    (8, 2)
    """
    count = round(share * len(samples)) if 0 < share < 1 else 0
    if not 0 < count < len(samples):
        raise InvalidSpec(
            f"a share of {share} of {len(samples)} samples cannot be held out; give a number between 0 and 1"
        )
    order = np.random.default_rng([seed, len(samples)]).permutation(len(samples))
    return samples.rows(np.sort(order[count:])), samples.rows(np.sort(order[:count]))
