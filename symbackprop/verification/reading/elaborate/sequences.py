"""Which keys under ``symbols`` declare members with a running number: labels beside it, or steps in what is given."""

from __future__ import annotations

from symbackprop.verification.reading.block_symbols import Key, family_key
from symbackprop.verification.reading.elaborate.spelling import (
    ARRAYS,
    array_letters,
    key_node,
    labelled_keys,
    respelled,
)
from symbackprop.verification.reading.elaborate.usage import INDEX_LETTERS
from symbackprop.verification.reading.elaborate.walk import references
from symbackprop.verification.reading.labels import is_shifted, letters_in, script_items
from symbackprop.verification.reading.plain_text import read_typed
from symbackprop.verification.reading.scope import LAYER_LETTERS, TIME_LETTERS, Scope
from symbackprop.verification.reading.surface import Name, Negative, Node, NotRead, Number, Plus, Scripted, Statement
from symbackprop.verification.reading.symbols import head_name, spelled


def shifted_letters(given: tuple[str, ...], scope: Scope) -> frozenset[str]:
    r"""Letters that stand with ``i - 1`` or ``t + 1`` below them: their members follow one another."""
    found: set[str] = set()
    for latex in given:
        surface = read_typed(latex)
        for statement in () if isinstance(surface, NotRead) else respelled(surface, scope):
            for side in statement.sides:
                for ref in references(side) if side is not None else ():
                    if isinstance(ref, Scripted) and isinstance(ref.base, Name):
                        found |= {
                            ref.base.text
                            for script in ref.subs
                            for item in script_items(script)[:1]
                            if is_shifted(item)
                        }
    return frozenset(found)


def named_keys(symbols: tuple[tuple[str, str], ...]) -> dict[str, Key]:
    """What the keys name whose scripts hold labels: a family by its running number, or one letter (``W_r``)."""
    found = {key: family_key(*family) for key, family in labelled_keys(symbols)}
    arrays = array_letters(symbols)
    indices = (
        {key for key, words in symbols if words.strip() == "index"} - INDEX_LETTERS - {*LAYER_LETTERS, *TIME_LETTERS}
    )
    times = {own[1] for key, _ in symbols if (own := _numbered(key_node(key))) is not None} & set(TIME_LETTERS)
    for key, words in symbols:
        node = key_node(key)
        head = head_name(node) if isinstance(node, Scripted) and not node.sups else None
        items = [item for script in node.subs for item in script_items(script)] if isinstance(node, Scripted) else []
        labels = [item.text for item in items if isinstance(item, Name)]
        if head is not None and key not in found and len(items) == 1 and set(labels) & indices:
            found[key] = Key(head.text, place="sub", leading=1, indices=1, letter=labels[0])
        elif head is not None and key not in found and _is_member_with_entries(labels, len(items), times):
            found[key] = Key(head.text, (labels[0],), "sub", indices=len(items) - 1)
        elif head is not None and key not in found and set(labels) & arrays and words.startswith(ARRAYS):
            found[key] = Key(spelled(head.text, node.subs, ()))  # type: ignore[union-attr]
    return found


def _is_member_with_entries(labels: list[str], count: int, times: set[str]) -> bool:
    """Whether ``e_{ti}`` is entry i of a member: its first letter is a time that numbers other letters as well."""
    return 1 < count == len(labels) and labels[0] in times and set(labels[1:]) <= INDEX_LETTERS - {"t"}


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


def companions(symbols: tuple[tuple[str, str], ...], statements: tuple[Statement, ...]) -> frozenset[str]:
    r"""The letters declared as ``\theta_i: scalar`` where ``h_i`` is defined by ``h_{i-1}``: i numbers steps."""
    letters: set[str] = set()
    for statement in statements:
        left, *rest = (side for side in statement.sides if side is not None)
        own = _numbered(left)
        if own is not None and any((own[0], own[1]) in _steps(ref) for side in rest for ref in references(side)):
            letters.add(own[1])
    keys = [_numbered(node) for key, words in symbols if words.strip() == "scalar" and (node := key_node(key))]
    return frozenset(own[0] for own in keys if own is not None and own[1] in letters)


def _numbered(node: Node | None) -> tuple[str, str] | None:
    """The letter and the number of ``h_i``."""
    if not isinstance(node, Scripted) or not isinstance(node.base, Name) or node.sups or len(node.subs) != 1:
        return None
    items = script_items(node.subs[0])
    return (node.base.text, items[0].text) if len(items) == 1 and isinstance(items[0], Name) else None


def _steps(node: Node) -> list[tuple[str, str]]:
    """The same of ``h_{i-1}``."""
    if not isinstance(node, Scripted) or not isinstance(node.base, Name) or len(node.subs) != 1:
        return []
    items = script_items(node.subs[0])
    return [(node.base.text, x) for item in items[:1] if is_shifted(item) for x in letters_in(item)]


def implied_members(
    symbols: tuple[tuple[str, str], ...], statements: tuple[Statement, ...]
) -> tuple[tuple[str, str], ...]:
    r"""Keys for members of letters that are declared as single numbers: ``\mathcal{L}_t`` beside ``\mathcal{L}``.

    So is ``p_t = 1 - p`` a letter of its own beside p.
    """
    indices = {key for key, words in symbols if words.strip() == "index"}
    heads = [head_name(node) for key, _ in symbols if isinstance(node := key_node(key), Scripted)]
    scripted = {head.text for head in heads if head is not None}
    scalars = {key for key, words in symbols if words.strip() == "scalar"} - scripted
    found: dict[str, str] = {}
    nodes = (side for statement in statements for side in statement.sides if side is not None)
    for ref in (ref for node in nodes for ref in references(node)):
        name = head_name(ref)
        items = script_items(ref.subs[0]) if isinstance(ref, Scripted) and ref.subs else ()
        letters = set(letters_in(items[0])) if len(items) == 1 else set()
        if name is not None and name.text in scalars and len(letters) == 1 and letters <= indices:
            found.setdefault(name.text, f"{name.text}_{min(letters)}")
    for base, letter in filter(None, map(_made_of_its_letter, statements)):
        if base in scalars:
            found.setdefault(base, f"{base}_{letter}")
    return tuple((key, "scalar") for _, key in sorted(found.items()))


def _made_of_its_letter(statement: Statement) -> tuple[str, str] | None:
    """The letter and the script of ``p_t = 1 - p``."""
    left, *rest = statement.sides
    own = _numbered(left) if statement.relations[:1] in (("=",), (":=",)) else None
    bare = {ref.text for side in rest if side is not None for ref in references(side) if isinstance(ref, Name)}
    return own if own is not None and own[0] in bare else None


def _stepping(ref: Name | Scripted) -> tuple[str, ...]:
    """The letter of a subscript such as ``j - 1``."""
    items = script_items(ref.subs[0]) if isinstance(ref, Scripted) and ref.subs else ()
    if not items or not isinstance(items[0], Plus) or not is_shifted(items[0]):
        return ()
    step = [part.operand if isinstance(part, Negative) else part for part in items[0].terms]
    return letters_in(items[0]) if any(isinstance(part, Number) for part in step) else ()
