r"""What the scripts of a letter are: part of its name, a label (layer, time), an index, a power, a transpose."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from symbackprop.verification.reading.scope import LAYER_LETTERS, TIME_LETTERS, Scope
from symbackprop.verification.reading.surface import (
    Group,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Script,
    Scripted,
    Span,
    Times,
)
from symbackprop.verification.reading.symbols import Symbol, plain, spelled, undressed
from symbackprop.verification.terms.affine import Affine

TRANSPOSES = (
    "T",
    r"\top",
    r"\intercal",
    r"\sfT",
    r"\ttT",
    r"\bfT",
    r"\mathsf{T}",
    r"\mathsfT",
    r"\tr",
    r"\mathtt{T}",
    "⊤",
    "t",
)
Post: TypeAlias = tuple[Literal["power", "transpose", "inverse", "member"], Node | None]


@dataclass(frozen=True)
class Reference:
    """A letter with its scripts sorted by meaning; ``posts`` are applied in order to the array it names.

    ``arguments`` is the bracket behind it, where that is known to list what it depends on.
    """

    name: str
    symbol: Symbol | None
    labels: tuple[Node, ...]
    indices: tuple[Node, ...]
    posts: tuple[Post, ...]
    primes: int
    span: Span
    arguments: tuple[Node, ...] = ()


def script_items(script: Script) -> tuple[Node, ...]:
    r"""The items of a script, each letter and number of its own: ``jk``, ``j,k``, ``(j, k)``."""
    found: list[Node] = []
    for item in script.items:
        found += _flat(item)
    return tuple(found)


def _flat(item: Node) -> tuple[Node, ...]:
    if (
        isinstance(item, Times)
        and all(op == "" for op in item.operators)
        and all(isinstance(f, Name | Number) for f in item.factors)
    ):
        return item.factors
    if isinstance(item, Group):
        return tuple(node for inner in item.items for node in _flat(inner))
    return (item,)


def letters_in(node: Node) -> tuple[str, ...]:
    """The letters of an index expression."""
    match node:
        case Name():
            return (node.text,)
        case Plus() | Times():
            parts = node.terms if isinstance(node, Plus) else node.factors
            return tuple(letter for part in parts for letter in letters_in(part))
        case Negative():
            return letters_in(node.operand)
        case Group():
            return tuple(letter for part in node.items for letter in letters_in(part))
        case _:
            return ()


def is_shifted(node: Node) -> bool:
    """``l - 1`` or ``t + 1``: a letter and a whole number."""
    return isinstance(node, Plus) and bool(letters_in(node)) and len(node.terms) == 2


def looks_like_label(script: Script) -> bool:
    """Brackets, or a layer letter with or without a shift, or two of neighbouring layers."""
    items = script_items(script)
    if script.bracket in ("(", "[") or neighbours(items):
        return True
    return len(items) == 1 and (
        any(letter in LAYER_LETTERS for letter in letters_in(items[0]))
        or (is_shifted(items[0]) and any(letter in TIME_LETTERS for letter in letters_in(items[0])))
    )


def last_number(scope: Scope, span: Span) -> Name | Number | None:
    """What a note writes for the last layer, which it means where it leaves the number out: 0 if it counts from it."""
    if scope.last is None:
        return None
    return Number(Fraction(0), span) if scope.counting.from_output else Name(scope.last, span)


def is_transpose(script: Script) -> bool:
    raw = plain(script.raw) if script.bracket == "" else ""
    return raw in TRANSPOSES[:-1]


def t_is_number(scope: Scope) -> bool:
    """Whether T is said to be a number of steps, so that ``x^T`` may be a power."""
    symbol = scope.find("T")
    return symbol is not None and symbol.kind in ("index", "size")


def find_symbol(
    base: str, subs: tuple[Script, ...], sups: tuple[Script, ...], scope: Scope
) -> tuple[Symbol | None, int, int]:
    """The declared letter with the longest part of the scripts in its name, and how many scripts that takes."""
    counts = [(i, j) for i in range(len(subs) + 1) for j in range(len(sups) + 1)]
    for below, above in sorted(counts, key=lambda pair: (-pair[0] - pair[1], -pair[1])):
        for spelling in scope.spellings(base):
            symbol = scope.symbols.get(spelled(spelling, subs[:below], sups[:above]))
            if symbol is not None and (below or above or not (subs or sups)):
                return symbol, below, above
            if not below and not above and (members := _members(spelling, bool(subs), bool(sups), scope)) is not None:
                return members, 0, 0
            if symbol is not None:
                return symbol, 0, 0
    return None, 0, 0


def _members(base: str, below: bool, above: bool, scope: Scope) -> Symbol | None:
    """The symbol of the members where the letter alone is something else; its key is the letter and its label."""
    signs = (("_", below), ("^", above))
    starts = [base + sign for sign, there in signs if there]
    keys = [k for k in sorted(scope.symbols) if "{" not in k[len(base) :] and any(k.startswith(s) for s in starts)]
    return scope.symbols[keys[0]] if keys else None


def power_of_square(node: Scripted, scope: Scope) -> tuple[Symbol, Fraction] | None:
    r"""``\sigma^4`` where only ``\sigma^2`` is a letter: the square of that."""
    if not isinstance(node.base, Name) or len(node.sups) != 1 or node.primes or len(node.sups[0].items) != 1:
        return None
    power = node.sups[0].items[0]
    if not isinstance(power, Number) or power.value <= 2 or power.value % 2 or scope.knows(node.base.text):
        return None
    square = scope.symbols.get(spelled(node.base.text, node.subs, ()) + "^{2}")
    return (square, power.value / 2) if square is not None else None


def refer(node: Name | Scripted, scope: Scope) -> Reference | None:
    """Sort the scripts of a letter; ``None`` if its base is not a letter."""
    if isinstance(node, Name):
        return Reference(node.text, scope.find(node.text), (), (), (), 0, node.span)
    if not isinstance(node.base, Name):
        return None
    if (half := power_of_square(node, scope)) is not None:
        square, count = half
        exponent = Number(count, node.span)
        return Reference(square.name, square, (), (), (("power", exponent),), 0, node.span)
    symbol, below, above = find_symbol(node.base.text, node.subs, node.sups, scope)
    subs, sups, primes = node.subs[below:], node.sups[above:], node.primes
    if primes and (symbol is None or symbol.kind != "function"):
        primed, low, high = find_symbol(node.base.text + "'" * primes, node.subs, node.sups, scope)
        if primed is not None:
            symbol, primes, subs, sups = primed, 0, node.subs[low:], node.sups[high:]
    indices = [item for script in subs for item in script_items(script)]
    labels, leading, posts = _sort_sups(sups, symbol, scope)
    if symbol is not None and symbol.place == "sub":
        taken = len(symbol.labels) or symbol.leading
        if symbol.labels:
            labels, indices = indices[:taken], indices[taken:]
        elif symbol.leading and len(subs) > 1:
            indices = list(script_items(subs[0])) + [i for s in subs[1:] for i in script_items(s)]
    name = symbol.name if symbol else node.base.text
    return Reference(name, symbol, tuple(labels), (*leading, *indices), tuple(posts), primes, node.span)


def _sort_sups(
    sups: tuple[Script, ...], symbol: Symbol | None, scope: Scope
) -> tuple[list[Node], list[Node], list[Post]]:
    labels: list[Node] = []
    leading: list[Node] = []
    posts: list[Post] = []
    families = len(symbol.labels) if symbol and symbol.place == "sup" else 0
    members = symbol.leading if symbol and symbol.place == "sup" else 0
    for script in sups:
        items = script_items(script)
        raw = plain(script.raw)
        time = scope.last == "T" and families and raw == "T" and not labels
        time = time or raw == "T" and t_is_number(scope) and symbol is not None and symbol.is_number
        if is_transpose(script) and not time:
            posts.append(("transpose", None))
        elif script.bracket == "" and raw in ("-1", "-T", r"-\top"):
            posts += [("inverse", None)] if raw == "-1" else [("inverse", None), ("transpose", None)]
        elif families > len(labels) and not posts:
            labels += items if symbol is None or symbol.joins is None else joined_layer(items, *symbol.joins)
        elif members > len(leading) and not posts:
            leading += items
        elif script.bracket == "(" and families and symbol is not None and len(items) == 1:
            posts.append(("member", items[0]))
        else:
            posts.append(("power", items[0] if len(items) == 1 else Group("", items, script.span)))
    return labels, leading, posts


def neighbours(items: tuple[Node, ...]) -> tuple[Affine, ...]:
    """The numbers of two neighbouring layers of any number, ``l+1, l``, as written; else nothing."""
    found = [plain_affine(item) for item in items]
    pair = tuple(number for number in found if number is not None)
    apart = abs((pair[0] - pair[1]).number or 0) if len(pair) == len(found) == 2 else 0
    return pair if apart == 1 and len(pair[0].symbols) == 1 and pair[0].symbols <= set(LAYER_LETTERS) else ()


def joined_layer(items: tuple[Node, ...], place: int, step: int) -> list[Node]:
    """The layer to which weights between two neighbours belong; both items where they are no such pair."""
    only = items[0] if len(items) == 1 else None
    if isinstance(only, Number) and len(digits := str(only.value)) == 2 and digits.isdigit():
        items = tuple(Number(type(only.value)(int(digit)), only.span) for digit in digits)
    if len(items) != 2:
        return []
    own, other = plain_affine(items[place]), plain_affine(items[1 - place])
    return [items[place]] if own is not None and other == own + step else list(items)


def plain_affine(node: Node) -> Affine | None:
    """An index expression as it stands, with letters for symbols."""
    match node:
        case Name():
            return Affine.symbol(node.text)
        case Number() if node.value.denominator == 1:
            return Affine.of(int(node.value))
        case Negative():
            inner = plain_affine(node.operand)
            return -inner if inner is not None else None
        case Plus():
            total = Affine()
            for term in node.terms:
                part = plain_affine(term)
                if part is None:
                    return None
                total += part
            return total
        case _:
            return None


def is_jacobian(node: Name | Scripted) -> bool:
    r"""``J_x(s)``, ``\mathbf{J}_{\mathbf{x}}(\mathbf{s})``: a J with the variable below it."""
    if not isinstance(node, Scripted) or not isinstance(node.base, Name) or node.sups or len(node.subs) != 1:
        return False
    return undressed(node.base.text) == "J" and len(node.subs[0].items) == 1
