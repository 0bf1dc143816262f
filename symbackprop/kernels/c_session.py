"""A training step in C: the library, and the vectors that it works on."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symbackprop.errors import InvalidSpec
from symbackprop.kernels.arguments import Array
from symbackprop.kernels.backend import checked_name
from symbackprop.kernels.c_compiler import blas, library
from symbackprop.kernels.c_step import CStep
from symbackprop.kernels.sessions import NOT_KEPT, Session, step_backends
from symbackprop.kernels.step_program import StepProgram
from symbackprop.kernels.vectors import Labelled, Vectors, aligned

#: How many batch sizes keep their memory; the last batch of an epoch is often a shorter one.
PLANS = 4

_TYPES = {"long": ctypes.c_long, "double": ctypes.c_double, "real *": ctypes.c_void_p}


class CSession(Session):
    """The vectors of parameters, gradients and memory, and the functions of the library over them."""

    many = True

    def __init__(self, step: StepProgram, dtype: str, parameters: Mapping[str, Array]) -> None:
        self._step, self._dtype = step, np.dtype(dtype)
        emitter = CStep(step, dtype)
        self.source = emitter.source(blas(dtype)[1])
        self._library = library(self.source, dtype)
        self._fields: Any = type("Plan", (ctypes.Structure,), {"_fields_": [(n, _TYPES[t]) for n, t in emitter.fields]})
        self._down, self._kept = bool(emitter.down), True
        self._settings, self._sizes = emitter.settings, list(emitter.body.sizes.values())
        self._shapes = [np.shape(parameters[label]) for label in step.parameters]
        self.vectors = Vectors(step, dtype, parameters, self._views)
        self._plans: dict[tuple[tuple[int, ...], ...], _Plan] = {}

    def _views(self, vector: Array) -> Iterator[Array]:
        start = 0
        for shape in self._shapes:
            stop = start + prod(shape)
            yield vector[start:stop].reshape(shape)
            start = stop

    @property
    def parameters(self) -> Labelled:
        return self.vectors.shown

    @property
    def gradients(self) -> Labelled:
        if not self._kept:
            raise InvalidSpec(NOT_KEPT)
        return self.vectors.gradients()

    @property
    def memory(self) -> Mapping[str, Labelled]:
        return self.vectors.remembered()

    def load(self, *data: Array) -> None:
        """The next batch: the inputs besides the parameters, in order."""
        plan = self._plan_for(data)
        self._library.load(plan.address, *plan.pointers(data), None, ctypes.c_long(0))
        self.run = plan.run

    def _plan_for(self, data: Sequence[Array], samples: int | None = None) -> _Plan:
        """The plan for batches like this, of so many samples."""
        rows = [array.name in self._step.rows for array in self._step.data]
        shapes = tuple(
            (samples, *a.shape[1:]) if row and samples else a.shape for a, row in zip(data, rows, strict=True)
        )
        if shapes not in self._plans:
            if len(self._plans) >= PLANS:
                del self._plans[next(iter(self._plans))]
            self._plans[shapes] = _Plan(self, shapes)
        self._plan = self._plans[shapes]
        return self._plan

    def step(self, number: int, settings: Sequence[float], loss: bool = False, keep: bool = True) -> float | None:
        """One step over the batch that is loaded; ``number`` counts from 1, ``settings`` are those of the optimizer."""
        fields = self._plan.fields
        self._set(fields, number, settings)
        fields.with_loss, fields.keep = loss, keep
        self._kept = keep or not self._down
        self.run()
        return float(fields.loss) if loss else None

    def steps(
        self,
        number: int,
        settings: Sequence[float],
        data: Sequence[Array],
        rows: Sequence[bool],
        samples: int,
        order: NDArray[np.integer[Any]],
    ) -> Array:
        """J of one step for every whole batch of so many samples, taken in this order; all in one call."""
        if not any(rows):
            return super().steps(number, settings, data, rows, samples, order)
        plan = self._plan_for(data, samples)
        self._set(plan.fields, number, settings)
        taken, losses = np.ascontiguousarray(order, np.dtype("long")), np.empty(len(order) // samples)
        places, into = (ctypes.c_void_p(array.ctypes.data) for array in (taken, losses))
        self._library.steps(plan.address, ctypes.c_long(len(losses)), *plan.pointers(data), places, into)
        self.run, self._kept = plan.run, True
        return losses

    def _set(self, fields: Any, number: int, settings: Sequence[float]) -> None:
        fields.number = number
        if self._step.scaled:
            self.vectors.rate = fields.rate = self._step.rate(settings)
        for name, value in zip(self._settings, settings, strict=True):
            setattr(fields, name, value)


class _Plan:
    """The memory of batches of one size."""

    def __init__(self, session: CSession, shapes: Sequence[tuple[int, ...]]) -> None:
        library, step, dtype = session._library, session._step, session._dtype
        self.dtype = dtype
        size = library.plan_size()
        self.memory = ctypes.create_string_buffer(size)
        self.fields: Any = session._fields.from_buffer(self.memory)
        self.address = ctypes.byref(self.fields)
        turned = {
            typed.name: (*shape[1:], shape[0]) if typed.name in step.rows else shape
            for typed, shape in zip(step.data, shapes, strict=True)
        }
        for name, (array, axis) in zip(session._sizes, step.program.sizes.values(), strict=True):
            setattr(self.fields, name, turned[array][axis])
        rows = [shape[0] for typed, shape in zip(step.data, shapes, strict=True) if typed.name in step.rows]
        self.fields.samples = rows[0] if rows else 1
        library.plan.restype = ctypes.c_long
        vectors, self.work = session.vectors, aligned(library.plan(self.address), dtype)
        self.fields.work = self.work.ctypes.data
        self.fields.theta, self.fields.gradient = vectors.theta.ctypes.data, vectors.gradient.ctypes.data
        for name, vector in vectors.memory.items():
            setattr(self.fields, f"memory_{checked_name(name)}", vector.ctypes.data)
        library.plan(self.address)
        # Whoever keeps the address keeps all that it leads to.
        self.fields.kept = (self.work, vectors, library)
        self.run: Callable[[], object] = partial(library.step, self.address)

    def pointers(self, data: Sequence[Array]) -> tuple[Any]:
        self.kept = [np.ascontiguousarray(array, self.dtype) for array in data]
        return ((ctypes.c_void_p * len(data))(*(array.ctypes.data for array in self.kept)),)


step_backends.register("c", CSession)
