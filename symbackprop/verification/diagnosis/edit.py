"""An edit of the source, and what the surroundings offer for its replacements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from symbackprop.verification.reading.surface import Negative, Node, Plus, Script, Span


@dataclass(frozen=True)
class Edit:
    """Replace ``tex[start:end]`` by ``replacement``, because of the slip named in ``slip``."""

    slip: str
    start: int
    end: int
    replacement: str

    def apply(self, tex: str) -> str:
        """The formula with the edit made.

        >>> Edit("sign", 4, 4, "-").apply("y = x")
        'y = -x'
        """
        return tex[: self.start] + self.replacement + tex[self.end :]


@dataclass(frozen=True)
class Hints:
    """What the surroundings offer for replacements, each spelled as the note does.

    ``primed`` are derivatives of functions in use, ``atoms`` letters and short expressions, ``letters`` bare letters,
    ``sums`` heads of sums by the index they bind, ``unbound`` the indices that nothing binds, ``transpose`` the mark
    of a transpose, ``arrays`` whether the sides are vectors or matrices, ``functions`` the letters of functions.
    """

    primed: tuple[str, ...] = ()
    atoms: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    indices: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    sums: tuple[tuple[str, str], ...] = ()
    unbound: tuple[str, ...] = ()
    transpose: str = "^T"
    arrays: bool = True
    functions: frozenset[str] = frozenset()


Rule = Callable[[Node, str, Hints], Iterator[Edit]]


def text(node: Node | Script, tex: str) -> str:
    """The source of a node."""
    return tex[node.span.start : node.span.end]


def bracketed(node: Node, tex: str) -> str:
    """The source of a node, in brackets if it is a sum and would fall apart as a factor."""
    source = text(node, tex)
    return rf"\left({source}\right)" if isinstance(node, Plus | Negative) else source


def replaced(slip: str, span: Span, replacement: str) -> Edit:
    """The edit that puts ``replacement`` in the place of a node."""
    return Edit(slip, span.start, span.end, replacement)
