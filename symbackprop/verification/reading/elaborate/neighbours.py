"""Shapes of undeclared letters that the letters beside them tell: ``\\|y - a\\|``, ``A x``."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.axes import Placeholders
from symbackprop.verification.reading.elaborate.walk import every
from symbackprop.verification.reading.labels import Reference, plain_affine, refer
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.surface import Group, Name, Negative, Node, Norm, Plus, Scripted, Times
from symbackprop.verification.reading.symbols import undressed
from symbackprop.verification.terms.nodes import Axis
from symbackprop.verification.terms.walk import axis_at

#: Capital letters that nobody uses for a number of things, a loss, or an energy.
_MATRICES = frozenset("ABMQUW")


def by_neighbours(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """The scope with shapes for the letters that only their neighbours explain; no ground to refute anything."""
    return _matrices(nodes, _differences(nodes, scope))


def _matrices(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """A capital letter right before a vector is a matrix that takes it."""
    for part in (part for node in nodes for part in every(node) if isinstance(part, Times)):
        for left, operator, right in zip(part.factors, part.operators, part.factors[1:], strict=False):
            if operator not in ("", r"\cdot", r"\times") or not isinstance(left, Name | Scripted):
                continue
            new = refer(left, scope)
            axes = _own_axes(refer(right, scope), scope) if isinstance(right, Name | Scripted) else ()
            if new is None or new.symbol is None or len(axes) != 1 or not _is_open(new):
                continue
            alone = any(isinstance(side, Name) and side.text == new.name for side in nodes)
            if undressed(new.name)[:1] in _MATRICES and not new.posts and not alone:
                both = (Placeholders.axes(new.name, 1, ())[0], axes[0])
                scope = scope.with_symbol(replace(new.symbol, axes=both, certain=False, why="stands before a vector"))
    return scope


def _is_open(ref: Reference) -> bool:
    """Whether nothing but a guess says that a letter is a number."""
    symbol = ref.symbol
    plain = symbol is not None and symbol.kind == "quantity" and not symbol.declared
    return plain and symbol is not None and not symbol.labels and not symbol.axes and not ref.indices


def _differences(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    r"""A letter that only ``\|y - a\|`` explains has the shape of what it is compared with."""
    for norm in (part for node in nodes for part in every(node) if isinstance(part, Norm)):
        terms = norm.body.terms if isinstance(norm.body, Plus) else ()
        refs = [refer(name, scope) for term in terms if (name := _compared(term)) is not None]
        if len(refs) != len(terms) or len(refs) != 2:
            continue
        for new, known in zip(refs, reversed(refs), strict=True):
            axes = _own_axes(known, scope)
            if axes and new is not None and new.symbol is not None and _is_open(new):
                why = "compared with a vector"
                scope = scope.with_symbol(replace(new.symbol, axes=axes, certain=False, why=why))
    return scope


def _compared(term: Node) -> Name | Scripted | None:
    """The letter that a term is, with its sign and the arguments listed behind it."""
    if isinstance(term, Negative):
        return _compared(term.operand)
    if isinstance(term, Times) and len(term.factors) == 2 and isinstance(term.factors[1], Group):
        return _compared(term.factors[0])
    return term if isinstance(term, Name | Scripted) else None


def _own_axes(ref: Reference | None, scope: Scope) -> tuple[Axis, ...]:
    """The axes of the member that a reference without indices names."""
    symbol = ref.symbol if ref is not None else None
    if ref is None or symbol is None or ref.indices or ref.posts or len(ref.labels) != len(symbol.labels):
        return ()
    written = [plain_affine(node) for node in ref.labels]
    known = tuple(label for label in written if label is not None)
    if len(known) != len(written):
        return ()
    env = dict(zip(symbol.labels, scope.counting.labels(symbol.labels, known), strict=True))
    return tuple(axis_at(axis, env) for axis in symbol.axes or ())
