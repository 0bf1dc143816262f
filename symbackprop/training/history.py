"""What training records of each epoch, and what it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np

from symbackprop.errors import InvalidSpec
from symbackprop.kernels import Kernels
from symbackprop.kernels.arguments import Array
from symbackprop.kernels.compilation import Parameters
from symbackprop.kernels.functions import Accuracy
from symbackprop.training.cross_check import Against, CrossCheck, cross_check
from symbackprop.training.metrics import accuracy, r2, threshold
from symbackprop.training.samples import Samples
from symbackprop.training.scaling import Scaling


@dataclass(frozen=True)
class Epoch:
    """One pass over the data, numbered from 1.

    ``loss`` is the mean loss of a sample over the steps of the epoch; ``accuracy`` (classes) or ``r2`` (numbers) is
    that after it, over the training data, and ``validation_…`` the same over data that are held out.
    ``gradient_norms`` holds |∂J/∂θ| of all parameters of each layer at the last step, ``dead_units`` the number of
    units whose slope is 0 for every sample, for layers whose activation has such a part. ``learning_rate`` is that
    of the last step.
    """

    number: int
    loss: float
    accuracy: float | None = None
    r2: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    validation_r2: float | None = None
    learning_rate: float | None = None
    gradient_norms: Mapping[str, float] = field(default_factory=dict)
    dead_units: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """The entries by name, for JSON."""
        return asdict(self)


@dataclass(frozen=True, repr=False)
class Result:
    """What training leaves: parameters by label, the history by epoch, the data it saw, and why it ended.

    ``trained`` are the samples as the kernel saw them, scaled by ``scaling``, and ``held`` those that it did not train
    on. ``best_epoch`` is the epoch whose parameters these are. ``classes`` names the classes of a table, and ``graded``
    is whether the targets are classes.
    """

    kernels: Kernels
    parameters: Parameters
    history: tuple[Epoch, ...]
    trained: Samples
    held: Samples | None = None
    scaling: Scaling = Scaling()
    stopped: str = ""
    best_epoch: int = 0
    classes: tuple[str, ...] = ()
    graded: bool = False

    def __repr__(self) -> str:
        measured = f"accuracy={self.accuracy}" if self.accuracy is not None else f"r2={self.r2}"
        return f"Result(epochs={len(self.history)}, loss={self.loss:.4g}, {measured})"

    @property
    def X(self) -> Array:  # noqa: N802 - as everywhere
        """The inputs of the training data, a sample a row."""
        return self.trained.X

    @property
    def Y(self) -> Array:  # noqa: N802
        """The targets of the training data."""
        return self.trained.Y

    @property
    def held_out(self) -> tuple[Array, Array] | None:
        """Inputs and targets that are held out."""
        return None if self.held is None else (self.held.X, self.held.Y)

    @property
    def accuracy(self) -> float | None:
        """The share of training samples put in the right class; ``None`` where the targets are not classes."""
        return self._accuracy(self.trained)

    @property
    def r2(self) -> float | None:
        """1 - (sum of squared errors)/(variance of the targets), over the training data; ``None`` for classes."""
        return self._r2(self.trained)

    @property
    def validation_accuracy(self) -> float | None:
        """The same share over the data held out."""
        return None if self.held is None else self._accuracy(self.held)

    @property
    def validation_r2(self) -> float | None:
        """The same measure over the data held out."""
        return None if self.held is None else self._r2(self.held)

    @property
    def loss(self) -> float:
        """The mean loss of a sample in the last epoch."""
        return self.history[-1].loss

    def predict(self, X: Array, **given: Array) -> Array:
        """The output for inputs as they are in the data, in the units of the targets.

        What the model is ``given`` besides goes by name; what all samples of the training had in common is known.
        Raises :class:`~symbackprop.errors.ShapeMismatch` where a row of X is no input of the network.
        """
        output = self._output(self.scaling.inputs(np.asarray(X)), {**self.trained.same, **given})
        return self.scaling.targets_back(output)

    def cross_check(self, against: Against = "reference", seed: int = 0, accuracy: Accuracy = "accurate") -> CrossCheck:
        """The kernel's gradients at the trained parameters, over the training data; see :func:`cross_check`."""
        given = self.trained.given
        return cross_check(self.kernels, self.parameters, self.X, self.Y, against, seed, accuracy, **given)

    def _accuracy(self, samples: Samples) -> float | None:
        if not self.graded:
            return None
        return accuracy(self._output(samples.X, samples.given), samples.Y, threshold(self.kernels.network))

    def _r2(self, samples: Samples) -> float | None:
        return None if self.graded else r2(self._output(samples.X, samples.given), samples.Y)

    def _output(self, X: Array, given: Mapping[str, Array]) -> Array:
        if not self.history:
            raise InvalidSpec("nothing is trained yet")
        return self.kernels.forward(self.parameters, X, **given)
