"""The backend of NumPy: programs as source that needs NumPy and SciPy alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symbackprop.kernels.backend import Compiled, Routine, backends
from symbackprop.kernels.emission import emit
from symbackprop.kernels.wrapping import wrapped

HEADER = '''"""Forward and backward pass of a network in {dtype}.

X and Y have one sample a row. Inside, an array of samples has one a column, so that z = W a + b.
"""

import numpy as np
'''
#: Around a routine that is computed in float64 for a kernel of float32.
WIDE = '''

def widened(*arrays):
    """The arrays in float64; whole numbers stay what they are."""
    return [array.astype(np.float64) if array.dtype == np.float32 else array for array in arrays]


def rounded(*values):
    """The results in float32."""
    found = tuple(value.astype(np.float32) if value.dtype == np.float64 else value for value in values)
    return found if len(found) > 1 else found[0]
'''
_IMPORTS = {
    "sliding_window_view(": "from numpy.lib.stride_tricks import sliding_window_view\n",
    "special.": "from scipy import special\n",
}


def imports(body: str) -> str:
    """What the body needs besides NumPy itself."""
    return "".join(line for used, line in _IMPORTS.items() if used in body)


def compile_numpy(routines: tuple[Routine, ...], dtype: str) -> Compiled:
    """Source with NumPy and SciPy alone, and its functions."""
    bodies = [emit(routine, routine.computed_in(dtype)) for routine in routines]
    wide = any(routine.wide for routine in routines)
    header = HEADER.format(dtype=f"{dtype}, computed in float64 and rounded once" if wide else dtype)
    header += imports("".join(bodies)) + (WIDE if wide else "")
    source = wrapped("\n\n".join([header, *bodies]))
    namespace: dict[str, Any] = {}
    # The text is made of checked names, numbers and printed arithmetic; nothing that a user wrote is in it.
    exec(compile(source, "<symbackprop kernels>", "exec"), namespace)  # noqa: S102
    functions: dict[str, Callable[..., Any]] = {routine.name: namespace[routine.name] for routine in routines}
    return Compiled(source, functions)


backends.register("numpy", compile_numpy)
