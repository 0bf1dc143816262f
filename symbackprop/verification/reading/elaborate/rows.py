r"""Letters with a number that are the rows or columns of a matrix: ``\mathbf{X}: matrix(n, p)`` and ``x_i: vector(p)``.

Whoever declares both means the same numbers. They are one where a claim leads to both; where the shapes leave open how,
nothing that leads to both is refuted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbackprop.errors import InvalidSpec
from symbackprop.verification.reading.block import Block
from symbackprop.verification.reading.block_symbols import Key, read_key
from symbackprop.verification.reading.elaborate.axes import index_axes
from symbackprop.verification.reading.elaborate.results import Choice
from symbackprop.verification.reading.elaborate.usage import with_sizes
from symbackprop.verification.reading.scope import Scope, reachable
from symbackprop.verification.reading.surface import Node
from symbackprop.verification.reading.symbols import Symbol, undressed
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.context import Definition
from symbackprop.verification.terms.nodes import Axis, Entry
from symbackprop.verification.terms.walk import entry_names

Axes = tuple[Axis, ...]


def with_shared_sizes(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """Sizes that only the formulas tell, from all of them together: the number of samples stands in one, not in all.

    The number of the rows of a matrix is that of its vectors where no formula says another.
    """
    if not any(a.name.startswith("?") for s in scope.symbols.values() for a in (s.axes or ())[: s.leading]):
        return scope
    made = index_axes(nodes, with_sizes(nodes, scope))
    for small, large in _pairs(scope):
        lead, now = (small.axes or ())[:1], (made.symbols[small.name].axes or ())[:1]
        place = _place((*large.axes[:1], *small.axes[1:]), large.axes) if large.axes and small.axes else None
        place = place or (_place((*large.axes[1:], *small.axes[1:]), large.axes) if large.axes and small.axes else None)
        if place and lead[0].name.startswith("?") and now[0].name.startswith(("?", "dim(")):
            scope = _filled(scope, lead[0], (large.axes or ())[place.index(0)])
            made = index_axes(nodes, with_sizes(nodes, scope))
    return made


def without_entries(block: Block) -> Block:
    """The block without ``x_{ij}: scalar`` beside ``X: matrix(n, p)``, whose entries these are.

    Beside ``w_i: random(0, v)`` goes the same of ``w``, which is any of them; ``w: vector(n)`` has such entries.
    """
    block = _with_drawn_entries(block)
    keys = {key: made for key, _ in block.symbols if (made := _key(key)) is not None}
    words = dict(block.symbols)
    matrices = {undressed(k.name) for key, k in keys.items() if k.bare and words[key].startswith("matrix")}
    entries = {key: k for key, k in keys.items() if k.indices == 2 and words[key].strip() == "scalar" and not k.labels}
    others = {undressed(k.name) for key, k in keys.items() if key not in entries}
    gone = {
        key for key, k in entries.items() if k.name.upper() in matrices and k.name.islower() and k.name not in others
    }
    drawn = {(k.name, words[key]) for key, k in keys.items() if k.indices == 1 and words[key].startswith("random")}
    gone |= {key for key, k in keys.items() if k.bare and (k.name, words[key]) in drawn}
    return replace(block, symbols=tuple(pair for pair in block.symbols if pair[0] not in gone))


def _with_drawn_entries(block: Block) -> Block:
    """The block with ``q: vector(d)`` and ``q_i: random(0, 1)`` as one: a vector with such entries."""
    keys = {key: made for key, _ in block.symbols if (made := _key(key)) is not None}
    words = {key: text.strip() for key, text in block.symbols}
    for key, entry in keys.items():
        drawn = words[key].removeprefix("scalar").lstrip(" ,;")
        if not entry.indices or not drawn.startswith("random"):
            continue
        for other, whole in keys.items():
            shaped = words.get(other, "").startswith(_SHAPES.get(entry.indices, "tensor")) and not whole.indices
            alike = whole.labels == entry.labels and "random" not in words.get(other, "")
            if key in words and shaped and alike and _is_letter_of(whole, entry, keys):
                words[other] = f"{words[other]} {drawn}"
                del words[key]
    return replace(block, symbols=tuple((key, words[key]) for key, _ in block.symbols if key in words))


_SHAPES = {1: "vector", 2: "matrix"}


def _is_letter_of(whole: Key, entry: Key, keys: dict[str, Key]) -> bool:
    """Whether an entry is one of an array: of the same letter in any dress, or of the capital of one not declared."""
    large, small = undressed(whole.name), undressed(entry.name)
    apart = all(undressed(key.name) != small for key in keys.values() if key is not entry)
    return large == small or apart and len(small) == 1 and large == small.upper()


def _key(key: str) -> Key | None:
    try:
        return read_key(key, frozenset())
    except InvalidSpec:
        return None


def _filled(scope: Scope, lead: Axis, axis: Axis) -> Scope:
    """The scope with an axis in the place of one that was open."""
    for symbol in tuple(scope.symbols.values()):
        if lead in (symbol.axes or ()):
            axes = tuple(axis if a == lead else a for a in symbol.axes or ())
            scope = scope.with_symbol(replace(symbol, axes=axes))
    return scope


def as_rows(choices: tuple[Choice, ...], scope: Scope) -> tuple[Choice, ...]:
    """The readings with the vectors that are rows or columns of a matrix defined as these, where both are met."""
    pairs = [(small, large) for small, large in _pairs(scope) if not _is_bound(small, large, scope)]
    return tuple(_joined(choice, pairs, scope) for choice in choices) if pairs else choices


def _joined(choice: Choice, pairs: list[tuple[Symbol, Symbol]], scope: Scope) -> Choice:
    for small, large in pairs:
        place = _place(small.axes or (), large.axes or ())
        if place is None or not {small.name, large.name} <= _met(choice, scope):
            continue
        indices = tuple(f"r{k}" for k in range(len(place)))
        body = Entry(large.name, (), tuple(Affine.symbol(indices[k]) for k in place))
        made = (*choice.context.definitions, Definition(small.name, (), indices, body))
        words = f"{small.name} with a number is {_WHAT[place]} of {large.name}"
        choice = replace(choice, context=replace(choice.context, definitions=made), words=(*choice.words, words))
    return choice


_WHAT = {(0,): "an entry", (0, 1): "a row", (1, 0): "a column"}


def apart(choices: tuple[Choice, ...], scope: Scope) -> str:
    """Why a claim that leads to a matrix and to vectors of the same letter is not refuted: nothing says what these are
    of it."""
    for small, large in (*_pairs(scope), *_families(scope)):
        fits = not small.labels and _place(small.axes or (), large.axes or ()) is not None
        if fits and not _is_bound(small, large, scope) or _is_explained(small, large, scope):
            continue
        if any({small.name, large.name} <= _met(choice, scope) for choice in choices):
            return f"nothing says how {small.name} with a number and {large.name} go together"
    return ""


def _pairs(scope: Scope) -> Iterator[tuple[Symbol, Symbol]]:
    """The declared letters with a number, each with a declared capital that has the same letter."""
    plain = [s for s in _declared(scope) if s.axes and not s.labels]
    for small in plain:
        capital = _capital(small)
        for large in plain if small.leading == 1 else ():
            if undressed(large.name) == capital and not large.leading:
                yield small, large


def _families(scope: Scope) -> Iterator[tuple[Symbol, Symbol]]:
    """The same for members of a family: ``h_t: vector(d)`` beside ``H: matrix(T, d)``."""
    declared = _declared(scope)
    for small in declared:
        capital = _capital(small)
        for large in declared if len(small.labels) == 1 else ():
            axes, inner = large.axes or (), small.axes or ()
            one_more = len(axes) == len(inner) + 1 and set(inner) <= set(axes)
            if one_more and not large.labels and undressed(large.name) == capital:
                yield small, large


def _declared(scope: Scope) -> list[Symbol]:
    symbols = [s for k, s in sorted(scope.symbols.items()) if s.declared and s.kind == "quantity"]
    return [s for s in symbols if not s.is_random]


def _capital(symbol: Symbol) -> str:
    letter = undressed(symbol.name)
    return letter.upper() if len(letter) == 1 and letter.islower() else ""


def _place(small: Axes, large: Axes) -> tuple[int, ...] | None:
    """Which index of the numbered letter stands at each place of the capital; ``None`` where that is open."""
    if len(small) != len(large) or len(set(large)) < len(large):
        return None
    return next((turn for turn in _WHAT if tuple(small[k] for k in turn) == large and len(turn) == len(large)), None)


def _is_bound(small: Symbol, large: Symbol, scope: Scope) -> bool:
    """Whether the note defines the numbered letter itself, or the capital by it."""
    return scope.defined(small.name) or small.name in reachable(scope, large.name)


def _is_explained(small: Symbol, large: Symbol, scope: Scope) -> bool:
    """Whether the definitions lead from one to the other."""
    return small.name in reachable(scope, large.name) or large.name in reachable(scope, small.name)


def _met(choice: Choice, scope: Scope) -> set[str]:
    letters = entry_names(choice.claim.left) | entry_names(choice.claim.right)
    return letters.union(*(reachable(scope, letter) for letter in letters))
