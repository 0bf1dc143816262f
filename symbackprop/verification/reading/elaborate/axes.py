"""Axes of undeclared letters, from the index letters that they share with others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbackprop.verification.reading.elaborate.walk import bound_letter, children, references
from symbackprop.verification.reading.labels import letters_in, plain_affine, refer
from symbackprop.verification.reading.scope import Scope
from symbackprop.verification.reading.shapes import ONE
from symbackprop.verification.reading.surface import (
    Big,
    Comparison,
    Name,
    Node,
    Number,
    Scripted,
)
from symbackprop.verification.reading.symbols import Symbol, spelled
from symbackprop.verification.terms.affine import Affine
from symbackprop.verification.terms.counting import solved
from symbackprop.verification.terms.nodes import Axis
from symbackprop.verification.terms.walk import axis_at

OWN_AXIS = "dim("  #: What the name of an axis begins with that is called after its letter.


class Placeholders:
    """Axes that are not known yet; their names start with a question mark, and at most one label numbers them."""

    @staticmethod
    def axes(name: str, count: int, labels: tuple[str, ...]) -> tuple[Axis, ...]:
        pattern = tuple(Affine.symbol(label) for label in labels)
        return tuple(Axis(f"?{name}.{slot}", pattern) for slot in range(1, count + 1))

    def __init__(self) -> None:
        self.known: dict[str, tuple[tuple[str, ...], Axis]] = {}

    def resolve(self, axis: Axis) -> Axis:
        """What is known of an axis by now."""
        for _ in range(100):
            if axis.name not in self.known:
                return axis
            pattern, target = self.known[axis.name]
            axis = axis_at(target, dict(zip(pattern, axis.labels, strict=False)))
        return axis

    def unify(self, left: Axis, right: Axis) -> None:
        """Make two axes the same where one of them is still open; two fixed ones are left to the shape check."""
        left, right = self.resolve(left), self.resolve(right)
        if left == right or left.name == right.name:
            return
        if not right.name.startswith("?"):
            left, right = right, left
        if right.name.startswith("?"):
            self._bind(right, left)

    def _bind(self, open_axis: Axis, target: Axis) -> None:
        if not open_axis.labels:
            if not any(label.symbols for label in target.labels):
                self.known[open_axis.name] = ((), target)
            return
        label = open_axis.labels[0]
        found = solved(label, "L" if len(label.symbols) > 1 else None)
        if found is not None:
            letter, value = found
            self.known[open_axis.name] = ((letter,), axis_at(target, {letter: value}))
        elif not target.labels:
            self.known[open_axis.name] = (("l",), target)

    def settled(self, axis: Axis) -> Axis:
        """The final axis; what stayed open is an axis of its own, named after its letter."""
        axis = self.resolve(axis)
        if not axis.name.startswith("?"):
            return axis
        name, _, slot = axis.name[1:].rpartition(".")
        return Axis(f"{OWN_AXIS}{name})" if slot == "1" else f"dim{slot}({name})", axis.labels)


def index_axes(nodes: tuple[Node, ...], scope: Scope) -> Scope:
    """Give every open axis what its index letters say, and make the rest axes of their own."""
    solver = Placeholders()
    classes: dict[tuple[int, str], list[Axis]] = {}
    for node in nodes:
        for key, axis in uses(node, scope, {}):
            classes.setdefault(key, []).append(axis)
    for members in classes.values():
        # Fixed axes first; open ones of vectors before those of matrices, so that a width is named after its layer.
        fixed = sorted(members, key=lambda axis: (axis.name.startswith("?"), axis.name.rpartition(".")[2]))
        for other in fixed[1:]:
            solver.unify(fixed[0], other)
    used = {ref.name for node in nodes for name in references(node) if (ref := refer(name, scope)) is not None}
    return _settle(scope, solver, used)


def _settle(scope: Scope, solver: Placeholders, used: set[str]) -> Scope:
    """Fix the axes of the letters in use, and of those that share an open axis with them."""
    open_names = {a.name for k in used if (s := scope.symbols.get(k)) for a in s.axes or () if a.name.startswith("?")}
    for symbol in tuple(scope.symbols.values()):
        if symbol.name not in used and not any(axis.name in open_names for axis in symbol.axes or ()):
            continue
        if symbol.axes and any(axis.name.startswith("?") for axis in symbol.axes):
            axes = tuple(_renamed(solver.settled(axis), symbol) for axis in symbol.axes)
            scope = scope.with_symbol(replace(symbol, axes=axes))
    return scope


def _renamed(axis: Axis, symbol: Symbol) -> Axis:
    """The axis in the label letters of its own symbol."""
    names = sorted({name for label in axis.labels for name in label.symbols})
    if len(names) == 1 and symbol.labels and names[0] not in symbol.labels:
        return axis_at(axis, {names[0]: Affine.symbol(symbol.labels[0])})
    return axis


Use = tuple[tuple[int, str], Axis]  #: (the binder of an index letter, the letter), and the axis it runs over there


def uses(node: Node, scope: Scope, binders: dict[str, int]) -> Iterator[Use]:
    """Every use of an index letter; where it stands alone somewhere, no other place says what it runs over."""
    yield from _telling(list(_all_uses(node, scope, binders)))


def _telling(found: list[tuple[Use, bool]]) -> Iterator[Use]:
    alone = {key for (key, _), bare in found if bare}
    yield from ((key, axis) for (key, axis), bare in found if bare or key not in alone)


def _all_uses(node: Node, scope: Scope, binders: dict[str, int]) -> Iterator[tuple[Use, bool]]:
    """Every use of an index letter, and whether it stands alone there and not in ``i + 1``."""
    if isinstance(node, Big):
        letter = bound_letter(node)
        if letter is not None:
            binders = {**binders, letter: id(node)}
            size = bound_size(node, scope)
            if size is not None:
                yield ((id(node), letter), size), True
    if isinstance(node, Name | Scripted):
        yield from _indexed(node, scope, binders)
        if isinstance(node, Scripted):
            for script in node.sups:
                for item in script.items:
                    yield from _all_uses(item, scope, binders)
    for child in children(node):
        yield from _all_uses(child, scope, binders)


def _indexed(node: Name | Scripted, scope: Scope, binders: dict[str, int]) -> Iterator[tuple[Use, bool]]:
    ref = refer(node, scope)
    if ref is None or ref.symbol is None or not ref.symbol.axes or not ref.indices:
        return
    if len(ref.indices) not in (len(ref.symbol.axes), ref.symbol.leading):
        return
    written = [plain_affine(label) for label in ref.labels]
    if any(label is None for label in written) or len(written) != len(ref.symbol.labels):
        return
    labels = scope.counting.labels(ref.symbol.labels, tuple(label for label in written if label is not None))
    env = dict(zip(ref.symbol.labels, labels, strict=True))
    for index, axis in zip(ref.indices, ref.symbol.axes, strict=False):
        letters = letters_in(index)
        if len(letters) == 1:
            yield ((binders.get(letters[0], 0), letters[0]), axis_at(axis, env)), isinstance(index, Name)


def letters_by_axis(nodes: tuple[Node, ...], scope: Scope) -> dict[Axis, tuple[frozenset[str], frozenset[str]]]:
    """The free and the bound index letters that run over each axis somewhere in a formula."""
    free: dict[Axis, set[str]] = {}
    bound: dict[Axis, set[str]] = {}
    for (binder, letter), axis in _telling([use for node in nodes for use in _all_uses(node, scope, {})]):
        (bound if binder else free).setdefault(axis, set()).add(letter)
    return {a: (frozenset(free.get(a, ())), frozenset(bound.get(a, ()))) for a in [*free, *bound]}


def bound_size(node: Big, scope: Scope) -> Axis | None:
    """The axis 1 … n that the bounds of a sum state, if n is a size of its own or a number."""
    lower = node.lower[0] if node.lower else None
    if node.upper is None:
        return None
    if isinstance(lower, Name):  # a sum written from i to n starts at 1
        return size_axis(node.upper, scope)
    if not isinstance(lower, Comparison) or not isinstance(lower.right, Number) or lower.right.value != 1:
        return None
    return size_axis(node.upper, scope)


def size_axis(node: Node, scope: Scope) -> Axis | None:
    """The axis whose size a letter or number names."""
    if isinstance(node, Number) and node.value.denominator == 1:
        return Axis(str(node.value), (), int(node.value))
    if isinstance(node, Scripted) and isinstance(node.base, Name):
        whole = scope.find(spelled(node.base.text, node.subs, ()))
        if whole is not None:
            return whole.axes[0] if whole.kind == "size" and whole.axes else None
        family = refer(node, scope)
        if family and family.symbol and family.symbol.kind == "size" and len(family.labels) == 1:
            label = plain_affine(family.labels[0])
            if label is None:
                return None
            axis = Axis(family.name, scope.counting.labels(family.symbol.labels, (label,)))
            return ONE if axis in scope.narrow else axis
    if isinstance(node, Name):
        symbol = scope.find(node.text)
        if symbol is None or symbol.kind != "size" or not symbol.axes:
            return None
        return Axis(symbol.name) if symbol.labels else symbol.axes[0]
    return None
