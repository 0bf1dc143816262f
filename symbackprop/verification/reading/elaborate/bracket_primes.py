r"""Brackets around functions: ``(f g)'(x)``, ``(f \circ g)(x)``; and primes on brackets: ``(x^3)'``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from symbackprop.verification.reading.elaborate.functions import is_function
from symbackprop.verification.reading.elaborate.state import Env, NotUnderstood, Reader
from symbackprop.verification.reading.elaborate.walk import every, references
from symbackprop.verification.reading.labels import refer
from symbackprop.verification.reading.shapes import Array
from symbackprop.verification.reading.surface import (
    Derivative,
    Group,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Quotient,
    Scripted,
    Times,
)


def called_bracket(reader: Reader, factor: Node, group: Group, env: Env) -> list[Array] | None:
    r"""The value of ``(f + g)(x)`` or ``(f \circ g)'(x)``; ``None`` if the bracket holds more than functions."""
    base = factor.base if isinstance(factor, Scripted) else factor
    if not isinstance(base, Group) or len(base.items) != 1 or len(group.items) != 1 or not _has_function(reader, base):
        return None
    if isinstance(factor, Scripted) and (factor.subs or factor.sups):
        return None
    whole = _applied(reader, base.items[0], group.items[0])
    if whole is None:
        return None
    primes = factor.primes if isinstance(factor, Scripted) else 0
    return reader.read(_derived(whole, group.items[0], primes) if primes else whole, env)


def primed_bracket(reader: Reader, node: Scripted, env: Env) -> list[Array]:
    r"""``(f g)'`` where the functions stand without an argument, ``(x^3)'``, ``[g(z)]'``."""
    base = node.base
    if not isinstance(base, Group) or len(base.items) != 1 or node.subs or node.sups:
        raise NotUnderstood("a prime after a bracket", node.span)
    arguments = {repr(argument): argument for argument in reader.arguments.values()}
    if _has_function(reader, base) and len(arguments) == 1:
        (argument,) = arguments.values()
        whole = _applied(reader, base.items[0], argument)
        if whole is not None:
            return reader.read(_derived(whole, argument, node.primes), env)
    letter = _one_letter(reader, base)
    word = f"the prime of a bracket is the derivative by {letter.text}"
    return [array.noted(word) for array in reader.read(_derived(base.items[0], letter, node.primes), env)]


def primed_head(reader: Reader, head: Name | Scripted, follower: Scripted) -> Name | Scripted:
    """The f' of ``f(x)'``, a prime behind the brackets of a function at a letter.

    Raises:
        NotUnderstood: nothing says that it is f' at this place: ``f(2x)'``, or the transposed value at a vector.
    """
    group = follower.base
    items = group.items if isinstance(group, Group) else ()
    of = refer(items[0], reader.scope) if len(items) == 1 and isinstance(items[0], Name | Scripted) else None
    axes = of.symbol.axes or () if of is not None and of.symbol is not None else ()
    flat = of is not None and not of.primes and not of.posts and len(of.indices) >= len(axes)
    if not flat or follower.subs or follower.sups:
        raise NotUnderstood("a prime behind the brackets of a call: write it before them", follower.span)
    if isinstance(head, Scripted):
        return replace(head, primes=head.primes + follower.primes)
    return Scripted(head, (), (), follower.primes, head.span)


def composed(reader: Reader, node: Times, env: Env) -> list[Array] | None:
    r"""``f' \circ g`` of functions without an argument; ``None`` if no sign stands between two functions."""
    pairs = zip(node.factors, node.operators, node.factors[1:], strict=False)
    if not any(operator == r"\circ" and _is_bare(reader, a) and _is_bare(reader, b) for a, operator, b in pairs):
        return None
    arguments = {repr(argument): argument for argument in reader.arguments.values()}
    whole = _applied(reader, node, *arguments.values()) if len(arguments) == 1 else None
    if whole is None or not all(operator == r"\circ" for operator in node.operators):
        raise NotUnderstood("a composition of functions with no argument", node.span)
    return reader.read(whole, env)


def _is_bare(reader: Reader, node: Node) -> bool:
    ref = refer(node, reader.scope) if isinstance(node, Name | Scripted) else None
    return ref is not None and is_function(reader, ref)


def _derived(body: Node, by: Node, order: int) -> Derivative:
    if not isinstance(by, Name | Scripted):
        raise NotUnderstood("a prime at something that is no letter", by.span)
    return Derivative("d", body, ((by, order),), order, body.span, written_apart=True)


def _one_letter(reader: Reader, base: Group) -> Name:
    """The one letter of a bracket that is no function."""
    found: dict[str, Name] = {}
    for ref_node in references(base):
        ref = refer(ref_node, reader.scope)
        if ref is None or is_function(reader, ref) or ref.symbol is None and not reader.scope.knows(ref.name):
            continue
        if not isinstance(ref_node, Name):
            if ref.labels or ref.indices:
                raise NotUnderstood("nothing says by what this prime differentiates", base.span)
            ref_node = ref_node.base  # type: ignore[assignment]
        found[ref.name] = Name(ref.name, ref_node.span)
    if len(found) != 1:
        raise NotUnderstood("nothing says by what this prime differentiates", base.span)
    return next(iter(found.values()))


def _has_function(reader: Reader, base: Group) -> bool:
    """Whether a function stands in the bracket without an argument of its own."""
    called = {
        id(part.factors[k])
        for item in every(base)
        if isinstance(part := item, Times)
        for k, operator in enumerate(part.operators)
        if operator == "" and isinstance(part.factors[k + 1], Group)
    }
    for part in every(base):
        ref = refer(part, reader.scope) if isinstance(part, Name | Scripted) else None
        if ref is not None and is_function(reader, ref):
            return id(part) not in called
    return False


def _applied(reader: Reader, node: Node, argument: Node) -> Node | None:  # noqa: C901 - one case a kind of node
    """An expression of functions at an argument; ``None`` if there is more in it."""
    match node:
        case Number():
            return node
        case Name() | Scripted():
            ref = refer(node, reader.scope)
            if ref is None or not is_function(reader, ref):
                return None
            return Times((node, Group("(", (argument,), argument.span)), ("",), node.span)
        case Plus():
            return _over_parts(reader, node.terms, argument, lambda terms: replace(node, terms=terms))
        case Negative():
            inner = _applied(reader, node.operand, argument)
            return None if inner is None else replace(node, operand=inner)
        case Quotient():
            both = (node.numerator, node.denominator)
            return _over_parts(reader, both, argument, lambda two: Quotient(two[0], two[1], node.span))
        case Times() if all(operator == r"\circ" for operator in node.operators):
            inner = argument
            for factor in reversed(node.factors):
                step = _applied(reader, factor, inner)
                if step is None or isinstance(factor, Number):
                    return None
                inner = step
            return inner
        case Times() if all(operator in ("", r"\cdot", r"\times", "*") for operator in node.operators):
            dots = (r"\cdot",) * len(node.operators)
            return _over_parts(
                reader, node.factors, argument, lambda factors: replace(node, factors=factors, operators=dots)
            )
    return None


def _over_parts(
    reader: Reader, parts: tuple[Node, ...], argument: Node, made: Callable[[tuple[Node, ...]], Node]
) -> Node | None:
    found = tuple(_applied(reader, part, argument) for part in parts)
    return None if any(part is None for part in found) else made(tuple(part for part in found if part is not None))
