r"""The class of one sample as an index, ``w_{y_i}`` and ``\sum_{k \ne y_i}``, where a block declares ``y_i: index``.

It is one letter, for the one sample that a formula is about. Under a sum over the samples it would be another class for
each of them, which is not understood.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from symbackprop.verification.reading.elaborate.usage import INDEX_LETTERS
from symbackprop.verification.reading.elaborate.walk import bound_letter
from symbackprop.verification.reading.labels import letters_in, script_items
from symbackprop.verification.reading.plain_text import read_typed
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import (
    Big,
    Name,
    Node,
    NotRead,
    Scripted,
    Span,
    Statement,
    is_part,
    parts_of,
    rebuilt,
)
from symbackprop.verification.reading.symbols import spelled

Part = TypeVar("Part")


def class_name(key: str) -> str:
    """The letter that a key is, if it is one with the number of a sample; else nothing."""
    surface = NotRead("", Span(0, 0)) if key.isalpha() else read_typed(key)
    return "" if isinstance(surface, NotRead) or len(surface) != 1 else _name(surface[0].sides[0])


def with_classes(statements: tuple[Statement, ...], scope: Scope) -> tuple[Statement, ...]:
    """The statements with these letters, but where a sum runs over the samples that they belong to."""
    known = {name for name, symbol in scope.symbols.items() if symbol.kind == "index" and name[-1:] == "}"}
    return tuple(s if not known or _is_summed(s, known) else _mapped(s, known) for s in statements)


def is_of_another(name: str, bound: frozenset[str], indices: tuple[Node, ...]) -> bool:
    """Whether the class that stands in the definition of a member may be that of another sample than is meant here."""
    own = frozenset(x for node in indices for x in letters_in(node))
    return name[-1:] == "}" and (_is_of(name, bound) or bool(own) and not _is_of(name, own))


def _is_of(name: str, letters: frozenset[str]) -> bool:
    return any(name.endswith((f"_{{{x}}}", f"^{{{x}}}", f"^{{({x})}}")) for x in letters)


def _name(node: object) -> str:
    """``y_i`` as one name; empty for what is no letter with the one number of a sample."""
    if not isinstance(node, Scripted) or not isinstance(node.base, Name) or node.primes:
        return ""
    scripts = (*node.subs, *node.sups)
    items = script_items(scripts[0]) if len(scripts) == 1 else ()
    numbered = len(items) == 1 and isinstance(items[0], Name) and items[0].text in INDEX_LETTERS - {"l", "t"}
    return spelled(node.base.text, node.subs, node.sups) if numbered else ""


def _is_summed(statement: Statement, known: set[str]) -> bool:
    sums = [part for part in _parts(statement) if isinstance(part, Big)]
    return any(_holds(part.body, known, letter) for part in sums if (letter := bound_letter(part)))


def _holds(body: object, known: set[str], letter: str) -> bool:
    return any(_name(part) in known and letter in _number(part) for part in _parts(body))


def _number(node: object) -> tuple[str, ...]:
    assert isinstance(node, Scripted)
    return tuple(x for script in (*node.subs, *node.sups) for item in script_items(script) for x in letters_in(item))


def _parts(part: object) -> Iterator[object]:
    """Everything below, scripts included."""
    if is_part(part):
        yield part
        for inner in parts_of(part):
            yield from _parts(inner)


def _mapped(part: Part, known: set[str]) -> Part:
    if isinstance(part, Scripted) and (name := _name(part)) in known:
        return Name(name, part.span)  # type: ignore[return-value]
    return rebuilt(part, lambda inner: _mapped(inner, known))
