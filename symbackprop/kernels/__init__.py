"""Kernels: derivations lowered to array programs and emitted as source that trains; a backend is one file."""

from symbackprop.kernels.backend import Compiled, Routine, backends
from symbackprop.kernels.compilation import Kernels, compile_kernels
from symbackprop.kernels.elementwise import lambdify_elementwise
from symbackprop.kernels.numpy_backend import compile_numpy
from symbackprop.kernels.program import Program

__all__ = [
    "Compiled",
    "Kernels",
    "Program",
    "Routine",
    "backends",
    "compile_kernels",
    "compile_numpy",
    "lambdify_elementwise",
]
