r"""Index letters that tell layers apart: ``\delta_j = h'(a_j) \sum_k w_{kj} \delta_k``, j for hidden and k for outputs.

A block that defines one letter under two index letters (``\delta_j = …`` and ``\delta_k = …``), or declares it so with
two sizes, means two arrays. Such a letter is from here on a name with its index letters below, ``\delta_{j}``.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from symbackprop.verification.reading.elaborate.usage import INDEX_LETTERS
from symbackprop.verification.reading.elaborate.walk import bound_letter, every, references
from symbackprop.verification.reading.labels import script_items
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Big, Name, Node, NotRead, Scripted, Span, Statement
from symbackprop.verification.reading.symbols import undressed

Part = TypeVar("Part")
Below = tuple[str, ...]
_IDENTITY = ("I", r"\mathbb{I}", r"\mathbf{I}", r"\delta")


def with_layers(part: Part, scope: Scope) -> Part:
    """The tree with the members of such letters under the names of their arrays."""
    if not scope.layers.split:
        return part
    if isinstance(part, tuple):
        return tuple(with_layers(item, scope) for item in part)  # type: ignore[return-value]
    if not is_dataclass(part) or isinstance(part, type | Span):
        return part
    made: object = part
    found = letters_below(part) if isinstance(part, Scripted) else None
    if found is not None and found[0] in scope.layers.split and isinstance(part, Scripted):
        made = replace(part, base=Name(array_name(*found), part.base.span))
    changes = {f.name: with_layers(getattr(made, f.name), scope) for f in fields(made)}  # type: ignore[arg-type]
    return replace(made, **changes)  # type: ignore[type-var, return-value]


def mixed_layers(statements: tuple[Statement, ...], scope: Scope) -> NotRead | None:
    """Why a formula is not understood in which a letter numbers the units of another layer than the block says."""
    if not scope.layers.split:
        return None
    for side in (side for statement in statements for side in statement.sides if side is not None):
        strange = next((ref for ref in references(side) if _is_strange(ref, scope)), None)
        if strange is not None:
            reason = "its indices number units of layers for which the comment block does not declare this letter"
            return NotRead(reason, strange.span)
        mixed = next(
            (node for node in every(side) if isinstance(node, Big) and _is_mixed(node, statements, scope)), None
        )
        if mixed is not None:
            return NotRead("the letter of this sum numbers the units of another layer than those beside it", mixed.span)
    return None


def _is_strange(ref: Node, scope: Scope) -> bool:
    found = letters_below(ref)
    if found is None:
        return False
    name, letters = found
    known, layers = scope.layers.below.get(name, ()), layer_letters(scope)
    if name in _IDENTITY and len(set(letters)) > 1:
        return bool(set(letters) & layers)  # units of one layer, whatever the letters
    return letters not in known and (name in scope.layers.split or bool(known) and set(letters) <= layers)


def _is_mixed(node: Big, statements: tuple[Statement, ...], scope: Scope) -> bool:
    r"""A sum over the units of one layer beside the same letter of another, with no weights between: in
    ``e^{a_k} / \sum_j e^{a_j}`` the author lets j number outputs as well."""
    letter = bound_letter(node)
    if letter is None or letter not in layer_letters(scope):
        return False
    inside = [(ref, found) for ref in references(node.body) if (found := letters_below(ref)) is not None]
    if any(len(set(letters)) > 1 and letter in letters for _, (_, letters) in inside):
        return False
    own = {name for _, (name, letters) in inside if letters == (letter,) and name in scope.layers.split}
    spans = {ref.span for ref, _ in inside}
    around = (s for statement in statements for side in statement.sides if side is not None for s in references(side))
    beside = [found for ref in around if ref.span not in spans and (found := letters_below(ref)) is not None]
    return any(name in own and letters != (letter,) for name, letters in beside)


def layer_letters(scope: Scope) -> set[str]:
    """The index letters that tell layers apart."""
    return {letter for name in scope.layers.split for letters in scope.layers.below[name] for letter in letters}


def array_name(base: str, letters: Below) -> str:
    """The name of the array that a letter is with these index letters."""
    return f"{base}_{{{''.join(letters)}}}"


def letters_below(node: Node) -> tuple[str, Below] | None:
    """The letter and, in order, the index letters of ``w_{kj}``; primes count as the same layer."""
    if not isinstance(node, Scripted) or not isinstance(node.base, Name) or node.base.upright or len(node.subs) != 1:
        return None
    if node.base.text.endswith("}") and "_{" in node.base.text:
        return None
    items = script_items(node.subs[0])
    names = [item.text for item in items if isinstance(item, Name) and item.text in INDEX_LETTERS and not item.upright]
    if not names or len(names) < len(items):
        return None
    return undressed(node.base.text), tuple(sorted(name.rstrip("'") for name in names))
