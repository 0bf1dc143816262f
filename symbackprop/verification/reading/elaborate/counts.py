r"""Letters that stand for whole numbers and that nothing declares: the n of ``W^n`` and of ``\sum_{k=0}^n r^k``."""

from __future__ import annotations

from symbackprop.verification.reading.elaborate.walk import bound_letter, every, references, stands_as_number
from symbackprop.verification.reading.labels import is_transpose, letters_in, looks_like_label, refer, script_items
from symbackprop.verification.reading.scope import LAYER_LETTERS, Scope
from symbackprop.verification.reading.surface import Big, Node, Scripted
from symbackprop.verification.reading.symbols import Symbol


def with_counts(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """The scope with these letters as numbers."""
    for part in (part for node in nodes for part in every(node) if isinstance(part, Big)):
        for letter in letters_in(part.upper) if part.upper is not None else ():
            if _counts_only(letter, nodes, scope):
                scope = _with(letter, "the last number of a sum", scope)
    for node in nodes:
        for ref in references(node):
            for letter in _exponents(ref, scope) if isinstance(ref, Scripted) else ():
                scope = _with(letter, "the exponent of a matrix", scope)
    return scope


def _with(letter: str, why: str, scope: Scope) -> Scope:
    if scope.knows(letter) or letter in (*LAYER_LETTERS, "T", *scope.running):
        return scope
    return scope.with_symbol(Symbol(letter, "index", declared=False, why=why))


def _exponents(node: Scripted, scope: Scope) -> tuple[str, ...]:
    """The letters above a square matrix that are no label of it."""
    ref = refer(node, scope)
    axes = ref.symbol.axes if ref is not None and ref.symbol is not None else None
    if ref is None or not axes or len(axes) != 2 or axes[0] != axes[1]:
        return ()
    powers = [script for script in node.sups if not script.bracket and not is_transpose(script)]
    labelled = {x for label in ref.labels for x in letters_in(label)}
    found = [x for script in powers for item in script_items(script) for x in letters_in(item)]
    return tuple(x for x in found if x not in labelled)


def _counts_only(upper: str, nodes: tuple[Node, ...], scope: Scope) -> bool:
    """Whether an undeclared upper bound is the last of mere numbers, such as exponents, in every sum up to it."""
    for part in (part for node in nodes for part in every(node)):
        if not isinstance(part, Big) or part.upper is None or upper not in letters_in(part.upper):
            continue
        if not stands_as_number(part.body, bound_letter(part)) or numbers_members(part):
            return False
    return True


def numbers_members(big: Big) -> bool:
    """Whether the letter that is bound is an index or a label of a letter in the body."""
    letter = bound_letter(big)
    for ref in references(big.body):
        scripts = (*ref.subs, *(s for s in ref.sups if looks_like_label(s))) if isinstance(ref, Scripted) else ()
        if any(letter in letters_in(item) for script in scripts for item in script_items(script)):
            return True
    return False
