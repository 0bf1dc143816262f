"""Programs as C: the forward pass and the gradients as functions of a library that is compiled once."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from sympy import Expr

from symbackprop.kernels.arguments import Array
from symbackprop.kernels.backend import Compiled, Routine, backends, checked_name
from symbackprop.kernels.c_body import CBody
from symbackprop.kernels.c_compiler import blas, library
from symbackprop.kernels.c_loops import Functions
from symbackprop.kernels.c_memory import slots_of
from symbackprop.kernels.c_text import source_of, without_unused_sizes

_SUMMARY = """/* Forward and backward pass of a network in {dtype}.

   A function takes the sizes of the batch, memory of as many numbers as its ..._work returns, and pointers to its
   arguments and to its results. An array of samples has one sample a column. */"""


def compile_c(routines: tuple[Routine, ...], dtype: str) -> Compiled:
    """C source, and its functions over NumPy arrays, which round what is computed in a wider dtype."""
    given, dtype = dtype, routines[0].computed_in(dtype)
    functions = Functions(dtype)
    emitters = [_Emitter(routine, functions) for routine in routines]
    bodies = ["\n".join(without_unused_sizes(emitter.lines())) for emitter in emitters]
    parts = [_SUMMARY.format(dtype=dtype), source_of(dtype, blas(dtype)[1]), *functions.texts(), *bodies]
    source = "\n\n".join(parts) + "\n"
    loaded = library(source, dtype)
    return Compiled(source, {e.routine.name: _caller(e, loaded, np.dtype(dtype), np.dtype(given)) for e in emitters})


backends.register("c", compile_c)


class _Emitter:
    """One routine as C."""

    def __init__(self, routine: Routine, functions: Functions) -> None:
        self.routine, self.program = routine, routine.program
        self.body = CBody(routine.program, functions)
        inputs = {array.name for array in self.program.inputs}
        self.own = dict.fromkeys(name for name in self.program.outputs.values() if name not in inputs)
        self.outputs = list(dict.fromkeys(self.program.outputs.values()))

    def lines(self) -> Iterator[str]:
        name, body = checked_name(self.routine.name), self.body
        slots = slots_of(self.program, (), self.own, True)
        yield f"EXPORTED long {name}_work(const long *sizes)"
        yield "{"
        yield from self._sizes()
        yield f"    return {' + '.join(['0', *(size for _, size in slots.sized(body))])};"
        yield "}"
        yield ""
        yield f"/* {self.routine.summary} */"
        yield f"EXPORTED void {name}(const long *sizes, real *work, real *const *arguments, real *const *results)"
        yield "{"
        yield from self._sizes()
        for number, array in enumerate(self.program.inputs):
            yield f"    real *{body.names[array.name]} = arguments[{number}];"
        for number, output in enumerate(self.outputs):
            if output in self.own:
                yield f"    real *{body.names[output]} = results[{number}];"
        for slot, size in slots.sized(body):
            arrays = (body.names[array] for array, place in slots.places.items() if place == slot)
            yield f"    real {', '.join(f'*{array} = work' for array in arrays)};"
            yield f"    work += {size};"
        for line in body.lines(self.program.statements):
            yield line if line.startswith("#") else f"    {line}"
        for number, output in enumerate(self.outputs):
            if output not in self.own:
                count = body.count(self.program.arrays[output])
                yield f"    memcpy(results[{number}], {body.names[output]}, sizeof(real)*({count}));"
        yield "}"

    def _sizes(self) -> Iterator[str]:
        for number, name in enumerate(self.body.sizes.values()):
            yield f"    const long {name} = sizes[{number}];"


def _caller(emitter: _Emitter, loaded: ctypes.CDLL, dtype: np.dtype[Any], rounded: np.dtype[Any]) -> Callable[..., Any]:
    """The function of a library as one of arrays with samples as rows, with results rounded to a dtype."""
    routine, program = emitter.routine, emitter.program
    run, work = loaded[routine.name], loaded[f"{routine.name}_work"]
    work.restype = ctypes.c_long
    places = [array.name for array in program.inputs]
    keys = list(program.outputs)

    def call(*arguments: Array) -> Any:
        turned = [
            np.moveaxis(a, 0, -1) if name in routine.rows else a for a, name in zip(arguments, places, strict=True)
        ]
        inputs = [np.ascontiguousarray(array, dtype) for array in turned]
        known = {size: inputs[places.index(name)].shape[axis] for size, (name, axis) in program.sizes.items()}
        sizes = (ctypes.c_long * max(1, len(known)))(*known.values())
        found = {name: np.empty(_shape(program.arrays[name].shape, known), dtype) for name in emitter.outputs}
        memory = np.empty(work(sizes) + 16, dtype)
        start = ctypes.c_void_p(memory.ctypes.data + -memory.ctypes.data % 64)
        run(sizes, start, _pointers(inputs), _pointers(list(found.values())))
        values = [found[program.outputs[key]] for key in keys]
        rows = (np.moveaxis(v, -1, 0) if key in routine.rows else v for key, v in zip(keys, values, strict=True))
        results = tuple(value.astype(rounded, copy=False)[()] for value in rows)
        return results if len(results) > 1 else results[0]

    return call


def _shape(shape: Sequence[Expr], known: dict[Any, int]) -> tuple[int, ...]:
    return tuple(int(size if size.is_Integer else size.subs(known)) for size in shape)


def _pointers(arrays: Sequence[Array]) -> Any:
    return (ctypes.c_void_p * max(1, len(arrays)))(*(array.ctypes.data for array in arrays))
