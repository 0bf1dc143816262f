"""Parameters, gradients and what an optimizer remembers as flat vectors, with a view for each label."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from symbackprop.kernels.arguments import Array
from symbackprop.kernels.step_program import StepProgram

Labelled = Mapping[str, Array]


class Vectors:
    """``theta`` starts with ``parameters``; ``gradient`` carries the learning rate where that is folded in.

    ``views`` gives the parts of a vector in the order of the labels.
    """

    def __init__(
        self, step: StepProgram, dtype: str, parameters: Labelled, views: Callable[[Array], Iterable[Array]]
    ) -> None:
        self._step, self._views = step, views
        size = sum(np.size(value) for value in parameters.values())
        self.theta, self.gradient = aligned(size, dtype), aligned(size, dtype)
        self.memory = {symbol.name: aligned(size, dtype) for symbol in step.optimizer.memory}
        self.rate = 0.0
        self.shown = self.labelled(self.theta)
        for label, value in parameters.items():
            self.shown[label][...] = value

    def labelled(self, vector: Array) -> dict[str, Array]:
        """The parts of a vector by label, as views."""
        return dict(zip(self._step.parameters, self._views(vector), strict=True))

    def gradients(self) -> Labelled:
        """∂J/∂ each parameter, as views; where the learning rate is folded in, copies without it."""
        if not self._step.scaled or not self.rate:
            return self.labelled(self.gradient)
        return self.labelled(self.gradient / self.gradient.dtype.type(self.rate))

    def remembered(self) -> Mapping[str, Labelled]:
        """What the optimizer remembers, by name and label, as views."""
        return {name: self.labelled(vector) for name, vector in self.memory.items()}


def aligned(size: int, dtype: str | np.dtype[np.floating]) -> Array:
    """Zeros that begin where a line of the cache does."""
    line = 64 // np.dtype(dtype).itemsize
    room = np.zeros(size + line, dtype)
    start = -room.ctypes.data % 64 // room.itemsize
    return room[start : start + size]
