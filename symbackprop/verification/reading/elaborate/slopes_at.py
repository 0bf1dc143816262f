r"""A bracket right behind a quotient of differentials: ``\frac{\partial f}{\partial x}(x)`` is the slope at x."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.verification.reading.elaborate.letters import with_scripts
from symbackprop.verification.reading.elaborate.occurrences import calls
from symbackprop.verification.reading.elaborate.points import at_point
from symbackprop.verification.reading.elaborate.state import Env, NotUnderstood, Reader, ShapeConflict
from symbackprop.verification.reading.labels import Reference, refer
from symbackprop.verification.reading.shapes import Array, Misfit, multiplied
from symbackprop.verification.reading.surface import (
    Comparison,
    Derivative,
    EvaluatedAt,
    Group,
    Name,
    Negative,
    Node,
    Number,
    Scripted,
    Times,
)
from symbackprop.verification.reading.symbols import head_name

_AT = "a bracket behind a derivative says where it is taken"
_FACTOR = "a bracket behind a derivative is a factor"
_DOUBT = "the bracket behind a derivative may say where it is taken, or be a factor"


def slope_at(reader: Reader, factor: Node, follower: Node, env: Env) -> list[Array] | None:
    """The readings of a derivative with a bracket: its value at what stands there, and the product.

    ``None`` where the bracket can only be a factor.
    """
    group = follower.base if isinstance(follower, Scripted) else follower
    if not isinstance(group, Group) or group.bracket != "(":
        return None
    if not isinstance(factor, Derivative) or factor.sign == "∇" or not factor.by:
        return None
    slope = _applied(reader, factor)
    if all(_is_own(item, factor, reader) for item in group.items):  # where it is taken anyway
        bare = reader.read(slope, env)
        found = with_scripts(reader, bare, follower, env, called=True) if isinstance(follower, Scripted) else bare
        found = [array.noted(_AT) for array in found]
        return [*found, *_multiplied(reader, bare, follower, env)] if len(group.items) == 1 else found
    if len(group.items) != 1 or not _is_place(group.items[0]) or follower is not group:
        return None
    return _elsewhere(reader, factor, slope, group, env)


def _elsewhere(reader: Reader, factor: Derivative, slope: Derivative, group: Group, env: Env) -> list[Array] | None:
    """The same where the one thing in the bracket is another letter, a number or a call."""
    if (entry := _entry(group.items[0], reader)) is not None:  # x_i is a factor beside a slope by z
        doubtful = entry.name in {by.name for by in _variables(factor, reader)}
        reader.doubt = reader.doubt or (_DOUBT if doubtful else "")
        return None
    products = _multiplied(reader, reader.read(factor, env), group, env)
    try:
        return [*(array.noted(_AT) for array in _there(reader, slope, group, env)), *products]
    except (NotUnderstood, ShapeConflict, Misfit):
        if not isinstance(group.items[0], Number | Negative):
            reader.doubt = reader.doubt or _DOUBT
        return products or None


def _applied(reader: Reader, slope: Derivative) -> Derivative:
    r"""``\frac{\partial f}{\partial x_i}`` of a function as the derivative of f(x)."""
    name, variables = slope.operand, _variables(slope, reader)
    ref = refer(name, reader.scope) if isinstance(name, Name) else None
    symbol = ref.symbol if ref is not None else None
    if symbol is None or symbol.kind != "function" or len({by.name for by in variables}) != 1:
        return slope
    letter = Group("(", (Name(variables[0].name, name.span),), name.span)
    return replace(slope, operand=Times((name, letter), ("",), name.span))


def _is_own(item: Node, slope: Derivative, reader: Reader) -> bool:
    """Whether a letter is what is differentiated by, as a whole, or listed where the quantity is defined."""
    ref = refer(item, reader.scope) if isinstance(item, Name | Scripted) else None
    if ref is None or ref.indices or ref.posts or ref.primes:
        return False
    head = head_name(slope.operand) if isinstance(slope.operand, Name | Scripted) else None
    of = refer(slope.operand, reader.scope) if head is not None else None  # type: ignore[arg-type]
    listed = reader.scope.arguments.get(of.name, ()) if of is not None else ()
    return ref.name in {*listed, *(by.name for by in _variables(slope, reader))}


def _variables(slope: Derivative, reader: Reader) -> list[Reference]:
    refs = [refer(by, reader.scope) for by, _ in slope.by if isinstance(by, Name | Scripted)]
    return [ref for ref in refs if ref is not None]


def _entry(item: Node, reader: Reader) -> Reference | None:
    ref = refer(item, reader.scope) if isinstance(item, Name | Scripted) else None
    return ref if ref is not None and ref.indices else None


def _is_place(item: Node) -> bool:
    """Whether an item may be a point: a number, a letter, or one call."""
    if isinstance(item, Negative):
        return isinstance(item.operand, Number)
    if isinstance(item, Times):
        return len(item.factors) == 2 and bool(list(calls(item)))
    return isinstance(item, Number | Name | Scripted)


def _there(reader: Reader, slope: Derivative, group: Group, env: Env) -> list[Array]:
    variables = _variables(slope, reader)
    if len(variables) != 1 or len(slope.by) != 1:
        raise NotUnderstood("nothing says which letter has this value", group.span)
    (item,) = group.items
    where = Comparison(Name(variables[0].name, item.span), "=", item, item.span)
    return at_point(reader, EvaluatedAt(slope, where, None, slope.span), env)


def _multiplied(reader: Reader, slopes: list[Array], factor: Node, env: Env) -> list[Array]:
    try:
        pairs = [(left, right) for left in slopes for right in reader.read(factor, env)]
        made = [(left, array) for left, right in pairs for array in multiplied(left, right, "", reader.fresh)]
        return [replace(array.noted(_FACTOR), cost=left.cost) for left, array in made]
    except (Misfit, ShapeConflict, NotUnderstood):
        return []
