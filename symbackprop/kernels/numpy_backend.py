"""The backend of NumPy: programs as source that needs NumPy and SciPy alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symbackprop.kernels.backend import Compiled, Routine, backends
from symbackprop.kernels.emission import emit

HEADER = '''"""Forward and backward pass of a network in {dtype}.

X and Y have one sample a row. Inside, an array of samples has one a column, so that z = W a + b.
"""

import numpy as np
from scipy import special
'''
WINDOWS = "from numpy.lib.stride_tricks import sliding_window_view\n"


def compile_numpy(routines: tuple[Routine, ...], dtype: str) -> Compiled:
    """Source with NumPy and SciPy alone, and its functions."""
    bodies = [emit(routine, dtype) for routine in routines]
    header = HEADER.format(dtype=dtype)
    if any("sliding_window_view" in body for body in bodies):
        header = header.replace("from scipy", f"{WINDOWS}from scipy")
    source = "\n\n".join([header, *bodies])
    namespace: dict[str, Any] = {}
    # The text is made of checked names, numbers and printed arithmetic; nothing that a user wrote is in it.
    exec(compile(source, "<symbackprop kernels>", "exec"), namespace)  # noqa: S102
    functions: dict[str, Callable[..., Any]] = {routine.name: namespace[routine.name] for routine in routines}
    return Compiled(source, functions)


backends.register("numpy", compile_numpy)
