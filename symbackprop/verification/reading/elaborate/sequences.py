"""Which keys under ``symbols`` declare members with a running number: labels beside it, or steps in what is given."""

from __future__ import annotations

from symbackprop.verification.reading.block_symbols import Key, family_key
from symbackprop.verification.reading.elaborate.spelling import key_node, labelled
from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.labels import is_shifted, letters_in, script_items
from symbackprop.verification.reading.surface import Name, Negative, Node, Number, Plus, Scripted
from symbackprop.verification.reading.symbols import head_name

ARRAYS = ("vector", "matrix", "tensor")


def labelled_keys(symbols: tuple[tuple[str, str], ...]) -> dict[str, Key]:
    """What the keys name that have labels beside a running number."""
    indices = frozenset(key for key, words in symbols if words.strip() == "index")
    nodes = {key: node for key, _ in symbols if (node := key_node(key)) is not None}
    heads = [head for node in nodes.values() if (head := head_name(node)) is not None]
    letters = frozenset(head.text for head in heads) - indices
    found = {key: labelled(node, indices, letters) for key, node in nodes.items()}
    return {key: family_key(*family) for key, family in found.items() if family is not None}


def followers(symbols: tuple[tuple[str, str], ...], nodes: tuple[Node, ...]) -> frozenset[str]:
    """The letters of declared arrays whose number makes steps (``h_{j-1}``) in one of these formulas."""
    letters = {letter for node in nodes for ref in references(node) for letter in _stepping(ref)}
    found: set[str] = set()
    for key, words in symbols:
        node = key_node(key) if words.startswith(ARRAYS) else None
        if not isinstance(node, Scripted) or not isinstance(node.base, Name) or node.sups or len(node.subs) != 1:
            continue
        items = script_items(node.subs[0])
        if len(items) == 1 and isinstance(items[0], Name) and items[0].text in letters:
            found.add(node.base.text)
    return frozenset(found)


def implied_members(symbols: tuple[tuple[str, str], ...], nodes: tuple[Node, ...]) -> tuple[tuple[str, str], ...]:
    r"""Keys for members of letters that are declared as single numbers: ``\mathcal{L}_t`` beside ``\mathcal{L}``."""
    indices = {key for key, words in symbols if words.strip() == "index"}
    heads = [head_name(node) for key, _ in symbols if isinstance(node := key_node(key), Scripted)]
    scripted = {head.text for head in heads if head is not None}
    scalars = {key for key, words in symbols if words.strip() == "scalar"} - scripted
    found: dict[str, str] = {}
    for ref in (ref for node in nodes for ref in references(node)):
        name = head_name(ref)
        items = script_items(ref.subs[0]) if isinstance(ref, Scripted) and ref.subs else ()
        letters = set(letters_in(items[0])) if len(items) == 1 else set()
        if name is not None and name.text in scalars and len(letters) == 1 and letters <= indices:
            found.setdefault(name.text, f"{name.text}_{min(letters)}")
    return tuple((key, "scalar") for _, key in sorted(found.items()))


def _stepping(ref: Name | Scripted) -> tuple[str, ...]:
    """The letter of a subscript such as ``j - 1``."""
    items = script_items(ref.subs[0]) if isinstance(ref, Scripted) and ref.subs else ()
    if not items or not isinstance(items[0], Plus) or not is_shifted(items[0]):
        return ()
    step = [part.operand if isinstance(part, Negative) else part for part in items[0].terms]
    return letters_in(items[0]) if any(isinstance(part, Number) for part in step) else ()
