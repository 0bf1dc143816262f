"""C source made into a library: the compiler of the system, and a cache by content."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from symbackprop.kernels.backend import Unavailable
from symbackprop.kernels.blas import product, threads
from symbackprop.kernels.c_text import source_of

#: No -ffast-math: infinity, NaN and the order of sums stay as written. A product and a sum may be rounded once,
#: nobody asks for the flags of the processor, and loops marked as vector code become that.
FLAGS: tuple[str, ...] = (
    "-std=gnu11",
    "-O3",
    "-fPIC",
    "-shared",
    "-fopenmp-simd",
    "-ffp-contract=fast",
    "-fno-math-errno",
)
FLAGS += ("-fno-trapping-math", "-w")
_NATIVE = {"x86_64": ("-march=native", "-mprefer-vector-width=512"), "aarch64": ("-mcpu=native",), "arm64": ()}
#: From so many multiplications on a product goes to the BLAS: where that has several threads, and where vectors are
#: short. In one thread with long vectors the products of the emitted source took less time at every size that was
#: measured but the largest.
_LARGE, _SHORT, _ALONE = float(1 << 21), float(1 << 16), float(1 << 28)


@lru_cache(maxsize=1)
def compiler() -> tuple[str, ...]:
    """The command of a C compiler: ``$CC``, perhaps with options, ``cc``, ``gcc`` or ``clang``.

    Where there is none, an :class:`~symbackprop.kernels.backend.Unavailable` says so.
    """
    for name, *options in (os.environ.get("CC", "").split() or [""], ["cc"], ["gcc"], ["clang"]):
        found = shutil.which(name) if name else None
        if found:
            return found, *options
    raise Unavailable("backend 'c' needs a C compiler (cc, gcc or clang, or its path in CC); 'numpy' works without")


@lru_cache(maxsize=2)
def blas(dtype: str) -> tuple[int, str]:
    """The address of the product of matrices in the BLAS that NumPy uses, and the type of a size in C.

    One pool of threads is enough: it is NumPy's own library if its symbols can be found, and SciPy's otherwise.
    """
    known = product(dtype)
    if known is not None:
        return ctypes.cast(known[0], ctypes.c_void_p).value or 0, known[1]
    letter = "d" if dtype == "float64" else "s"
    # Only here, as it takes a while to import.
    capsule = vars(import_module("scipy.linalg.cython_blas"))["__pyx_capi__"][f"{letter}gemm"]
    ctypes.pythonapi.PyCapsule_GetName.restype = ctypes.c_char_p
    ctypes.pythonapi.PyCapsule_GetName.argtypes = [ctypes.py_object]
    ctypes.pythonapi.PyCapsule_GetPointer.restype = ctypes.c_void_p
    ctypes.pythonapi.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    name = ctypes.pythonapi.PyCapsule_GetName(capsule)
    return ctypes.pythonapi.PyCapsule_GetPointer(capsule, name), "int"


def library(source: str, dtype: str) -> ctypes.CDLL:
    """The compiled source, loaded; it is compiled once for every text, compiler and processor.

    Products of matrices are the same in every source: they are a library of their own, compiled before.
    """
    found = loaded(source, ("-DPRODUCTS_ELSEWHERE",))
    found.use_product.argtypes = [ctypes.c_void_p]
    found.use_product(ctypes.cast(_products(dtype).product, ctypes.c_void_p))
    return found


@lru_cache(maxsize=2)
def _products(dtype: str) -> ctypes.CDLL:
    address, sizes = blas(dtype)
    found = loaded(source_of(dtype, sizes, whole=False))
    found.use_gemm.argtypes = [ctypes.c_void_p, ctypes.c_double]
    found.use_gemm(address, _from_where())
    return found


def _from_where() -> float:
    if "avx512f" not in _processor():
        return _SHORT
    return _ALONE if threads() == 1 else _LARGE


def loaded(source: str, options: tuple[str, ...] = ()) -> ctypes.CDLL:
    """The library of a source, from the cache or compiled into it; into a folder of this process where that fails."""
    flags = (*FLAGS, *_NATIVE.get(platform.machine(), ()), *options)
    text = "\0".join([source, *flags, *compiler(), _version(compiler()), _processor()])
    key = hashlib.sha256(text.encode()).hexdigest()[:32]
    try:
        _directory().mkdir(parents=True, exist_ok=True)
        path = _kept(key) or _built(source, flags, key, _directory())
    except OSError:  # no such place, or none to write to
        path = _built(source, flags, key, Path(_own_directory().name))
    try:
        return ctypes.CDLL(str(path))
    except OSError as reason:
        raise Unavailable(f"backend 'c': what {compiler()[0]} made cannot be loaded: {reason}") from None


def _kept(key: str) -> Path | None:
    """The library in the cache; what does not have the digest in its name is of no use, and would end the process."""
    for path in sorted(_directory().glob(f"{key}-*.so")):
        if path.is_file() and path.name == _name(key, path.read_bytes()):
            return path
    return None


def _name(key: str, content: bytes) -> str:
    return f"{key}-{hashlib.sha256(content).hexdigest()[:16]}.so"


def _built(source: str, flags: tuple[str, ...], key: str, folder: Path) -> Path:
    with tempfile.TemporaryDirectory(dir=folder) as own:
        (Path(own) / "kernel.c").write_text(source, encoding="utf-8")
        command = [*compiler(), *flags, "kernel.c", "-o", "kernel.so", "-lm"]
        done = subprocess.run(command, cwd=own, capture_output=True, text=True, check=False)
        if done.returncode:
            said = done.stderr.strip()[:500] or f"exit status {done.returncode}"
            raise Unavailable(f"backend 'c': {compiler()[0]} failed: {said}; 'numpy' needs none")
        made = Path(own) / "kernel.so"
        path = folder / _name(key, made.read_bytes())
        # A reader sees all of the file or nothing.
        os.replace(made, path)
    return path


def _directory() -> Path:
    """Where libraries are kept from one process to the next; a relative path in the variable does not count."""
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (named if named.is_absolute() else Path.home() / ".cache") / "symbackprop" / "kernels"


@lru_cache(maxsize=1)
def _own_directory() -> tempfile.TemporaryDirectory[str]:
    """Where libraries are kept as long as this process lasts."""
    return tempfile.TemporaryDirectory(prefix="symbackprop-")


@lru_cache(maxsize=1)
def _version(command: tuple[str, ...]) -> str:
    return subprocess.run([*command, "--version"], capture_output=True, text=True, check=False).stdout


@lru_cache(maxsize=1)
def _processor() -> str:
    """What code for this processor must not be used on another."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.platform() + platform.processor()
    return "\n".join(sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))}))
