"""Letters that a note starts to use for something else."""

from __future__ import annotations

from symbackprop.verification.reading.elaborate.occurrences import calls
from symbackprop.verification.reading.elaborate.walk import every, references
from symbackprop.verification.reading.labels import Reference, refer
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Applied, Derivative, Name, Node, Number, Scripted, Times
from symbackprop.verification.reading.symbols import DECLARED
from symbackprop.verification.terms.nodes import Axis


def without_reused(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """Forget letters that only the note itself explained and that stand here in a way that does not go with it."""
    uses: dict[str, list[bool]] = {}
    of_functions = any(_derives_function(part, scope) for node in nodes for part in every(node))
    for node in nodes:
        called = {id(f) for part in every(node) if isinstance(part, Times) for f, _ in calls(part)}
        called |= {id(part.operand) for part in every(node) if isinstance(part, Derivative)}
        called |= {id(part.function) for part in every(node) if isinstance(part, Applied)}
        listed = _listed(node)
        for name_node in references(node):
            ref = refer(name_node, scope)
            if ref is not None and ref.symbol is not None and _is_notes_own(ref, scope):
                goes = _goes(ref, id(name_node) in called or of_functions, scope)
                if goes or id(name_node) not in listed:
                    uses.setdefault(ref.name, []).append(goes)
    for name, fits in uses.items():
        if not any(fits):
            scope = scope.reused(name)
    return scope


def _is_notes_own(ref: Reference, scope: Scope) -> bool:
    """Whether no block declares a letter, neither one above nor the one that is read now."""
    return ref.name not in scope.declared and ref.symbol is not None and ref.symbol.why != DECLARED


def _derives_function(node: Node, scope: Scope) -> bool:
    """Whether a function of the note is differentiated without an argument, ``g' = f``: others may lack theirs, too."""
    derived = node.operand if isinstance(node, Derivative) else node.base if isinstance(node, Scripted) else None
    primed = isinstance(node, Derivative) or isinstance(node, Scripted) and node.primes > 0
    return primed and isinstance(derived, Name) and derived.text in scope.bodies


def _listed(node: Node) -> set[int]:
    """The letters that are only named: ``C(w, b)`` says of what C is made, and ``\\nabla_a`` leaves a's layer out."""
    products = [part for part in every(node) if isinstance(part, Times)]
    groups = [group for part in products for head, group in calls(part) if isinstance(head, Name | Scripted)]
    bare = [group for group in groups if all(isinstance(item, Name | Scripted) for item in group.items)]
    named = [item for group in bare for item in group.items]
    named += [by for part in every(node) if isinstance(part, Derivative) for by, _ in part.by]
    return {id(ref) for item in named for ref in references(item)}


def _goes(ref: Reference, called: bool, scope: Scope) -> bool:
    """Whether a reference is one that the symbol allows."""
    symbol = ref.symbol
    assert symbol is not None
    if symbol.kind == "function" or ref.name in scope.bodies:
        return called or ref.primes > 0
    if symbol.kind != "quantity" or symbol.axes is None:
        return True
    digits = (
        len(ref.indices) == 1
        and isinstance(ref.indices[0], Number)
        and len(str(ref.indices[0].value)) == len(symbol.axes)
    )
    if any(_is_out_of_range(node, axis) for node, axis in zip(ref.indices, symbol.axes, strict=False)):
        return False
    return len(ref.labels) == len(symbol.labels) and (
        len(ref.indices) in (0, len(symbol.axes), symbol.leading) or digits
    )


def _is_out_of_range(node: Node, axis: Axis) -> bool:
    """Whether a number is no entry of an axis: entries are counted from 1."""
    if not isinstance(node, Number):
        return False
    return node.value < 1 or axis.size is not None and node.value > axis.size and len(str(node.value)) == 1
