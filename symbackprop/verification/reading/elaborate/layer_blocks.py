"""Which letters of a comment block are several arrays, one a layer, told apart by the index letters below them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from symbackprop.verification.reading.block import Block
from symbackprop.verification.reading.block_symbols import Key
from symbackprop.verification.reading.elaborate.layer_letters import Below, array_name, layer_letters, letters_below
from symbackprop.verification.reading.elaborate.spelling import key_node
from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.plain_text import read_typed
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Name, Node, NotRead, Scripted, Statement
from symbackprop.verification.reading.symbols import Layers, undressed


def with_layer_letters(scope: Scope, block: Block) -> Scope:
    """The scope that knows which letters of a block are several arrays, told apart by the letters below them."""
    nodes = [side for statement in _statements(block.given, scope) for side in statement.sides if side is not None]
    keys = {key: node for key, words in block.symbols if words != "index" and (node := key_node(key)) is not None}
    below: dict[str, set[Below]] = {}
    for node in (*nodes, *keys.values()):
        for ref in references(node):
            if (found := letters_below(ref)) is not None:
                below.setdefault(found[0], set()).add(found[1])
    bare = {undressed(key) for key, node in keys.items() if isinstance(node, Name)}
    told = _defined_twice(block.given, scope) | _declared_twice(keys, dict(block.symbols))
    layers = {letter for name in told for letters in below.get(name, ()) for letter in letters}
    split = {n for n, tuples in below.items() if len(tuples) > 1 and any(set(t) & layers for t in tuples)} - bare
    if not told & split:
        return scope
    known = {name: tuple(sorted(tuples)) for name, tuples in sorted(below.items())}
    return replace(scope, layers=Layers(MappingProxyType(known), frozenset(split)))


def layer_keys(symbols: Iterable[tuple[str, str]], scope: Scope) -> dict[str, Key]:
    """What the keys under ``symbols`` name that declare one of such arrays."""
    found: dict[str, Key] = {}
    for key, words in symbols:
        node = key_node(key) if scope.layers.split else None
        letters = letters_below(node) if isinstance(node, Scripted) else None
        if letters is None or not set(letters[1]) <= layer_letters(scope):
            continue
        name = array_name(*letters) if letters[0] in scope.layers.split else letters[0]
        if words.strip() == "scalar" and len(letters[1]) == 1:
            found[key] = Key(name, place="sub", leading=1, indices=1, letter=letters[1][0])
        else:
            found[key] = Key(name)
    return found


def _statements(given: tuple[str, ...], scope: Scope) -> Iterator[Statement]:
    for latex in given:
        surface = read_typed(latex, scope.macros)
        yield from () if isinstance(surface, NotRead) else surface


def _defined_twice(given: tuple[str, ...], scope: Scope) -> set[str]:
    """The letters that stand alone on the left of two lines with two index letters."""
    heads: dict[str, set[Below]] = {}
    for statement in _statements(given, scope):
        head = statement.sides[0] if statement.relations and statement.relations[0] in ("=", ":=") else None
        found = letters_below(head) if head is not None else None
        if found is not None and len(found[1]) == 1:
            heads.setdefault(found[0], set()).add(found[1])
    return {name for name, letters in heads.items() if len(letters) > 1}


def _declared_twice(keys: Mapping[str, Node], words: Mapping[str, str]) -> set[str]:
    """The letters that are declared as vectors of two sizes under two index letters."""
    shapes: dict[str, dict[Below, str]] = {}
    for key, node in keys.items():
        found = letters_below(node)
        if found is not None and len(found[1]) == 1 and words[key].startswith("vector"):
            shapes.setdefault(found[0], {})[found[1]] = words[key].replace(" ", "")
    return {name for name, by in shapes.items() if len(set(by.values())) > 1}
