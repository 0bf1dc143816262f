"""Walking over the tree of a formula."""

from __future__ import annotations

from collections.abc import Iterator

from symbackprop.verification.reading.labels import is_transpose, letters_in, looks_like_label, script_items
from symbackprop.verification.reading.surface import (
    Applied,
    Big,
    CaseRows,
    Comparison,
    Derivative,
    EvaluatedAt,
    Group,
    Matrix,
    Name,
    Negative,
    Node,
    Norm,
    Plus,
    Quotient,
    Root,
    Script,
    Scripted,
    Times,
)
from symbackprop.verification.reading.symbols import head_name

BINDERS = ("sum", "prod", "max", "min", "bigcup", "bigcap", "argmax", "argmin", "column", "row")


def children(node: Node) -> tuple[Node, ...]:  # noqa: C901 - one case a kind of node
    """The parts of a node that are expressions; scripts of letters are not."""
    match node:
        case Scripted():
            return (node.base,)
        case Group():
            return node.items
        case Plus():
            return node.terms
        case Negative():
            return (node.operand,)
        case Times():
            return node.factors
        case Quotient():
            return (node.numerator, node.denominator)
        case Root():
            return (node.radicand,)
        case Applied():
            return (node.function, node.argument)
        case Comparison():
            return (node.left, node.right)
        case Big():
            return (*node.lower, *((node.upper,) if node.upper else ()), node.body)
        case Derivative():
            return (node.operand, *(by for by, _ in node.by))
        case Norm():
            return (node.body,)
        case Matrix():
            return tuple(entry for row in node.rows for entry in row)
        case CaseRows():
            return tuple(part for value, conditions in node.rows for part in (value, *conditions))
        case EvaluatedAt():
            return (node.body, node.lower, *((node.upper,) if node.upper else ()))
        case _:
            return ()


def every(node: Node) -> Iterator[Node]:
    """The node and all below it, parents first; not into the scripts of letters."""
    yield node
    for child in children(node):
        yield from every(child)


def scripts_of(node: Node) -> tuple[Script, ...]:
    return (*node.subs, *node.sups) if isinstance(node, Scripted) else ()


def references(node: Node) -> Iterator[Name | Scripted]:
    """Every letter of a tree with its scripts, also those inside powers; not the letters of labels and transposes."""
    if isinstance(node, Name):
        yield node
        return
    if isinstance(node, Scripted):
        if isinstance(node.base, Name):
            yield node
        else:
            yield from references(node.base)
        for script in node.sups:
            if not is_transpose(script) and not looks_like_label(script):
                for item in script.items:
                    yield from references(item)
        return
    for child in children(node):
        yield from references(child)


def unbound_letters(node: Node) -> frozenset[str]:
    """The letters in the scripts of a tree that no sum in it binds."""
    if isinstance(node, Big) and (letter := bound_letter(node)) is not None:
        inside = unbound_letters(node.body) - {letter}
        return inside.union(*(unbound_letters(part) for part in (node.upper,) if part is not None))
    found: set[str] = set()
    if isinstance(node, Scripted):
        for script in (*node.subs, *node.sups):
            found |= {letter for item in script_items(script) for letter in letters_in(item)}
            for item in script.items:
                found |= unbound_letters(item)
    return frozenset(found).union(*(unbound_letters(child) for child in children(node)))


def stands_as_number(node: Node, letter: str | None) -> bool:
    """Whether a letter stands in a tree by itself, not only below or above others."""
    return any(isinstance(ref, Name) and ref.text == letter for ref in references(node))


def stands_in(name: str, group: Group) -> bool:
    """Whether a letter stands in a bracket itself: ``s(1 - s)`` is a product, whatever s is."""
    return any((head := head_name(ref)) is not None and head.text == name for ref in references(group))


def bound_letter(node: Big) -> str | None:
    r"""The letter that a sum or product binds: i of ``\sum_i``, ``\sum_{i=1}^n``, ``\sum_{i \ne j}``."""
    if node.kind.lstrip("\\") not in BINDERS:
        return None
    for item in node.lower[:1]:
        target = item.left if isinstance(item, Comparison) else item
        if isinstance(target, Name):
            return target.text
    return None
