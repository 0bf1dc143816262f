"""Steps of an optimizer over shuffled batches, and a state of them that can be kept and come back to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symbackprop.kernels import Steps
from symbackprop.kernels.arguments import Array
from symbackprop.kernels.compilation import Parameters
from symbackprop.training.samples import Samples
from symbackprop.training.schedules import Schedule


@dataclass(frozen=True, eq=False)
class State:
    """Everything that the next step depends on: parameters, the optimizer's memory, the step, the random numbers."""

    steps: int
    random: Mapping[str, Any]
    parameters: Parameters
    memory: Mapping[str, Parameters]


class Descent:
    """Parameters on their way down over batches of the data."""

    def __init__(
        self, steps: Steps, data: Samples, size: int, rng: np.random.Generator, schedule: Schedule, rate: float
    ) -> None:
        self.steps, self.data, self.size = steps, data, min(size, len(data))
        self.rng, self.schedule = rng, schedule
        self._initial = self.rate = rate
        self._places = [np.empty((self.size, *array.shape[1:]), array.dtype) for array in data.arrays]
        self._whole = False

    @property
    def parameters(self) -> Mapping[str, Array]:
        """The parameters by label, as they are now."""
        return self.steps.parameters

    def epoch(self, number: int, epochs: int) -> float | None:
        """One pass over the data; the mean loss of a sample, ``None`` at a loss that is not finite.

        All steps are one call where the backend has one for many, and the learning rate is the same in them.
        """
        mean = self.steps.kernels.over_batch == "mean"
        total = 0.0
        for samples, losses in self._losses(number, epochs):
            if not np.isfinite(losses).all():
                return None
            total += float(np.sum(losses)) * (samples if mean else 1)
        return total / len(self.data)

    def _losses(self, number: int, epochs: int) -> Iterator[tuple[int, Array]]:
        """The number of samples of a batch, and J of one or more of that size."""
        count = -(-len(self.data) // self.size)
        rates = {self._rate(number, batch, epochs) for batch in range(count)}
        if len(rates) > 1 or count == 1 or not self.steps.session.many:
            for batch, samples in enumerate(self.batches()):
                yield samples, np.array([self.step(number, batch, epochs)])
            return
        self._turn(rates.pop())
        data, order = self.data, self.rng.permutation(len(self.data))
        losses = self.steps.epoch(data.X, data.Y, self.size, order, **data.given)
        whole = len(data) // self.size
        yield self.size, losses[:whole]
        yield len(data) - whole * self.size, losses[whole:]

    def batches(self) -> Iterator[int]:
        """Load one batch after another, in an order drawn anew; yields the number of its samples.

        The data stay where they are: a batch is gathered into memory of its own size that is used again.
        """
        if self.size == len(self.data):
            if not self._whole:
                self._load(self.data)
                self._whole = True
            yield self.size
            return
        order = self.rng.permutation(len(self.data))
        for start in range(0, len(self.data), self.size):
            part = order[start : start + self.size]
            for values, place in zip(self.data.arrays, self._places, strict=True):
                np.take(values, part, axis=0, out=place[: len(part)], mode="clip")
            self._load(self.loaded(len(part)))
            yield len(part)

    def _load(self, batch: Samples) -> None:
        self.steps.load(batch.X, batch.Y, **batch.given)

    def loaded(self, samples: int) -> Samples:
        """The batch of so many samples that is loaded."""
        return self.data if self._whole else self.data.of([place[:samples] for place in self._places])

    def step(self, number: int, batch: int, epochs: int) -> float | None:
        """One update over the batch that is loaded, the one after ``batch`` others of the epoch; the loss before it.

        The gradients of the last of an epoch are kept.
        """
        self._turn(self._rate(number, batch, epochs))
        return self.steps.step(loss=True, keep=(batch + 1) * self.size >= len(self.data))

    def _rate(self, number: int, batch: int, epochs: int) -> float:
        """The learning rate of a step."""
        done = number - 1 + min((batch + 0.5) * self.size / len(self.data), 1.0)
        return self._initial * self.schedule.factor(done, epochs)

    def last_rate(self, number: int, epochs: int) -> float:
        """The learning rate at the end of an epoch."""
        return self._rate(number, -(-len(self.data) // self.size) - 1, epochs)

    def _turn(self, rate: float) -> None:
        if rate != self.rate:
            self.steps.set(eta=rate)
        self.rate = rate

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
