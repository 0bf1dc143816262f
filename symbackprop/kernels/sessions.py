"""What a backend offers for training: a session, which holds the parameters and steps over batches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from symbackprop.kernels.arguments import Array
from symbackprop.kernels.step_program import StepProgram
from symbackprop.registry import Registry


class Session(ABC):
    """Parameters on their way down; ``source`` is the emitted text. Labels are those of the model (``w^1``)."""

    source: str

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
    def step(self, number: int, settings: Sequence[float], loss: bool = False) -> float | None:
        """One step over the batch that is loaded; returns J before it if asked for ``loss``.

        ``number`` counts the steps from 1, ``settings`` are those of the optimizer in order.
        """


#: A backend takes the program, the dtype (``float32`` or ``float64``) and the parameters to start from.
StepBackend = Callable[[StepProgram, str, Mapping[str, Array]], Session]
step_backends: Registry[StepBackend] = Registry("backend for training")
