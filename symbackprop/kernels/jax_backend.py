"""The backend of JAX: programs as functions of ``jax.numpy`` that change no array, for ``jax.jit`` and meshes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from symbackprop.kernels.arguments import Array
from symbackprop.kernels.backend import Unavailable
from symbackprop.kernels.foreign import Foreign
from symbackprop.kernels.libraries import Library, listed

_WIDE = """
if not jax.config.jax_enable_x64:
    raise ImportError('this kernel is in float64: jax.config.update("jax_enable_x64", True) before it is imported')
"""
_WINDOWS = '''

def windows(x, sizes, axes):
    """All windows of these sizes along the axes, as axes at the end."""
    for size, axis in zip(sizes, axes):
        count = x.shape[axis] - size + 1
        x = jnp.stack([lax.slice_in_dim(x, k, k + count, axis=axis) for k in range(size)], axis=-1)
    return x
'''


class JaxNumPy(Library):
    """``jax.numpy``; an array with another entry is another array, and a loop is ``lax.fori_loop``."""

    name = "jnp"
    sets_entries = False

    def windows(self, text: str, sizes: Sequence[str], axes: Sequence[int]) -> str:
        return f"windows({text}, {listed(sizes)}, {tuple(axes)})"

    def increased(self, target: str, part: str, source: str) -> str:
        return f"{target} = {target}.at{part or '[...]'}.add({source})"

    def scattered(self, target: str, order: Sequence[int], indices: str, source: str) -> str:
        back = [list(order).index(axis) for axis in range(len(order))]
        return f"{target} = {self.transposed(f'{self.transposed(target, order)}.at[{indices}].add({source})', back)}"

    def loop(self, length: str, descending: bool, body: Sequence[str], kept: Sequence[str]) -> list[str]:
        arrays = listed(kept)
        turn = "k" if descending else "t"
        first = [f"t = {length} - 1 - k"] if descending else []
        lines = [f"{arrays} = kept", *first, *body, f"return {arrays}"]
        return [
            f"def turn({turn}, kept):",
            *(f"    {line}" for line in lines),
            f"{arrays} = lax.fori_loop(0, {length}, turn, {arrays})",
        ]


class Jax(Foreign):
    """JAX. A kernel in float64 needs ``jax_enable_x64``, which it asks for and does not set."""

    name = "jax"
    library = JaxNumPy()

    def header(self, body: str, dtype: str) -> str:
        whole = body + self.helpers(body)
        used = ["import jax"] if dtype == "float64" else []
        used += ["import jax.numpy as jnp"]
        used += ["from jax import lax"] if "lax." in whole else []
        used += ["from jax.scipy import special"] if "special." in whole else []
        return "\n".join(used) + "\n" + (_WIDE if dtype == "float64" else "")

    def helpers(self, body: str) -> str:
        return _WINDOWS if " windows(" in body else ""

    def check(self, dtype: str) -> None:
        if dtype == "float64" and not import_module("jax").config.jax_enable_x64:
            raise Unavailable(
                "JAX has float64 switched off, and would compute in float32; say "
                'jax.config.update("jax_enable_x64", True) before all else, or take dtype="float32"'
            )

    def fast(self, function: Callable[..., Any]) -> Callable[..., Any]:
        compiled: Callable[..., Any] = import_module("jax").jit(function)
        return compiled

    def over_batches(self, run: Callable[..., Any], counted: int) -> Callable[..., Any]:
        jax = import_module("jax")

        def all_batches(theta: Any, memory: Any, numbers: Any, data: Any, order: Any, rows: tuple[bool, ...]) -> Any:
            first, *others = numbers

            def turn(state: Any, chosen: Any) -> Any:
                theta, memory, _, number = state
                batch = (array[chosen] if row else array for array, row in zip(data, rows, strict=True))
                theta, memory, gradient, value = run(theta, memory, number, *others, *batch)
                return (list(theta), list(map(list, memory)), list(gradient), number + counted), value

            start = (theta, memory, [0 * array for array in theta], first)
            (theta, memory, gradient, _), losses = jax.lax.scan(turn, start, order)
            return theta, memory, gradient, losses

        compiled: Callable[..., Any] = jax.jit(all_batches, static_argnames="rows")
        return compiled

    def joined(self, values: Sequence[Any]) -> Any:
        return import_module("jax.numpy").stack(values)

    def inward(self, array: Array) -> Any:
        # A copy: JAX may read a NumPy array after it has been written to.
        return import_module("jax.numpy").array(array)

    def outward(self, array: Any) -> Array:
        return np.array(array)


Jax().register()
