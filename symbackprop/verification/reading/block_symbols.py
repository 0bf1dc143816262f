"""The words under ``symbols`` of a comment block as symbols: shapes, families, functions, random letters."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches

from symbackprop.errors import InvalidSpec
from symbackprop.verification.reading.elaborate.axes import Placeholders
from symbackprop.verification.reading.elaborate.class_numbers import class_name
from symbackprop.verification.reading.elaborate.compounds import compound
from symbackprop.verification.reading.elaborate.usage import INDEX_LETTERS
from symbackprop.verification.reading.labels import is_shifted, letters_in, neighbours, plain_affine, script_items
from symbackprop.verification.reading.parse_scripts import last_layer
from symbackprop.verification.reading.plain_text import read_typed
from symbackprop.verification.reading.scope import LAYER_LETTERS, TIME_LETTERS
from symbackprop.verification.reading.shapes import ONE
from symbackprop.verification.reading.surface import Name, Node, NotRead, Number, Script, Scripted
from symbackprop.verification.reading.symbols import (
    DECLARED,
    KNOWN_FUNCTIONS,
    LabelledFamily,
    Place,
    Symbol,
    known_function,
    plain,
    spelled,
)
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.counting import LAYER, Counting
from symbackprop.verification.terms.nodes import Axis

WORDS = (
    "scalar",
    "vector(n)",
    "matrix(m, n)",
    "tensor(a, b, c)",
    "index",
    "unknown",
    "random(mean, variance)",
    "sigmoid",
    "tanh",
)
RANK = {"scalar": 0, "vector": 1, "matrix": 2, "tensor": None}


@dataclass(frozen=True)
class Key:
    """A declared letter: the name it is kept under and what its scripts number; ``letter`` numbers its members.

    ``pair`` are the numbers of the two layers that it joins, as written.
    """

    name: str
    labels: tuple[str, ...] = ()
    place: Place = ""
    leading: int = 0
    indices: int = 0
    letter: str = ""
    pair: tuple[Affine, ...] = ()

    @property
    def bare(self) -> bool:
        """Whether the letter stands without scripts."""
        return not self.place and not any(name in self.name for name in ("_{", "^{"))


@dataclass(frozen=True)
class Declared:
    """A symbol, the sizes in its shape, the LaTeX of its mean and variance if it is random, and the words about it that
    say nothing."""

    symbol: Symbol
    sizes: tuple[Symbol, ...] = ()
    moments: tuple[str, str] | None = None
    unread: str = ""


def parsed(latex: str, what: str) -> Node:
    """The one expression that a string is.

    Raises:
        InvalidSpec: it is none.
    """
    surface = read_typed(latex)
    if isinstance(surface, NotRead):
        raise InvalidSpec(f"comment block: {what} {latex!r}: {surface.reason}")
    if len(surface) != 1 or surface[0].relations or surface[0].sides[0] is None:
        raise InvalidSpec(f"comment block: {what} {latex!r}: expected one letter or size")
    return surface[0].sides[0]


def declare(key: str, words: str, shifted: frozenset[str], counting: Counting, place: Key | None = None) -> Declared:
    """One entry under ``symbols``; ``shifted`` are letters that stand with a shifted script in the block.

    ``counting`` says how the layers are numbered that families and sizes name; ``place`` is what the key names where
    that does not follow from the key alone.

    Raises:
        InvalidSpec: the key or the words are not of a known form.
    """
    place = place or read_key(key, shifted)
    symbol = Symbol(place.name, "quantity", None, place.labels, place.place, leading=place.leading, why=DECLARED)
    own = Affine.symbol(LAYER)
    sizes: list[Symbol] = []
    moments = None
    shaped = False
    calls = _calls(words, key)
    alone = next(((word, inside) for word, inside in calls if word not in (*RANK, "random")), None)
    if alone is not None:
        return Declared(_other(key, alone[0], place), unread=_passed_over(calls, alone))
    names = [word for word, _ in calls]
    if not names or len(set(names) - {"random"}) > 1 or len(set(names)) < len(names):
        raise InvalidSpec(
            f"comment block: symbol {key!r}: expected one of {', '.join(WORDS)}, found {words.strip() or 'nothing'}"
        )
    for word, inside in calls:
        if word in RANK:
            axes = tuple(_axis(part, place, sizes) for part in _split(inside))
            if RANK[word] is not None and len(axes) != RANK[word] or word == "tensor" and not axes:
                raise InvalidSpec(f"comment block: symbol {key!r}: {word} with {len(axes)} sizes")
            if place.pair:
                symbol, own = _joining(symbol, place.pair, axes, key)
            symbol, shaped = replace(symbol, axes=tuple(_counted(axis, own, counting) for axis in axes)), True
        else:
            parts = _split(inside)
            if len(parts) != 2:
                raise InvalidSpec(f"comment block: symbol {key!r}: random(mean, variance) takes two values")
            moments = (parts[0], parts[1])
    return Declared(_with_members(symbol, place, shaped), tuple(sizes), moments)


def _passed_over(calls: list[tuple[str, str]], alone: tuple[str, str]) -> str:
    """What stands beside a word that stands alone."""
    others = [f"{word}({inside})" if inside else word for word, inside in calls if (word, inside) != alone]
    return ", ".join(([f"({alone[1]})"] if alone[1] else []) + others)


def _joining(symbol: Symbol, pair: tuple[Affine, ...], axes: tuple[Axis, ...], key: str) -> tuple[Symbol, Affine]:
    """The weights between two layers belong to the one that numbers their rows; also its number as written."""
    rows = axes[0].labels if len(axes) == 2 else ()
    if len(rows) != 1 or rows[0] not in pair:
        raise InvalidSpec(
            f"comment block: symbol {key!r}: number the rows by one of the two layers, as in matrix(n_l, n_{{l+1}})"
        )
    place = pair.index(rows[0])
    return replace(symbol, joins=(place, (pair[1 - place] - rows[0]).constant)), rows[0]


def _counted(axis: Axis, own: Affine, counting: Counting) -> Axis:
    """The axis with the numbers that are used inside, the letter l for the layer whose number is written ``own``."""
    if len(axis.labels) != 1 or not axis.labels[0].symbols <= {LAYER, "L"}:
        return axis
    written = axis.labels[0].substitute({LAYER: Affine.symbol(LAYER) - own.constant})
    return replace(axis, labels=(counting.pattern(written),))


def _with_members(symbol: Symbol, place: Key, shaped: bool) -> Symbol:
    """Give a letter that is declared by its members or entries the axes that number them."""
    if not shaped:
        return symbol
    lead = Placeholders.axes(place.letter, place.leading, ())
    if symbol.axes == () and place.indices and not place.leading:
        return replace(symbol, axes=Placeholders.axes(symbol.name, place.indices, symbol.labels), leading=0)
    return replace(symbol, axes=(*lead[: place.leading], *(symbol.axes or ())))


def _other(key: str, word: str, place: Key) -> Symbol:
    if word == "index":
        return Symbol(class_name(key) or place.name, "index", why=DECLARED)
    if word in ("size", "number"):
        return Symbol(place.name, "size", (Axis(place.name),), why=DECLARED)
    if word == "unknown":
        return Symbol(place.name, "function", None, place.labels, place.place, why=DECLARED)
    function = known_function(word)
    if not function:
        near = get_close_matches(
            word.lower(), (*(known.partition("(")[0] for known in WORDS), *sorted(KNOWN_FUNCTIONS)), 1
        )
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InvalidSpec(
            f"comment block: symbol {key!r}: no word {word!r}{hint}; known: {', '.join(WORDS)} and other functions"
        )
    return Symbol(place.name, "function", function=function, why=DECLARED)


def _calls(words: str, key: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    rest = words.strip()
    while rest:
        match = re.match(r"[A-Za-z_]\w*", rest)
        if match is None:
            raise InvalidSpec(f"comment block: symbol {key!r}: cannot read {rest[:40]!r}; known: {', '.join(WORDS)}")
        inside, rest = _inside(rest[match.end() :].lstrip(), key)
        found.append((match.group(), inside))
        rest = rest.lstrip(" ,;")
    return found


def _inside(rest: str, key: str) -> tuple[str, str]:
    """The text in a leading pair of brackets, and what follows it."""
    if not rest.startswith("("):
        return "", rest
    depth = 0
    for place, sign in enumerate(rest):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0:
            return rest[1:place], rest[place + 1 :]
    raise InvalidSpec(f"comment block: symbol {key!r}: a bracket is not closed")


def _split(text: str) -> list[str]:
    """The parts between commas outside brackets."""
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def _axis(text: str, key: Key, sizes: list[Symbol]) -> Axis:
    """A size as an axis; its letter becomes a symbol of its own."""
    node = parsed(text, "size")
    if isinstance(node, Number) and node.value.denominator == 1 and node.value > 0:
        return ONE if node.value == 1 else Axis(str(node.value), (), int(node.value))
    if isinstance(node, Name):
        sizes.append(Symbol(node.text, "size", (Axis(node.text),), why="a size in the comment block"))
        return Axis(node.text)
    if isinstance(node, Scripted) and isinstance(node.base, Name) and not node.sups and len(node.subs) == 1:
        return _scripted_axis(node, node.base.text, key, sizes)
    return Axis(text.replace(" ", ""))


def _scripted_axis(node: Scripted, base: str, key: Key, sizes: list[Symbol]) -> Axis:
    """``n_l``, ``n_2`` are numbered; the k of ``d_k`` is a number only where the declared letter is a family of k."""
    items = tuple(map(last_layer, script_items(node.subs[0])))
    label = plain_affine(items[0]) if len(items) == 1 else None
    letters = letters_in(items[0]) if items else ()
    if label is not None and (
        label.number is not None or all(x in (*LAYER_LETTERS, *TIME_LETTERS, *key.labels) for x in letters)
    ):
        pattern = letters[0] if letters and letters[0] not in ("L", "T") else "l"
        sizes.append(
            Symbol(
                base,
                "size",
                (Axis(base, (Affine.symbol(pattern),)),),
                (pattern,),
                "sub",
                why="a size in the comment block",
            )
        )
        return Axis(base, (label,))
    name = spelled(base, node.subs, ())
    sizes.append(Symbol(name, "size", (Axis(name),), why="a size in the comment block"))
    return Axis(name)


def read_key(key: str, shifted: frozenset[str]) -> Key:
    """What a key under ``symbols`` names: a letter, a family, the members or entries of an array."""
    if key.isalpha():
        return Key(key)
    node = parsed(key, "symbol")
    made = compound(node)
    node = made[1] if made is not None else node
    if isinstance(node, Name):
        return Key(node.text)
    if not isinstance(node, Scripted) or not isinstance(node.base, Name):
        raise InvalidSpec(f"comment block: symbol {key!r} is no letter")
    base = node.base.text + "'" * node.primes
    pair = neighbours(script_items(node.sups[0])) if len(node.sups) == 1 and not node.primes else ()
    if pair and pair[0].symbols == {LAYER}:
        return Key(base, (LAYER,), "sup", pair=pair)
    label = _label(node.sups, base, shifted, True) if node.sups else None
    if node.sups and label is None:
        return Key(spelled(base, node.subs, node.sups))
    if not node.subs:
        return _labelled(base, label, "sup") if label else Key(base)
    items = [item for script in node.subs for item in script_items(script)]
    if not label and len(items) == 1 and (below := _label(node.subs, base, shifted, False)):
        return _labelled(base, below, "sub")
    if all(isinstance(item, Name) and item.text in INDEX_LETTERS for item in items) and not _is_word(node.subs[0]):
        if label:
            return replace(_labelled(base, label, "sup"), indices=len(items))
        letter = letters_in(items[0])[0]
        return Key(base, place="sub", leading=1 if len(items) == 1 else 0, indices=len(items), letter=letter)
    return Key(spelled(base, node.subs, ()))


def family_key(family: LabelledFamily, letter: str) -> Key:
    """What the key of a labelled family names."""
    return _labelled(family.name, {"L": "l", "T": "t"}.get(letter, letter), family.place)


def _is_word(script: Script) -> bool:
    return plain(script.raw) in ("in", "out", "model", "min", "max")


def _label(scripts: tuple[Script, ...], base: str, shifted: frozenset[str], above: bool) -> str | None:
    """The letter that numbers the members of a family, if a script holds one."""
    items = script_items(scripts[0])
    if len(items) != 1 or isinstance(items[0], Number):
        return None
    letters = letters_in(items[0])
    if len(letters) != 1:
        return None
    letter = {"L": "l", "T": "t"}.get(letters[0], letters[0])
    if not letter[-1].isalpha():  # w^* is a letter of its own
        return None
    if above or is_shifted(items[0]) or letter in (*LAYER_LETTERS, *TIME_LETTERS) or base in shifted:
        return letter
    return None


def _labelled(base: str, letter: str, place: Place) -> Key:
    """A family of layers or times; members with another letter (samples) are an axis of their own."""
    if letter in (*LAYER_LETTERS, *TIME_LETTERS):
        return Key(base, (letter,), place)
    return Key(base, (letter,), place) if place == "sub" else Key(base, place=place, leading=1, letter=letter)


def told_apart(declared: list[Declared]) -> list[Declared]:
    """Where a letter is declared alone and with members (``L`` and ``L_t``) the members get a name of their own."""
    alone = {d.symbol.name for d in declared if not d.symbol.labels and not d.symbol.leading and not d.symbol.place}
    made = []
    for item in declared:
        symbol = item.symbol
        if symbol.name in alone and symbol.place:
            sign = "_" if symbol.place == "sub" else "^"
            symbol = replace(symbol, name=f"{symbol.name}{sign}{symbol.labels[0] if symbol.labels else 'i'}")
        made.append(replace(item, symbol=symbol))
    return made
