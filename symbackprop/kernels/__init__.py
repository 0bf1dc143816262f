"""Kernels: derivations lowered to array programs and emitted as source that trains; a backend is one file."""

from symbackprop.kernels.backend import Compiled, Routine, Unavailable, backends
from symbackprop.kernels.c_backend import compile_c
from symbackprop.kernels.c_session import CSession
from symbackprop.kernels.compilation import Kernels, compile_kernels
from symbackprop.kernels.elementwise import lambdify_elementwise
from symbackprop.kernels.jax_backend import Jax
from symbackprop.kernels.numpy_backend import compile_numpy
from symbackprop.kernels.numpy_session import NumpySession
from symbackprop.kernels.program import Program
from symbackprop.kernels.sessions import Session, step_backends
from symbackprop.kernels.step_program import StepProgram
from symbackprop.kernels.steps import Steps, compile_steps
from symbackprop.kernels.torch_backend import Torch

__all__ = [
    "CSession",
    "Compiled",
    "Jax",
    "Kernels",
    "NumpySession",
    "Program",
    "Routine",
    "Session",
    "StepProgram",
    "Steps",
    "Torch",
    "Unavailable",
    "backends",
    "compile_c",
    "compile_kernels",
    "compile_numpy",
    "compile_steps",
    "lambdify_elementwise",
    "step_backends",
]
