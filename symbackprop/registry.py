"""A table of declarations by name, which refuses duplicates and says what it knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from symbackprop.errors import SymbackpropError, UnknownName

T = TypeVar("T")


class Registry(Mapping[str, T]):
    """Declarations of one kind by name, in order of registration.

    >>> losses = Registry[int]("loss")
    >>> losses.register("absolute", 1)
    1
    >>> losses["absolut"]
    Traceback (most recent call last):
        ...
    symbackprop.errors.UnknownName: no loss named 'absolut'; known: absolute
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, T] = {}

    def register(self, name: str, entry: T) -> T:
        """Add ``entry`` under ``name`` and return it; a name is given once only."""
        if name in self._entries:
            raise SymbackpropError(f"there is already a {self.kind} named {name!r}")
        self._entries[name] = entry
        return entry

    def __getitem__(self, name: str) -> T:
        if name not in self._entries:
            raise UnknownName(self.kind, name, self._entries)
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
