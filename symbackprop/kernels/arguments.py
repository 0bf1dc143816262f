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
Source: TypeAlias = Literal["X", "Y", "parameters", "given"]

_SOURCES: Mapping[Role, Source] = {
    Role.INPUT: "X",
    Role.TARGET: "Y",
    Role.GIVEN: "given",
    Role.POSITION: "given",
}


@dataclass(frozen=True)
class Argument:
    """One argument of a routine: where it comes from, its label, and its shape (a name where the size is free).

    ``name`` is another word for the label; ``whole`` is whether it holds whole numbers, which stay such.
    """

    source: Source
    label: str
    shape: tuple[int | str, ...]
    name: str = ""
    whole: bool = False

    def fitting(self, value: Array, dtype: np.dtype[Any]) -> Array:
        """``value`` as an array of the kernel's dtype.

        What is not made of real numbers is an :class:`~symbackprop.errors.InvalidSpec`, another shape a
        :class:`~symbackprop.errors.ShapeMismatch`.
        """
        plain = type(value) is np.ndarray and value.dtype is dtype and not self.whole
        array = value if plain else self._converted(value, dtype)
        fits = array.ndim == len(self.shape)
        for size, length in zip(self.shape, array.shape, strict=False):
            if size != length and type(size) is int:
                fits = False
        if not fits:
            wanted = ", ".join(map(str, self.shape))
            raise ShapeMismatch(f"{self.label} has shape {array.shape}, expected ({wanted})")
        return array

    def _converted(self, value: Array, dtype: np.dtype[Any]) -> Array:
        try:
            array = np.asarray(value)
            if array.dtype.kind not in "biuf" or self.whole and not _whole(array):
                raise TypeError
        except (TypeError, ValueError):
            kind = "whole" if self.whole else "real"
            raise InvalidSpec(f"{self.label} is not an array of {kind} numbers") from None
        return array.astype(np.intp if self.whole else dtype, copy=False)


def _whole(array: Array) -> bool:
    """Whether all entries are whole numbers that an index can be."""
    return array.dtype.kind != "f" or bool((np.abs(array) < 2.0**53).all() and (array == np.floor(array)).all())


def entrance(model: Model) -> Quantity:
    """What the caller hands over as X: the input, or the tokens that an embedding reads."""
    return next((q for q in model.inputs if q.role is Role.INPUT), model.inputs[0])


def signature(model: Model, lowered: Program, needed: Program) -> tuple[Argument, ...]:
    """The arguments of a routine that needs only some inputs of the lowered program."""
    quantities = {array.name: q for q, array in zip(model.inputs, lowered.inputs, strict=True)}
    first, one_example = entrance(model), model.batch is None
    return tuple(_argument(quantities[a.name], quantities[a.name] == first, one_example) for a in needed.inputs)


def _argument(quantity: Quantity, first: bool, one_example: bool) -> Argument:
    source = _SOURCES.get(quantity.role, "parameters")
    if first and source == "given":
        source = "X"
    shape = tuple(int(size) if size.is_Integer else str(size) for size in quantity.axes)
    samples = ("samples",) if source != "parameters" and one_example else ()
    whole = quantity.role is Role.POSITION
    return Argument(source, quantity.label, (*samples, *shape), quantity.name, whole)


def bound(
    arguments: tuple[Argument, ...], parameters: Mapping[str, Array], data: Mapping[str, Array], dtype: np.dtype[Any]
) -> list[Array]:
    """The arrays for ``arguments`` in order; a size that is free is the same in all of them.

    ``data`` holds X and Y, and what is given by label or name. What is given once for all samples is repeated.
    """
    arrays = []
    sizes: dict[int | str, tuple[int, str]] = {}
    for argument in arguments:
        if argument.source == "parameters":
            if argument.label not in parameters:
                raise InvalidSpec(f"the parameter {argument.label} is missing; given: {', '.join(sorted(parameters))}")
            value = parameters[argument.label]
        else:
            value = _handed(argument, data, sizes.get("samples"))
        arrays.append(argument.fitting(value, dtype))
        for size, length in zip(argument.shape, arrays[-1].shape, strict=True):
            seen, first = sizes.setdefault(size, (length, argument.label))
            if seen != length:
                raise ShapeMismatch(f"{size} is {seen} in {first} and {length} in {argument.label}")
    if "Y" in data and any(0 in array.shape for array in arrays):
        raise ShapeMismatch("a batch needs at least one sample")
    return arrays


def _handed(argument: Argument, data: Mapping[str, Array], samples: tuple[int, str] | None) -> Array:
    if argument.source != "given":
        return data[argument.source]
    for key in (argument.label, argument.name):
        if key in data:
            repeated = samples is not None and argument.shape[:1] == ("samples",)
            return _for_all_samples(data[key], argument, samples[0]) if repeated and samples else data[key]
    raise InvalidSpec(f"{argument.label} is missing; hand it over as {argument.name or argument.label}=…")


def _for_all_samples(value: Array, argument: Argument, samples: int) -> Array:
    array = np.asarray(value)
    own = argument.shape[1:]
    fits = len(own) == array.ndim and all(type(n) is not int or n == m for n, m in zip(own, array.shape, strict=True))
    return np.broadcast_to(array, (samples, *array.shape)) if fits else array
