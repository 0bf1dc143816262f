"""Backends whose source works on the arrays of another library; what they share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from symbackprop.kernels.arguments import Array
from symbackprop.kernels.axis_names import axis_names
from symbackprop.kernels.backend import Compiled, Routine, Unavailable, backends
from symbackprop.kernels.emission import emit
from symbackprop.kernels.foreign_steps import ForeignSession, step_functions
from symbackprop.kernels.libraries import Library
from symbackprop.kernels.sessions import step_backends
from symbackprop.kernels.step_program import StepProgram
from symbackprop.kernels.wrapping import wrapped

_SUMMARY = '''"""{what} of a network in {dtype}.

X and Y have one sample a row. Inside, an array of samples has one a column, so that z = W a + b.
AXES names the axes of the arguments: those of the same name are spread over devices together.
"""

'''


class Foreign(ABC):
    """A backend of another library; ``name`` is that of the library, the extra and the backend."""

    name: str
    library: Library

    @abstractmethod
    def header(self, body: str, dtype: str) -> str:
        """The imports that the body needs."""

    @abstractmethod
    def helpers(self, body: str) -> str:
        """The functions that the body needs."""

    @abstractmethod
    def check(self, dtype: str) -> None:
        """Raise :class:`~symbackprop.kernels.backend.Unavailable` where the library cannot have the dtype."""

    @abstractmethod
    def fast(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function as the library runs it best."""

    @abstractmethod
    def inward(self, array: Array) -> Any:
        """The library's array with these numbers, sharing no memory."""

    @abstractmethod
    def outward(self, array: Any) -> Array:
        """The NumPy array with these numbers."""

    def over_batches(self, run: Callable[..., Any], counted: int) -> Callable[..., Any]:
        """``run`` over the rows of data that each row of ``order`` names, the first number being ``counted`` on."""

        def all_batches(theta: Any, memory: Any, numbers: Any, data: Any, order: Any, rows: tuple[bool, ...]) -> Any:
            losses, gradient = [], None
            number, *others = numbers
            for chosen in order:
                batch = (array[chosen] if row else array for array, row in zip(data, rows, strict=True))
                theta, memory, gradient, value = run(theta, memory, number, *others, *batch)
                losses.append(value)
                number = number + counted
            return theta, memory, gradient, self.joined(losses)

        return all_batches

    @abstractmethod
    def joined(self, values: Sequence[Any]) -> Any:
        """Single numbers of the library as one array."""

    def register(self) -> None:
        """Put the backend where kernels and training steps look for one."""
        backends.register(self.name, self.compile)
        step_backends.register(self.name, self.session)

    def compile(self, routines: tuple[Routine, ...], dtype: str) -> Compiled:
        """Source for the library, and its functions for NumPy arrays."""
        self._ready(dtype)
        source = self.source("Forward and backward pass", routines, [], dtype)
        native = run(source)
        functions = {routine.name: self._over_numpy(native[routine.name], dtype) for routine in routines}
        return Compiled(source, functions, native)

    def session(self, step: StepProgram, dtype: str, parameters: Mapping[str, Array]) -> ForeignSession:
        """A training session over the library's arrays."""
        self._ready(dtype)
        rows = frozenset(step.rows)
        routine = Routine("gradients", step.program, "J and its derivative by each parameter.", rows)
        source = self.source("A training step", (routine,), step_functions(step, self.library), dtype)
        one = run(source)["step"]
        start = {label: np.array(parameters[label], dtype) for label in step.parameters}
        over_batches = self.over_batches(one, 0 if step.scaled else 1)
        return ForeignSession(source, self.fast(one), over_batches, step, start, self.inward, self.outward)

    def source(self, what: str, routines: tuple[Routine, ...], more: Iterable[str], dtype: str) -> str:
        """A file that needs the library alone."""
        bodies = [*(emit(routine, dtype, self.library) for routine in routines), *more]
        axes = axis_names(routines)
        shown = "".join(f'    "{name}": {_quoted(own)},\n' for name, own in axes.items())
        body = "\n\n".join(bodies)
        top = _SUMMARY.format(what=what, dtype=dtype) + self.header(body, dtype)
        return wrapped(f"{top}\nAXES = {{\n{shown}}}\n{self.helpers(body)}\n\n{body}")

    def _ready(self, dtype: str) -> None:
        try:
            import_module(self.name)
        except ImportError:
            install = f"pip install 'symbackprop[{self.name}]'"
            raise Unavailable(f"the backend {self.name} needs {self.name}; install it with: {install}") from None
        self.check(dtype)

    def _over_numpy(self, function: Callable[..., Any], dtype: str) -> Callable[..., Any]:
        fast = self.fast(function)

        def over_numpy(*arrays: Array) -> Any:
            self.check(dtype)
            found = fast(*map(self.inward, arrays))
            return tuple(map(self.outward, found)) if isinstance(found, tuple) else self.outward(found)

        return over_numpy


def run(source: str) -> Mapping[str, Any]:
    """What the source defines."""
    namespace: dict[str, Any] = {}
    # The text is made of checked names, numbers and printed arithmetic; nothing that a user wrote is in it.
    exec(compile(source, "<symbackprop kernels>", "exec"), namespace)  # noqa: S102
    return namespace


def _quoted(names: tuple[str, ...]) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"({quoted},)" if len(names) == 1 else f"({quoted})"
