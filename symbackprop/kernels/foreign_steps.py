"""Training steps as functions without side effects, and the session that runs them over another library's arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbackprop.kernels.arguments import Array
from symbackprop.kernels.backend import checked_name
from symbackprop.kernels.libraries import Library
from symbackprop.kernels.sessions import Session
from symbackprop.kernels.step_program import StepProgram
from symbackprop.kernels.updates import update_source
from symbackprop.kernels.vectors import Labelled

Inward = Callable[[NDArray[Any]], Any]
Outward = Callable[[Any], Array]


def step_functions(step: StepProgram, library: Library) -> list[str]:
    """The functions of a step beside ``gradients``: the rule of the optimizer, and ``step`` itself."""
    rule = [] if step.scaled else [update_source(step.optimizer, library)]
    return [f"{text}\n" for text in (*rule, "\n".join(_step_lines(step, library)))]


def _step_lines(step: StepProgram, library: Library) -> Iterator[str]:
    data = [array.name for array in step.data]
    optimizer = step.optimizer
    settings = [checked_name(symbol.name) for symbol in optimizer.settings]
    numbers = ["scale"] if step.scaled else ["t", *settings]
    yield f"def step(theta, memory, {', '.join([*numbers, *data])}):"
    if step.scaled:
        share = " over the number of samples" if step.mean else ""
        yield f'    """θ - gradient, the gradient and J before it; ``scale`` is the learning rate{share}."""'
    else:
        yield '    """θ and what the optimizer remembers after step number t, the gradient and J before it."""'
    own = list(step.parameters.values())
    if own:
        yield f"    {', '.join(own)}{',' * (len(own) == 1)} = theta"
    call = f"gradients({', '.join(array.name for array in step.program.inputs)})"
    yield f"    J, *gradient = {call}" if own else f"    J, gradient = {call}, []"
    if step.scaled:
        yield "    theta = [p - g for p, g in zip(theta, gradient)]"
    else:
        norm = ["g_norm"] if optimizer.uses_norm else []
        if norm:
            yield f"    g_norm = {library.name}.sqrt(sum((g**2).sum() for g in gradient))"
        each = ", ".join(["p", "g", "t", *norm, "*own", *settings])
        yield f"    moved = [update({each}) for p, g, *own in zip(theta, gradient, *memory)]"
        yield "    theta, *memory = zip(*moved)" if own else f"    theta, memory = [], {[[]] * len(optimizer.memory)}"
    yield "    return theta, memory, gradient, J"


class Held:
    """Arrays by label that stay in the library, and as NumPy arrays while they are looked at.

    What is written to those that are ``shown`` is taken over at the next step; from then on they are read only.
    """

    def __init__(self, arrays: Labelled, inward: Inward, outward: Outward) -> None:
        self._inward, self._outward, self._labels = inward, outward, list(arrays)
        self._own: list[Any] = []
        self._shown: Labelled | None = {label: np.array(array) for label, array in arrays.items()}

    @property
    def shown(self) -> Labelled:
        """What they are now, as NumPy arrays that may be written to."""
        if self._shown is None:
            own = zip(self._labels, self._own, strict=True)
            self._shown = {label: np.array(self._outward(array)) for label, array in own}
        return self._shown

    @property
    def own(self) -> list[Any]:
        """The library's arrays."""
        if self._shown is not None:
            self._own = [self._inward(array) for array in self._shown.values()]
            for array in self._shown.values():
                array.flags.writeable = False
            self._shown = None
        return self._own

    @own.setter
    def own(self, arrays: Sequence[Any]) -> None:
        self._own, self._shown = list(arrays), None


class ForeignSession(Session):
    """Parameters, gradients and memory in the library, where they stay from step to step.

    ``run`` is the step, and ``over_batches`` takes it over one batch after another.
    """

    many = True

    def __init__(
        self,
        source: str,
        run: Callable[..., Any],
        over_batches: Callable[..., Any],
        step: StepProgram,
        start: Labelled,
        inward: Inward,
        outward: Outward,
    ) -> None:
        self.source, self._run, self._over_batches, self._step = source, run, over_batches, step
        self._inward, self._outward = inward, outward
        self._dtype = next((array.dtype for array in start.values()), np.dtype(float))
        zeros = {label: np.zeros_like(value) for label, value in start.items()}
        self._parameters, self._gradients = Held(start, inward, outward), Held(zeros, inward, outward)
        names = [symbol.name for symbol in step.optimizer.memory]
        self._memory = {name: Held(zeros, inward, outward) for name in names}
        self._rate = 1.0

    @property
    def parameters(self) -> Labelled:
        return self._parameters.shown

    @property
    def gradients(self) -> Labelled:
        shown = self._gradients.shown
        return {label: array / self._dtype.type(self._rate or 1.0) for label, array in shown.items()}

    @property
    def memory(self) -> Mapping[str, Labelled]:
        return {name: kept.shown for name, kept in self._memory.items()}

    def load(self, *data: Array) -> None:
        rows = zip((array.name for array in self._step.data), data, strict=True)
        self._samples = next((len(array) for name, array in rows if name in self._step.rows), 1)
        self._data = list(map(self._inward, data))

    def step(self, number: int, settings: Sequence[float], loss: bool = False, keep: bool = True) -> float | None:
        numbers = self._numbers(number, settings, self._samples)
        value = self._moved(self._run(self._parameters.own, self._kept(), *numbers, *self._data))
        return float(value) if loss else None

    def steps(
        self,
        number: int,
        settings: Sequence[float],
        data: Sequence[Array],
        rows: Sequence[bool],
        samples: int,
        order: NDArray[np.integer[Any]],
    ) -> Array:
        numbers = self._numbers(number, settings, samples)
        batches = self._inward(np.reshape(order[: len(order) // samples * samples], (-1, samples)))
        inside = list(map(self._inward, data))
        found = self._over_batches(self._parameters.own, self._kept(), numbers, inside, batches, rows=tuple(rows))
        return np.array(self._outward(self._moved(found)), dtype=float)

    def _numbers(self, number: int, settings: Sequence[float], samples: int) -> list[Any]:
        """The scale, or the number of the step and the settings, in the library."""
        scaled = self._step.scaled
        self._rate = self._step.rate(settings) if scaled else 1.0
        numbers = [self._rate / (samples if self._step.mean else 1)] if scaled else [number, *settings]
        return [self._inward(np.array(value, self._dtype)) for value in numbers]

    def _kept(self) -> list[list[Any]]:
        return [kept.own for kept in self._memory.values()]

    def _moved(self, found: tuple[Any, Any, Any, Any]) -> Any:
        """Take over what a step gives; the loss of it."""
        self._parameters.own, memory, self._gradients.own, value = found
        for kept, new in zip(self._memory.values(), memory, strict=True):
            kept.own = new
        return value
