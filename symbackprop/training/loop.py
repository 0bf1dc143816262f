"""Gradient descent on minibatches with derived kernels."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from symbackprop.errors import Diverged, InvalidSpec
from symbackprop.kernels import Kernels, compile_kernels
from symbackprop.kernels.arguments import Array
from symbackprop.kernels.compilation import Parameters
from symbackprop.kernels.lower import output_of
from symbackprop.kernels.updates import compile_update, settings_of
from symbackprop.model import Model
from symbackprop.network import Network
from symbackprop.optimizers import Optimizer, optimizers
from symbackprop.quantities import Role
from symbackprop.training.cross_check import CrossCheck, cross_check
from symbackprop.training.data import Pair, check_targets, fitted, load

#: Samples a step, where none are asked for.
BATCH_SIZE = 50


@dataclass(frozen=True)
class Epoch:
    """One pass over the data: its number from 1, the mean loss of a sample, and the accuracy after it (if classes)."""

    number: int
    loss: float
    accuracy: float | None


@dataclass(frozen=True, repr=False)
class Result:
    """What training leaves: the parameters by label, the history by epoch, and the data it saw."""

    kernels: Kernels
    parameters: Parameters
    history: tuple[Epoch, ...]
    X: Array
    Y: Array

    def __repr__(self) -> str:
        return f"Result(epochs={len(self.history)}, loss={self.loss:.4g}, accuracy={self.accuracy})"

    @property
    def accuracy(self) -> float | None:
        """The share of samples put in the right class; ``None`` where the targets are not classes."""
        return accuracy(self.kernels.forward(self.parameters, self.X), self.Y)

    @property
    def loss(self) -> float:
        """The mean loss of a sample in the last epoch."""
        return self.history[-1].loss

    def cross_check(self) -> CrossCheck:
        """The kernel's gradients at the trained parameters, over all of the data, against backprop written by hand."""
        return cross_check(self.kernels, self.parameters, self.X, self.Y)


def train(
    kernels: Kernels | Network,
    data: str | Pair = "xor",
    optimizer: str | Optimizer = "sgd",
    learning_rate: float | None = None,
    epochs: int = 1000,
    batch_size: int | None = None,
    seed: int = 0,
    settings: Mapping[str, float] | None = None,
    callback: Callable[[Epoch], object] | None = None,
) -> Result:
    """Train on a named data set, a CSV file or a pair (X, Y), from parameters drawn with ``seed``.

    A step takes ``batch_size`` samples (50 when left out; all where there are no more), drawn anew in each epoch.
    ``settings`` belong to the optimizer (``{"mu": 0.5}``). ``callback`` gets every :class:`Epoch`. On a terminal one
    line shows progress.
    Raises :class:`~symbackprop.errors.Diverged` at the first loss that is not finite.

    >>> from symbackprop.activations import sigmoid, tanh
    >>> from symbackprop.layers import Dense
    >>> from symbackprop.losses import binary_cross_entropy
    >>> net = Network(2, Dense(4, tanh), Dense(1, sigmoid), loss=binary_cross_entropy)
    >>> result = train(net, data="xor", seed=0)
    >>> result.accuracy, result.cross_check().passed
    (1.0, True)
    """
    kernels = compile_kernels(kernels) if isinstance(kernels, Network) else kernels
    if not isinstance(kernels, Kernels):
        raise InvalidSpec(f"a Network or its kernels are trained, not {kernels!r}; Network.from_spec reads a spec")
    _check_settings(epochs, batch_size, seed, learning_rate)
    n_in, n_out = widths_of(kernels.model)
    X, Y = fitted(load(data, seed, n_in, n_out), n_in, n_out)
    check_targets(kernels.model, Y)
    X, Y = X.astype(kernels.dtype), Y.astype(kernels.dtype)
    descent = _Descent(kernels, optimizer, learning_rate, settings or {}, seed)
    history: list[Epoch] = []
    size = BATCH_SIZE if batch_size is None else batch_size
    rng = np.random.default_rng(seed)
    for number in range(1, epochs + 1):
        total = sum(descent.step(X_part, Y_part, number) for X_part, Y_part in _batches(X, Y, size, rng))
        share = accuracy(kernels.forward(descent.parameters, X), Y)
        history.append(Epoch(number, total / len(X), share))
        _show(history[-1], epochs)
        if callback is not None:
            callback(history[-1])
    return Result(kernels, descent.parameters, tuple(history), X, Y)


def _check_settings(epochs: int, batch_size: int | None, seed: int, learning_rate: float | None) -> None:
    least = {"epochs": (epochs, 1), "batch_size": (1 if batch_size is None else batch_size, 1), "seed": (seed, 0)}
    for name, (value, lowest) in least.items():
        if not isinstance(value, int) or value < lowest:
            raise InvalidSpec(f"{name} is a whole number from {lowest}, not {value!r}")
    if learning_rate is not None and not 0 < learning_rate < float("inf"):
        raise InvalidSpec(f"the learning rate is a positive number, not {learning_rate!r}")


def widths_of(model: Model) -> tuple[int, int]:
    """The numbers of inputs and outputs."""
    axes = {q.role: q.axes[-1] for q in model.inputs if q.role in (Role.INPUT, Role.TARGET)}
    if len(axes) < 2 or not all(size.is_Integer for size in axes.values()):
        raise InvalidSpec("training needs a network with an input and a target whose widths are numbers")
    return int(axes[Role.INPUT]), int(axes[Role.TARGET])


class _Descent:
    """Parameters on their way down, with the memory of the optimizer for each."""

    def __init__(
        self,
        kernels: Kernels,
        optimizer: str | Optimizer,
        learning_rate: float | None,
        settings: Mapping[str, float],
        seed: int,
    ) -> None:
        chosen = optimizers[optimizer] if isinstance(optimizer, str) else optimizer
        given = dict(settings) if learning_rate is None else {**settings, "eta": learning_rate}
        self.kernels = kernels
        self.settings = settings_of(chosen, given)
        self.update, self.uses_norm = compile_update(chosen), chosen.uses_norm
        self.parameters = kernels.init(seed)
        self.memory = {k: [np.zeros_like(value) for _ in chosen.memory] for k, value in self.parameters.items()}
        self.steps = 0

    def step(self, X: Array, Y: Array, epoch: int) -> float:
        """One update; returns the loss of the batch, summed over its samples."""
        self.steps += 1
        # A loss that is not finite is an error of its own, with a better message than NumPy's warning.
        with np.errstate(all="ignore"):
            loss, gradients = self.kernels.gradients(self.parameters, X, Y)
            if not np.isfinite(loss):
                raise Diverged(self._diagnosis(loss, X, Y, epoch))
            given = (self.steps, *([_length(gradients)] if self.uses_norm else []))
            for label, gradient in gradients.items():
                self.update(self.parameters[label], gradient, *given, *self.memory[label], *self.settings)
        return loss if self.kernels.over_batch == "sum" else loss * len(X)

    def _diagnosis(self, loss: float, X: Array, Y: Array, epoch: int) -> str:
        """Which step and layer, and what to do."""
        model = self.kernels.model
        seen = {**self.parameters, **self.kernels.quantities(self.parameters, X, Y)}
        in_order = sorted(seen, key=lambda label: _depth(model.quantities[label].layer))
        first = next(label for label in in_order if not np.isfinite(seen[label]).all())
        where = f"{first} is the first that is not finite, in layer {model.quantities[first].layer}"
        if first == model.objective.label:
            output = output_of(model)
            largest = np.abs(seen[output.label]).max()
            where = f"the output {output.label} of layer {output.layer} is finite still, up to {largest:.1e}"
        advice = "take a smaller learning rate, or scale the data"
        return f"the loss is {loss} at step {self.steps} (epoch {epoch}); {where}; {advice}"


def _length(gradients: Mapping[str, Array]) -> float:
    """The length of the gradient by all parameters together."""
    return float(np.sqrt(sum(float(np.sum(gradient**2)) for gradient in gradients.values())))


def _depth(layer: object) -> float:
    return float("inf") if layer is None else float(str(layer))


def _batches(X: Array, Y: Array, size: int, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    """All of the data at once, or batches of ``size`` in an order drawn anew."""
    if size >= len(X):
        yield X, Y
        return
    order = rng.permutation(len(X))
    for start in range(0, len(X), size):
        part = order[start : start + size]
        yield X[part], Y[part]


def accuracy(output: Array, Y: Array) -> float | None:
    """The share of rows whose class is right: above 1/2 or not for one column, the largest of several.

    >>> accuracy(np.array([[0.9], [0.2]]), np.array([[1.0], [1.0]]))
    0.5
    >>> accuracy(np.array([[0.9]]), np.array([[0.3]])) is None
    True
    """
    if not np.isin(Y, (0, 1)).all():
        return None
    if Y.shape[1] == 1:
        return float(np.mean((output > 0.5) == (Y > 0.5)))
    return float(np.mean(output.argmax(axis=1) == Y.argmax(axis=1)))


def _show(epoch: Epoch, epochs: int) -> None:
    """One line on a terminal, rewritten in place at most a hundred times; nothing elsewhere."""
    if not sys.stderr.isatty() or (epoch.number % max(1, epochs // 100) and epoch.number != epochs):
        return
    share = "" if epoch.accuracy is None else f"  accuracy {epoch.accuracy:7.2%}"
    sys.stderr.write(f"\repoch {epoch.number}/{epochs}  loss {epoch.loss:.4g}{share}   ")
    if epoch.number == epochs:
        sys.stderr.write("\n")
    sys.stderr.flush()
