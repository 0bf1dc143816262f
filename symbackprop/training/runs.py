"""From a spec and the name of a data set to a trained network."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from symbackprop.losses import Penalty
from symbackprop.network import Network
from symbackprop.optimizers import Optimizer
from symbackprop.training.data import Matrix, Pair, fitted, load
from symbackprop.training.loop import Epoch, Result, train, widths_of


def run(
    spec: str,
    data: str | Pair = "xor",
    activation: str | None = None,
    loss: str | None = None,
    optimizer: str | Optimizer = "momentum",
    learning_rate: float | None = None,
    epochs: int = 1000,
    batch_size: int | None = None,
    seed: int = 0,
    settings: Mapping[str, float] | None = None,
    callback: Callable[[Epoch], object] | None = None,
    penalty: Penalty | None = None,
) -> Result:
    """Train the dense network ``spec`` (``"2-4-1"``) on ``data``; see :func:`~symbackprop.training.loop.train`.

    Left out, ``activation`` is tanh with an output that suits the targets, and ``loss`` goes with it: sigmoid and
    binary cross-entropy for zeros and ones, softmax and cross-entropy for classes, identity and the quadratic cost
    otherwise.

    >>> run("2-4-1", "xor").accuracy
    1.0
    """
    sketch = Network.from_spec(spec)
    n_in, n_out = widths_of(sketch.model)
    pair = fitted(load(data, seed, n_in, n_out), n_in, n_out)
    output, usual = suited(pair[1])
    names = activation or ",".join([*["tanh"] * (len(sketch.layers) - 1), output])
    net = Network.from_spec(spec, names, loss or usual, penalty=penalty)
    return train(net, pair, optimizer, learning_rate, epochs, batch_size, seed, settings, callback)


def suited(Y: Matrix) -> tuple[str, str]:
    """The activation of the output and the loss that suit the targets.

    >>> suited(np.array([[0.0, 1.0], [1.0, 0.0]]))
    ('softmax', 'cross_entropy')
    """
    if not np.isin(Y, (0, 1)).all():
        return "identity", "quadratic_cost"
    if Y.shape[1] > 1 and (Y.sum(axis=1) == 1).all():
        return "softmax", "cross_entropy"
    return "sigmoid", "binary_cross_entropy"
