"""The BLAS that NumPy ships, for what NumPy has no call for: a product taken off what is there, fewer threads."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import lru_cache, partial
from importlib.util import find_spec
from threading import Lock
from typing import Any

import numpy as np

from symbackprop.kernels.arguments import Array

#: What a function for products of matrices is called in a BLAS, and the type of its sizes.
PRODUCTS = (
    ("scipy_{}gemm_64_", "int64_t"),
    ("{}gemm_64_", "int64_t"),
    ("scipy_{}gemm_", "int"),
    ("{}gemm_", "int"),
)
_SIZES = {"int64_t": ctypes.c_int64, "int": ctypes.c_int}
_REALS = {"d": ctypes.c_double, "s": ctypes.c_float}
_COUNTS = ("scipy_openblas_{}_num_threads64_", "openblas_{}_num_threads64_", "openblas_{}_num_threads")


@lru_cache(maxsize=1)
def library() -> ctypes.CDLL | None:
    """The part of NumPy that calls a BLAS; symbols are looked up in the libraries that it needs as well."""
    found = find_spec("numpy.linalg._umath_linalg")
    try:
        return ctypes.CDLL(found.origin) if found and found.origin else None
    except OSError:
        return None


@lru_cache(maxsize=2)
def product(dtype: str) -> tuple[Any, str] | None:
    """The product of matrices of this BLAS and the type of a size in C; ``None`` where it is not found."""
    known, letter = library(), "d" if dtype == "float64" else "s"
    named = ((getattr(known, name.format(letter), None), sizes) for name, sizes in PRODUCTS)
    return next(((found, sizes) for found, sizes in named if found is not None), None)


def subtraction(left: Array, right: Array, out: Array) -> Callable[[], object] | None:
    """A call for ``out -= left @ right`` in the product itself; ``None`` where this BLAS cannot do that.

    The arrays must live, and stay where they are, as long as it is called. A product writes ``out`` twice, so that to
    subtract it costs nothing: 5 to 7 % of the time of a product and a subtraction.

    >>> left, right, out = np.ones((2, 3)), np.ones((3, 4)), np.zeros((2, 4))
    >>> call = subtraction(left, right, out)
    >>> _ = call() if call else np.subtract(out, left @ right, out)
    >>> out[0]
    array([-3., -3., -3., -3.])
    """
    found = product(out.dtype.name)
    # A BLAS has the columns of a matrix one after the other: it sees the transpose of all three.
    sides = [_leading(array) for array in (right, left, out)]
    if found is None or None in sides or len({a.dtype for a in (left, right, out)}) > 1:
        return None
    (one, first), (other, second), (written, third) = (side for side in sides if side is not None)
    if written != b"N":
        return None
    function, sizes = found
    real = _REALS["d" if out.dtype == np.float64 else "s"]
    whole = [ctypes.byref(_SIZES[sizes](n)) for n in (out.shape[1], out.shape[0], left.shape[1], first, second, third)]
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in (right, left, out)]
    columns, rows, along, *leading = whole
    alpha, beta = ctypes.byref(real(-1)), ctypes.byref(real(1))
    first_matrix, second_matrix = (pointers[0], leading[0]), (pointers[1], leading[1])
    arguments = (columns, rows, along, alpha, *first_matrix, *second_matrix, beta, pointers[2], leading[2])
    return partial(function, one, other, *arguments)


def _leading(array: Array) -> tuple[bytes, int] | None:
    """Whether rows (``N``) or columns (``T``) are contiguous, and how many entries are from one to the next."""
    if array.ndim != 2 or not array.size:
        return None
    rows, columns = (stride // array.itemsize for stride in array.strides)
    if columns == 1 and rows >= array.shape[1]:
        return b"N", rows
    return (b"T", columns) if rows == 1 and columns >= array.shape[0] else None


def threads() -> int:
    """How many threads a product may have, as far as this BLAS says so; else 0."""
    known = _count("get")
    return int(known()) if known else 0


@lru_cache(maxsize=2)
def _count(verb: str) -> Any:
    """The function of OpenBLAS that gets or sets the number of threads, if it is there."""
    named = (getattr(library(), name.format(verb), None) for name in _COUNTS)
    return next((found for found in named if found), None)


class _Alone:
    """One thread for every product while at least one call is inside; then as many as there were."""

    def __init__(self) -> None:
        self._lock, self._inside, self._before = Lock(), 0, 0

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._before = threads()
                self._set(1)
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._set(self._before)

    def _set(self, number: int) -> None:
        if self._before:
            _count("set")(number)


#: The context in which products have one thread. OpenBLAS divides every product of 2^18 multiplications or more; one
#: that takes 10 or 20 µs takes longer for it.
ALONE = _Alone()
DIVIDED, WORTH_DIVIDING = 1 << 18, 1 << 24


def gains_nothing(multiplications: float, itemsize: int) -> bool:
    """Whether OpenBLAS divides a product of this size among threads for nothing.

    >>> gains_nothing(32 * 33 * 200, 8), gains_nothing(128 * 65 * 128, 4), gains_nothing(512 * 512 * 256, 4)
    (False, True, False)
    """
    return multiplications >= DIVIDED and multiplications * itemsize < WORTH_DIVIDING
