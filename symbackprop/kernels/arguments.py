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
        """``value`` as an array of the kernel's dtype.

        What is not made of real numbers is an :class:`~symbackprop.errors.InvalidSpec`, another shape a
        :class:`~symbackprop.errors.ShapeMismatch`.
        """
        try:
            array = np.asarray(value)
            if array.dtype.kind not in "biuf":
                raise TypeError
        except (TypeError, ValueError):
            raise InvalidSpec(f"{self.label} is not an array of real numbers") from None
        array = array.astype(dtype, copy=False)
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
    """The arrays for ``arguments`` in order; ``data`` holds X and Y. A size that is free is the same in all of them."""
    arrays = []
    sizes: dict[int | str, tuple[int, str]] = {}
    for argument in arguments:
        if argument.source == "parameters" and argument.label not in parameters:
            raise InvalidSpec(f"the parameter {argument.label} is missing; given: {', '.join(sorted(parameters))}")
        value = parameters[argument.label] if argument.source == "parameters" else data[argument.source]
        arrays.append(argument.fitting(value, dtype))
        for size, length in zip(argument.shape, arrays[-1].shape, strict=True):
            seen, first = sizes.setdefault(size, (length, argument.label))
            if seen != length:
                raise ShapeMismatch(f"{size} is {seen} in {first} and {length} in {argument.label}")
    if "Y" in data and any(0 in array.shape for array in arrays):
        raise ShapeMismatch("a batch needs at least one sample")
    return arrays
