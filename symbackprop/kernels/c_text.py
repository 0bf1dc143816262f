"""What every C source begins with: functions, products of matrices, and moving a batch about."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

_FILES = ("c_functions.c", "c_vectors.c", "c_products.c", "c_batches.c")


def source_of(dtype: str, sizes: str, whole: bool = True) -> str:
    """The beginning of a source in this dtype, for a BLAS with sizes of this type;
    functions and products alone unless ``whole``."""
    lines = ["#include <math.h>", "#include <stdint.h>", "#include <string.h>", ""]
    lines += [f"#define SINGLE {int(dtype == 'float32')}", f"typedef {sizes} blas_int;"]
    return "\n".join(lines) + "\n\n" + "\n".join(map(_file, _FILES if whole else _FILES[:3]))


@lru_cache(maxsize=4)
def _file(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
