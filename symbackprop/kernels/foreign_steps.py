"""Training steps as functions without side effects, and the session that runs them over another library's arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from symbackprop.kernels.arguments import Array
from symbackprop.kernels.backend import checked_name
from symbackprop.kernels.libraries import Library
from symbackprop.kernels.sessions import Session
from symbackprop.kernels.step_program import StepProgram
from symbackprop.kernels.updates import update_source
from symbackprop.kernels.vectors import Labelled


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


class ForeignSession(Session):
    """Parameters and memory as NumPy arrays, which go to the library and come back at every step."""

    def __init__(
        self,
        source: str,
        run: Callable[..., Any],
        step: StepProgram,
        dtype: str,
        parameters: Labelled,
        inward: Callable[[Array], Any],
        outward: Callable[[Any], Array],
    ) -> None:
        self.source, self._run, self._step = source, run, step
        self._inward, self._outward, self._dtype = inward, outward, np.dtype(dtype)
        self._parameters = {label: np.array(parameters[label], dtype) for label in step.parameters}
        self._gradients = {label: np.zeros_like(value) for label, value in self._parameters.items()}
        names = [symbol.name for symbol in step.optimizer.memory]
        self._memory = {name: {k: np.zeros_like(v) for k, v in self._parameters.items()} for name in names}

    @property
    def parameters(self) -> Labelled:
        return self._parameters

    @property
    def gradients(self) -> Labelled:
        return self._gradients

    @property
    def memory(self) -> Mapping[str, Labelled]:
        return self._memory

    def load(self, *data: Array) -> None:
        self._samples = next((len(a) for typed, a in self._given(data) if typed in self._step.rows), 1)
        self._data = list(map(self._inward, data))

    def _given(self, data: Sequence[Array]) -> Iterator[tuple[str, Array]]:
        return zip((array.name for array in self._step.data), data, strict=True)

    def step(self, number: int, settings: Sequence[float], loss: bool = False) -> float | None:
        rate = self._step.rate(settings) if self._step.scaled else 1.0
        share = self._samples if self._step.mean else 1
        numbers = [rate / share] if self._step.scaled else [number, *settings]
        theta, memory, gradient, value = self._run(
            self._in(self._parameters),
            [self._in(kept) for kept in self._memory.values()],
            *(self._inward(np.array(n, self._dtype)) for n in numbers),
            *self._data,
        )
        self._out(self._parameters, theta)
        self._out(self._gradients, gradient)
        for kept, new in zip(self._memory.values(), memory, strict=True):
            self._out(kept, new)
        if rate:
            for found in self._gradients.values():
                found /= self._dtype.type(rate)
        return float(value) if loss else None

    def _in(self, arrays: Labelled) -> list[Any]:
        return list(map(self._inward, arrays.values()))

    def _out(self, arrays: Labelled, new: Sequence[Any]) -> None:
        for array, value in zip(arrays.values(), new, strict=True):
            np.copyto(array, self._outward(value))
