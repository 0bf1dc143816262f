"""Classes as targets: numbered as the training data number them, and as rows with a single one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from symbackprop.errors import InvalidSpec
from symbackprop.kernels.arguments import Array
from symbackprop.training.tables import Matrix, Table

#: Classes that a message names.
_NAMED = 8


def one_hot(labels: NDArray[np.int_], classes: int) -> Matrix:
    """Class numbers 0, 1, … as rows with a single one.

    >>> one_hot(np.array([1, 0]), 2).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    return np.eye(classes)[labels]


def numbered_like(own: Table, table: Table) -> Table:
    """Data held out whose classes have the numbers that they have in the training data.

    >>> train = Table.of_classes(np.zeros((3, 1)), ["a", "b", "c"])
    >>> numbered_like(Table.of_classes(np.zeros((2, 1)), ["c", "a"]), train).Y.ravel().tolist()
    [2.0, 0.0]
    """
    for name in own.classes:
        if name not in table.classes:
            known = listed(table.classes) or "numbers"
            raise InvalidSpec(f"the data held out have the class {name}, the training data have: {known}")
    if not own.classes:
        return replace(own, classes=table.classes)
    places = np.array([table.classes.index(name) for name in own.classes])
    return replace(own, Y=places[own.Y.astype(int)].astype(float), classes=table.classes)


def as_outputs(table: Table, n_out: int, like: Table) -> Array:
    """A target of one column as ``n_out`` columns; its numbers mean what they mean in the training data ``like``."""
    names = table.classes
    if len(names) == 1:
        raise InvalidSpec(f"the target has one class ({names[0]}), so there is nothing to learn")
    if names and n_out != len(names) and (n_out, len(names)) != (1, 2):
        raise InvalidSpec(
            f"the target has {len(names)} classes ({listed(names)}), the network has {n_out} outputs; "
            f"give it {len(names)}"
        )
    if n_out == 1:
        return table.Y
    column, known = table.Y[:, 0], _labels((like if like.Y.shape[1:] == (1,) else table).Y[:, 0], n_out)
    numbers = np.searchsorted(known, column).clip(max=len(known) - 1)
    strange = column[known[numbers] != column]
    if len(strange):
        raise InvalidSpec(f"the data held out have the class {strange[0]:g}, the training data have: {listed(known)}")
    return one_hot(numbers, n_out)


def _labels(column: Array, n_out: int) -> Array:
    """The labels of the classes in order: 0, 1, …, or those that there are."""
    known: Array = np.unique(column)
    if (known == np.floor(known)).all() and known[0] >= 0 and known[-1] < n_out:
        return np.arange(float(n_out))
    if not (known == np.floor(known)).all() or len(known) != n_out:
        raise InvalidSpec(
            f"the target is one column, but not of {n_out} classes, nor of class numbers 0 to {n_out - 1}, for "
            f"{n_out} outputs"
        )
    return known


def listed(names: Sequence[object] | Array) -> str:
    """The first few of them.

    >>> listed(list("abcdefghijk"))
    'a, b, c, d, e, f, g, h, …'
    """
    words = [f"{name:g}" if isinstance(name, float) else str(name) for name in names[:_NAMED]]
    return ", ".join(words) + (", …" if len(names) > _NAMED else "")
