"""The errors of symbackprop; each names the thing, the place, what is known and what to do."""

from __future__ import annotations

from collections.abc import Iterable


class SymbackpropError(Exception):
    """Base of every error that a user can cause; the command line ends with exit code 2 on it."""


class UnknownName(SymbackpropError):
    """A name that a registry does not hold.

    >>> str(UnknownName("activation", "swihs", ["tanh", "swish"]))
    "no activation named 'swihs'; known: swish, tanh"
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"no {kind} named {name!r}; known: {', '.join(sorted(known))}")


class ShapeMismatch(SymbackpropError):
    """Two shapes that must agree and do not."""


class IllFormed(SymbackpropError):
    """A model or derivation that uses a symbol before its definition or mixes up its indices."""


class InvalidSpec(SymbackpropError):
    """A network, file or option that cannot be read; the message says where and what is expected."""


class Diverged(SymbackpropError):
    """Training that met a loss that is not finite."""


class NotDerivable(SymbackpropError):
    """A derivative that the engine has no rule for. It is never replaced by zero."""
