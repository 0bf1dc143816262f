"""A training step in NumPy: the source, and the vectors that it works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from symbackprop.errors import InvalidSpec
from symbackprop.kernels.arguments import Array
from symbackprop.kernels.blas import ALONE, gains_nothing, subtraction, threads
from symbackprop.kernels.descents import DESCENT
from symbackprop.kernels.numpy_backend import imports
from symbackprop.kernels.numpy_calls import logistic_source
from symbackprop.kernels.numpy_step import StepEmitter
from symbackprop.kernels.numpy_update import update_lines
from symbackprop.kernels.sessions import NOT_KEPT, Session, step_backends
from symbackprop.kernels.step_program import StepProgram
from symbackprop.kernels.vectors import Labelled, Vectors
from symbackprop.kernels.wrapping import wrapped

HEADER = '''"""A training step of a network in {dtype}, in memory that is planned beforehand.

{summary}
"""

import numpy as np
'''
#: Memory that is not aligned costs a step of small layers 4 to 8 % (AVX-512).
ALIGNED = """

def aligned(*shape, dtype=np.{dtype}):
    \"\"\"Zeros that begin where a line of the cache does, as the processor's vectors like it.\"\"\"
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.zeros(size + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + size].view(dtype).reshape(shape)
"""
_SCALED = """One flat vector holds the parameters and another the gradients, which carry the learning rate:

    load, step = plan(theta, gradient, scale, x, y)      # x and y have one sample a row
    scale[...] = {rate}
    step()                                               # theta -= gradient"""
_APART = """One flat vector holds the parameters and another the gradients:

    load, step = plan(theta, gradient, x, y)             # x and y have one sample a row
    step()
    updates(theta, gradient, ...)(t, ...)                # what the optimizer remembers, and its settings"""

#: How many batch sizes keep their memory; the last batch of an epoch is often a shorter one.
PLANS = 4


def step_source(step: StepProgram, dtype: str) -> str:
    """The source of a step, which runs with NumPy and SciPy alone."""
    rate = "learning_rate/len(x)" if step.mean else "learning_rate"
    summary = _SCALED.format(rate=rate) if step.scaled else _APART
    body = "\n".join(StepEmitter(step, dtype).lines())
    logistic = logistic_source(dtype) if "logistic_for(" in body else ""
    parts = [HEADER.format(dtype=dtype, summary=summary) + imports(body + logistic)]
    if "aligned(" in body:
        parts[0] = parts[0].replace("import numpy", "import math\n\nimport numpy")
        parts.append(ALIGNED.format(dtype=dtype))
    if "descent(" in body:
        parts.append(DESCENT)
    parts += [logistic] if logistic else []
    parts.append(f"\n\n{body}\n")
    if not step.scaled:
        parts.append("\n\n" + "\n".join(update_lines(step.optimizer, dtype)) + "\n")
    return wrapped("".join(parts))


class NumpySession(Session):
    """The vectors of parameters, gradients and memory, and the functions of :func:`step_source` over them."""

    def __init__(self, step: StepProgram, dtype: str, parameters: Mapping[str, Array]) -> None:
        self._step = step
        self.source = step_source(step, dtype)
        namespace: dict[str, Any] = {}
        # The text is made of checked names, numbers and printed arithmetic; nothing that a user wrote is in it.
        exec(compile(self.source, "<symbackprop step>", "exec"), namespace)  # noqa: S102
        namespace["descent"] = descent
        self._functions = namespace
        self._vectors = Vectors(step, dtype, parameters, namespace["views"])
        self.theta, self._gradient = self._vectors.theta, self._vectors.gradient
        self._scale = np.zeros((), dtype)
        self._plans: dict[tuple[tuple[int, ...], ...], tuple[Callable[..., None], Callable[..., Any]]] = {}
        self._samples, self._scaled_by = 1, (0.0, 0)
        self._down, self._kept = "descent(" in self.source, True
        if not step.scaled:
            self._update = namespace["updates"](self.theta, self._gradient, *self._vectors.memory.values())

    @property
    def parameters(self) -> Labelled:
        """The parameters by label, as views: what is written to them is trained on from there."""
        return self._vectors.shown

    @property
    def gradients(self) -> Labelled:
        if not self._kept:
            raise InvalidSpec(NOT_KEPT)
        return self._vectors.gradients()

    @property
    def memory(self) -> Mapping[str, Labelled]:
        return self._vectors.remembered()

    def load(self, *data: Array) -> None:
        """The next batch: the inputs besides the parameters, in order."""
        shapes = tuple(array.shape for array in data)
        if shapes not in self._plans:
            if len(self._plans) >= PLANS:
                del self._plans[next(iter(self._plans))]
            scale = [self._scale] if self._step.scaled else []
            load, run = self._functions["plan"](self.theta, self._gradient, *scale, *data)
            self._plans[shapes] = load, alone(run) if self._is_small(shapes) else run
            self._load, self.run = self._plans[shapes]
        else:
            self._load, self.run = self._plans[shapes]
            self._load(*data)
        self._samples = self._count(data)

    def _is_small(self, shapes: Sequence[tuple[int, ...]]) -> bool:
        """Whether threads would only cost, for batches of these shapes."""
        if threads() < 2:
            return False
        largest = self._step.largest_product(shapes)
        return gains_nothing(largest, self.theta.itemsize)

    def _count(self, data: Sequence[Array]) -> int:
        given = zip(self._step.data, data, strict=True)
        return next((len(array) for typed, array in given if typed.name in self._step.rows), 1)

    def step(self, number: int, settings: Sequence[float], loss: bool = False, keep: bool = True) -> float | None:
        """One step over the batch that is loaded; ``number`` counts from 1, ``settings`` are those of the optimizer.

        Without ``keep`` the gradients of some matrices are not written down: they go down as the product is made.
        """
        if self._step.scaled:
            rate = self._step.rate(settings)
            if (rate, self._samples) != self._scaled_by:
                self._scaled_by, self._vectors.rate = (rate, self._samples), rate
                self._scale[...] = rate / self._samples if self._step.mean else rate
            self._kept = keep or not self._down
            return self._value(self.run(loss, keep) if self._down else self.run(loss))
        found = self.run(loss)
        self._update(number, *settings)
        return self._value(found)

    @staticmethod
    def _value(found: Any) -> float | None:
        return None if found is None else float(found)


step_backends.register("numpy", NumpySession)


def alone(run: Callable[..., Any]) -> Callable[..., Any]:
    """The step with one thread for its products."""

    def call(*choices: bool) -> Any:
        with ALONE:
            return run(*choices)

    return call


def descent(w: Array, left: Array, right: Array, gradient: Array) -> Callable[[bool], None]:
    """The same as that of the source, but in one product where the gradient is not kept and BLAS can do it."""
    direct = subtraction(left, right, w)

    def call(keep: bool) -> None:
        if direct is not None and not keep:
            direct()
            return
        np.matmul(left, right, gradient)
        np.subtract(w, gradient, w)

    return call
