"""Training steps of a network: gradients and update in one emitted function."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbackprop.errors import InvalidSpec
from symbackprop.kernels.arguments import Array, bound, signature
from symbackprop.kernels.backend import write_source
from symbackprop.kernels.collector import Uncollected
from symbackprop.kernels.compilation import Kernels, Parameters
from symbackprop.kernels.sessions import Session, step_backends
from symbackprop.kernels.step_program import PASSES, StepProgram, step_program
from symbackprop.kernels.updates import settings_of
from symbackprop.optimizers import Optimizer, optimizers


class Steps:
    """A network that is being trained; ``session`` holds the parameters, ``count`` the number of steps taken.

    ``load`` takes a batch and ``step`` trains on it, as often as wanted; the batch may have another size each time.
    All of it is one piece of memory: one thread at a time, and what is to be kept beyond the next step is copied.
    """

    def __init__(
        self, kernels: Kernels, program: StepProgram, session: Session, settings: list[float], backend: str
    ) -> None:
        self.kernels, self.program, self.session, self.settings = kernels, program, session, settings
        self.backend = backend
        self.count, self._loaded = 0, False
        self._dtype = np.dtype(kernels.dtype)
        self._arguments = signature(kernels.model, kernels.lowered, replace(program.program, inputs=program.data))

    def __repr__(self) -> str:
        return f"Steps(optimizer={self.program.optimizer.name}, count={self.count}, kernels={self.kernels!r})"

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Steps are pickled and copied with parameters, memory and count, but without a batch."""
        known = (dict(self.parameters), {name: dict(kept) for name, kept in self.session.memory.items()}, self.count)
        return _resumed, (
            self.kernels,
            self.program.optimizer,
            self.settings,
            self.program.without,
            self.backend,
            *known,
        )

    @property
    def source(self) -> str:
        """The emitted source text."""
        return self.session.source

    def save(self, path: str | Path) -> None:
        """Write the source to a file that runs without symbackprop, with NumPy and SciPy or the backend's library."""
        write_source(self.source, path)

    @property
    def parameters(self) -> Mapping[str, Array]:
        """The parameters by label, as they are now."""
        return self.session.parameters

    @property
    def gradients(self) -> Mapping[str, Array]:
        """∂J/∂ each parameter at the last step, by label; an error where that was not to ``keep`` them."""
        return self.session.gradients

    def load(self, X: Array, Y: Array, **given: Array) -> None:
        """The batch to train on, checked as :meth:`Kernels.gradients` checks it.

        NumPy's steps may read the arrays themselves, and so want them unchanged until the next batch is loaded.
        """
        self.session.load(*bound(self._arguments, {}, {**given, "X": X, "Y": Y}, self._dtype))
        self._loaded = True

    def step(self, loss: bool = False, keep: bool = True, **settings: float) -> float | None:
        """One update; J before it if asked for ``loss``. ``settings`` of the optimizer hold from here on.

        Without ``keep`` the gradients of this step need not be there after it: some matrices then take 5 % less time.
        """
        if settings:
            self.set(**settings)
        if not self._loaded:
            raise InvalidSpec("there is no batch to step on; load(X, Y) takes one")
        self.count += 1
        return self.session.step(self.count, self.settings, loss, keep)

    def set(self, **settings: float) -> None:
        """``settings`` of the optimizer for the steps that follow."""
        names = [symbol.name for symbol in self.program.optimizer.settings]
        now = dict(zip(names, self.settings, strict=True))
        self.settings = settings_of(self.program.optimizer, {**now, **settings})

    def epoch(
        self, X: Array, Y: Array, batch_size: int, order: NDArray[np.integer[Any]] | None = None, **given: Array
    ) -> Array:
        """A step for every batch of all samples, the last perhaps a smaller one; J before each.

        ``order`` holds the numbers of the rows as they are to be taken. Backends ``c`` and ``jax`` do it in one call.
        """
        if not isinstance(batch_size, int | np.integer) or batch_size < 1:
            raise InvalidSpec(f"a batch has at least one sample, not {batch_size!r}")
        data = bound(self._arguments, {}, {**given, "X": X, "Y": Y}, self._dtype)
        rows = [array.name in self.program.rows for array in self.program.data]
        count = next((len(array) for array, row in zip(data, rows, strict=True) if row), 1)
        taken = np.arange(count) if order is None else np.asarray(order)
        if taken.ndim != 1 or taken.size and taken.dtype.kind not in "iu":
            raise InvalidSpec(f"the order is a list of numbers of rows, not {order!r}")
        if taken.size and not 0 <= taken.min() <= taken.max() < count:
            raise InvalidSpec(f"the order names rows from {taken.min()} to {taken.max()}; there are {count}, from 0")
        losses = []
        for start, samples in _whole_and_rest(len(taken), batch_size):
            part = taken[start : start + (len(taken) - start) // samples * samples]
            losses.append(self.session.steps(self.count + 1, self.settings, data, rows, samples, part))
            self.count, self._loaded = self.count + len(losses[-1]), True
        return np.concatenate([np.empty(0), *losses])


def _whole_and_rest(samples: int, batch_size: int) -> Iterator[tuple[int, int]]:
    """Where the whole batches begin and the rest, with the size of a batch of each."""
    whole = samples // batch_size * batch_size
    if whole:
        yield 0, batch_size
    if samples > whole:
        yield whole, samples - whole


def compile_steps(
    kernels: Kernels,
    optimizer: str | Optimizer = "sgd",
    settings: Mapping[str, float] | None = None,
    parameters: Mapping[str, Array] | None = None,
    seed: int = 0,
    without: Collection[str] = (),
    backend: str | None = None,
) -> Steps:
    """Training steps for a network, from ``parameters`` or those drawn with ``seed``.

    ``without`` names passes to leave out, to measure what each is worth (:data:`PASSES`). The ``backend`` is that of
    the kernels where none is named.

    >>> from symbackprop.kernels import compile_kernels
    >>> from symbackprop.network import Network
    >>> steps = compile_steps(compile_kernels(Network.from_spec("2-8-1", "sigmoid")), settings={"eta": 0.5})
    >>> X, Y = np.array([[0.0, 1.0], [1.0, 1.0]]), np.array([[1.0], [0.0]])
    >>> steps.load(X, Y)
    >>> first = steps.step(loss=True)
    >>> steps.step(loss=True) < first
    True
    """
    for name in sorted(set(without) - set(PASSES)):
        raise InvalidSpec(f"there is no pass {name!r} to leave out; known: {', '.join(PASSES)}")
    chosen = optimizers[optimizer] if isinstance(optimizer, str) else optimizer
    start = kernels.init(seed) if parameters is None else _fitting(kernels, parameters)
    with Uncollected():
        program = step_program(kernels, chosen, frozenset(without))
        backend = backend or kernels.backend
    session = step_backends[backend](program, kernels.dtype, start)
    return Steps(kernels, program, session, settings_of(chosen, settings or {}), backend)


def _resumed(
    kernels: Kernels,
    optimizer: Optimizer,
    settings: list[float],
    without: frozenset[str],
    backend: str,
    parameters: Parameters,
    memory: Mapping[str, Parameters],
    count: int,
) -> Steps:
    """Steps that go on from these parameters and this memory."""
    steps = compile_steps(kernels, optimizer, None, parameters, without=without, backend=backend)
    for name, kept in steps.session.memory.items():
        for label, array in kept.items():
            array[...] = memory[name][label]
    steps.settings, steps.count = settings, count
    return steps


def _fitting(kernels: Kernels, parameters: Mapping[str, Array]) -> Parameters:
    """Parameters to start from, each of its shape; sessions copy them."""
    for label in sorted(set(parameters) - set(kernels.labels)):
        raise InvalidSpec(f"there is no parameter {label!r}; known: {', '.join(kernels.labels)}")
    wanted = signature(kernels.model, kernels.lowered, kernels.lowered)
    own = tuple(argument for argument in wanted if argument.source == "parameters")
    arrays = bound(own, parameters, {}, np.dtype(kernels.dtype))
    return {argument.label: array for argument, array in zip(own, arrays, strict=True)}
