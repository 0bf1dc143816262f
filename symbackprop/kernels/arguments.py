"""What the caller hands to a kernel, checked against the axes of the model before it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from symbackprop.errors import InvalidSpec, ShapeMismatch
from symbackprop.kernels.program import Program
from symbackprop.model import Model
from symbackprop.quantities import Quantity, Role

Array: TypeAlias = NDArray[np.floating[Any]]
Source: TypeAlias = Literal["X", "Y", "parameters"]

_SOURCES: Mapping[Role, Source] = {Role.INPUT: "X", Role.TARGET: "Y"}


@dataclass(frozen=True)
class Argument:
    """One argument of a routine: where it comes from, its label, and its shape (a name where the size is free)."""

    source: Source
    label: str
    shape: tuple[int | str, ...]

    def fitting(self, value: Array, dtype: np.dtype[Any]) -> Array:
        """``value`` as an array of the kernel's dtype, or :class:`~symbackprop.errors.ShapeMismatch`."""
        array = np.asarray(value, dtype=dtype)
        fits = array.ndim == len(self.shape)
        for size, length in zip(self.shape, array.shape, strict=False):
            if size != length and type(size) is int:
                fits = False
        if not fits:
            wanted = ", ".join(map(str, self.shape))
            raise ShapeMismatch(f"{self.label} has shape {array.shape}, expected ({wanted})")
        return array


def signature(model: Model, lowered: Program, needed: Program) -> tuple[Argument, ...]:
    """The arguments of a routine that needs only some inputs of the lowered program."""
    quantities = {array.name: q for q, array in zip(model.inputs, lowered.inputs, strict=True)}
    return tuple(_argument(quantities[array.name]) for array in needed.inputs)


def _argument(quantity: Quantity) -> Argument:
    source = _SOURCES.get(quantity.role, "parameters")
    shape = tuple(int(size) if size.is_Integer else str(size) for size in quantity.axes)
    samples = ("samples",) if source != "parameters" and not quantity.batched else ()
    return Argument(source, quantity.label, (*samples, *shape))


def bound(
    arguments: tuple[Argument, ...], parameters: Mapping[str, Array], data: Mapping[str, Array], dtype: np.dtype[Any]
) -> list[Array]:
    """The arrays for ``arguments`` in order; ``data`` holds X and Y."""
    arrays = []
    for argument in arguments:
        if argument.source != "parameters":
            arrays.append(argument.fitting(data[argument.source], dtype))
        elif argument.label in parameters:
            arrays.append(argument.fitting(parameters[argument.label], dtype))
        else:
            raise InvalidSpec(f"the parameter {argument.label} is missing; given: {', '.join(sorted(parameters))}")
    return arrays
