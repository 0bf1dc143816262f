"""What every C source begins with: functions, products of matrices, and moving a batch about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

_SIZE = re.compile(r" *const long (\w+) = (p->\1|sizes\[\d+\]);")
_WORD = re.compile(r"(?<!->)\b\w+")
_FILES = ("c_functions.c", "c_vectors.c", "c_products.c", "c_batches.c")


def source_of(dtype: str, sizes: str, whole: bool = True) -> str:
    """The beginning of a source in this dtype, for a BLAS with sizes of this type;
    functions and products alone unless ``whole``."""
    lines = ["/* Not every kernel needs all that is here, and loops that look alike take the same sizes. */"]
    lines += [f'#pragma GCC diagnostic ignored "-Wunused-{what}"' for what in ("function", "parameter")]
    lines += ["#include <math.h>", "#include <stdint.h>", "#include <string.h>", ""]
    lines += [f"#define SINGLE {int(dtype == 'float32')}", f"typedef {sizes} blas_int;"]
    return "\n".join(lines) + "\n\n" + "\n".join(map(_file, _FILES if whole else _FILES[:3]))


def without_unused_sizes(lines: Iterable[str]) -> Iterator[str]:
    """The lines of functions, but for the sizes of a batch that one has and does not need.

    >>> list(without_unused_sizes(["const long n = p->n;", "const long n1 = p->n1;", "p->n = n1;", "}"]))
    ['const long n1 = p->n1;', 'p->n = n1;', '}']
    """
    function: list[str] = []
    for line in lines:
        function.append(line)
        if line == "}":
            words = Counter(word for text in function for word in _WORD.findall(text))
            sizes = ((text, _SIZE.fullmatch(text)) for text in function)
            yield from (text for text, size in sizes if size is None or words[size[1]] > 1)
            function = []
    yield from function


@lru_cache(maxsize=4)
def _file(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
