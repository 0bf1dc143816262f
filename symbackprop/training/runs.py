"""From a spec and the name of a data set to a trained network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

from symbackprop.errors import InvalidSpec
from symbackprop.kernels.arguments import Array
from symbackprop.losses import Penalty
from symbackprop.network import Network
from symbackprop.training.data import datasets
from symbackprop.training.history import Result
from symbackprop.training.loop import Settings, train
from symbackprop.training.metrics import are_classes
from symbackprop.training.preparation import Data, Pair, Triple, fitted, load, sizes_of
from symbackprop.training.tables import Table


@dataclass(frozen=True)
class Usual:
    """What is done where nothing else is asked for."""

    epochs: int
    held_out: float
    standardise: bool


#: Of fewer samples than these none is held out unless asked for.
FEW = 5
#: For a CSV file or a table, and for arrays.
TABLE, ARRAYS = Usual(1000, 0.2, True), Usual(1000, 0.0, False)


def run(
    network: str | Network,
    data: Data = "xor",
    activation: str | None = None,
    loss: str | None = None,
    penalty: Penalty | None = None,
    *,
    target: str | None = None,
    epochs: int | None = None,
    seed: int = 0,
    validation: float | Table | Pair | Triple | None = None,
    standardise: bool | None = None,
    **settings: Unpack[Settings],
) -> Result:
    """Train the dense network ``"2-4-1"``, or a declared one, on ``data``; ``settings`` are those of :func:`train`.

    Left out, ``activation`` is tanh with an output that suits the targets, and ``loss`` goes with it: sigmoid and
    binary cross-entropy for zeros and ones, softmax and cross-entropy for classes, identity and the quadratic cost
    otherwise. Of a table (a CSV file, iris, digits, …) a fifth is held out and the columns are standardised, unless
    ``validation`` (0: hold out nothing) and ``standardise`` say otherwise. ``epochs`` are 1000, or those that go with a
    named data set. ``target`` is a column of a CSV file. The optimizer is momentum where nothing else is said.

    >>> run("2-4-1", "xor").accuracy
    1.0
    """
    sketch = Network.from_spec(network) if isinstance(network, str) else network
    if not isinstance(sketch, Network):
        raise InvalidSpec(f"a network is a Network or a spec such as '2-4-1', not {network!r}")
    inputs, outputs = sizes_of(sketch.model)
    table = load(data, seed, target, inputs[0] if len(inputs) == 1 and isinstance(inputs[0], int) else None)
    if isinstance(network, str):
        output, usual = suited(fitted(table, inputs, outputs)[1])
        names = activation or ",".join([*["tanh"] * (len(sketch.layers) - 1), output])
        sketch = Network.from_spec(network, names, loss or usual, penalty=penalty)
    usually = _usual(data)
    share = (usually.held_out if len(table.X) >= FEW else 0.0) if validation is None else validation
    settings.setdefault("optimizer", "momentum")
    return train(
        sketch,
        table,
        epochs=usually.epochs if epochs is None else epochs,
        seed=seed,
        validation=None if isinstance(share, int | float) and share == 0 else share,
        standardise=usually.standardise if standardise is None else standardise,
        **settings,
    )


def _usual(data: Data) -> Usual:
    """How long to train, the share to hold out, and whether to standardise."""
    if isinstance(data, str) and data in datasets:
        entry = datasets[data]
        return Usual(entry.epochs, entry.held_out, entry.standardise)
    return TABLE if isinstance(data, str | Path | Table) else ARRAYS


def suited(Y: Array) -> tuple[str, str]:
    """The activation of the output and the loss that suit the targets.

    >>> import numpy as np
    >>> suited(np.array([[0.0, 1.0], [1.0, 0.0]]))
    ('softmax', 'cross_entropy')
    """
    if not are_classes(Y):
        return "identity", "quadratic_cost"
    if Y.shape[-1] > 1 and (Y.sum(axis=-1) == 1).all():
        return "softmax", "cross_entropy"
    return "sigmoid", "binary_cross_entropy"
