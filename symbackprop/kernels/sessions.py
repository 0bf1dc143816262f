"""What a backend offers for training: a session, which holds the parameters and steps over batches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbackprop.kernels.arguments import Array
from symbackprop.kernels.step_program import StepProgram
from symbackprop.registry import Registry

NOT_KEPT = "the gradients of the last step were not kept; step(keep=True) keeps them"


class Session(ABC):
    """Parameters on their way down; ``source`` is the emitted text. Labels are those of the model (``w^1``)."""

    source: str
    #: Whether :meth:`steps` takes many steps in one call, and so in less time than one after the other.
    many: bool = False

    @property
    @abstractmethod
    def parameters(self) -> Mapping[str, Array]:
        """The parameters by label, as NumPy arrays; what is written to them counts from the next step on."""

    @property
    @abstractmethod
    def gradients(self) -> Mapping[str, Array]:
        """∂J/∂ each parameter at the last step, by label."""

    @property
    @abstractmethod
    def memory(self) -> Mapping[str, Mapping[str, Array]]:
        """What the optimizer remembers, by its name and by label; as writable as the parameters."""

    @abstractmethod
    def load(self, *data: Array) -> None:
        """The next batch: the inputs of the program that are no parameters, in order, samples first."""

    @abstractmethod
    def step(self, number: int, settings: Sequence[float], loss: bool = False, keep: bool = True) -> float | None:
        """One step over the batch that is loaded; returns J before it if asked for ``loss``.

        ``number`` counts the steps from 1, ``settings`` are those of the optimizer in order. Without ``keep`` nobody
        will ask for the gradients of this step.
        """

    def steps(
        self,
        number: int,
        settings: Sequence[float],
        data: Sequence[Array],
        rows: Sequence[bool],
        samples: int,
        order: NDArray[np.integer[Any]],
    ) -> Array:
        """J of one step for every whole batch of so many samples, taken in this order; all in one call if it can be.

        ``rows`` says which of the data have a row for each sample, ``order`` holds numbers of rows.
        """
        losses = []
        count = len(order) // samples
        for k in range(count):
            chosen = order[k * samples : (k + 1) * samples]
            self.load(*(array[chosen] if row else array for array, row in zip(data, rows, strict=True)))
            losses.append(self.step(number + k, settings, loss=True, keep=k == count - 1))
        return np.array(losses, dtype=float)


#: A backend takes the program, the dtype (``float32`` or ``float64``) and the parameters to start from.
StepBackend = Callable[[StepProgram, str, Mapping[str, Array]], Session]
step_backends: Registry[StepBackend] = Registry("backend for training")
