"""Backpropagation derived, printed, judged and compiled: the public names, in pipeline order.

Importing the package imports nothing heavy; each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "Network": "symbackprop.network",
    "Dense": "symbackprop.layers",
    "derive": "symbackprop.derivation",
    "render": "symbackprop.rendering",
    "compile_kernels": "symbackprop.kernels",
    "train": "symbackprop.training",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    if name == "derive":
        # A derivation shows itself in a notebook; the rendering stage says how.
        import_module("symbackprop.rendering")
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
