"""Steps of an optimizer over shuffled batches, and a state of them that can be kept and come back to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symbackprop.kernels import Steps
from symbackprop.kernels.arguments import Array
from symbackprop.kernels.compilation import Parameters
from symbackprop.training.schedules import Schedule


@dataclass(frozen=True, eq=False)
class State:
    """Everything that the next step depends on: parameters, the optimizer's memory, the step, the random numbers."""

    steps: int
    random: Mapping[str, Any]
    parameters: Parameters
    memory: Mapping[str, Parameters]


class Descent:
    """Parameters on their way down over the batches of (X, Y)."""

    def __init__(
        self, steps: Steps, X: Array, Y: Array, size: int, rng: np.random.Generator, schedule: Schedule, rate: float
    ) -> None:
        self.steps, self.X, self.Y, self.size = steps, X, Y, min(size, len(X))
        self.rng, self.schedule = rng, schedule
        self._initial = self.rate = rate
        self._places = np.empty((self.size, *X.shape[1:]), X.dtype), np.empty((self.size, *Y.shape[1:]), Y.dtype)
        self._whole = False

    @property
    def parameters(self) -> Mapping[str, Array]:
        """The parameters by label, as they are now."""
        return self.steps.parameters

    def epoch(self, number: int, epochs: int) -> float | None:
        """One pass over the data; the mean loss of a sample, ``None`` at the first loss that is not finite."""
        total = 0.0
        mean = self.steps.kernels.over_batch == "mean"
        for batch, samples in enumerate(self.batches()):
            loss = self.step(number, batch, epochs)
            if loss is None or not np.isfinite(loss):
                return None
            total += loss * samples if mean else loss
        return total / len(self.X)

    def batches(self) -> Iterator[int]:
        """Load one batch after another, in an order drawn anew; yields the number of its samples.

        The data stay where they are: a batch is gathered into memory of its own size that is used again.
        """
        if self.size == len(self.X):
            if not self._whole:
                self.steps.load(self.X, self.Y)
                self._whole = True
            yield self.size
            return
        order = self.rng.permutation(len(self.X))
        for start in range(0, len(self.X), self.size):
            part = order[start : start + self.size]
            X, Y = (
                np.take(values, part, axis=0, out=place[: len(part)], mode="clip")
                for values, place in zip((self.X, self.Y), self._places, strict=True)
            )
            self.steps.load(X, Y)
            yield len(part)

    def loaded(self, samples: int) -> tuple[Array, Array]:
        """The batch of so many samples that is loaded."""
        return (self.X, self.Y) if self._whole else (self._places[0][:samples], self._places[1][:samples])

    def step(self, number: int, batch: int, epochs: int) -> float | None:
        """One update over the batch that is loaded, the one after ``batch`` others of the epoch; the loss before it."""
        done = number - 1 + min((batch + 0.5) * self.size / len(self.X), 1.0)
        rate = self._initial * self.schedule.factor(done, epochs)
        changed = {} if rate == self.rate else {"eta": rate}
        self.rate = rate
        return self.steps.step(loss=True, **changed)

    def state(self) -> State:
        """A copy of where things stand."""
        memory = {name: _copied(arrays) for name, arrays in self.steps.session.memory.items()}
        return State(self.steps.count, self.rng.bit_generator.state, _copied(self.parameters), memory)

    def restore(self, state: State) -> None:
        """Go back to where things stood."""
        self.steps.count = state.steps
        self.rng.bit_generator.state = state.random
        for label, value in state.parameters.items():
            self.parameters[label][...] = value
        for name, arrays in self.steps.session.memory.items():
            for label, place in arrays.items():
                place[...] = state.memory[name][label]


def _copied(arrays: Mapping[str, Array]) -> Parameters:
    return {label: value.copy() for label, value in arrays.items()}
