"""What a backend is: routines in, source text and callables out; a new one is one file and one registration."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symbackprop.errors import IllFormed, InvalidSpec
from symbackprop.kernels.program import Program
from symbackprop.registry import Registry


@dataclass(frozen=True)
class Routine:
    """A function to emit: the program's inputs are its arguments, in order, and its outputs a tuple, in order.

    ``rows`` names the inputs and output keys that have one sample a row for the caller, one a column in the program.
    A ``wide`` routine of a float32 kernel is computed in float64, and its results are rounded once, at the end; a
    backend may leave that out.
    """

    name: str
    program: Program
    summary: str
    rows: frozenset[str]
    wide: bool = False

    def computed_in(self, dtype: str) -> str:
        """The dtype that a kernel of ``dtype`` computes this in."""
        return "float64" if self.wide else dtype


@dataclass(frozen=True)
class Compiled:
    """The source of all routines and a callable for each, over NumPy arrays.

    ``native`` holds what the source defines over the arrays of another library (``gradients``, ``AXES``).
    """

    source: str
    functions: Mapping[str, Callable[..., Any]]
    native: Mapping[str, Any] = field(default_factory=dict)


class Unavailable(InvalidSpec):
    """A backend that lacks what it needs on this machine: a library, a compiler; the message says how to get it."""


#: A backend takes the routines and the dtype (``float32`` or ``float64``).
Backend = Callable[[tuple[Routine, ...], str], Compiled]
backends: Registry[Backend] = Registry("backend")

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def write_source(source: str, path: str | Path) -> None:
    """Write emitted source to a file; :class:`~symbackprop.errors.InvalidSpec` where there is no place for one."""
    try:
        Path(path).write_text(source, encoding="utf-8", newline="\n")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidSpec(f"the kernel cannot be written to {str(path)!r}: {reason}") from None


def checked_name(name: str) -> str:
    """The name itself if it may stand in source, else :class:`~symbackprop.errors.IllFormed`.

    >>> checked_name("w1")
    'w1'
    >>> checked_name("x; y")
    Traceback (most recent call last):
        ...
    symbackprop.errors.IllFormed: 'x; y' cannot be a name in a kernel
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise IllFormed(f"{name!r} cannot be a name in a kernel")
    return name
